"""How a price came about, step by step: kept on the line as figures and names in every language, put into words when it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.values import Translated
from guanxi.kernel.values.shown import format_percent, format_quantity

Step = dict[str, Any]
"""kind; rule ("catalog.pricelist:3"), code and name of the rule; before and after: the price of one base unit with its discount taken off."""

_SAYS: dict[str, Any] = {
    "list_price": gettext_lazy("List price of the product"),
    "list": gettext_lazy("Price list “%(name)s”"),
    "list_from": gettext_lazy("Price list “%(name)s”, from %(quantity)s on"),
    "list_formula": gettext_lazy("Price list “%(name)s”, by its formula"),
    "rate": gettext_lazy("Converted: one %(currency)s is %(rate)s %(base)s"),
    "rounding": gettext_lazy("Rounded to %(step)s"),
    "rounding_9": gettext_lazy("Rounded to a whole number ending in 9"),
    "rounding_0.99": gettext_lazy("Rounded to a price ending in .99"),
    "options": gettext_lazy("Options: %(name)s"),
    "tax": gettext_lazy("Tax of %(share)s taken out"),
    "policy_formula": gettext_lazy("Sales policy “%(name)s”: price by formula"),
    "policy_cost": gettext_lazy("Sales policy “%(name)s”: cost plus a markup"),
    "policy_discount": gettext_lazy("Sales policy “%(name)s”: %(share)s off"),
    "policy_rebate": gettext_lazy("Sales policy “%(name)s”: rebate of %(share)s later, not in the price"),
    "policy_term": gettext_lazy("Sales policy “%(name)s”: payment term %(term)s"),
    "promotion_amount": gettext_lazy("Promotion “%(name)s”: %(amount)s off each"),
    "promotion_percent": gettext_lazy("Promotion “%(name)s”: %(share)s off"),
    "promotion_bundle": gettext_lazy("Promotion “%(name)s”: bundle price for %(times)s sets"),
    "promotion_gift": gettext_lazy("Promotion “%(name)s”: free of charge"),
    "gives": gettext_lazy("Promotion “%(name)s”: gives goods free of charge"),
    "spent": gettext_lazy("Promotion “%(name)s”: its budget no longer bears this"),
    "coupon": gettext_lazy("Coupon %(coupon)s"),
    "hand": gettext_lazy("Price entered by hand"),
    "hand_discount": gettext_lazy("Discount of %(share)s entered by hand"),
    "agreed": gettext_lazy("As agreed in %(document)s"),
}
PROMOTION = "pricing.promotion"
PRICE, DISCOUNT = "unit_price", "discount"
_DECIDED = {"hand": {PRICE}, "hand_discount": {DISCOUNT}, "agreed": {PRICE, DISCOUNT}}


def step(kind: str, before: Decimal | None, after: Decimal | None, **facts: Any) -> Step:
    """One step as it is kept: figures as texts, so that none loses a digit."""
    kept: Step = {"kind": kind, "before": _figure(before), "after": _figure(after)}
    for name, value in facts.items():
        if value not in (None, ""):
            kept[name] = _figure(value) if isinstance(value, Decimal) else dict(value) if isinstance(value, Translated) else value
    return kept


def _figure(value: Decimal | None) -> str | None:
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def said(one: Step) -> str:
    """The sentence of a step in the active language."""
    values = {name: value for name, value in one.items() if isinstance(value, str)}
    if isinstance(one.get("name"), dict):
        values["name"] = str(Translated(one["name"]))
    if "share" in values:
        values["share"] = format_percent(Decimal(values["share"]), 2)
    if "quantity" in values:
        values["quantity"] = format_quantity(Decimal(values["quantity"]))
    if isinstance(one.get("term"), dict):
        values["term"] = str(Translated(one["term"]))
    try:
        text = str(_SAYS[one["kind"]]) % values
    except KeyError:
        # Kept by another version of the program.
        return values.get("name") or _("Price")
    return f"{text} · {_SAYS['coupon'] % values}" if values.get("coupon") else text


def decided(steps: Sequence[Step] | None) -> set[str]:
    """Which columns of a line a person decided, so that no rule changes them; all where nobody knows how they came about."""
    return set().union(*(_DECIDED.get(one["kind"], ()) for one in steps)) if steps else {PRICE, DISCOUNT}


def promotions_in(steps: Sequence[Step] | None) -> dict[int, Step]:
    """The promotions that counted for a line, each with a step of it."""
    found = ((str(one.get("rule", "")).rpartition(":"), one) for one in steps or ())
    return {int(pk): one for (label, _colon, pk), one in found if label == PROMOTION}


def spent(steps: Sequence[Step] | None) -> list[Step]:
    """What is said of promotions that had counted for a line until their budget was spent."""
    return [one for one in steps or () if one["kind"] == "spent"]


def is_agreed(steps: Sequence[Step] | None) -> bool:
    return bool(steps) and steps[-1]["kind"] == "agreed"  # type: ignore[index]


def agreed_quantity(steps: Sequence[Step] | None) -> Decimal | None:
    """For how many base units a price was reckoned before it was agreed on; nothing where it is not agreed, or nobody noted it."""
    return Decimal(steps[-1]["quantity"]) if steps and is_agreed(steps) and "quantity" in steps[-1] else None


def gift_of(steps: Sequence[Step] | None) -> str:
    """The promotion that gave this line free of charge, as "pricing.promotion:3"; an empty text when none did."""
    return str(steps[0].get("rule")) if steps and steps[0]["kind"] == "promotion_gift" else ""


class StepsField(models.JSONField):
    """The steps of a line's price; read back with the sentence of each in the reader's language."""

    def __init__(self, *args: Any, **options: Any):
        options |= {"default": list, "blank": True, "editable": False}
        super().__init__(*args, **options)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        return [{**one, "text": said(one)} for one in found] if isinstance(found, list) else found

    @staticmethod
    def in_words(value: Any) -> str:
        """For the history, which holds the steps as they are kept."""
        return " → ".join(said(one) for one in value or ())

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, list):
            value = [{name: given for name, given in one.items() if name != "text"} for one in value]
        return super().get_db_prep_value(value, connection, prepared)
