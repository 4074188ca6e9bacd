"""What would be refused is not offered, and says why; of many rows in one question (M22.1, M20.4)."""

from __future__ import annotations

from decimal import Decimal

from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.erp.contracts.operations import contract_order
from guanxi.erp.finance.operations import allocate_receipt, pay_invoice, release_receipt, reverse_invoice, reverse_receipt
from guanxi.erp.finance.operations.credits import CreditedLine, credit_invoice
from guanxi.erp.inventory.operations import adjust_stock
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, cancel_order, deliver_order, invoice_order, place_order
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.deeds.deed import Deed

D = Decimal


def placed(trade, quantity: int = 1) -> Order:
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(quantity))])


def again(row):
    return type(row).objects.get(pk=row.pk)


class TestOrders:
    def test_cancelling_is_offered_until_something_is_delivered(self, trade):
        order = placed(trade)
        draft = create_record(Order, {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "1"}]}, actor=trade.actor).result
        assert cancel_order.is_possible(draft) and cancel_order.is_possible(order)
        deliver_order(order, actor=trade.actor)
        order = again(order)
        words = "is delivered or invoiced: take that back first, reduce it by “Change order”, or complete it."
        assert cancel_order.why_not(order) == f"Part of order {order.number} {words}"
        assert not cancel_order.is_possible(order) and cancel_order.is_possible(draft)

    def test_of_many_orders_it_is_asked_in_one_question(self, trade):
        orders = [placed(trade) for _n in range(3)]
        for order in orders[:2]:
            deliver_order(order, actor=trade.actor)
        deed = Deed(Order, cancel_order.name)

        def surveyed(rows):
            with CaptureQueriesContext(connections["default"]) as caught:
                problems = deed.survey([row.pk for row in rows], trade.actor)
            return problems, len(caught)

        few, few_count = surveyed(orders[:1])
        many, many_count = surveyed(orders)
        assert [pk for pk, _why in many] == [orders[0].pk, orders[1].pk] and few == many[:1]
        assert many_count == few_count

    def test_a_contract_is_drawn_up_of_an_order_once(self, trade):
        order = placed(trade)
        assert contract_order.is_possible(order)
        contract = contract_order(order, actor=trade.actor)
        assert contract_order.why_not(order) == f"{order.number} belongs to contract {contract.number} already."


class TestMoney:
    def test_a_receipt_offers_what_can_be_done_with_its_money(self, trade):
        order = placed(trade)
        deliver_order(order, actor=trade.actor)
        invoice = invoice_order(order, actor=trade.actor)
        receipt = pay_invoice(invoice, actor=trade.actor, amount=D("11.30"))
        assert allocate_receipt.why_not(receipt) == f"All of {receipt.number} is allocated or paid back already."
        assert release_receipt.is_possible(receipt) and reverse_receipt.is_possible(receipt)
        release_receipt(receipt, actor=trade.actor)
        receipt = again(receipt)
        assert release_receipt.why_not(receipt) == f"Nothing of {receipt.number} is allocated."
        assert allocate_receipt.is_possible(receipt)
        opposite = reverse_receipt(receipt, actor=trade.actor)
        said = f"{opposite.number} is itself a reversal."
        assert [one.why_not(opposite) for one in (allocate_receipt, release_receipt, reverse_receipt)] == [said] * 3
        assert allocate_receipt.why_not(again(receipt)) == f"{receipt.number} is reversed."

    def test_an_invoice_credited_in_part_is_not_reversed(self, trade):
        order = placed(trade, 2)
        deliver_order(order, actor=trade.actor)
        invoice = invoice_order(order, actor=trade.actor)
        assert reverse_invoice.is_possible(invoice)
        credit_invoice(invoice, actor=trade.actor, reason="Scratched", lines=[CreditedLine(line=invoice.lines.get(), amount=D("5"))])
        assert reverse_invoice.why_not(again(invoice)).endswith("is credited: credit the rest, or post a new invoice.")

    def test_a_service_is_not_counted(self, trade):
        assert adjust_stock.is_possible(trade.screw)
        assert adjust_stock.why_not(trade.service) == f"{trade.service} is a service; there is nothing to count."
