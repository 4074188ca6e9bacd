"""How far each series has got."""

from django.db import models

from guanxi.kernel.records.record import Record


class NumberSeries(Record):
    """The next number of a series, per entity and year (year 0 for a series that never starts anew)."""

    key = models.CharField(max_length=60)
    entity = models.ForeignKey("access.Entity", models.PROTECT)
    year = models.PositiveSmallIntegerField()
    next_number = models.BigIntegerField(default=1)

    tracked = False

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "entity", "year"], name="one_row_per_series")]
