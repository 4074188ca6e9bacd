"""Looking at all open lines: which of them a change of price, cost or model touches, and what it does to their margin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.db.models import Q

from guanxi.erp.configurator.operations import follow_models
from guanxi.erp.pricing.queries import PricedLine, Step
from guanxi.erp.sales.impact.figures import TOLERANCE
from guanxi.erp.sales.impact.kinds import KINDS, Kind
from guanxi.erp.sales.impact.models import DECIDED, OPEN, AffectedLine
from guanxi.erp.sales.impact.todays_prices import prices_of_today
from guanxi.erp.sales.pricing.costs import Costs
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.values import ZERO, round_half_up, round_money

_BASE = ("list_price", "list", "list_from", "list_formula", "rate", "rounding", "rounding_9", "rounding_0.99", "tax")
"""Steps up to the price with which a line begins. Policies and promotions come and go; what was offered under one stands."""
_FIGURES = (
    "reason", "misfit", "number", "document_model", "document_id", "customer_id", "owner_id", "product_id", "description", "currency", "quantity",
    "unit_price", "discount", "price_now", "unit_cost", "cost_now", "margin", "margin_now", "margin_requoted",
)


def look_again(actor: Actor, *, product_ids: Collection[int] | None = None) -> list[AffectedLine]:
    """Find the affected lines anew (of documents with these products, else all); those that were not known before."""
    if product_ids is None:
        follow_models()
    found: list[AffectedLine] = []
    scope = AffectedLine.objects.filter(status__in=OPEN)
    # Also lines of which nothing is open any more, which no document brings.
    looked = Q(product_id__in=product_ids or ())
    for kind in KINDS.values():
        documents = _documents(kind, actor, product_ids)
        looked |= Q(document_model=kind.document.label(), document_id__in=[document.pk for document, _lines in documents])
        for (document, lines), prices in zip(documents, prices_of_today(documents, kind, actor), strict=True):
            for line, priced in zip(lines, prices, strict=True):
                if (row := _affected(kind, document, line, priced, actor)) is not None:
                    found.append(row)
    return _keep(_not_decided(found), scope.filter(looked) if product_ids is not None else scope)


def _documents(kind: Kind, actor: Actor, product_ids: Collection[int] | None) -> list[tuple[Any, list[Any]]]:
    model, parent = kind.line(), kind.parent
    rows = model.objects.filter(kind.is_open(actor.today)).select_related(
        "product", "configuration", parent, f"{parent}__customer", f"{parent}__entity"
    )
    if product_ids is not None:
        with_these = model.objects.filter(kind.is_open(actor.today), product_id__in=list(product_ids)).order_by().values(f"{parent}_id")
        rows = rows.filter(**{f"{parent}_id__in": with_these})
    together: dict[int, list[Any]] = defaultdict(list)
    lines = list(rows.annotate(rest=kind.open_quantity()).order_by(f"{parent}_id", "position", "pk"))
    entities = {getattr(line, parent).entity_id for line in lines}
    costs = Costs([(line.product, line.configuration) for line in lines], entities, has_several_entities=actor.has_several_entities)
    for line in lines:
        document = getattr(line, parent)
        cost = costs.of(line.product, line.configuration, document.entity_id, actor.today)
        line.now = None if cost is None or document.rate is None else round_half_up(cost * line.factor / document.rate, 6)
        together[document.pk].append(line)
    return [(getattr(mine[0], parent), mine) for mine in together.values()]


def _affected(kind: Kind, document: Any, line: Any, priced: PricedLine | None, actor: Actor) -> AffectedLine | None:
    """The line with both its figures, when something about it is another one now; without a cost now where no rate is known."""
    cost = line.unit_cost if getattr(line, "supplier_id", None) else line.now
    has_new_cost = cost is not None and differs(cost, line.unit_cost)
    base, base_now = (_base_of(line.price_steps), _base_of(priced.steps)) if priced is not None else (None, None)
    reason = _reason(line.configuration, has_new_cost, base is not None and base_now is not None and base != base_now)
    if not reason or line.rest <= 0:
        return None
    net = line.unit_price * (1 - line.discount)
    unit = priced.unit if priced is not None else None
    price_now = None if unit is None else round_half_up(unit * line.factor, 6)

    def margin(price: Decimal | None, unit_cost: Decimal | None) -> Decimal | None:
        return None if price is None or unit_cost is None else round_money(line.rest * (price - unit_cost), document.currency)

    return AffectedLine(
        kind=kind.name, source_id=line.pk, reason=reason, misfit=line.configuration.misfit if line.configuration else {}, number=document.number,
        document_model=document.label(), document_id=document.pk, customer_id=document.customer_id, owner_id=document.owner_id,
        product_id=line.product_id, description=line.description, currency=document.currency, quantity=line.rest, unit_price=line.unit_price,
        discount=line.discount, price_now=price_now, unit_cost=line.unit_cost, cost_now=cost, margin=margin(net, line.unit_cost) or ZERO,
        margin_now=margin(net, cost), margin_requoted=margin(price_now, cost), seen_on=actor.today,
    )


def differs(now: Decimal, before: Decimal) -> bool:
    return abs(now - before) > TOLERANCE * before


def _reason(configuration: Any, has_new_cost: bool, has_new_price: bool) -> str:
    """The weightiest: what can no longer be made, then the model, then price and cost."""
    if configuration is not None and configuration.misfit:
        return "misfit"
    if configuration is not None and (
        (configuration.surcharge, configuration.surcharge_rate) != (configuration.surcharge_now, configuration.surcharge_rate_now)
        or has_new_cost and differs(configuration.cost_now, configuration.cost)
    ):
        return "model"
    return {(True, True): "both", (True, False): "cost", (False, True): "price", (False, False): ""}[has_new_cost, has_new_price]


def _base_of(steps: Sequence[Step]) -> Decimal | None:
    """Where a price began, before options, policies and what people typed."""
    figures = [one["after"] for one in takewhile(lambda one: one["kind"] in _BASE, steps)]
    return Decimal(figures[-1]) if figures and figures[-1] is not None else None


def _not_decided(found: Sequence[AffectedLine]) -> list[AffectedLine]:
    """Without those about which a decision was made when they were as they are now."""
    last: dict[tuple[str, int], AffectedLine] = {}
    for row in AffectedLine.objects.filter(status__in=DECIDED, source_id__in=[row.source_id for row in found]).order_by("pk"):
        last[row.kind, row.source_id] = row
    return [row for row in found if not _is_as(row, last.get((row.kind, row.source_id)))]


def _is_as(row: AffectedLine, before: AffectedLine | None) -> bool:
    if before is None or (row.price_now, dict(row.misfit)) != (before.price_now, dict(before.misfit)):
        return False
    if row.cost_now is None or before.cost_now is None:
        return row.cost_now == before.cost_now
    return not differs(row.cost_now, before.cost_now)


def _keep(found: Sequence[AffectedLine], known: Any) -> list[AffectedLine]:
    """Write what was found: a row that is open or held goes on with its new figures, those that are over go."""
    present = {(row.kind, row.source_id): row for row in AffectedLine.objects.filter(status__in=OPEN, source_id__in=[row.source_id for row in found])}
    made, changed, stays = [], [], []
    for row in found:
        old = present.get((row.kind, row.source_id))
        if old is None:
            made.append(row)
            continue
        stays.append(old.pk)
        if any(getattr(old, name) != getattr(row, name) for name in _FIGURES):
            for name in _FIGURES:
                setattr(old, name, getattr(row, name))
            old.version += 1
            changed.append(old)
    known.exclude(pk__in=stays).delete()
    AffectedLine._base_manager.bulk_update(changed, [name.removesuffix("_id") if name != "document_id" else name for name in _FIGURES] + ["version"])
    return AffectedLine._base_manager.bulk_create(made)
