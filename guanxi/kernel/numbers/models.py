"""How far each series has got, and how its numbers are to look."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Entity
from guanxi.kernel.numbers.series import SERIES
from guanxi.kernel.records.record import Record


def series_choices() -> list[tuple[str, Any]]:
    """Every series that a module declares."""
    return [(key, declared.label) for key, declared in sorted(SERIES.items())]


class NumberRule(Record):
    """How the numbers of one series look in one legal entity; what is changed holds for the next number."""

    title_field = "key"

    key = models.CharField(_("Numbers of"), max_length=60, choices=series_choices)
    entity = models.ForeignKey(Entity, models.CASCADE, verbose_name=_("Legal entity"), related_name="+")
    pattern = models.CharField(
        _("Pattern"), max_length=60,
        help_text=_("{n:05} is the running number in five digits; {year}, {yy}, {month}, {entity} are the year, the month and the entity’s code."),
    )
    first_number = models.BigIntegerField(
        _("First number"), default=1, validators=[MinValueValidator(1)], help_text=_("With which a new year or month begins."),
    )
    is_gapless = models.BooleanField(
        _("Without gaps"), default=True, help_text=_("If not, a first number beyond the last one is taken at once, and leaves a gap."),
    )

    class Meta:
        verbose_name = _("Numbering rule")
        verbose_name_plural = _("Numbering rules")
        ordering = ["key", "entity"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "entity"], name="one_rule_per_series", violation_error_message=_("This series has a rule for this entity already.")
            )
        ]

    def __str__(self) -> str:
        return str(dict(series_choices()).get(self.key, self.key))


class NumberSeries(Record):
    """The next number of a series, per entity and period (a year, a month as 202611, or 0 for a series that never starts anew)."""

    key = models.CharField(max_length=60)
    entity = models.ForeignKey(Entity, models.PROTECT)
    period = models.PositiveIntegerField()
    next_number = models.BigIntegerField(default=1)
    first_number = models.BigIntegerField(default=1)
    patterns = models.JSONField(default=list)
    """Every pattern by which numbers of this period were written."""

    tracked = False

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "entity", "period"], name="one_row_per_series")]
