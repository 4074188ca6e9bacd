"""Lists of customers by what the ledgers say of them: sorted, filtered, added up (M1.7, M1.15)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import PartyTurnover
from guanxi.erp.finance.screens import PartyTurnoverScreen
from guanxi.erp.sales.operations import WantedLine, deliver_order, invoice_order, place_order
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.columns.text import text_of
from guanxi.kernel.lists.query import EXACT, ListQuery
from guanxi.shared.parties.models import Party, PaymentTerm
from guanxi.shared.parties.screens import PartyScreen


@pytest.fixture
def sold(trade):
    """Hengchuan bought 3 screws (30.00, cost 18.00), Nanhai 8 (80.00, cost 48.00) and has not paid since yesterday; Idle bought nothing."""
    at_once = PaymentTerm.objects.filter(days=0).first() or create_record(
        PaymentTerm, {"code": "NOW", "name": "At once", "days": 0}, actor=trade.actor
    ).result
    nanhai = create_record(Party, {"name": "Nanhai Motors", "payment_term": at_once.pk}, actor=trade.actor).result
    create_record(Party, {"name": "Idle Ltd."}, actor=trade.actor)
    yesterday = trade.actor.today - timedelta(days=1)
    for customer, quantity, day in ((trade.customer, 3, trade.actor.today), (nanhai, 8, yesterday)):
        order = place_order(customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(quantity))], ordered_on=day)
        deliver_order(order, actor=trade.actor)
        invoice_order(order, actor=trade.actor, issued_on=day)
    return trade


def listed(trade, **params):
    return ListQuery(PartyScreen, trade.actor, {"f.is_customer": "yes", **params}, set_key="alpha")


def names(query):
    return [str(row["name"].value) for row in query.fetch()]


class TestOrder:
    def test_customers_stand_in_the_order_of_their_sales_and_of_their_margin(self, sold):
        assert names(listed(sold, sort="-sales_of_year"))[:2] == ["Nanhai Motors", "Hengchuan Hydraulics"]
        assert names(listed(sold, sort="sales_of_year"))[-1] == "Nanhai Motors"
        [first, second, _idle] = listed(sold, sort="-margin_of_year", columns="margin_of_year").fetch()
        assert [row["margin_of_year"].value for row in (first, second)] == [Decimal("32.0000"), Decimal("12.0000")]

    def test_the_foot_adds_up_what_the_list_shows(self, sold):
        [total] = listed(sold, columns="name,sales_of_year").sums()
        assert (total.column.name, total.value) == ("sales_of_year", Decimal("110.0000"))

    def test_what_is_computed_for_each_row_sorts_as_well(self, sold):
        assert names(listed(sold, sort="-overdue"))[0] == "Nanhai Motors"


class TestFilters:
    def test_who_bought_for_how_much_and_who_has_not_paid(self, sold):
        assert names(listed(sold, **{"f.sales_of_year": "50.."})) == ["Nanhai Motors"]
        assert names(listed(sold, **{"f.overdue": "0.01.."})) == ["Nanhai Motors"]
        assert names(listed(sold, where="any(overdue:0.01..;sales_of_year:0)")) == ["Idle Ltd.", "Nanhai Motors"]

    def test_what_is_computed_is_asked_only_of_the_rows_of_the_list(self, sold):
        query = listed(sold, where="with(parties.contact.party;party__overdue:1..)")
        assert "computed for each row" in query.notes[0]


class TestManyRows:
    @pytest.fixture
    def many(self, sold):
        Party.objects.bulk_create(Party(code=f"X{n:05}", name=f"X {n:05}", name_sort=f"x {n:05}", is_customer=True) for n in range(EXACT))
        return sold

    def test_of_very_many_only_what_is_kept_can_be_asked_and_the_list_says_so(self, many):
        assert names(listed(many, sort="-sales_of_year"))[0] == "Nanhai Motors"
        sorted_by = listed(many, sort="-overdue")
        assert [column.name for column, _falling in sorted_by.sort] == ["name"]
        assert "sorts at most 10,000 rows" in sorted_by.notes[0]
        filtered = listed(many, **{"f.overdue": "0.01.."})
        assert filtered.count == 0 and "at most 10,000 rows" in filtered.notes[0]

    def test_narrowed_by_another_filter_they_can(self, many):
        assert names(listed(many, **{"f.overdue": "0.01..", "f.name": "Nanhai"})) == ["Nanhai Motors"]


class TestKept:
    def test_turnover_of_a_customer_is_kept_by_account_and_year(self, sold):
        rows = PartyTurnover.objects.filter(party=sold.customer, account__uses__use__in=["revenue", "receivable"]).order_by("account__uses__use")
        assert [(row.year, row.debit, row.credit) for row in rows] == [
            (sold.actor.today.year, Decimal("33.9000"), Decimal("0.0000")), (sold.actor.today.year, Decimal("0.0000"), Decimal("30.0000")),
        ]

    def test_its_year_is_no_quantity_and_is_not_grouped(self, sold):
        rows = ListQuery(PartyTurnoverScreen, sold.actor, {}, set_key="alpha").fetch()
        assert {text_of(row["year"], sold.actor) for row in rows} == {f"{sold.actor.today:%Y}"}
