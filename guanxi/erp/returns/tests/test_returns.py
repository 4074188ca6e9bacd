"""Goods that come back: announced, in quarantine, inspected, settled by credit or new goods (M14.3, M14.4, M14.6)."""

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Invoice, Refund
from guanxi.erp.finance.operations import CreditedLine, credit_invoice, record_receipt
from guanxi.erp.finance.tests.world import balances, proved
from guanxi.erp.inventory.models import StockBalance
from guanxi.erp.inventory.operations import DeliveryDraft, draft_delivery, ship_delivery
from guanxi.erp.inventory.queries import default_warehouse, stock_of
from guanxi.erp.returns.operations import (
    InspectedLine,
    ReceivedLine,
    ReturnedLine,
    ReturnedOrderLine,
    announce_order_return,
    announce_return,
    cancel_return,
    inspect_return,
    receive_return,
    refund_return,
    return_goods,
    settle_return,
)
from guanxi.erp.returns.queries import all_good, as_announced, nothing_of, nothing_of_order, returnable, to_pay_back
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import PartialLine, WantedLine, cancel_order, deliver_order, invoice_order, place_order
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.acts.writer import delete_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused

D = Decimal


def sold(trade, quantity="10", *, billed=True, more=()):
    """(order, delivery, invoice) of so many screws at 10.00 that cost 6.00; done once it is billed."""
    wanted = [WantedLine(product=trade.screw, quantity=D(quantity)), *(WantedLine(product=p, quantity=D(q)) for p, q in more)]
    order = place_order(trade.customer, actor=trade.actor, lines=wanted)
    delivery = deliver_order(order, actor=trade.actor)
    invoice = invoice_order(order, actor=trade.actor) if billed else None
    deliver_all("alpha")
    order = Order.objects.get(pk=order.pk)
    return order, delivery, invoice


def announced(trade, delivery, quantity, **values):
    return announce_return(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.first(), D(quantity))], **values)


def received(trade, delivery, quantity, **values):
    return receive_return(announced(trade, delivery, quantity, **values), actor=trade.actor)


def judged(trade, back, restocked="0", scrapped="0", sent_back="0", finding=""):
    line = back.lines.get()
    return inspect_return(back, actor=trade.actor, lines=[InspectedLine(line, D(restocked), D(scrapped), D(sent_back), finding)])


def in_quarantine(item):
    return sum(StockBalance.objects.filter(product=item, location__kind="quarantine").values_list("on_hand", flat=True), D(0))


def progress(order):
    rows = OrderLine.objects.filter(order=order).order_by("position").annotate(
        d=OrderLine.delivered_quantity.sql(), i=OrderLine.invoiced_quantity.sql()
    )
    return [(row.quantity, row.d, row.i) for row in rows]


