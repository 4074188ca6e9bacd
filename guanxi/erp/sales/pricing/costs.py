"""What is sold costs now, and what a line costs whose parts come from several sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.configurator.queries import recipes_now
from guanxi.erp.finance.queries import company_rates
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.inventory.operations import with_the_customer
from guanxi.erp.inventory.queries import average_costs
from guanxi.erp.sales.models import OrderLine
from guanxi.kernel.values import ZERO, round_half_up
from guanxi.shared.catalog.models import Product
from guanxi.shared.catalog.queries import costs_of


class Costs:
    """What products cost now in the books of legal entities, with what their options add as the models are today. A fixed number of
    questions: one for each entity's stock, one for the options, and of rates only where something needs them."""

    def __init__(self, wanted: Collection[tuple[Product, Configuration | None]], entity_ids: Collection[int], *, has_several_entities: bool):
        self._made_of = recipes_now(configuration for _product, configuration in wanted)
        products = [product for product, _configuration in wanted]
        products += [part for recipe in self._made_of.values() for part, _quantity in recipe.parts]
        self._expected = costs_of(products)
        self._averages = {one: average_costs(self._expected, one) for one in entity_ids}
        self._rates: dict[date, Mapping[int, Decimal]] = {}
        self._has_several_entities = has_several_entities

    def of(self, product: Product, configuration: Configuration | None, entity_id: int, on: date) -> Decimal | None:
        """For one base unit, in the currency of the entity's books: goods at the average of its stock, else as expected, with the work; what
        is in the company's currency by the rate of the day. None where none is known."""
        recipe, averages = self._made_of[configuration.pk if configuration is not None else None], self._averages[entity_id]
        own, foreign = ZERO, recipe.work
        for one, quantity in ((product, Decimal(1)), *recipe.parts):
            if one.pk in averages:
                own += averages[one.pk] * quantity
            else:
                foreign += self._expected[one.pk] * quantity
        if not foreign or not self._has_several_entities:
            return own + foreign
        if on not in self._rates:
            self._rates[on] = company_rates(self._averages, on)
        return own + foreign * self._rates[on][entity_id] if entity_id in self._rates[on] else None


def mean_cost(line: Any, quantity: Decimal, cost: Decimal, rate: Decimal) -> Decimal:
    """For one unit, in the order's currency (of which one is worth `rate` in the books): what is with the customer at the cost with
    which it left, the rest of `quantity` at `cost`."""
    rows = list(DeliveryLine.objects.filter(source_model=OrderLine.label(), source_id=line.pk, delivery__status="shipped"))
    kept = with_the_customer(rows) if rows else {}
    there = sum(kept.values(), ZERO)
    if not there:
        return cost
    spent = sum(((row.cost or ZERO) * kept[row.pk] / row.quantity for row in rows), ZERO) / rate
    return round_half_up((spent + max(ZERO, quantity - there) * cost) / max(quantity, there), 6)
