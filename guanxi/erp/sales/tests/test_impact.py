"""What a change of cost does to offers and orders that are open (X5, M21.2)."""

from decimal import Decimal

import pytest

from guanxi.erp.sales.impact.operations import accept_order_costs, accept_quotation_costs, requote_quotation
from guanxi.erp.sales.impact.queries import changed_lines
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.operations import WantedLine, deliver_order, place_order, send_quotation
from guanxi.erp.sales.screens import QuotationScreen
from guanxi.erp.sales.tests.conftest import receive
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.refusals import Refused

D = Decimal


def _offer(trade, *wanted):
    lines = [{"product": product, "quantity": quantity} for product, quantity in wanted]
    return create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result


@pytest.fixture
def offered(trade):
    """10 screws offered at 10.00 (cost 6.00), 4 ordered of which 1 is delivered; then 100 more arrive at 9.00: the average is 7.5 and something."""
    trade.quotation = _offer(trade, ("SCREW", "10"), ("NUT", "2"))
    trade.order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(4))])
    from guanxi.erp.sales.operations import PartialLine

    deliver_order(trade.order, actor=trade.actor, lines=[PartialLine(line=trade.order.lines.get(), quantity=D(1))])
    receive(trade.actor, [(trade.screw, 99, D("9.00"))], kind="purchase")
    return trade


class TestWhatItDoes:
    def test_lines_say_what_they_were_costed_with_and_what_the_product_costs_now(self, offered):
        [line] = changed_lines(QuotationLine, offered.quotation)
        assert (line.unit_cost, line.cost_now, line.cost_change, line.margin_change) == (D("6"), D("7.5"), D("0.25"), D("-15.00"))

    def test_of_an_order_what_is_delivered_counts_no_more(self, offered):
        [line] = changed_lines(OrderLine, offered.order)
        assert line.margin_change == D("-4.50")
        assert Order.objects.get(pk=offered.order.pk).margin_change == D("-4.50")

    def test_an_offer_sums_up_its_lines_and_its_list_finds_it(self, offered):
        assert Quotation.objects.get(pk=offered.quotation.pk).margin_change == D("-15.00")
        query = ListQuery(QuotationScreen, offered.actor, {"f.margin_change": "!0"}, set_key="alpha")
        assert [row["number"].value for row in query.fetch()] == [offered.quotation.number] and not query.notes

    def test_less_than_a_hundredth_is_no_change(self, trade):
        quotation = _offer(trade, ("SCREW", "1"))
        receive(trade.actor, [(trade.screw, 1, D("9.00"))], kind="purchase")
        assert not changed_lines(QuotationLine, quotation)

    def test_the_owner_is_told_once_when_goods_arrive_dearer(self, offered):
        deliver_all("alpha")
        deliver_all("alpha")
        [notice] = Notification.objects.filter(kind="cost_changed")
        assert notice.arguments["documents"] == f"{offered.quotation.number}, {offered.order.number}"


class TestWhatOneDoes:
    def test_the_new_cost_is_accepted_and_the_price_stays(self, offered):
        before = Quotation.objects.get(pk=offered.quotation.pk)
        after = accept_quotation_costs(before, actor=offered.actor)
        after.refresh_from_db()
        assert (after.net, after.cost, after.margin_change) == (before.net, D("77.00"), D(0))
        accept_order_costs(offered.order, actor=offered.actor)
        assert Order.objects.get(pk=offered.order.pk).cost == D("30.00")
        with pytest.raises(Refused, match="another amount"):
            accept_quotation_costs(after, actor=offered.actor)

    def test_quoted_anew_the_line_keeps_its_margin_rate(self, offered):
        requote_quotation(offered.quotation, actor=offered.actor)
        [screw, nut] = offered.quotation.lines.order_by("position")
        assert (screw.unit_price, screw.unit_cost, screw.net, nut.unit_price) == (D("12.50"), D("7.5"), D("125.00"), D("2"))
        offered.quotation.refresh_from_db()
        assert (offered.quotation.net, offered.quotation.cost) == (D("129.00"), D("77.00"))

    def test_or_takes_the_prices_of_today(self, offered):
        offered.screw.list_price = D("11")
        offered.screw.save()
        requote_quotation(offered.quotation, actor=offered.actor, keep="price_list")
        assert offered.quotation.lines.order_by("position").first().unit_price == D("11")

    def test_what_was_sent_becomes_a_draft_of_the_next_version(self, offered):
        send_quotation(offered.quotation, actor=offered.actor)
        requote_quotation(Quotation.objects.get(pk=offered.quotation.pk), actor=offered.actor)
        quotation = Quotation.objects.get(pk=offered.quotation.pk)
        assert (quotation.status, quotation.edition) == ("draft", 1)
        assert quotation.versions.get().lines.order_by("position").first().unit_price == D("10")