def test_ten_were_sold_four_came_back_one_is_sent_back_and_three_are_credited(trade):
    """The story of a return, with the books at every step."""
    order, delivery, invoice = sold(trade)
    assert (order.status, invoice.total) == ("done", 113)
    record_receipt(trade.customer, actor=trade.actor, amount=D(113), received_on=trade.actor.today)
    before = balances(trade.actor)
    assert (before["stock"], before["cost_of_sales"], before["revenue"], before.get("receivable", 0)) == (545, 60, -100, 0)

    back = announced(trade, delivery, "4", reason="defective", note="Thread is rough")
    assert (back.status, back.number[:3], back.customer, back.owner_id) == ("announced", "RT-", trade.customer, delivery.owner_id)
    assert balances(trade.actor) == before and as_announced(back, trade.actor)["lines"][0]["quantity"] == 4

    receive_return(back, actor=trade.actor)
    books = balances(trade.actor)
    assert (books["stock"], books["cost_of_sales"]) == (569, 36), "4 at the 6.00 with which they left"
    assert (in_quarantine(trade.screw), stock_of([trade.screw.pk])[trade.screw.pk].available) == (4, 90)
    assert progress(order) == [(10, 6, 10)] and proved() == []

    judged(trade, back, restocked="2", scrapped="1", sent_back="1", finding="One as new, one bent")
    books = balances(trade.actor)
    assert (books["stock"], books["cost_of_sales"], books["scrap"]) == (557, 42, 6)
    assert (in_quarantine(trade.screw), stock_of([trade.screw.pk])[trade.screw.pk].available) == (0, 92)
    assert progress(order) == [(10, 7, 10)] and proved() == []

    settle_return(back, actor=trade.actor)
    [note] = Invoice.objects.filter(credits=invoice)
    assert (note.net, note.tax, note.total, note.note) == (-30, D("-3.90"), D("-33.90"), f"{back.number} Defective")
    books = balances(trade.actor)
    assert (books["revenue"], books["output_tax"], books["receivable"]) == (-70, D("-9.10"), D("-33.90")), "paid before: now an advance"
    line = back.lines.get()
    assert (back.status, line.credited, line.replaced, line.finding) == ("settled", 3, 0, "One as new, one bent")
    assert progress(order) == [(10, 7, 7)] and [left for _line, left in returnable(delivery)] == [7]
    deliver_all("alpha")
    assert Order.objects.get(pk=order.pk).status == "done" and proved() == []

    assert to_pay_back(back) == D("33.90")
    for wrong in ("0", "33.91"):
        with pytest.raises(Invalid, match="Between 0 and ¥33.90"):
            refund_return(back, actor=trade.actor, amount=D(wrong))
    refund_return(back, actor=trade.actor, amount=D("30"))
    refund_return(back, actor=trade.actor, reference="B-12")
    found = [(refund.amount, refund.credit_note, refund.note) for refund in Refund.objects.order_by("pk")]
    assert (found, to_pay_back(back)) == ([(D("30.00"), note, back.number), (D("3.90"), note, back.number)], 0)
    books = balances(trade.actor)
    assert (books.get("receivable", 0), books["bank"]) == (0, D("79.10")) and proved() == []
    with pytest.raises(Refused, match="nothing to pay back"):
        refund_return(back, actor=trade.actor)


def test_what_was_credited_and_never_paid_is_not_paid_back(trade):
    _order, delivery, _invoice = sold(trade)
    back = return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(4))])
    settle_return(back, actor=trade.actor)
    assert to_pay_back(back) == 0
    with pytest.raises(Refused, match="nothing to pay back"):
        refund_return(back, actor=trade.actor)


class TestComing:
    def test_no_more_is_announced_or_comes_than_the_customer_has(self, trade):
        _order, delivery, _invoice = sold(trade)
        first = announced(trade, delivery, "7")
        assert [left for _line, left in returnable(delivery)] == [3] and nothing_of(delivery, trade.actor)["lines"][0]["quantity"] == 0
        with pytest.raises(Invalid, match="Between 0 and 3"):
            announced(trade, delivery, "4")
        second = announced(trade, delivery, "2")
        with pytest.raises(Invalid, match="Between 0 and 8"):
            receive_return(first, actor=trade.actor, lines=[ReceivedLine(first.lines.get(), D(9))])
        receive_return(first, actor=trade.actor, lines=[ReceivedLine(first.lines.get(), D(8))])
        receive_return(second, actor=trade.actor)
        assert returnable(delivery) == [] and in_quarantine(trade.screw) == 10 and proved() == []

    def test_what_is_cancelled_may_be_announced_again_and_what_came_is_not_cancelled(self, trade):
        _order, delivery, _invoice = sold(trade)
        first = cancel_return(announced(trade, delivery, "10"), actor=trade.actor, note="keeps them")
        assert (first.status, first.note) == ("cancelled", "keeps them")
        again = received(trade, delivery, "10")
        for forbidden in (lambda: cancel_return(again, actor=trade.actor), lambda: delete_record(again, actor=trade.actor),
                          lambda: settle_return(again, actor=trade.actor), lambda: receive_return(again, actor=trade.actor)):
            with pytest.raises(Refused):
                forbidden()

    def test_nothing_another_delivery_s_line_and_a_draft_are_refused(self, trade):
        _order, delivery, _invoice = sold(trade)
        _second, other, _bill = sold(trade, "1")
        with pytest.raises(Refused, match="nothing to take back"):
            announced(trade, delivery, "0")
        with pytest.raises(Invalid, match="another delivery"):
            announce_return(delivery, actor=trade.actor, lines=[ReturnedLine(other.lines.get(), D(1))])
        with pytest.raises(Refused, match="Nothing came"):
            receive_return(announced(trade, delivery, "1"), actor=trade.actor, lines=[])

    def test_from_an_order_the_newest_delivery_gives_first(self, trade):
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])
        line = order.lines.get()
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line, D(6))])
        second = deliver_order(order, actor=trade.actor)
        assert nothing_of_order(order, trade.actor) == {"lines": [{"line": line.pk, "quantity": 0}]}
        back = announce_order_return(order, actor=trade.actor, lines=[ReturnedOrderLine(line, D(5))], reason="not_wanted")
        assert [(one.delivery_line.delivery_id == second.pk, one.announced) for one in back.lines.all()] == [(True, 4), (False, 1)]
        receive_return(back, actor=trade.actor)
        inspect_return(back, actor=trade.actor)
        assert progress(order) == [(10, 5, 0)] and proved() == []
        with pytest.raises(Invalid, match="Between 0 and 5"):
            announce_order_return(order, actor=trade.actor, lines=[ReturnedOrderLine(line, D(6))])


