"""The program and the model, told the same; after each act everything they say is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from guanxi.erp.finance.models import Invoice, Receipt, Refund
from guanxi.erp.finance.operations import (
    allocate_receipt,
    record_receipt,
    refund_receipt,
    release_receipt,
    reverse_invoice,
    reverse_receipt,
    reverse_refund,
)
from guanxi.erp.finance.tests.world import customer, product, proved
from guanxi.erp.inventory.models import Delivery, DeliveryLine
from guanxi.erp.inventory.operations import ShippedLine, ship_delivery
from guanxi.erp.inventory.tests.world import receive
from guanxi.erp.returns.operations import ReturnedLine, return_goods
from guanxi.erp.sales.changes.changing import ChangedLine, cancel_order_line, change_order
from guanxi.erp.sales.credit.holds import ask_prepayment, hold_order, release_order
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    cancel_order,
    confirm_order,
    create_delivery,
    invoice_order,
    place_order,
)
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.catalog.models import Product
from tests.ledgers.agreement import CUSTOMERS, said, should
from tests.ledgers.model import Model

PRICES, STANDARD_COSTS, OPENING = (1234, 1999), (500, 1100), (333, 1001)
PIECES = 7


def money(cents: int) -> Decimal:
    return Decimal(cents) / 100


def take_back(line: DeliveryLine, pieces: int, actor: Any) -> None:
    """A customer brings goods back into stock: the one place to change when that goes another way."""
    return_goods(line.delivery, actor=actor, lines=[ReturnedLine(line, Decimal(pieces))], wish="exchange")


class World:
    """What every sequence begins with: made once."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        prices = zip(PRICES, STANDARD_COSTS, strict=True)
        self.products = [product(actor, f"P{n}", list_price=str(money(p)), standard_cost=str(money(c))) for n, (p, c) in enumerate(prices)]
        self.customers = [customer(actor, f"Customer {n}") for n in range(CUSTOMERS)]
        deliver_all("alpha")


