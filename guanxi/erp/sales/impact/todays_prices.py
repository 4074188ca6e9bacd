"""What lines that were priced before would be priced at today, by the rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from guanxi.erp.pricing.queries import AskedLine, PricedLine, PriceRequest, agreed_quantity, gift_of, price_documents
from guanxi.erp.sales.impact.kinds import Kind
from guanxi.kernel.access.actor import Actor

Lines = Sequence[Any]


def prices_of_today(documents: Sequence[tuple[Any, Lines]], kind: Kind, actor: Actor) -> list[list[PricedLine | None]]:
    """For each document a price for each of its lines, as if they were entered today; nothing for gifts. Asked for all of them at once."""
    bought = [[line for line in lines if not gift_of(line.price_steps)] for _document, lines in documents]
    found = price_documents([
        _request(document, mine, kind, actor) for (document, _lines), mine in zip(documents, bought, strict=True)
    ])
    by_line = {line.pk: priced for mine, prices in zip(bought, found, strict=True) for line, priced in zip(mine, prices, strict=True)}
    return [[by_line.get(line.pk) for line in lines] for _document, lines in documents]


def _request(document: Any, lines: Lines, kind: Kind, actor: Actor) -> PriceRequest:
    reckoned = [(line.quantity * line.factor, agreed_quantity(line.price_steps)) for line in lines]
    return PriceRequest(
        customer=document.customer, on=actor.today, currency=document.currency, entity_id=document.entity_id, channel_id=document.channel_id,
        entity_currency=document.entity.currency, coupons=document.coupons, base_currency=None if actor.has_several_entities else actor.currency,
        # A part of what was agreed is measured as the whole, for which nothing was taken of a promotion's budget.
        has_promotions=kind.has_promotions(document) and not any(whole is not None and whole != part for part, whole in reckoned),
        lines=[
            AskedLine(
                line.product, part if whole is None else whole, tax_rate=line.tax_rate,
                cost=None if document.rate is None else line.unit_cost * document.rate / line.factor,
                counts=getattr(line, "inclusion", "firm") != "optional", configuration=_as_of_today(line.configuration),
            )
            for line, (part, whole) in zip(lines, reckoned, strict=True)
        ],
    )


def _as_of_today(configuration: Any) -> Any:
    """The same choice with what it adds today."""
    if configuration is None:
        return None
    now = copy(configuration)
    now.surcharge, now.surcharge_rate, now.cost = now.surcharge_now, now.surcharge_rate_now, now.cost_now
    return now