class TestInspecting:
    def test_all_that_came_is_judged_and_no_more(self, trade):
        _order, delivery, _invoice = sold(trade)
        back = received(trade, delivery, "4")
        for parts in (("2", "1", "0"), ("5", "0", "0"), ("5", "-1", "0")):
            with pytest.raises(Invalid, match="have to come to 4"):
                judged(trade, back, *parts)
        with pytest.raises(Invalid, match="Say what becomes of: SCREW"):
            inspect_return(back, actor=trade.actor, lines=[])
        assert all_good(back, trade.actor)["lines"][0]["restocked"] == 4
        assert inspect_return(back, actor=trade.actor).status == "inspected" and stock_of([trade.screw.pk])[trade.screw.pk].available == 94

    def test_what_waits_for_goods_gets_them_only_once_they_are_inspected(self, trade):
        _order, delivery, _invoice = sold(trade, "10")
        waiting = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(92))])
        back = received(trade, delivery, "4")
        deliver_all("alpha")
        reserved = lambda: OrderLine.objects.filter(order=waiting).annotate(r=OrderLine.reserved_quantity.sql()).get().r  # noqa: E731
        assert reserved() == 90
        judged(trade, back, restocked="3", scrapped="1")
        deliver_all("alpha")
        assert reserved() == 92 and proved() == []


class TestSettling:
    def test_what_is_not_billed_yet_is_not_billed_and_the_order_ends_with_what_was_kept(self, trade):
        order, delivery, _none = sold(trade, billed=False)
        back = judged(trade, received(trade, delivery, "4"), restocked="4")
        settle_return(back, actor=trade.actor)
        assert not Invoice.objects.exists() and progress(order) == [(6, 6, 0)]
        assert invoice_order(order, actor=trade.actor).net == 60
        deliver_all("alpha")
        assert Order.objects.get(pk=order.pk).status == "done" and proved() == []

    def test_an_order_of_which_everything_came_back_is_done(self, trade):
        order, delivery, _none = sold(trade, billed=False)
        settle_return(judged(trade, received(trade, delivery, "10"), scrapped="10"), actor=trade.actor)
        assert Order.objects.get(pk=order.pk).status == "done" and proved() == []

    def test_two_invoices_are_credited_by_what_each_billed(self, trade):
        from guanxi.erp.sales.operations import PartialLine

        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])
        line, bills = order.lines.get(), []
        for part in (6, 4):
            deliver_order(order, actor=trade.actor, lines=[PartialLine(line, D(part))])
            bills.append(invoice_order(order, actor=trade.actor))
        back = announce_order_return(order, actor=trade.actor, lines=[ReturnedOrderLine(line, D(7))])
        receive_return(back, actor=trade.actor)
        inspect_return(back, actor=trade.actor)
        settle_return(back, actor=trade.actor)
        assert [Invoice.objects.get(credits=bill).net for bill in bills] == [-30, -40]
        assert progress(order)[0][1:] == (3, 3) and proved() == []

    def test_nothing_is_credited_for_what_went_back_to_the_customer(self, trade):
        order, delivery, _invoice = sold(trade)
        back = settle_return(judged(trade, received(trade, delivery, "4"), sent_back="4"), actor=trade.actor)
        assert back.status == "settled" and Invoice.objects.count() == 1 and progress(order) == [(10, 10, 10)]
        assert balances(trade.actor)["cost_of_sales"] == 60 and proved() == []


