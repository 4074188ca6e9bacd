"""The price a line begins with: from a price list, by a list's formula, or the product's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.pricing.answers import Answers, Listed
from guanxi.erp.pricing.steps import Step, step
from guanxi.kernel.rules import RuleError
from guanxi.kernel.values import ZERO, round_half_up
from guanxi.kernel.values.currencies import digits_of
from guanxi.shared.catalog.models import Product
from guanxi.shared.catalog.queries import price_formula

ONE = Decimal(1)
PLACES = 6
"""Of a price, and so of one from which the tax was taken out."""


@dataclass
class Line:
    """A line while it is priced; all of one base unit."""

    product: Product
    quantity: Decimal
    tax_rate: Decimal = ZERO
    cost: Decimal | None = None
    price: Decimal | None = None
    discount: Decimal = ZERO
    steps: list[Step] = field(default_factory=list)
    counts: bool = True
    """Whether it is bought, and so reaches what a rule asks for; an option that nobody has chosen is only priced."""
    fixed: bool = False
    """Its price was typed: no rule changes it."""
    held: bool = False
    """Its discount was typed: no rule changes it."""
    rounding: str = ""
    """How its list rounds what is computed; nothing where the list's prices hold tax, which is rounded before that is taken out."""

    @property
    def unit(self) -> Decimal:
        """What one base unit costs with the discount taken off."""
        return round_half_up((self.price or ZERO) * (1 - self.discount), PLACES)

    @property
    def worth(self) -> Decimal:
        return self.unit * self.quantity

    def round(self, rule: str) -> None:
        """To the nearest price that the rule allows, and the step that says so where that is another one."""
        rounded = round_price(self.price or ZERO, rule) if rule else self.price
        if rounded != self.price:
            self.move(f"rounding_{rule}" if rule in ("9", "0.99") else "rounding", price=rounded, step=rule)

    def move(self, kind: str, *, price: Decimal | None = None, discount: Decimal | None = None, **facts: Any) -> None:
        """To another price or discount, never below nothing, and the step that says so."""
        before = self.unit if self.price is not None else None
        if price is not None:
            self.price = max(price, ZERO)
        if discount is not None:
            self.discount = min(max(discount, ZERO), ONE)
        self.steps.append(step(kind, before, self.unit, **facts))


@dataclass
class Market:
    """For whom, when and in what is priced, and where the answers are that it takes."""

    customer_id: int
    tier: str
    channel_id: int
    on: date
    currency: str
    entity_currency: str
    base_currency: str
    """Of the products' list prices and expected costs: the default legal entity's."""
    entity_id: int
    answers: Answers

    @cached_property
    def lists(self) -> list[Listed]:
        return self.answers.lists_for(self.customer_id, self.tier, self.channel_id, self.currency)

    @property
    def converting(self) -> Mapping[str, Decimal]:
        """What one unit of each other currency is worth in the document's."""
        return self.answers.rates_into(self.currency)

    def convert(self, amount: Decimal | None, currency: str) -> Decimal | None:
        """In the document's currency; None where no rate is known."""
        if amount is None or currency == self.currency:
            return amount
        rate = self.converting.get(currency)
        return None if rate is None else amount * rate

    def computed(self, value: Decimal) -> Decimal:
        """A computed price: two places more than the currency has."""
        return round_half_up(max(value, ZERO), digits_of(self.currency) + 2)

    def by_formula(self, text: str, line: Line) -> Decimal | None:
        """What the formula gives; None when something it needs is not known, or it cannot be read any more."""
        try:
            rule = price_formula(text)
            listed = self.convert(line.product.list_price, self.base_currency) if "list_price" in rule.names or "price" in rule.names else None
            given = {
                "list_price": listed, "price": listed if line.price is None else line.unit, "quantity": line.quantity, "tier": self.tier,
                "cost": self.cost_of(line) if "cost" in rule.names else None,
                "standard_cost": self.convert(line.product.standard_cost, self.base_currency) if "standard_cost" in rule.names else None,
                "channel": self.answers.channel_codes.get(self.channel_id, "") if "channel" in rule.names else "",
            }
            found = rule.evaluate(given, today=self.on)
        except RuleError:
            return None
        return found if isinstance(found, Decimal) else None

    def cost_of(self, line: Line, basis: str = "average") -> Decimal | None:
        """What one base unit costs, in the document's currency: what the stock costs on average, else the standard."""
        cost = line.cost if line.cost is not None else self.answers.costs_in(self.entity_id).get(line.product.pk)
        if basis == "standard" or cost is None:
            return self.convert(line.product.standard_cost, self.base_currency)
        return self.convert(cost, self.entity_currency)


def set_base_prices(lines: Sequence[Line], market: Market) -> None:
    """Where each line begins: the first list that has a price for it, else the product's own price."""
    found = market.answers.listed_prices
    for line in lines:
        if not any(_from_list(line, listed, found.get((listed.pk, line.product.pk), ()), market) for listed in market.lists):
            if market.currency == market.base_currency:
                line.move("list_price", price=line.product.list_price)


def add_options(line: Line, chosen: Configuration, market: Market) -> None:
    """The price with what the options chosen add; none where their currency cannot be converted."""
    if line.price is None:
        return
    added = market.convert(chosen.surcharge, market.base_currency)
    if added is None:
        line.price = None
    else:
        line.move("options", price=market.computed(line.price * (1 + chosen.surcharge_rate) + added), name=chosen.summary, code=chosen.number)
        line.round(line.rounding)


def _from_list(line: Line, listed: Listed, prices: Sequence[tuple[Decimal, Decimal]], market: Market) -> bool:
    if listed.currency != market.currency and listed.currency not in market.converting:
        return False
    least, price = next(((least, price) for least, price in prices if least <= line.quantity), (ZERO, None))
    computed = price is None
    value = market.by_formula(listed.formula, line) if computed and listed.formula else None
    if price is None and value is None:
        return False
    if listed.currency == market.currency == market.base_currency and not listed.has_tax and line.product.list_price:
        # From what everybody is asked, where the two can be compared: in one currency, without tax.
        line.move("list_price", price=line.product.list_price)
    if price is not None:
        # A list that ends up in another currency, or holds tax, speaks of its own price first.
        line.move("list_from" if least > 1 else "list", price=price, quantity=least if least > 1 else None, **listed.facts)
    elif value is not None:
        line.move("list_formula", price=market.computed(value), **listed.facts)
    if listed.currency != market.currency and not computed:
        rate = market.converting[listed.currency]
        line.move(
            "rate", price=market.computed((line.price or ZERO) * rate), currency=listed.currency, rate=rate, base=market.currency,
        )
        computed = True
    line.round(listed.rounding if computed else "")
    line.rounding = "" if listed.has_tax else listed.rounding
    if listed.has_tax and line.tax_rate:
        line.move("tax", price=round_half_up((line.price or ZERO) / (1 + line.tax_rate), PLACES), share=line.tax_rate)
    return True


def round_price(price: Decimal, rule: str) -> Decimal:
    """The nearest price that the rule allows, half up: a multiple of a step, or an ending; never nothing where there was something."""
    if rule == "9":
        return max(round_half_up((price + 1) / 10, 0) * 10 - 1, Decimal(9)) if price > 0 else ZERO
    if rule == "0.99":
        return max(round_half_up(price + Decimal("0.01"), 0) - Decimal("0.01"), Decimal("0.99")) if price > 0 else ZERO
    unit = Decimal(rule)
    return max(round_half_up(price / unit, 0) * unit, unit) if price > 0 else ZERO
