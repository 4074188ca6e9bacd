"""The words by which each record is found. Derived from the records: it can be thrown away and made anew."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from guanxi.kernel.records.record import Record


class SearchEntry(Record):
    """One record as a search sees it. Reached only through `queries`, which asks the record's model who may see it."""

    tracked = False
    untracked_because = "it is made anew from the records"

    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    title = models.JSONField()
    """A text, or one per language."""
    subtitle = models.JSONField()
    terms = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "object_id"], name="one_search_entry")]
        indexes = [GinIndex(fields=["terms"], name="search_terms")]