class TestExchange:
    def test_an_order_that_is_done_is_credited_and_ordered_again_at_its_price(self, trade):
        order, delivery, invoice = sold(trade)
        trade.screw.list_price = D(99)
        trade.screw.save()
        back = settle_return(judged(trade, received(trade, delivery, "4", wish="exchange"), restocked="1", scrapped="3"), actor=trade.actor)
        again = Order.objects.exclude(pk=order.pk).get()
        assert (again.status, again.net, again.customer, again.note) == ("confirmed", 40, trade.customer, back.number)
        assert again.total + Invoice.objects.get(credits=invoice).total == 0, "a zero difference"
        assert (back.lines.get().credited, back.lines.get().replaced) == (4, 4)
        deliver_order(again, actor=trade.actor)
        assert invoice_order(again, actor=trade.actor).total == D("45.20") and proved() == []

    def test_an_open_order_brings_the_new_goods_itself(self, trade):
        order, delivery, _none = sold(trade, billed=False)
        invoice = invoice_order(order, actor=trade.actor)
        back = settle_return(judged(trade, received(trade, delivery, "4", wish="exchange"), scrapped="4"), actor=trade.actor)
        assert Invoice.objects.get() == invoice and Order.objects.get() == order and back.lines.get().replaced == 4
        deliver_order(order, actor=trade.actor)
        assert progress(order) == [(10, 10, 10)] and proved() == []

    def test_a_sample_is_replaced_by_another_delivery(self, trade):
        draft = DeliveryDraft(source=None, product=trade.screw, quantity=D(2), unit=trade.screw.unit, factor=D(1), description="Sample")
        sample = run_act("test.deliver", actor=trade.actor, body=lambda _scope: draft_delivery(
            trade.customer, warehouse=default_warehouse(trade.actor.entity_id), lines=[draft], actor=trade.actor
        )).result
        ship_delivery(sample, actor=trade.actor)
        back = settle_return(judged(trade, received(trade, sample, "1", wish="exchange"), scrapped="1"), actor=trade.actor)
        assert back.lines.get().replaced == 1 and back.lines.get().credited == 0 and proved() == []


class TestShortWay:
    def test_good_goods_are_taken_back_in_one_act(self, trade):
        order, delivery, _none = sold(trade, billed=False)
        back = return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(3))], note="too many")
        line = back.lines.get()
        assert (back.status, line.received, line.restocked, in_quarantine(trade.screw)) == ("settled", 3, 3, 0)
        assert progress(order) == [(7, 7, 0)] and proved() == []

    def test_what_is_billed_waits_for_finance(self, trade):
        _order, delivery, invoice = sold(trade)
        back = return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(3))])
        assert back.status == "inspected" and not Invoice.objects.filter(credits=invoice).exists()
        assert settle_return(back, actor=trade.actor).status == "settled" and Invoice.objects.get(credits=invoice).net == -30


    def test_what_an_open_order_brings_again_needs_no_one(self, trade):
        order, delivery, _none = sold(trade, billed=False)
        back = return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(3))], reason="wrong_item", wish="exchange")
        assert back.status == "settled" and progress(order) == [(10, 7, 0)]


class TestRights:
    def test_sales_announces_the_warehouse_inspects_and_finance_settles(self, trade, member):
        seller, keeper, accountant = member("salesperson"), member("storekeeper"), member("accountant")
        _order, delivery, _invoice = sold(trade)
        delivery.owner_id = seller.member_id
        delivery.save()
        back = announce_return(delivery, actor=seller, lines=[ReturnedLine(delivery.lines.get(), D(1))])
        for who, act in ((seller, receive_return), (accountant, receive_return)):
            with pytest.raises(Refused, match="may not"):
                act(back, actor=who)
        receive_return(back, actor=keeper)
        inspect_return(back, actor=keeper)
        for who in (seller, keeper):
            with pytest.raises(Refused, match="may not"):
                settle_return(back, actor=who)
        assert settle_return(back, actor=accountant).status == "settled"


