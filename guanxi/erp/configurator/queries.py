"""What is asked of configurations that were kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from guanxi.erp.configurator.models import Configuration, ConfigurationPart
from guanxi.kernel.values import ZERO
from guanxi.shared.catalog.models import Product


@dataclass(frozen=True)
class Recipe:
    """What one base unit of a configured product takes beside the product itself: parts (base units), work (the books' currency), working days."""

    parts: tuple[tuple[Product, Decimal], ...] = ()
    work: Decimal = ZERO
    days: int = 0


class Recipes(dict[int | None, Recipe]):
    """By configuration; nothing beside the product where there is none."""

    def __missing__(self, key: int | None) -> Recipe:
        return Recipe()


def recipes(configuration_ids: Iterable[int | None]) -> Recipes:
    """As they were kept; two questions, and none where nothing is configured."""
    ids = sorted({pk for pk in configuration_ids if pk is not None})
    if not ids:
        return Recipes()
    parts: dict[int, list[tuple[Product, Decimal]]] = {pk: [] for pk in ids}
    rows = ConfigurationPart.objects.filter(configuration__in=ids).select_related("product__unit")
    for row in rows.order_by("product__code", "pk"):
        parts[row.configuration_id].append((row.product, row.quantity))
    kept = Configuration.objects.filter(pk__in=ids).order_by().values_list("pk", "work_cost", "days")
    return Recipes({pk: Recipe(tuple(parts[pk]), work, days) for pk, work, days in kept})
