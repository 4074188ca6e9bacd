"""The customer's credit at each step of a quotation or an order, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.credit.queries import Asked, Check, CreditStopped, check_credit, has_policies, in_books, look_at
from guanxi.erp.finance.models import Receipt
from guanxi.erp.finance.queries import books_currency
from guanxi.erp.inventory.models import Delivery, DeliveryLine
from guanxi.erp.inventory.operations.deliveries import SHIPMENT_GUARDS
from guanxi.erp.sales.billing.settlement import PREPAID as PREPAID
from guanxi.erp.sales.days import require_after
from guanxi.erp.sales.models import Order, OrderLine, Quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.database.known import known
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.parties.models import Party

Paid = Callable[[], Decimal]


def nothing() -> Decimal:
    return ZERO


class OnHold(Refused):
    """The order is on hold: nothing of it is delivered."""

    code = "order_on_hold"
    meaning = gettext_lazy("The order is on hold: nothing of it is delivered.")


def asked_for(
    party: Party, total: Decimal, currency: str, entity_id: int, actor: Actor, *, is_new: bool = True, paid: Paid = nothing
) -> Asked | None:
    """A document's amount as the credit check wants it; None where its legal entity keeps its books in another currency than that in
    which this customer is looked at."""
    books = books_currency(party.currency, actor)
    if books != (actor.currency if entity_id == actor.entity_id else Entity.objects.values_list("currency", flat=True).get(pk=entity_id)):
        return None
    amount = in_books(total, currency, entity_id, books, actor)
    if amount is None:
        return Asked(party, unknown_rate=currency)
    return Asked(party, adds=amount if is_new else ZERO, total=amount, paid=lambda: in_books(paid(), currency, entity_id, books, actor) or ZERO)


def hold_for(
    party: Party, total: Decimal, currency: str, entity_id: int, actor: Actor, *, paid: Paid = nothing, is_new: bool = True
) -> dict[str, Any]:
    """Values for an order that is confirmed although the customer's credit does not allow it; nothing where it does. Until the
    transaction ends no other order of the customer is looked at."""
    asked = asked_for(party, total, currency, entity_id, actor, paid=paid, is_new=is_new)
    check = check_credit(asked, "order", actor, is_binding=True) if asked is not None else None
    if asked is None or check is None or check.is_passed or check.action != "hold":
        return {}
    values: dict[str, Any] = {"hold": check.reason, "held_at": actor.now}
    if check.prepay:
        values["prepayment"] = paid() + _in_document(check.prepay, asked, total, currency)
    return values


def _in_document(amount: Decimal, asked: Asked, total: Decimal, currency: str) -> Decimal:
    """An amount in the books' currency, in that of the document."""
    return amount if asked.total in (ZERO, total) else round_money(amount * total / asked.total, currency)


def check_of(document: Order | Quotation, actor: Actor) -> Check | None:
    """The figures as they are now, at the step that comes next; None where nobody limits this customer or nothing comes any more."""
    if isinstance(document, Quotation):
        step = "quotation" if document.status in ("draft", "sent", "accepted") else ""
    else:
        step = {"draft": "order", "confirmed": "shipment"}.get(document.status, "")
    if not step:
        return None
    if isinstance(document, Order) and step == "shipment":
        # On hold it is in no exposure; what it would add when it is released is what did not leave yet.
        asked = asked_again(document, actor)
        return look_at(asked, actor, step) if asked is not None else None
    return check_at(step, document.customer, document.total, document.currency, document.entity_id, actor)


def asked_again(order: Order, actor: Actor) -> Asked | None:
    """A confirmed order: free, it is in the exposure already; on hold, it would add what is still to come of it."""
    asked = asked_for(order.customer, order.total, order.currency, order.entity_id, actor, is_new=False, paid=paid_for(order))
    if asked is None or not order.hold or asked.unknown_rate:
        return asked
    amount = round_money(sum(_to_come(order.pk), ZERO), order.currency)
    return replace(asked, adds=in_books(amount, order.currency, order.entity_id, books_currency(order.customer.currency, actor), actor) or ZERO)


@known
def _to_come(order_id: int) -> Any:
    """Of each line, the value of what is neither delivered nor invoiced."""
    exact = DecimalField(max_digits=30, decimal_places=8)
    gone = Greatest(OrderLine.delivered_quantity.sql(), OrderLine.invoiced_quantity.sql())
    left = Greatest(F("quantity") - gone, Value(ZERO, exact), output_field=exact)
    lines = OrderLine.objects.filter(order=order_id).order_by()
    return lines.values_list(ExpressionWrapper(F("total") * left / F("quantity"), exact), flat=True)


