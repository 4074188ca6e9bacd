"""Formulas that give a price, in the kernel's one expression language."""

from __future__ import annotations

from functools import lru_cache

from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.rules import Kind, Rule, RuleError, parse

FORMULA_NAMES = {
    "list_price": Kind.number, "cost": Kind.number, "standard_cost": Kind.number, "quantity": Kind.number, "price": Kind.number,
    "tier": Kind.text, "channel": Kind.text,
}
"""What a formula may read: per base unit, in the currency of the document. `cost` is the average one, else the standard one; `price` is
the price found so far (in a price list: the list price)."""


@lru_cache(1000)
def price_formula(text: str) -> Rule:
    """The formula of `text`; RuleError where it is none, or gives no number."""
    return parse(text, FORMULA_NAMES, Kind.number)


def refuse_formula(draft: Draft, name: str) -> None:
    """Add the error of what stands in column `name` where it is no formula for a price."""
    if draft.values.get(name):
        try:
            price_formula(draft.values[name])
        except RuleError as error:
            draft.add_error(name, error.message)
