"""Returned goods arrive and are looked at; or both at once, at the counter."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.models import Delivery, GoodsReceipt
from guanxi.erp.inventory.operations import Verdict, release_returned, take_back
from guanxi.erp.returns.events import ReturnInspected, ReturnReceived
from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.erp.returns.operations.announcing import LABELS, Reason, ReturnedLine, Wish, announce_return, too_many
from guanxi.erp.returns.operations.settling import has_nothing_to_settle, settle_return
from guanxi.erp.returns.queries import all_good, as_announced, may_come_back, nothing_of, why_nothing_more_comes_back
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText, Quantity
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused, WhyNot
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_quantity


@dataclass
class ReceivedLine:
    """How much of an announced line came."""

    line: CustomerReturnLine
    quantity: Quantity


@dataclass
class InspectedLine:
    """What becomes of a line that came; together all of it."""

    line: CustomerReturnLine
    restocked: Quantity | None = None
    scrapped: Quantity | None = None
    sent_back: Quantity | None = None
    finding: str = ""

    @property
    def total(self) -> Decimal:
        return (self.restocked or ZERO) + (self.scrapped or ZERO) + (self.sent_back or ZERO)


@operation(
    label=gettext_lazy("Receive"), moves=CustomerReturn.lifecycle.to("received"), icon="package-import", labels=LABELS, proposes=as_announced,
)
def receive_return(
    customer_return: CustomerReturn, *, actor: Actor, lines: list[ReceivedLine] | None = None, received_on: date | None = None
) -> CustomerReturn:
    """The goods come into quarantine, at the cost with which they left; nobody can be promised them before they are inspected."""
    day = received_on or actor.today
    if day < customer_return.announced_on:
        raise Invalid({"received_on": [_("This is before the day on which it was announced.")]})
    rows = _rows(customer_return)
    deliveries = {
        row.pk: row for row in Delivery.objects.filter(pk__in={row.delivery_line.delivery_id for row in rows})
        .select_related("customer").order_by("pk").select_for_update(of=("self",), no_key=True)
    }
    came = {row.pk: row.announced for row in rows} if lines is None else _came(customer_return, rows, lines)
    by_delivery: dict[int, list[CustomerReturnLine]] = defaultdict(list)
    for row in rows:
        row.received = came.get(row.pk, ZERO)
        if row.received:
            by_delivery[row.delivery_line.delivery_id].append(row)
    if not by_delivery:
        raise Refused(_("Nothing came; cancel the return when nothing comes any more."))
    for pk, mine in sorted(by_delivery.items()):
        receipt = take_back(
            deliveries[pk], [(row.delivery_line, row.received) for row in mine], warehouse=customer_return.warehouse, actor=actor, day=day,
            note=f"{customer_return.number} {customer_return.get_reason_display()}",
        )
        for row, line in zip(mine, receipt.lines.order_by("position"), strict=True):
            row.receipt_line = line
    CustomerReturnLine.objects.bulk_update(rows, ["received", "receipt_line"])
    customer_return.assign(received_on=day)
    publish(
        ReturnReceived(customer_return.pk, customer_return.customer_id), subject=customer_return, party_id=customer_return.customer_id
    )
    return customer_return


def _rows(customer_return: CustomerReturn) -> list[CustomerReturnLine]:
    return list(customer_return.lines.select_related("product", "delivery_line", "delivery_line__product").order_by("position", "pk"))


def _came(customer_return: CustomerReturn, rows: list[CustomerReturnLine], given: list[ReceivedLine]) -> dict[int, Decimal]:
    """More than was announced may come, as long as the customer has it."""
    by_id = {row.pk: row for row in rows}
    left = may_come_back([row.delivery_line for row in rows], but=customer_return.pk)
    came: dict[int, Decimal] = {}
    errors: dict[str, list[str]] = {}
    for number, part in enumerate(given):
        row = by_id.get(part.line.pk)
        if row is None or row.pk in came:
            errors[f"lines.{number}.line"] = [_("This line does not belong to the return, or is here twice.")]
        elif not 0 <= part.quantity <= left[row.delivery_line_id]:
            errors[f"lines.{number}.quantity"] = [too_many(left[row.delivery_line_id])]
        else:
            came[row.pk] = part.quantity
            left[row.delivery_line_id] -= part.quantity
    if errors:
        raise Invalid(errors)
    return came


@operation(
    label=gettext_lazy("Inspect"), moves=CustomerReturn.lifecycle.to("inspected"), icon="clipboard-check", labels=LABELS, proposes=all_good,
)
def inspect_return(
    customer_return: CustomerReturn, *, actor: Actor, lines: list[InspectedLine] | None = None, inspected_on: date | None = None
) -> CustomerReturn:
    """Say what becomes of each line: back into stock, scrapped (Dr scrapped goods / Cr stock), or back to the customer without credit."""
    day = inspected_on or max(actor.today, customer_return.received_on or actor.today)
    if customer_return.received_on is not None and day < customer_return.received_on:
        raise Invalid({"inspected_on": [_("This is before the day on which the goods came.")]})
    rows = [row for row in _rows(customer_return) if row.received]
    if lines is None:
        lines = [InspectedLine(row, restocked=row.received) for row in rows]
    found = _judged(rows, lines)
    by_receipt: dict[int, list[Verdict]] = defaultdict(list)
    receipts = GoodsReceipt.objects.select_related("warehouse", "delivery__customer").in_bulk({
        row.receipt_line.receipt_id for row in rows if row.receipt_line is not None
    })
    for row in rows:
        one = found[row.pk]
        row.restocked, row.scrapped, row.sent_back = one.restocked or ZERO, one.scrapped or ZERO, one.sent_back or ZERO
        row.finding = one.finding[:200]
        assert row.receipt_line is not None
        row.receipt_line.product = row.product
        by_receipt[row.receipt_line.receipt_id].append(
            Verdict(row.receipt_line, row.delivery_line, row.restocked, row.scrapped, row.sent_back)
        )
    for pk, verdicts in sorted(by_receipt.items()):
        release_returned(receipts[pk], verdicts, actor=actor, day=day)
    CustomerReturnLine.objects.bulk_update(rows, ["restocked", "scrapped", "sent_back", "finding"])
    customer_return.assign(inspected_on=day)
    publish(
        ReturnInspected(customer_return.pk, customer_return.customer_id), subject=customer_return, party_id=customer_return.customer_id
    )
    return customer_return


def _judged(rows: list[CustomerReturnLine], given: list[InspectedLine]) -> dict[int, InspectedLine]:
    by_id = {row.pk: row for row in rows}
    found: dict[int, InspectedLine] = {}
    errors: dict[str, list[str]] = {}
    for number, part in enumerate(given):
        row = by_id.get(part.line.pk)
        if row is None or row.pk in found:
            errors[f"lines.{number}.line"] = [_("This line does not belong to the return, or is here twice.")]
            continue
        found[row.pk] = part
        if min(part.restocked or ZERO, part.scrapped or ZERO, part.sent_back or ZERO) < 0 or part.total != row.received:
            errors[f"lines.{number}.restocked"] = [
                _("Back into stock, scrapped and back to the customer have to come to %(quantity)s, which is what came.")
                % {"quantity": format_quantity(row.received)}
            ]
    missing = [row.description for row in rows if row.pk not in found]
    if missing and not errors:
        errors["lines"] = [_("Say what becomes of: %(lines)s.") % {"lines": ", ".join(missing)}]
    if errors:
        raise Invalid(errors)
    return found


@operation(
    label=gettext_lazy("Take back"), states=("shipped",), icon="arrow-back-up", labels=LABELS, proposes=nothing_of,
    unless=WhyNot(why_nothing_more_comes_back),
)
def return_goods(
    delivery: Delivery, *, actor: Actor, lines: list[ReturnedLine], reason: Reason = "other", wish: Wish = "credit", note: LongText = "",
    returned_on: date | None = None,
) -> CustomerReturn:
    """The short way: goods that are as new are announced, received and put back into stock in one act."""
    day = returned_on or actor.today
    made = announce_return(delivery, actor=actor, lines=lines, reason=reason, wish=wish, note=note, announced_on=day)
    receive_return(made, actor=actor, received_on=day)
    inspect_return(made, actor=actor, inspected_on=day)
    if has_nothing_to_settle(made):
        settle_return(made, actor=actor, settled_on=day)
    return made
