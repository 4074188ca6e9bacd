"""What goods and their options cost in books of another currency: as booked there, else by the rate of the day (M22.2, X3)."""

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.inventory.parts import DeliveryPart
from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.models import OrderLine, Quotation
from guanxi.erp.sales.operations import confirm_order, deliver_order, invoice_order, order_quotation
from guanxi.erp.sales.pricing.configured import offer_configuration
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margin_of
from guanxi.erp.sales.promising.dropship import have_supplier_ship, ship_ourselves
from guanxi.erp.sales.tests.test_configured import booked
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.catalog.models import PriceList, PriceListItem
from guanxi.shared.parties.models import Party

D = Decimal


@pytest.fixture
def works(press, abroad):
    """The B.V. has four presses that cost 80.00 EUR and no pump; a press sells at 150.00 EUR, the options add 300.00 CNY to the price, 30.00 CNY of
    work and two pumps of 50.00 CNY to the cost. One CNY is worth 0.1283 EUR."""
    abroad.press, abroad.pump, abroad.choice = press.press, press.pump, press.choice
    prices = PriceList.objects.get(code="EUR")
    create_record(PriceListItem, {"price_list": prices.pk, "product": press.press, "min_quantity": "1", "price": "150"}, actor=abroad.at_home)
    arrive(abroad, press.press, 4, "80")
    return abroad


def worth(works, rate: str, currency: str = "CNY", since: str = "2020-01-01") -> None:
    create_record(ExchangeRate, {"currency": currency, "base": "EUR", "valid_from": since, "rate": rate}, actor=works.at_home)


def arrive(works, product, quantity: int, cost: str) -> None:
    rows = [{"product": product.pk, "quantity": quantity, "unit_cost": cost}]
    receipt = create_record(GoodsReceipt, {"kind": "opening", "warehouse": works.warehouse, "lines": rows}, actor=works.at_home).result
    receive_goods(receipt, actor=works.at_home)


def quoted(works, quantity: int = 3) -> Quotation:
    return offer_configuration(works.choice, actor=works.actor, quantity=D(quantity), customer=works.customer)


def ordered(works, quantity: int = 3):
    return confirm_order(order_quotation(quoted(works, quantity), actor=works.actor), actor=works.actor)


def earned(works, order) -> Decimal:
    return margin_of(lines_in(Scope("EUR", order=order.pk), works.actor)).margin


class TestQuoted:
    def test_parts_that_are_not_there_and_work_are_taken_by_the_rate_of_the_day(self, works):
        worth(works, "0.1283")
        quotation = quoted(works)
        # 80 + 2 × 50 × 0.1283 + 30 × 0.1283; the price 150 + 300 × 0.1283.
        assert (quotation.currency, quotation.lines.get().unit_cost, quotation.lines.get().unit_price) == ("EUR", D("96.679"), D("188.49"))
        assert (quotation.net, quotation.cost, quotation.margin) == (D("565.47"), D("290.04"), D("275.43"))

    def test_parts_that_are_there_cost_what_they_cost_there(self, works):
        worth(works, "0.1283")
        arrive(works, works.pump, 10, "7.10")
        assert quoted(works).lines.get().unit_cost == D("98.049")

    def test_a_product_that_is_not_there_costs_what_is_expected_by_the_rate_of_the_day(self, works):
        worth(works, "0.1283")
        given = {"customer": works.customer.pk, "lines": [{"product": works.pump.pk, "quantity": "1", "unit_price": "9"}]}
        assert create_record(Quotation, given, actor=works.actor, by_id=True).result.lines.get().unit_cost == D("6.415")

    def test_in_a_third_currency_both_rates_count(self, works):
        worth(works, "0.1283")
        worth(works, "0.8", "USD")
        given = {"customer": works.customer.pk, "currency": "USD", "lines": [{"product": works.pump.pk, "quantity": "1", "unit_price": "9"}]}
        quotation = create_record(Quotation, given, actor=works.actor, by_id=True).result
        assert (quotation.rate, quotation.lines.get().unit_cost) == (D("0.8"), D("8.01875"))

    def test_without_a_rate_the_margin_is_not_known_and_it_is_said_which_is_missing(self, works):
        given = {"customer": works.customer.pk, "lines": [{"product": works.pump.pk, "quantity": "1", "unit_price": "9"}]}
        quotation = create_record(Quotation, given, actor=works.actor, by_id=True).result
        assert (quotation.rate, quotation.lines.get().unit_cost) == (None, 0)
        assert quotation.why_unknown("margin") == "There is no exchange rate for CNY on its day, so that its margin is not known."

    def test_a_list_s_formula_reads_the_expected_cost_in_the_document_s_currency(self, works):
        worth(works, "0.1283")
        create_record(
            PriceList, {"code": "NL", "name": {"en": "Harbour"}, "currency": "EUR", "formula": "standard_cost * 2", "priority": "9"},
            actor=works.at_home,
        )
        given = {"customer": works.customer.pk, "lines": [{"product": works.pump.pk, "quantity": "1"}]}
        assert create_record(Quotation, given, actor=works.actor, by_id=True).result.lines.get().unit_price == D("12.83")

    def test_nothing_is_affected_until_the_rate_moves(self, works):
        worth(works, "0.1283")
        quoted(works)
        assert look_again(works.actor) == []
        worth(works, "0.1483", since=works.actor.today.isoformat())
        assert [(row.unit_cost, row.cost_now) for row in look_again(works.actor)] == [(D("96.679"), D("99.279"))]


class TestBooked:
    def test_the_margin_in_the_books_is_the_one_that_was_quoted(self, works):
        worth(works, "0.1283")
        arrive(works, works.pump, 10, "7.10")
        order = ordered(works)
        delivery = deliver_order(order, actor=works.actor)
        invoice_order(order, actor=works.actor)
        # Work: 3 × 30 CNY × 0.1283.
        assert booked(delivery) == {"stock": D("-282.60"), "cost_of_sales": D("294.15"), "work_applied": D("-11.55")}
        assert (order.cost, order.net - order.cost, earned(works, order)) == (D("294.15"), D("271.32"), D("271.32"))
        assert [(part.work, part.cost) for part in DeliveryPart.objects.filter(product=None)] == [(D(30), D("11.55"))]
        assert proved() == []

    def test_work_is_charged_by_the_rate_of_the_day_on_which_it_leaves(self, works):
        worth(works, "0.1283")
        arrive(works, works.pump, 10, "7.10")
        order = ordered(works)
        worth(works, "0.2", since=works.actor.today.isoformat())
        assert booked(deliver_order(order, actor=works.actor))["work_applied"] == D("-18.00")

    def test_without_a_rate_it_does_not_leave(self, works):
        worth(works, "0.1283")
        arrive(works, works.pump, 10, "7.10")
        order = ordered(works)
        ExchangeRate.objects.all().delete()
        with pytest.raises(Refused, match="There is no exchange rate for CNY; enter one first."):
            deliver_order(order, actor=works.actor)

    def test_taken_back_from_a_supplier_it_costs_what_it_costs_in_the_books(self, works):
        worth(works, "0.1283")
        order, line = ordered(works), OrderLine.objects.get()
        supplier = create_record(Party, {"name": "Press Works", "is_supplier": True, "is_customer": False}, actor=works.at_home).result
        have_supplier_ship(order, actor=works.actor, line=line, supplier=supplier, unit_cost=D(90))
        ship_ourselves(order, actor=works.actor, line=line)
        assert OrderLine.objects.get().unit_cost == D("96.679")
