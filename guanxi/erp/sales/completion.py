"""What the system adds to an entered quotation or order: prices, tax, units, terms, amounts and totals."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.finance.queries import rates_into_books
from guanxi.erp.inventory.queries import default_warehouse
from guanxi.erp.sales.guards import ORDER_GUARDS
from guanxi.erp.sales.offers.floors import is_counted, mark_thin_margins
from guanxi.erp.sales.pricing.costs import Costs
from guanxi.erp.sales.pricing.options import complete_options
from guanxi.erp.sales.pricing.prices import set_prices
from guanxi.erp.sales.promising.promises import promise_drafts
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.columns.sections import refuse_strays
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.database.known import known
from guanxi.kernel.values import ZERO, round_half_up, round_money
from guanxi.shared.catalog.models import Tax
from guanxi.shared.catalog.queries import factors_of, taxes_in_place

QUOTATION_DAYS = 30


def complete_quotations(drafts: Sequence[Draft], actor: Actor) -> None:
    """Fill and compute quotations; set-based over all of them."""
    for draft in drafts:
        if draft.get("quoted_on") is None:
            draft.values["quoted_on"] = actor.today
        if draft.instance is None and draft.get("valid_until") is None:
            draft.values["valid_until"] = draft.get("quoted_on") + timedelta(days=QUOTATION_DAYS)
        if draft.get("valid_until") and draft.get("valid_until") < draft.get("quoted_on"):
            draft.add_error("valid_until", _("This is before the day of the quotation."))
        _refuse_early_wish(draft, "quoted_on", _("This is before the day of the quotation."))
        if draft.values.get("terms") is not None and not any((draft.get("terms_text") or {}).values()):
            draft.values["terms_text"] = draft.values["terms"].text
        choose_entity(draft, actor)
        warehouse = draft.values.get("warehouse")
        if warehouse is not None and warehouse.entity_id != _entity_of(draft, actor):
            draft.add_error("warehouse", _("This warehouse belongs to another legal entity; choose one of its own."))
    complete_documents(drafts, actor, "quoted_on")
    promise_drafts(drafts, actor)
    mark_thin_margins(drafts)


def complete_orders(drafts: Sequence[Draft], actor: Actor, *, promised: bool = True) -> None:
    """Fill and compute orders, with a day for each line; set-based over all of them."""
    usual: dict[int, Any] = {}
    for draft in drafts:
        if draft.get("ordered_on") is None:
            draft.values["ordered_on"] = actor.today
        _refuse_early_wish(draft, "ordered_on", _("This is before the day of the order."))
        warehouse = draft.values.get("warehouse")
        choose_entity(draft, actor, getattr(warehouse, "entity_id", None))
        entity_id = _entity_of(draft, actor)
        if warehouse is not None and warehouse.entity_id != entity_id:
            draft.add_error("warehouse", _("This warehouse belongs to another legal entity; choose one of its own."))
        elif warehouse is None and getattr(draft.instance, "warehouse_id", None) is None:
            if entity_id not in usual:
                usual[entity_id] = default_warehouse(entity_id)
            draft.values["warehouse"] = usual[entity_id]
    complete_documents(drafts, actor, "ordered_on")
    for draft in drafts:
        if draft.instance is not None and draft.lines is not None:
            for guard in ORDER_GUARDS:
                guard(draft, actor)
    if promised:
        promise_drafts(drafts, actor)
        mark_thin_margins(drafts)


def _refuse_early_wish(draft: Draft, day: str, words: str) -> None:
    """Nobody can want goods before asking for them. What stands so from before does not stand in the way of other changes."""
    wanted, on, known = draft.get("requested_on"), draft.get(day), draft.instance
    if wanted is not None and wanted < on and (known is None or (wanted, on) != (known.requested_on, getattr(known, day))):
        draft.add_error("requested_on", words)


def choose_entity(draft: Draft, actor: Actor, usual: int | None = None) -> None:
    """Whose document it is: the one chosen, else `usual`, else the actor's; it stays so."""
    if draft.values.get("entity") is None:
        draft.values.pop("entity", None)
    if draft.instance is None:
        if "entity" not in draft.values:
            draft.values["entity_id"] = usual or actor.entity_id
    elif draft.key("entity") != draft.instance.entity_id:
        draft.add_error("entity", _("The document has a number of its legal entity; make another one for this entity."))


def _entity_of(draft: Draft, actor: Actor) -> int:
    return draft.key("entity") or actor.entity_id


def _currency_of(entity_id: int, actor: Actor) -> str:
    return actor.currency if entity_id == actor.entity_id else Entity.objects.values_list("currency", flat=True).get(pk=entity_id)


def complete_documents(drafts: Sequence[Draft], actor: Actor, day: str, *, has_promotions: bool = True) -> None:
    """What documents with lines have in common: currency, channel, term, and of the lines unit, tax, price and amounts; `day` is the
    column with the day of the prices. Before a customer is chosen, what needs none."""
    for draft in drafts:
        customer = draft.get("customer")
        if not draft.get("currency"):
            draft.values["currency"] = _currency_of(_entity_of(draft, actor), actor)
        for name in ("channel", "payment_term") if draft.instance is None and customer is not None else ():
            if draft.values.get(name) is None:
                draft.values.pop(name, None)
                draft.values[f"{name}_id"] = getattr(customer, f"{name}_id")
        contact = draft.get("contact")
        if contact is not None and customer is not None and contact.party_id != customer.pk:
            draft.add_error("contact", _("This contact belongs to another customer."))
    lines = [(draft, line) for draft in drafts for line in draft.lines or ()]
    _products(lines, day, actor)
    for draft in drafts:
        if draft.lines is not None:
            refuse_strays(draft.lines, "section")
            entity_id = _entity_of(draft, actor)
            kept_in = _currency_of(entity_id, actor)
            gifts = set_prices(
                draft, on=draft.get(day), entity_id=entity_id, entity_currency=kept_in, actor=actor, has_promotions=has_promotions,
            )
            if gifts:
                _products([(draft, line) for line in gifts], day, actor)
            _convert_costs(draft, entity_id, kept_in, draft.get(day))
            _totals(draft)


