"""Orders called off from contracts: at the contract's prices, and no more than was agreed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts import events
from guanxi.erp.contracts.billing import bind_contract_money
from guanxi.erp.contracts.models import CALL_OFF, Contract, ContractLine
from guanxi.erp.contracts.renewing import renew_if_due
from guanxi.erp.pricing.ports import AGREED_PRICES, AgreedPrice
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.ports import ORDER_GUARDS, agreed_steps, complete_orders, held_lines
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert
from guanxi.kernel.columns.column import Quantity
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.database.known import known
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_quantity

_TERMS = ("customer", "contact", "owner", "entity", "channel", "currency", "payment_term")
_AGREED = ("section", "product", "configuration", "description", "unit", "unit_price", "discount", "tax")


@dataclass
class CalledLine:
    """So much of a contract line, in its unit."""

    line: ContractLine
    quantity: Quantity


@operation(
    label=gettext_lazy("Call off"), states=("signed",), icon="shopping-cart",
    labels={
        "lines": gettext_lazy("Lines"), "line": gettext_lazy("Contract line"), "quantity": gettext_lazy("Quantity"),
        "requested_on": gettext_lazy("Requested on"), "customer_reference": gettext_lazy("Customer's reference"),
    },
)
def call_off(
    contract: Contract, *, actor: Actor, lines: list[CalledLine] | None = None, requested_on: date | None = None, customer_reference: str = "",
) -> Order:
    """A draft order at the contract's prices: of all that is open and not held, or of the parts named; never more than was agreed."""
    day = actor.today
    renew_if_due(contract, actor)
    if contract.valid_from and day < contract.valid_from or contract.valid_until and day > contract.valid_until:
        first, last = (full_date(one) if one else "…" for one in (contract.valid_from, contract.valid_until))
        raise Refused(_("Today the contract is not in force: it holds from %(first)s until %(last)s.") % {"first": first, "last": last})
    mine = lines_with_calls(contract.pk)
    wanted = _wanted(contract, mine, lines)
    draft = Draft(0, values={
        **{name: getattr(contract, name) for name in _TERMS}, "requested_on": requested_on, "customer_reference": customer_reference[:60],
    })
    draft.lines = [
        Draft(n, values={
            **{name: getattr(line, name) for name in _AGREED}, "quantity": quantity, "price_steps": agreed_steps(line, contract),
        })
        for n, (line, quantity) in enumerate(wanted)
    ]
    complete_orders([draft], actor)
    refuse_errors([draft])
    [order] = insert(form_of(Order), [draft], actor)
    link_lines(CALL_OFF, [(contract, order, Decimal(1))], posted_on=order.ordered_on)
    bind_contract_money(contract, actor)
    publish(
        events.ContractCalled(contract.pk, contract.customer_id, order.pk, order.total, order.currency), subject=contract,
        party_id=contract.customer_id,
    )
    return order


def lines_with_calls(contract_id: int) -> list[Any]:
    """The contract's lines, each with what is called off of it as `called`."""
    rows = ContractLine.objects.filter(contract=contract_id).select_related("product", "unit", "tax").order_by("position")
    return list(rows.annotate(called=ContractLine.called_quantity.sql()))


def most_of(contract: Contract, line: ContractLine) -> Decimal:
    """To how much of the line orders may come."""
    return line.quantity * (1 + contract.tolerance)


def _wanted(contract: Contract, mine: Sequence[Any], lines: list[CalledLine] | None) -> list[tuple[Any, Decimal]]:
    held = held_lines("contract", [line.pk for line in mine])
    if lines is None:
        rest = [(line, line.quantity - line.called) for line in mine if line.called < line.quantity]
        if not rest:
            raise Refused(_("All that was agreed is called off."))
        if free := [(line, quantity) for line, quantity in rest if line.pk not in held]:
            return free
        raise Refused(_held(rest[0][0]))
    by_id = {line.pk: line for line in mine}
    errors: dict[str, list[str]] = {}
    found: dict[int, Decimal] = {}
    for number, one in enumerate(lines):
        line = by_id.get(one.line.pk)
        if line is None or line.pk in found:
            errors[f"lines.{number}.line"] = [_("This line does not belong to the contract, or is here twice.")]
        elif one.quantity <= 0:
            errors[f"lines.{number}.quantity"] = [_("The quantity has to be more than zero.")]
        elif line.pk in held:
            errors[f"lines.{number}.line"] = [_held(line)]
        elif line.called + one.quantity > most_of(contract, line):
            errors[f"lines.{number}.quantity"] = [_too_much(contract, line, line.called)]
        else:
            found[line.pk] = one.quantity
    if errors or not found:
        raise Invalid(errors or {"lines": [_("Enter at least one line.")]})
    return [(line, found[line.pk]) for line in mine if line.pk in found]


