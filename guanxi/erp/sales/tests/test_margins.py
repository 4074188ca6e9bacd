"""Margin from the journal, by whatever it concerns, down to the lines (X3, M14.8)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from guanxi.erp.finance.operations import reverse_invoice
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.returns.operations import InspectedLine, ReturnedLine, announce_return, inspect_return, receive_return, return_goods
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, deliver_order, invoice_order, place_order
from guanxi.erp.sales.pricing.margins import Margin, Scope, discount_of, lines_in, margin_of, margins_by, of_order
from guanxi.kernel.access.grants import union
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.shared.parties.models import Channel, Party
from guanxi.shared.parties.screens import PartyScreen

D = Decimal


@pytest.fixture
def sold(trade):
    """Hengchuan: 10 screws at 10.00 less 10 % (90.00, cost 60.00), of which 2 came back; Nanhai: 4 nuts at 2.00 (8.00, cost 4.00), taken back."""
    nanhai = create_record(Party, {"name": "Nanhai Motors"}, actor=trade.actor).result
    trade.order = place_order(
        trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10), discount=D("0.1"))]
    )
    delivery = deliver_order(trade.order, actor=trade.actor)
    invoice_order(trade.order, actor=trade.actor)
    return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(line=delivery.lines.get(), quantity=D(2))])
    trade.other = place_order(nanhai, actor=trade.actor, lines=[WantedLine(product=trade.nut, quantity=D(4))])
    deliver_order(trade.other, actor=trade.actor)
    reverse_invoice(invoice_order(trade.other, actor=trade.actor), actor=trade.actor)
    trade.nanhai = nanhai
    return trade


def figures(margin: Margin):
    return margin.sold, margin.credited, margin.delivered, margin.returned, margin.margin


class TestMargins:
    def test_all_together_and_each_order_by_itself(self, sold):
        scope = Scope(currency=sold.actor.currency)
        assert figures(margin_of(lines_in(scope, sold.actor))) == (D(98), D(-8), D(-64), D(12), D(38))
        assert figures(margin_of(lines_in(replace(scope, order=sold.order.pk), sold.actor))) == (D(90), D(0), D(-60), D(12), D(42))
        assert figures(margin_of(lines_in(replace(scope, order=sold.other.pk), sold.actor))) == (D(8), D(-8), D(-4), D(0), D(-4))

    def test_what_the_discounts_come_to(self, sold):
        assert discount_of(lines_in(Scope(currency=sold.actor.currency), sold.actor), sold.actor.currency) == D(10)

    @pytest.mark.parametrize(("dimension", "attribute"), [("customer", "customer"), ("product", "screw"), ("order", "order")])
    def test_divided_by_what_they_concern_the_largest_first(self, sold, dimension, attribute):
        first, second = margins_by(lines_in(Scope(currency=sold.actor.currency), sold.actor), dimension)
        assert (first.key, first.margin.margin, second.margin.margin) == (getattr(sold, attribute).pk, D(42), D(-4))

    def test_by_the_channel_of_the_order_or_else_the_customer_s(self, sold):
        dealers, shop = (create_record(Channel, {"code": code, "name": {"en": code}}, actor=sold.actor).result for code in ("DEALERS", "SHOP"))
        Party.objects.filter(pk__in=[sold.customer.pk, sold.nanhai.pk]).update(channel=dealers)
        Order.objects.filter(pk=sold.other.pk).update(channel=shop)
        lines = lines_in(Scope(currency=sold.actor.currency), sold.actor)
        assert [(part.key, part.margin.margin) for part in margins_by(lines, "channel")] == [(dealers.pk, D(42)), (shop.pk, D(-4))]
        assert margin_of(lines_in(Scope(currency=sold.actor.currency, channel=shop.pk), sold.actor)).margin == D(-4)

    def test_by_month_and_by_salesperson(self, sold):
        lines = lines_in(Scope(currency=sold.actor.currency), sold.actor)
        [month] = margins_by(lines, "month")
        assert (month.key, month.margin.revenue) == (sold.actor.today.replace(day=1), D(90))
        assert sum(part.margin.margin for part in margins_by(lines, "salesperson")) == D(38)

    def test_what_comes_back_counts_against_whoever_sold_it(self, sold):
        [part] = margins_by(lines_in(Scope(currency=sold.actor.currency), sold.actor), "salesperson")
        assert (part.key, figures(part.margin)) == (sold.order.owner_id, (D(98), D(-8), D(-64), D(12), D(38)))

    def test_what_came_back_and_was_scrapped_is_lost_in_every_figure(self, sold):
        [line] = DeliveryLine.objects.filter(product=sold.screw)
        back = receive_return(announce_return(line.delivery, actor=sold.actor, lines=[ReturnedLine(line, D(3))]), actor=sold.actor)
        inspect_return(back, actor=sold.actor, lines=[InspectedLine(back.lines.get(), D(2), D(1))])
        lines = lines_in(Scope(currency=sold.actor.currency, order=sold.order.pk), sold.actor)
        assert margin_of(lines) == Margin(D(90), D(0), D(-60), D(30), D(-6))
        assert [(part.key, part.margin.margin) for part in margins_by(lines, "order")] == [(sold.order.pk, D(54))]
        assert [(part.key, part.margin.margin) for part in margins_by(lines, "salesperson")] == [(sold.order.owner_id, D(54))]
        [row] = ListQuery(PartyScreen, sold.actor, {"f.name": sold.customer.name, "columns": "margin_of_year"}, set_key="alpha").fetch()
        assert row["margin_of_year"].value == D(54)

    def test_the_rate_is_a_part_of_the_revenue_and_nothing_without_any(self, sold):
        assert margin_of(lines_in(Scope(currency=sold.actor.currency, customer=sold.customer.pk), sold.actor)).rate == D(42) / D(90)
        assert Margin().rate is None

    def test_the_lines_of_an_order_are_those_of_its_invoices_deliveries_and_returns(self, sold):
        lines = lines_in(Scope(currency=sold.actor.currency), sold.actor).filter(of_order(sold.order.pk))
        assert sorted(line.credit - line.debit for line in lines) == [D(-60), D(12), D(90)]

    def test_of_customers_out_of_sight_nothing_is_added(self, sold):
        blind = replace(sold.actor, rights=union([({"parties.party": "view:own"}, ())]), member_id=0)
        assert margin_of(lines_in(Scope(currency=sold.actor.currency), blind)) == Margin()