class TestDeliveredAgain:
    """Ten were ordered, six delivered and billed; of these two came back."""

    @pytest.fixture
    def part(self, trade):
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10), unit_price=D("3.333333"))])
        delivery = deliver_order(order, actor=trade.actor, lines=[PartialLine(order.lines.get(), D(6))])
        return order, delivery, invoice_order(order, actor=trade.actor)

    def taken_back(self, trade, delivery, pieces, wish):
        return return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(pieces))], wish=wish)

    def billed(self, delivery):
        """What invoices name of its line."""
        links = Link.objects.filter(from_model="inventory.deliveryline", from_id=delivery.lines.get().pk, kind="invoice")
        return sum(links.values_list("quantity", flat=True))

    def test_for_credit_the_order_asks_for_two_less_and_bills_the_rest_to_the_cent(self, trade, part):
        order, delivery, invoice = part
        settle_return(self.taken_back(trade, delivery, 2, "credit"), actor=trade.actor)
        assert (invoice.net, Invoice.objects.get(credits=invoice).net) == (20, D("-6.67"))
        assert progress(order) == [(8, 4, 4)] and Order.objects.get(pk=order.pk).net == D("26.67")
        again = deliver_order(Order.objects.get(pk=order.pk), actor=trade.actor)
        rest = invoice_order(order, actor=trade.actor)
        assert (rest.lines.get().quantity, rest.net, progress(order)) == (4, D("13.34"), [(8, 8, 8)])
        assert (self.billed(delivery), self.billed(again)) == (4, 4)
        deliver_all("alpha")
        assert Order.objects.get(pk=order.pk).status == "done" and balances(trade.actor)["revenue"] == D("-26.67") and proved() == []

    def test_in_exchange_the_two_are_not_billed_a_second_time(self, trade, part):
        order, delivery, _invoice = part
        self.taken_back(trade, delivery, 2, "exchange")
        assert progress(order) == [(10, 4, 6)]
        with pytest.raises(Refused, match="nothing to invoice"):
            invoice_order(order, actor=trade.actor)
        again = deliver_order(order, actor=trade.actor)
        rest = invoice_order(order, actor=trade.actor)
        assert (rest.lines.get().quantity, rest.net, progress(order)) == (4, D("13.33"), [(10, 10, 10)])
        assert (self.billed(delivery), self.billed(again)) == (6, 4) and proved() == []

    def test_credited_by_hand_and_delivered_again_they_are_billed_again(self, trade, part):
        order, delivery, invoice = part
        self.taken_back(trade, delivery, 2, "exchange")
        credit_invoice(invoice, actor=trade.actor, lines=[CreditedLine(invoice.lines.get(), D(2))])
        assert progress(order) == [(10, 4, 4)]
        again = deliver_order(order, actor=trade.actor)
        rest = invoice_order(order, actor=trade.actor)
        assert (rest.lines.get().quantity, rest.net, progress(order)) == (6, D("20.00"), [(10, 10, 10)])
        assert (self.billed(delivery), self.billed(again)) == (4, 6), "each piece once, at the delivery that brought it"
        assert balances(trade.actor)["revenue"] == D("-33.33") and proved() == []


class TestCancelling:
    def test_an_order_of_which_all_came_back_and_is_credited_is_cancelled_for_the_rest(self, trade):
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])
        delivery = deliver_order(order, actor=trade.actor, lines=[PartialLine(order.lines.get(), D(6))])
        invoice_order(order, actor=trade.actor)
        with pytest.raises(Refused, match="delivered or invoiced"):
            cancel_order(order, actor=trade.actor)
        back = received(trade, delivery, "6", wish="credit")
        with pytest.raises(Refused, match="delivered or invoiced"):
            cancel_order(order, actor=trade.actor)
        judged(trade, back, restocked="6")
        settle_return(back, actor=trade.actor)
        order = Order.objects.get(pk=order.pk)
        assert progress(order) == [(4, 0, 0)] and order.status == "confirmed"
        before = balances(trade.actor)
        cancel_order(order, actor=trade.actor, reason="They buy elsewhere")
        deliver_all("alpha")
        assert Order.objects.get(pk=order.pk).status == "cancelled" and balances(trade.actor) == before
        assert (before.get("revenue", 0), before.get("cost_of_sales", 0), before.get("receivable", 0)) == (0, 0, 0)
        assert stock_of([trade.screw.pk])[trade.screw.pk].available == 100 and proved() == []

    def test_not_while_goods_wait_to_be_judged(self, trade):
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])
        delivery = deliver_order(order, actor=trade.actor, lines=[PartialLine(order.lines.get(), D(6))])
        back = received(trade, delivery, "6")
        with pytest.raises(Refused, match=f"{back.number} of this order is not settled yet"):
            cancel_order(order, actor=trade.actor)