def check_at(
    step: str, party: Party, total: Decimal, currency: str, entity_id: int, actor: Actor, *, paid: Paid = nothing, is_new: bool = True
) -> Check | None:
    """For pages and forms: what the check would say."""
    asked = asked_for(party, total, currency, entity_id, actor, paid=paid, is_new=is_new)
    return look_at(asked, actor, step) if asked is not None else None


def require_free(order: Order, step: str, actor: Actor) -> None:
    """Refused while the order is on hold, or where the policy stops this step and nobody released the order."""
    _require_free([order], step, actor)


def _require_free(orders: Sequence[Order], step: str, actor: Actor) -> None:
    sees = actor.rights.sees_right("see_receivables")
    for order in orders:
        if order.hold:
            words = _("Order %(order)s is on hold (%(why)s): nothing of it is delivered. Release it first.")
            raise OnHold(words % {"order": order.number, "why": " — ".join(filter(None, (order.get_hold_display(), order.hold_note)))})
        if order.is_cleared:
            continue
        asked = asked_for(order.customer, order.total, order.currency, order.entity_id, actor, is_new=False, paid=_whole(order))
        check = check_credit(asked, step, actor) if asked is not None else None
        if check is not None and not check.is_passed and check.action == "stop":
            said = " ".join(check.sentences(with_figures=sees))
            words = _("The credit of %(customer)s stops order %(order)s. %(why)s Take in money, or have the order released.")
            raise CreditStopped(words % {"customer": order.customer.called, "order": order.number, "why": said})


def _whole(order: Order) -> Paid:
    """Whether the prepayment is there was asked when the order was confirmed."""
    return lambda: order.total


def refuse_held(delivery: Delivery, lines: Sequence[DeliveryLine], day: date, actor: Actor) -> None:
    """Nothing leaves for an order on hold, nor against the policy, nor before the order came."""
    sources = [line.source_id for line in lines if line.source_model == "sales.orderline"]
    if not sources:
        return
    found = _states_behind(sources)
    for *_rest, ordered_on in found:
        require_after(ordered_on, day, "shipped_on")
    held = [Order(number=number, hold=hold, hold_note=note) for number, hold, note, _cleared, _on in found if hold]
    _require_free(held, "shipment", actor)
    if has_policies() and not all(cleared for _number, _hold, _note, cleared, _on in found):
        _require_free(_orders_behind(sources), "shipment", actor)


SHIPMENT_GUARDS.append(refuse_held)


@known
def _states_behind(line_ids: list[int]) -> Any:
    lines = OrderLine.objects.filter(pk__any=line_ids).values("order_id")
    return Order.objects.filter(pk__in=lines).values_list("number", "hold", "hold_note", "is_cleared", "ordered_on")


@known
def _orders_behind(line_ids: list[int]) -> Any:
    lines = OrderLine.objects.filter(pk__any=line_ids).values("order_id")
    return Order.objects.filter(pk__in=lines).select_related("customer")


def paid_for(order: Order) -> Paid:
    """Asked only where a policy wants a share of each order in advance."""
    return lambda: prepaid_for([order.pk])[order.pk]


def prepaid_for(order_ids: Sequence[int]) -> dict[int, Decimal]:
    """What was taken in against each order and was not taken back, in the order's currency."""
    found = dict.fromkeys(order_ids, ZERO)
    for order_id, quantity in _prepaid(list(order_ids)):
        found[order_id] += quantity
    return found


@known
def _prepaid(order_ids: list[int]) -> Any:
    standing = Receipt.objects.filter(status="posted", reverses__isnull=True).values("pk")
    links = Link.objects.filter(from_model="sales.order", from_id__any=order_ids, kind=PREPAID, to_model="finance.receipt", to_id__in=standing)
    return links.values_list("from_id", "quantity")


def to_pay_for(order: Order, actor: Actor) -> Decimal:
    """What has to be paid in advance for the order to pass, in its currency and no more than its total; all of it where credit does not ask."""
    if order.status == "confirmed":
        asked = asked_again(order, actor)
    else:
        asked = asked_for(order.customer, order.total, order.currency, order.entity_id, actor, paid=paid_for(order))
    check = look_at(asked, actor, "order") if asked is not None else None
    lacking = _in_document(check.to_prepay, asked, order.total, order.currency) if check is not None and asked is not None else ZERO
    return min(order.total, lacking) or order.total
