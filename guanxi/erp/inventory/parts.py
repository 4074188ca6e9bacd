"""What goes into a delivery line beside its product, and the needs of a line with all that goes into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import DeliveryLine
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import ZERO, MoneyField, QuantityField, round_quantity
from guanxi.shared.catalog.models import Product


class DeliveryPart(Record):
    """Taken from the shelf with its line, and leaving as one with it. Without a product it is work, charged to the cost of sales as the line
    leaves."""

    part_of = "line"
    restricted: ClassVar[dict[str, tuple[str, ...]]] = {"see_cost": ("work", "cost")}

    line = models.ForeignKey(DeliveryLine, models.CASCADE, related_name="parts", verbose_name=_("Delivery line"), editable=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, verbose_name=_("Product"), related_name="+", db_index=False, editable=False)
    quantity = QuantityField(_("Quantity for one"), default=1, editable=False)
    """In base units of both."""
    work = MoneyField(_("Work on one"), default=0, currency_field="", editable=False, help_text=_("In the company's currency."))
    cost = MoneyField(_("Cost"), null=True, currency_field="line__delivery__entity__currency", editable=False)
    """Of all of it; known once it is shipped."""

    whole = derived(_("Quantity"), "quantity", F("quantity") * F("line__quantity") * F("line__factor"))
    """Of all that is on the line, in base units."""

    class Meta:
        verbose_name = _("Part of a delivery line")
        verbose_name_plural = _("Parts of delivery lines")
        ordering = ["id"]


@dataclass(frozen=True)
class Need:
    """Goods that one line takes: its own product, or a part of it."""

    line: DeliveryLine
    product: Product
    quantity: Decimal
    """In base units."""
    unit_id: int
    factor: Decimal
    """Base units in one of that unit."""
    part: DeliveryPart | None = None


def parts_of(lines: Sequence[DeliveryLine]) -> dict[int, list[DeliveryPart]]:
    """By line, what goes into it."""
    found: dict[int, list[DeliveryPart]] = defaultdict(list)
    for part in DeliveryPart.objects.filter(line__in=[line.pk for line in lines]).select_related("product__unit").order_by("pk"):
        found[part.line_id].append(part)
    return found


def needs_of(lines: Sequence[DeliveryLine], parts: dict[int, list[DeliveryPart]]) -> list[Need]:
    """Every line's own goods, followed by those of its parts."""
    needs = []
    for line in lines:
        needs.append(Need(line, line.product, line.base_quantity, line.unit_id, line.factor))
        for part in parts.get(line.pk, ()):
            if part.product is not None:
                quantity = round_quantity(part.quantity * line.base_quantity)
                needs.append(Need(line, part.product, quantity, part.product.unit_id, Decimal(1), part))
    return needs


def own_costs(lines: Sequence[DeliveryLine]) -> dict[int, Decimal]:
    """By shipped line, what its own product cost, without the parts: these are built in, and do not come back as what they were."""
    built_in: dict[int, Decimal] = defaultdict(Decimal)
    rows = DeliveryPart.objects.filter(line__in=[line.pk for line in lines], product__isnull=False, cost__isnull=False).order_by()
    for pk, cost in rows.values_list("line_id", "cost"):
        built_in[pk] += cost or ZERO
    return {line.pk: (line.cost or ZERO) - built_in[line.pk] for line in lines}