def _held(line: ContractLine) -> str:
    words = _("“%(line)s” is held, since its price, cost or model changed: accept it or quote it anew first (Affected lines).")
    return words % {"line": line.description}


def _too_much(contract: Contract, line: ContractLine, called: Decimal) -> str:
    left = max(ZERO, most_of(contract, line) - called)
    return _("Only %(left)s of “%(line)s” may still be called off from %(contract)s.") % {
        "left": format_quantity(left), "line": line.description, "contract": contract,
    }


def rest_to_call(contract: Contract, actor: Actor) -> dict[str, Any]:
    """What calling off starts with: every line with what is still open."""
    rest = [(line, line.quantity - line.called) for line in lines_with_calls(contract.pk)]
    return {"lines": [{"line": line.pk, "quantity": quantity} for line, quantity in rest if quantity > 0]}


def _contract_behind(order_id: int) -> Q:
    links = Link.objects.filter(to_model=Order.label(), to_id=order_id, kind=CALL_OFF, from_model=Contract.label())
    return Q(pk__in=links.values("from_id"), status__in=("draft", "approved", "sent", "signed", "ended"))


def guard_called_off(draft: Draft, actor: Actor) -> None:
    """An order that was called off and is changed stays within its contract; other orders of it wait until this is written."""
    contract = Contract.objects.filter(_contract_behind(draft.instance.pk)).order_by("-pk").select_for_update(no_key=True).first()
    if contract is None or contract.status == "draft":
        return
    is_over = _period_is_over(contract, draft.instance.pk)
    lines = {line.product_id: line for line in lines_with_calls(contract.pk)}
    mine = OrderLine.objects.filter(order=draft.instance.pk)
    before: dict[int, Decimal] = defaultdict(Decimal)
    for product_id, quantity, factor in mine.values_list("product_id", "quantity", "factor"):
        before[product_id] += quantity * factor
    after: dict[int, Decimal] = defaultdict(Decimal)
    for line in draft.lines or ():
        agreed = lines.get(line.key("product") or 0)
        if agreed is None or line.errors:
            continue
        after[agreed.product_id] += (line.get("quantity") or ZERO) * line.get("factor", Decimal(1))
        now, then = after[agreed.product_id] / agreed.factor, before[agreed.product_id] / agreed.factor
        if now > then and is_over:
            words = _("The period of %(contract)s in which this was called off is over: call what is wanted now off anew.")
            line.add_error("quantity", words % {"contract": contract})
        elif now > then and agreed.called - then + now > most_of(contract, agreed):
            line.add_error("quantity", _too_much(contract, agreed, agreed.called - then))


def _period_is_over(contract: Contract, order_id: int) -> bool:
    links = Link.objects.filter(from_model=Contract.label(), from_id=contract.pk, kind=CALL_OFF, to_model=Order.label(), to_id=order_id)
    return contract.period_from is not None and links.filter(posted_on__lt=contract.period_from).exists()


ORDER_GUARDS.append(guard_called_off)


@known
def _agreed_lines(order_id: int, product_ids: list[int], currency: str) -> Any:
    rows = ContractLine.objects.filter(
        contract__in=Contract.objects.filter(_contract_behind(order_id), currency=currency).values("pk"), product_id__any=product_ids,
        configuration__isnull=True,
    )
    return rows.order_by("contract_id").values_list("product_id", "unit_price", "factor", "discount", "contract__number")


def agreed_prices(document: tuple[str, int], product_ids: Sequence[int], currency: str) -> Mapping[int, AgreedPrice]:
    """For an order that was called off: the contract's prices of a base unit, by product."""
    label, order_id = document
    if label != Order.label():
        return {}
    rows = _agreed_lines(order_id, sorted(product_ids), currency)
    return {product_id: AgreedPrice(price / factor, discount, number) for product_id, price, factor, discount, number in rows}


AGREED_PRICES.append(agreed_prices)