def _convert_costs(draft: Draft, entity_id: int, kept_in: str, day: Any) -> None:
    """What products cost is known in the currency of the books; a document in another one is reckoned by the rate of its day. Where a cost
    is not known in either, there is no rate by which the document is reckoned."""
    currency = draft.get("currency")
    rate = Decimal(1) if currency == kept_in else rates_into_books({(entity_id, currency)}, day).get((entity_id, currency))
    if any(line.get("unit_cost") is None for line in draft.lines or ()):
        rate = None
    draft.values["rate"] = rate
    if rate != 1:
        for line in draft.lines or ():
            line.values["unit_cost"] = round_half_up(line.get("unit_cost") / rate, 6) if rate else ZERO


def _products(lines: list[tuple[Draft, Draft]], day: str, actor: Actor) -> None:
    """Unit, factor and tax from the product where they were not given, and what it costs now (None where no rate is known for that): one
    query each for all lines."""
    products = {line.get("product").pk: line.get("product") for _d, line in lines}
    factors = factors_of(list(products)) if any(
        line.get("unit") is not None and line.get("unit").pk != line.get("product").unit_id for _d, line in lines
    ) else {}
    entities = {_entity_of(draft, actor) for draft, _line in lines}
    chosen = [complete_options(line) for _draft, line in lines]
    wanted = [(line.get("product"), configuration) for (_draft, line), configuration in zip(lines, chosen, strict=True)]
    costs = Costs(wanted, entities, has_several_entities=actor.has_several_entities)
    rates = dict(_rates([*{product.tax_id for product in products.values()}]))
    others = taxes_in_place(entities) if actor.has_several_entities else {}
    for (draft, line), configuration in zip(lines, chosen, strict=True):
        product, entity_id = products[line.get("product").pk], _entity_of(draft, actor)
        if line.get("unit") is None:
            line.values.pop("unit", None)
            line.values["unit_id"], line.values["factor"] = product.unit_id, Decimal(1)
        elif line.get("unit").pk == product.unit_id:
            line.values["factor"] = Decimal(1)
        elif (product.pk, line.get("unit").pk) in factors:
            line.values["factor"] = factors[product.pk, line.get("unit").pk]
        else:
            line.add_error("unit", _("%(product)s is not sold by the %(unit)s; add the unit to the product first.")
                           % {"product": product, "unit": line.get("unit")})
        if not line.get("description"):
            line.values["description"] = str(product.name)[:200]
        cost = costs.of(product, configuration, entity_id, draft.get(day))
        line.values["unit_cost"] = None if cost is None else round_half_up(cost * line.get("factor", Decimal(1)), 6)
        tax = line.values.get("tax")
        if tax is None and ("tax" in line.values or getattr(line.instance, "tax_id", None) is None):
            line.values.pop("tax", None)
            other = others.get((entity_id, product.tax_id))
            line.values["tax_id"], line.values["tax_rate"] = (other.pk, other.rate) if other else (product.tax_id, rates[product.tax_id])
        elif tax is not None:
            line.values["tax_rate"] = tax.rate


@known
def _rates(tax_ids: list[int]) -> Any:
    return Tax.objects.filter(pk__any=tax_ids).order_by().values_list("pk", "rate")


def line_amounts(quantity: Decimal, price: Decimal, discount: Decimal, tax_rate: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Net and tax of one line, each rounded once, half up, to the currency's digits."""
    net = round_money(quantity * price * (1 - discount), currency)
    return net, round_money(net * tax_rate, currency)


def _totals(draft: Draft) -> None:
    currency = draft.get("currency")
    net = tax = cost = ZERO
    is_costed = bool(draft.get("rate"))
    for line in draft.lines or ():
        if line.errors:
            continue
        quantity = line.get("quantity")
        if quantity is None or quantity <= 0:
            line.add_error("quantity", _("The quantity has to be more than zero."))
            continue
        if line.get("unit_price") < 0:
            line.add_error("unit_price", _("The price cannot be less than zero."))
            continue
        discount = line.get("discount") or ZERO
        if not 0 <= discount <= 1:
            line.add_error("discount", _("The discount lies between 0 and 100 %."))
            continue
        line_net, line_tax = line_amounts(quantity, line.get("unit_price"), discount, line.get("tax_rate") or ZERO, currency)
        line_cost = quantity * line.get("unit_cost")
        line.values.update(net=line_net, tax_amount=line_tax, total=line_net + line_tax, discount=discount)
        line.values["margin_rate"] = _rate(line_net, line_cost) if is_costed else None
        if is_counted(line):
            net, tax, cost = net + line_net, tax + line_tax, cost + round_money(line_cost, currency)
    margins = {"margin": net - cost, "margin_rate": _rate(net, cost)} if draft.get("rate") else {"margin": None, "margin_rate": None}
    draft.values.update(net=net, tax=tax, total=net + tax, cost=cost, **margins)


def _rate(net: Decimal, cost: Decimal) -> Decimal | None:
    """The margin as a part of the net, shown while it is typed; the database computes the same for what is saved."""
    return (net - cost) / net if net else None