class Business:
    """What happens names documents by any number: it is taken around the list of those there are, and without any nothing happens.

    Three numbers in four are taken around those to which it can happen at all: so stories go on, and refusals are met as well.
    """

    def __init__(self, world: World, counts: Counter[str] | None = None) -> None:
        self.actor, self.customers = world.actor, world.customers
        self.products = list(Product.objects.filter(pk__in=[row.pk for row in world.products]).order_by("pk"))
        self.model = Model(PRICES, STANDARD_COSTS)
        self.counts: Counter[str] = Counter() if counts is None else counts
        self.orders: dict[int, int] = {}
        self.lines: dict[int, int] = {}
        self.deliveries: dict[int, int] = {}
        self.parts: dict[tuple[int, int], int] = {}
        self.invoices: dict[int, int] = {}
        self.receipts: dict[int, int] = {}
        self.refunds: dict[int, int] = {}
        for item, cost in enumerate(OPENING):
            self.happen(("receive", item, PIECES, cost))

    def happen(self, action: tuple) -> None:
        """One act, told to both; then what the worker does of it."""
        outcome = getattr(self, "on_" + action[0])(*action[1:])
        if outcome is not None:
            self.counts[f"{action[0]} {'done' if outcome else 'refused'}"] += 1
            deliver_all("alpha")
            self.agree()

    def _both(self, is_allowed: bool, act: Callable[[], Any]) -> tuple[bool, Any]:
        """The program refuses what the model refuses, and nothing else."""
        try:
            with transaction.atomic():
                result = act()
        except Refused as refusal:
            assert not is_allowed, f"refused, but should be possible: {refusal}"
            return False, None
        assert is_allowed, "done, but should be refused"
        return True, result

    # ---- goods and prices -----------------------------------------------------------------------------------------

    def on_receive(self, item: int, pieces: int, unit_cost: int) -> bool:
        receive(self.actor, (self.products[item], str(pieces), str(money(unit_cost))))
        return self.model.receive(item, pieces, unit_cost)

    def on_reprice(self, item: int, price: int) -> bool:
        change_record(Product.objects.get(pk=self.products[item].pk), {"list_price": str(money(price))}, actor=self.actor)
        self.products[item].refresh_from_db()
        self.model.prices[item] = price
        return True

    # ---- orders ---------------------------------------------------------------------------------------------------

    def on_place(self, party: int, wanted: Sequence[tuple[int, int, int]]) -> bool:
        key = self.model.enter(party, wanted)
        lines = [WantedLine(self.products[item], Decimal(pieces), discount=money(off)) for item, pieces, off in wanted]
        order = place_order(self.customers[party], actor=self.actor, lines=lines)
        return self._know(key, order.pk)

    def on_draft(self, party: int, wanted: Sequence[tuple[int, int, int]]) -> bool:
        key = self.model.enter(party, wanted, is_draft=True)
        lines = [{"product": self.products[item].pk, "quantity": str(pieces), "discount": str(money(off))} for item, pieces, off in wanted]
        values = {"customer": self.customers[party].pk, "lines": lines}
        return self._know(key, create_record(Order, values, actor=self.actor).result.pk)

    def _know(self, key: int, pk: int) -> bool:
        """Which of the program's rows are which of the model's."""
        self.orders[key] = pk
        found = OrderLine.objects.filter(order=pk).order_by("position").values_list("pk", flat=True)
        self.lines |= dict(zip(self.model.orders[key].lines, found, strict=True))
        return True

    def _order(self, number: int, is_likely: Callable[[int, Any], bool]) -> tuple[int, Order]:
        key = _chosen(self.model.orders, number, is_likely)
        return key, Order.objects.get(pk=self.orders[key])

    def _is_open(self, key: int, order: Any) -> bool:
        return order.status == "confirmed" and not order.hold and any(self.model.rest(key).values())

    def _is_unbilled(self, _key: int, order: Any) -> bool:
        return any(self.model.lines[line].delivered > self.model.lines[line].invoiced for line in order.lines)

    def on_confirm(self, number: int) -> bool | None:
        if not self.orders:
            return None
        key, order = self._order(number, _is_draft)
        return self._both(self.model.confirm(key), lambda: confirm_order(order, actor=self.actor))[0]

    def on_change(self, number: int, edits: Sequence[tuple[str, int]], added: Sequence[tuple[int, int]]) -> bool | None:
        """Of each line in turn: it stays, goes, or gets another quantity or price; then new ones."""
        if not self.orders:
            return None
        key, order = self._order(number, _is_confirmed)
        kept, said, rows = [], [], OrderLine.objects.in_bulk([self.lines[one] for one in self.model.orders[key].lines])
        for at, one in enumerate(self.model.orders[key].lines):
            line, (what, figure) = self.model.lines[one], edits[at] if at < len(edits) else ("stay", 0)
            row = rows[self.lines[one]]
            if what == "pieces":
                kept.append((one, figure % 12, line.price))
                said.append(ChangedLine(row, quantity=Decimal(figure % 12)))
            elif what == "price":
                kept.append((one, line.quantity, figure))
                said.append(ChangedLine(row, unit_price=money(figure)))
            elif what == "stay":
                kept.append((one, line.quantity, line.price))
                said.append(ChangedLine(row))
        said += [ChangedLine(product=self.products[item], quantity=Decimal(pieces)) for item, pieces in added]
        is_done, _order = self._both(self.model.change(key, kept, added), lambda: change_order(order, actor=self.actor, lines=said))
        return self._know(key, order.pk) and is_done

    def on_end_line(self, number: int, which: int) -> bool | None:
        if not self.orders:
            return None
        key, order = self._order(number, _is_confirmed)
        one = self.model.orders[key].lines[which % len(self.model.orders[key].lines)]
        row = OrderLine.objects.get(pk=self.lines[one])
        return self._both(self.model.end_line(one), lambda: cancel_order_line(row, actor=self.actor))[0]

    def on_cancel(self, number: int) -> bool | None:
        if not self.orders:
            return None
        key, order = self._order(number, _is_confirmed)
        return self._both(self.model.cancel(key), lambda: cancel_order(order, actor=self.actor))[0]

    def on_hold(self, number: int) -> bool | None:
        if not self.orders or self.model.orders[self._order(number, _is_confirmed)[0]].hold:
            return None
        key, order = self._order(number, _is_confirmed)
        return self._both(self.model.hold(key, "other"), lambda: hold_order(order, actor=self.actor))[0]

    def on_release(self, number: int) -> bool | None:
        if not self.orders:
            return None
        key, order = self._order(number, _is_held)
        return self._both(self.model.release(key), lambda: release_order(order, actor=self.actor))[0]

    # ---- deliveries and returns -----------------------------------------------------------------------------------

    def on_plan(self, number: int, pieces: Sequence[int]) -> bool | None:
        """So many pieces of the order's lines in turn; all that is left without any."""
        if not self.orders:
            return None
        key, order = self._order(number, self._is_open)
        wanted = {one: count for one, count in zip(self.model.orders[key].lines, pieces, strict=False) if count}
        rows = OrderLine.objects.in_bulk([self.lines[one] for one in wanted])
        said = [PartialLine(rows[self.lines[one]], Decimal(count)) for one, count in wanted.items()] if pieces else None
        is_planned = self.model.plan(key, wanted if pieces else None)
        is_done, delivery = self._both(is_planned, lambda: create_delivery(order, actor=self.actor, lines=said))
        if is_done:
            new = list(self.model.deliveries)[-1]
            self.deliveries[new] = delivery.pk
            lines = delivery.lines.order_by("position").values_list("pk", flat=True)
            self.parts |= {(new, one): pk for one, pk in zip(self.model.deliveries[new].parts, lines, strict=True)}
        return is_done

    def on_deliver(self, number: int, pieces: Sequence[int]) -> bool | None:
        """Planned and shipped at once."""
        is_planned = self.on_plan(number, pieces)
        return self._ship(list(self.deliveries)[-1], 0) if is_planned else is_planned

    def on_ship(self, number: int, less: int) -> bool | None:
        if not self.deliveries:
            return None
        return self._ship(_chosen(self.model.deliveries, number, _is_draft), less)

    def _ship(self, key: int, less: int) -> bool:
        delivery = Delivery.objects.get(pk=self.deliveries[key])
        said = [ShippedLine(row, max(Decimal(0), row.quantity - less)) for row in delivery.lines.all()]
        return self._both(self.model.ship(key, less), lambda: ship_delivery(delivery, actor=self.actor, lines=said))[0]

    def on_return(self, number: int, which: int, pieces: int) -> bool | None:
        shipped = [key for key, one in self.model.deliveries.items() if one.status == "shipped"]
        if not shipped:
            return None
        key = shipped[number % len(shipped)]
        one = list(self.model.deliveries[key].parts)[which % len(self.model.deliveries[key].parts)]
        line = DeliveryLine.objects.select_related("delivery").get(pk=self.parts[key, one])
        return self._both(self.model.take_back(key, one, pieces), lambda: take_back(line, pieces, self.actor))[0]

    # ---- invoices and money ---------------------------------------------------------------------------------------

    def on_bill(self, number: int) -> bool | None:
        if not self.orders:
            return None
        key, order = self._order(number, self._is_unbilled)
        is_done, invoice = self._both(self.model.bill(key), lambda: invoice_order(order, actor=self.actor))
        if is_done:
            self.invoices[list(self.model.invoices)[-1]] = invoice.pk
        return is_done

    def on_credit(self, number: int) -> bool | None:
        if not self.invoices:
            return None
        key = list(self.invoices)[number % len(self.invoices)]
        invoice = Invoice.objects.get(pk=self.invoices.pop(key))
        return self._both(self.model.credit(key), lambda: reverse_invoice(invoice, actor=self.actor))[0]

    def on_pay(self, party: int, amount: int) -> bool:
        receipt = record_receipt(self.customers[party], actor=self.actor, amount=money(amount))
        self.model.pay(party, amount)
        return self._know_money(receipt)

    def _know_money(self, receipt: Receipt) -> bool:
        self.receipts[list(self.model.receipts)[-1]] = receipt.pk
        return True

    def on_prepay(self, number: int, amount: int) -> bool | None:
        if not self.orders:
            return None
        key, order = self._order(number, _is_confirmed)
        is_allowed = self.model.prepay(key, amount)
        is_done, receipt = self._both(is_allowed, lambda: receive_prepayment(order, actor=self.actor, amount=money(amount)))
        return is_done and self._know_money(receipt)

    def on_ask_prepayment(self, number: int, amount: int) -> bool | None:
        if not self.orders or self.model.orders[self._order(number, _is_confirmed)[0]].hold not in ("", "prepayment"):
            return None
        key, order = self._order(number, _is_confirmed)
        is_allowed = self.model.ask_prepayment(key, amount)
        return self._both(is_allowed, lambda: ask_prepayment(order, actor=self.actor, amount=money(amount)))[0]

    def _receipt(self, number: int) -> tuple[int, Receipt]:
        key = list(self.receipts)[number % len(self.receipts)]
        return key, Receipt.objects.get(pk=self.receipts[key])

    def on_allocate(self, number: int) -> bool | None:
        if not self.receipts:
            return None
        key, receipt = self._receipt(number)
        return self._both(self.model.allocate(key), lambda: allocate_receipt(receipt, actor=self.actor))[0]

    def on_free_money(self, number: int) -> bool | None:
        if not self.receipts:
            return None
        key, receipt = self._receipt(number)
        return self._both(self.model.free_money(key), lambda: release_receipt(receipt, actor=self.actor))[0]

    def on_bounce(self, number: int) -> bool | None:
        if not self.receipts:
            return None
        key, receipt = self._receipt(number)
        is_done = self._both(self.model.bounce(key), lambda: reverse_receipt(receipt, actor=self.actor))[0]
        if is_done:
            del self.receipts[key]
        return is_done

    def on_pay_back(self, number: int, amount: int) -> bool | None:
        """Every second time all that is free."""
        if not self.receipts:
            return None
        key = _chosen(self.model.receipts, number, lambda _key, one: one.free > 0)
        receipt = Receipt.objects.get(pk=self.receipts[key])
        amount = amount if amount % 2 else self.model.receipts[key].free
        is_allowed = self.model.pay_back(key, amount)
        is_done, refund = self._both(is_allowed, lambda: refund_receipt(receipt, actor=self.actor, amount=money(amount)))
        if is_done:
            self.refunds[list(self.model.refunds)[-1]] = refund.pk
        return is_done

    def on_take_refund_back(self, number: int) -> bool | None:
        if not self.refunds:
            return None
        key = list(self.refunds)[number % len(self.refunds)]
        refund = Refund.objects.get(pk=self.refunds.pop(key))
        return self._both(self.model.take_refund_back(key), lambda: reverse_refund(refund, actor=self.actor))[0]

    # ---- what both say --------------------------------------------------------------------------------------------

    def agree(self) -> None:
        """Everything the program says is what the model says."""
        is_said, is_right = said(self), should(self.model)
        names = sorted(name for name in {*is_said, *is_right} if is_said.get(name) != is_right.get(name))
        wrong = [f"{name}: {is_said.get(name)} instead of {is_right.get(name)}" for name in names]
        assert not wrong, "\n".join(wrong)

    def prove(self) -> None:
        """The statements of `guanxi check`, and those that the database makes at the end of a transaction."""
        assert proved() == []
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")


def _chosen(found: dict[int, Any], number: int, is_likely: Callable[[int, Any], bool]) -> int:
    likely = [key for key, one in found.items() if is_likely(key, one)] if number % 4 else []
    return (likely or list(found))[number % len(likely or found)]


def _is_confirmed(_key: int, order: Any) -> bool:
    return order.status == "confirmed"


def _is_draft(_key: int, document: Any) -> bool:
    return document.status == "draft"


def _is_held(_key: int, order: Any) -> bool:
    return bool(order.hold)
