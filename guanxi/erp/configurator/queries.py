"""What is asked of configurations that were kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from guanxi.erp.configurator.models import Configuration, ConfigurationPart, ProductOption
from guanxi.kernel.values import ZERO
from guanxi.shared.catalog.models import Product


@dataclass(frozen=True)
class Recipe:
    """What one base unit of a configured product takes beside the product itself: parts (base units), work (the company's
    currency), working days."""

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


def recipe_of(options: Sequence[ProductOption]) -> Recipe:
    """What options that were chosen together take."""
    parts: dict[Product, Decimal] = {}
    for option in options:
        if option.component is not None:
            parts[option.component] = parts.get(option.component, ZERO) + option.component_quantity
    work = sum((option.cost for option in options), ZERO)
    return Recipe(tuple(parts.items()), work, max((option.days for option in options), default=0))


def recipes_now(configurations: Iterable[Configuration | None]) -> Recipes:
    """The same choices as their models are today; one question, and none where nothing is configured."""
    kept = {one.pk: one for one in configurations if one is not None}
    if not kept:
        return Recipes()
    rows = ProductOption.objects.filter(model__in={one.model_id for one in kept.values()}).select_related("feature", "component__unit")
    options: dict[int, list[ProductOption]] = defaultdict(list)
    for row in rows.order_by("feature__position", "feature__code", "position", "pk"):
        options[row.model_id].append(row)
    return Recipes({
        pk: recipe_of([option for option in options[one.model_id] if one.choices.get(option.feature.code) == option.code])
        for pk, one in kept.items()
    })
