"""What a quotation's or an order's lines cost: the price engine asked for what nobody typed, and what it answered kept on the line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.pricing.queries import (
    DISCOUNT,
    PRICE,
    AskedLine,
    Gift,
    PricedLine,
    PriceRequest,
    Step,
    agreed_quantity,
    codes_of,
    decided,
    gift_of,
    is_agreed,
    price_lines,
    promotions_in,
    step,
)
from guanxi.erp.sales.offers.floors import is_counted
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.values import ZERO, round_half_up, round_quantity

ONE = Decimal(1)
NAMES = (PRICE, DISCOUNT)
AGAIN = "prices again"
"""In what was sent for a document: everything that nobody decided is priced anew."""
ADDED = 1_000_000
"""Lines that the system adds have no place in the form: their rows are counted from here."""


def set_prices(
    draft: Draft, *, on: Any, entity_id: int, entity_currency: str, actor: Actor, has_promotions: bool = True
) -> list[Draft]:
    """Price, discount and explanation of the lines of one document; what a person typed stays. The lines of gifts, which want the rest."""
    if draft.instance is not None and draft.instance.status != "draft":
        return _add_to_agreed(draft, partial(_request, draft, on=on, entity_id=entity_id, entity_currency=entity_currency, actor=actor))
    gifts = [line for line in draft.lines or () if gift_of(_steps(line)) and not is_agreed(_steps(line))]
    lines = [line for line in draft.lines or () if not line.errors and not any(line is gift for gift in gifts)]
    moved = AGAIN in draft.raw or _is_moved(draft)
    staying = {id(line) for line in lines if _stays(line, moved)}
    if AGAIN not in draft.raw and len(staying) == len(lines) and (draft.instance is None or not _lines_gone(draft)):
        for line in gifts:
            line.values.update(quantity=line.instance.quantity, unit_price=ZERO, discount=ZERO)
        return []
    # Where one line changes, all are priced again: what they reach together counts.
    found = price_lines(replace(_request(draft, lines, on, entity_id, entity_currency, actor), has_promotions=has_promotions))
    for line, priced in zip(lines, found, strict=True):
        if id(line) in staying and decided(_steps(line)) == {*NAMES} or _is_as_agreed(line):
            continue
        _take(draft, line, priced, found.spent)
    if AGAIN in draft.raw:
        draft.values["coupons"] = ", ".join(code for code in codes_of(draft.get("coupons", "")) if code not in found.wrong_coupons)
    else:
        for message in found.wrong_coupons.values():
            draft.add_error("coupons", message)
    if found.payment_term_id is not None and draft.values.get("payment_term") is None and draft.instance is None:
        draft.values["payment_term_id"] = found.payment_term_id
    return _place_gifts(draft, found.gifts, gifts)


def _request(draft: Draft, lines: Sequence[Draft], on: Any, entity_id: int, entity_currency: str, actor: Actor) -> PriceRequest:
    return PriceRequest(
        customer=draft.get("customer"), lines=[_asked(line) for line in lines], on=on, currency=draft.get("currency"), entity_id=entity_id,
        channel_id=draft.key("channel"), entity_currency=entity_currency, coupons=draft.get("coupons", ""),
        # What products cost in the list is in the currency of the default entity.
        base_currency=None if actor.has_several_entities else actor.currency,
        document=draft.instance.ref() if draft.instance is not None else None,
    )


def _take(draft: Draft, line: Draft, priced: PricedLine, spent: Collection[int] = ()) -> None:
    """The price with its explanation, which says also which promotion no longer counts because its budget is `spent`."""
    if priced.price is None:
        line.add_error("unit_price", _("%(product)s has no price in %(currency)s; enter one, or add it to a price list.")
                       % {"product": line.get("product"), "currency": draft.get("currency")})
        return
    typed = _typed(line, "unit_price")
    line.values["unit_price"] = priced.price * line.get("factor", ONE) if typed is None else typed
    before, after = promotions_in(getattr(line.instance, "price_steps", None)), promotions_in(priced.steps)
    gone = [one for pk, one in before.items() if pk in spent and pk not in after]
    told = [step("spent", priced.unit, priced.unit, code=one.get("code"), name=one.get("name")) for one in gone]
    line.values["discount"], line.values["price_steps"] = priced.discount, [*priced.steps, *told]


def _add_to_agreed(draft: Draft, request: Callable[..., PriceRequest]) -> list[Draft]:
    """Lines changed or added where prices are agreed already: those that are there keep theirs, unless another one was typed; those added are
    priced by the rules of the day as at entry, where all lines count together. The lines of gifts that they bring."""
    for line in draft.lines or ():
        old = line.instance
        if old is not None:
            before = {name: getattr(old, name) for name in NAMES}
            after = {name: before[name] if line.values.get(name) is None else line.values[name] for name in NAMES}
            line.values.update(after)
            if after != before:
                figures = [round_half_up(one[PRICE] * (1 - one[DISCOUNT]) / old.factor, 6) for one in (before, after)]
                line.values["price_steps"] = [*old.price_steps, step("hand", *figures)]
    added = [line for line in draft.lines or () if line.instance is None and not line.errors]
    if not added:
        return []
    agreed = [line for line in draft.lines or () if line.instance is not None and not line.errors and not gift_of(_steps(line))]
    asked = request([*agreed, *added])
    stands = [replace(one, is_agreed=True, price=line.values[PRICE] / line.get("factor", ONE), discount=line.values[DISCOUNT])
              for one, line in zip(asked.lines, agreed, strict=False)]
    found = price_lines(replace(asked, lines=[*stands, *asked.lines[len(agreed):]]))
    for line, priced in zip(added, found[len(agreed):], strict=True):
        _take(draft, line, priced)
    return _gifts_beside(draft, found.gifts, price_lines(replace(asked, lines=stands)).gifts) if found.gifts else []


def _gifts_beside(draft: Draft, wanted: Sequence[Gift], before: Sequence[Gift]) -> list[Draft]:
    """Lines for what the added lines bring: more than there is, and more than the others would bring by themselves."""
    there: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in draft.lines or ():
        if promotion := gift_of(_steps(line)):
            there[promotion, line.key("product") or 0] += (line.get("quantity") or ZERO) * line.get("factor", ONE)
    for gift in before:
        name = gift_of(gift.steps), gift.product.pk
        there[name] = max(there[name], gift.quantity)
    placed = []
    for place, gift in enumerate(wanted):
        more = gift.quantity - there[gift_of(gift.steps), gift.product.pk]
        if more > 0:
            [step_of] = gift.steps
            saving = round_half_up(Decimal(step_of.get("saving") or 0) * more / gift.quantity, 2)
            placed.append(_gift_line(ADDED + place, replace(gift, quantity=more, steps=[{**step_of, "saving": str(saving)}]), ""))
    draft.lines = [*(draft.lines or ()), *placed]
    return placed


def _gift_line(row: int, gift: Gift, section: str) -> Draft:
    return Draft(row, values={
        "product": gift.product, "unit": gift.product.unit, "quantity": gift.quantity, "unit_price": ZERO, "discount": ZERO,
        "price_steps": gift.steps, "section": section,
    })


def _place_gifts(draft: Draft, wanted: Sequence[Gift], present: Sequence[Draft]) -> list[Draft]:
    """The lines of gifts at the end: those that are there already are taken again, those no longer given go."""
    lines = [line for line in draft.lines or () if not any(line is one for one in present)]
    section = lines[-1].get("section", "") if lines else ""
    agreed = {gift_of(_steps(line)) for line in lines}
    rest, placed = list(present), []
    for place, gift in enumerate(gift for gift in wanted if gift_of(gift.steps) not in agreed):
        line = next((one for one in rest if one.key("product") == gift.product.pk), None)
        if line is None:
            line = Draft(ADDED + place)
        else:
            rest.remove(line)
        line.errors = {}
        line.values.update(
            product=gift.product, unit=gift.product.unit, quantity=gift.quantity, unit_price=ZERO, discount=ZERO, price_steps=gift.steps,
            section=section,
        )
        placed.append(line)
    draft.lines = [*lines, *placed]
    return placed


def _steps(line: Draft) -> Any:
    return line.values.get("price_steps") or getattr(line.instance, "price_steps", None)


def _is_moved(draft: Draft) -> bool:
    """Whether something changed at the document on which prices depend."""
    old = draft.instance
    return old is not None and (
        any(draft.key(name) != getattr(old, f"{name}_id") for name in ("customer", "channel"))
        or any(draft.get(name) != getattr(old, name) for name in ("currency", "coupons"))
    )


def _lines_gone(draft: Draft) -> bool:
    """Whether a line was taken out: what the others reach together may be less now."""
    kept = {line.instance.pk for line in draft.lines or () if line.instance is not None}
    return bool(draft.instance.lines.exclude(pk__in=kept).exists())


def agreed_steps(line: Any, document: Any) -> list[Step]:
    """The explanation of a line's price for the line that it becomes: agreed on, so that no rule changes it any more, for as much as it was
    reckoned for."""
    unit = round_half_up(line.unit_price * (1 - line.discount) / line.factor, 6)
    quantity = agreed_quantity(line.price_steps) or round_quantity(line.quantity * line.factor)
    return [*line.price_steps, step("agreed", unit, unit, document=str(document), quantity=quantity)]


def _asked(line: Draft) -> AskedLine:
    factor, price, cost = line.get("factor", ONE), _typed(line, "unit_price"), line.get("unit_cost")
    return AskedLine(
        line.get("product"), (line.get("quantity") or ZERO) * factor, None if price is None else price / factor, _typed(line, "discount"),
        line.get("tax_rate") or ZERO, None if cost is None else cost / factor, is_counted(line), line.get("configuration"),
    )


def _typed(line: Draft, name: str) -> Decimal | None:
    """What somebody entered, now or when the line was saved; not what the rules proposed and came back unchanged."""
    value = line.values.get(name)
    if line.instance is None:
        return value
    old, was_decided = getattr(line.instance, name), name in decided(line.instance.price_steps)
    if value is None:
        return old if was_decided and name not in line.raw else None
    return value if was_decided or value != old else None


def _is_as_agreed(line: Draft) -> bool:
    """More or less of it, at what was agreed on."""
    old = line.instance
    if old is None or not is_agreed(old.price_steps) or line.key("product") != old.product_id or line.key("unit") != old.unit_id:
        return False
    if any(_typed(line, name) != getattr(old, name) for name in NAMES):
        return False
    line.values.update({name: getattr(old, name) for name in NAMES})
    return True


def _stays(line: Draft, moved: bool) -> bool:
    """A line keeps its price while nothing changes on which the price depends; a price that was agreed on comes with its explanation."""
    if line.instance is None:
        return line.values.get("price_steps") is not None
    old = line.instance
    by_hand = decided(old.price_steps)
    same = all(line.key(name) == getattr(old, f"{name}_id") for name in ("product", "unit", "configuration")) and line.get("quantity") == old.quantity
    kept = all(line.values.get(name) in (None, getattr(old, name)) for name in NAMES)
    # A form leaves empty what nobody decided; null, and emptying what somebody did decide, asks for today's.
    emptied = any(
        name in line.raw and line.values.get(name) is None and (name in by_hand or line.raw[name] is None) for name in NAMES
    )
    if not (same and kept) or emptied or moved and by_hand != {*NAMES}:
        return False
    line.values.update({name: getattr(old, name) for name in NAMES})
    return True
