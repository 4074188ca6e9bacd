"""Open lines that a change of price, cost or model touches, with what it does to them, and what was decided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.erp.sales.impact.kinds import KINDS, Kind, kind_choices
from guanxi.kernel.access.models import Member
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.values import MoneyField, PriceField, QuantityField, RateField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

REASONS = [
    ("cost", _("Cost")), ("price", _("Price")), ("both", _("Price and cost")), ("model", pgettext_lazy("what changed", "Product model")),
    ("misfit", _("No longer allowed")),
]
OPEN, DECIDED = ("open", "held"), ("accepted", "requoted")


def line_as_seen(kind: Kind) -> Any:
    """The line of a row, as long as it is as it was when it was looked at."""
    return kind.line().objects.filter(
        pk=OuterRef("source_id"), unit_price=OuterRef("unit_price"), discount=OuterRef("discount"), unit_cost=OuterRef("unit_cost")
    )


class AffectedLineQuerySet(RecordQuerySet):
    def visible_to(self, actor: Any, verb: str = "view") -> Self:
        """Whose they may see, as far as the lines are still what was looked at."""
        return super().visible_to(actor, verb).standing(actor.today)

    def standing(self, on: date) -> Self:
        """What was decided, and what can still be decided: an open line that is as it was when it was looked at."""
        found = Q(status__in=DECIDED)
        for kind in KINDS.values():
            found |= Q(Exists(line_as_seen(kind).filter(kind.is_open(on))), kind=kind.name)
        return self.filter(found)


class AffectedLine(Record):
    """A line of an open quotation, order or contract whose price, cost or model is another one now."""

    title_field = "number"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    restricted = {"see_margin": ("unit_cost", "cost_now", "margin", "margin_now", "margin_requoted", "margin_change", "cost_change", "rate_now")}
    record_columns = {"document": _("Document"), "outcome": _("Quoted anew in")}
    unlisted = ("document_model", "document_id", "source_id", "outcome_model", "outcome_id")
    tones = {"reason": {"misfit": "red", "model": "orange"}}
    # What is to be decided goes with the document, and is looked for anew.
    handed_over = Q(status__in=OPEN)

    lifecycle = Lifecycle(
        {"open": _("To be decided"), "held": _("Held"), "accepted": _("Accepted"), "requoted": _("Quoted anew")},
        open=["accepted", "held", "requoted"], held=["accepted", "requoted", "open"], editable=(),
        tones={"open": "orange", "held": "red", "accepted": "green", "requoted": "blue"},
    )

    status = lifecycle.field()
    kind = models.CharField(_("Kind"), max_length=12, choices=kind_choices, editable=False)
    reason = models.CharField(_("What changed"), max_length=8, choices=REASONS, editable=False)
    misfit = TranslatedField(_("No longer allowed because"), blank=True, is_long=True, editable=False)
    number = models.CharField(_("Number"), max_length=30, editable=False)
    document_model = models.CharField(max_length=60, editable=False)
    document_id = models.BigIntegerField(editable=False)
    source_id = models.BigIntegerField(editable=False)
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", editable=False)
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+", editable=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+", editable=False)
    description = models.CharField(_("Description"), max_length=200, editable=False)
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, editable=False)
    quantity = QuantityField(pgettext_lazy("of a line", "Still open"), editable=False)
    unit_price = PriceField(_("Unit price"), editable=False)
    discount = RateField(_("Discount"), default=0, editable=False)
    price_now = PriceField(_("Price today"), null=True, editable=False)
    """Of one unit with the discount taken off, as the line would be priced on this day; empty where nothing is known."""
    unit_cost = PriceField(_("Unit cost"), editable=False)
    cost_now = PriceField(_("Cost now"), null=True, editable=False)
    margin = MoneyField(_("Margin before"), editable=False)
    margin_now = MoneyField(_("Margin after"), null=True, editable=False)
    """Of what is still open: at the price that stands, with what it costs now."""
    margin_requoted = MoneyField(_("Margin at today's price"), null=True, editable=False)
    seen_on = models.DateField(_("Seen on"), editable=False)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Decided by"), related_name="+", editable=False)
    decided_at = models.DateTimeField(_("Decided at"), null=True, editable=False)
    outcome_model = models.CharField(max_length=60, blank=True, editable=False)
    outcome_id = models.BigIntegerField(null=True, editable=False)

    price = derived(_("Price offered"), "price", F("unit_price") * (1 - F("discount")), currency="currency")
    margin_change = derived(_("Change of margin"), "money", F("margin_now") - F("margin"), currency="currency")
    cost_change = derived(_("Change of cost"), "percent", F("cost_now") / NullIf(F("unit_cost"), Value(Decimal(0))) - 1)
    rate_now = derived(
        _("Margin rate after"), "percent", F("margin_now") / NullIf(F("quantity") * F("unit_price") * (1 - F("discount")), Value(Decimal(0))),
    )

    objects = AffectedLineQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Affected line")
        verbose_name_plural = _("Affected lines")
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], condition=Q(status__in=OPEN), name="one_open_affair_a_line"),
        ]
        indexes = [
            models.Index(fields=["kind", "source_id"], name="affected_source"),
            models.Index(fields=["document_model", "document_id"], name="affected_document"),
        ]
