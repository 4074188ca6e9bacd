"""Where a price begins: which list counts for a customer, and when (M14.1)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.erp.pricing.engine import AskedLine, PriceRequest, price_lines
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import archive_record, create_record
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product
from guanxi.shared.parties.models import Party

DAY = date(2026, 6, 15)


@pytest.fixture
def screw(alpha):
    return create_record(Product, {"name": "Screw", "code": "S", "unit": "pc", "list_price": "100"}, actor=alpha).result


@pytest.fixture
def customer(alpha):
    return create_record(Party, {"name": "Hengchuan", "tier": "A"}, actor=alpha).result


def price_list(actor, code, *prices, **values):
    made = create_record(PriceList, {"code": code, "name": code, **values}, actor=actor).result
    for least, price, *period in prices:
        first, last = period or (None, None)
        item = {"price_list": code, "product": "S", "min_quantity": least, "price": price, "valid_from": first, "valid_until": last}
        create_record(PriceListItem, item, actor=actor)
    return made


def priced(customer, wanted, *, on=DAY, currency="CNY", base_currency=None):
    entity = Entity.objects.get(is_default=True)
    lines = [AskedLine(product, Decimal(quantity)) for product, quantity in wanted]
    request = PriceRequest(customer, lines, on, currency, entity.pk, customer.channel_id, entity.currency, base_currency)
    return [line.price for line in price_lines(request)]


def price(customer, screw, quantity=1, on=DAY, currency="CNY"):
    [found] = priced(customer, [(screw, quantity)], on=on, currency=currency)
    return found


class TestWhichListCounts:
    def test_without_any_the_list_price_counts_in_its_own_currency_only(self, alpha, screw, customer):
        assert price(customer, screw) == 100
        assert price(customer, screw, currency="USD") is None

    def test_a_list_in_the_currency_of_the_document_counts(self, alpha, screw, customer):
        price_list(alpha, "USD", (0, 15), currency="USD")
        assert (price(customer, screw), price(customer, screw, currency="USD")) == (100, 15)

    @pytest.mark.parametrize(
        ("lists", "expected"),
        [
            ([("all", {}, 90)], 90),
            ([("all", {}, 90), ("tier", {"tier": "A"}, 85)], 85),
            ([("all", {"priority": 9}, 90), ("tier", {"tier": "A"}, 85)], 85),
            ([("all", {}, 90), ("tier", {"tier": "B"}, 85)], 90),
            ([("tier", {"tier": "A"}, 85), ("named", {"customers": True}, 95)], 95),
            ([("named", {"customers": True, "tier": "B"}, 95)], 100),
            ([("named", {"customers": False}, 70)], 100),
            ([("low", {"priority": 1}, 90), ("high", {"priority": 2}, 92)], 92),
            ([("early", {"valid_from": "2026-01-01"}, 90), ("late", {"valid_from": "2026-06-01"}, 91), ("open", {}, 89)], 91),
            ([("past", {"valid_until": "2026-06-14"}, 90)], 100),
            ([("last day", {"valid_until": "2026-06-15"}, 90)], 90),
            ([("first day", {"valid_from": "2026-06-15"}, 90)], 90),
            ([("still to come", {"valid_from": "2026-06-16"}, 90)], 100),
            ([("other currency", {"currency": "USD"}, 90)], 100),
        ],
        ids=lambda given: ",".join(row[0] for row in given) if isinstance(given, list) else str(given),
    )
    def test_the_nearest_audience_then_the_priority_then_the_later_beginning(self, alpha, screw, customer, lists, expected):
        stranger = create_record(Party, {"name": "Stranger", "tier": "A"}, actor=alpha).result
        for code, values, amount in lists:
            if "customers" in values:
                values = {**values, "customers": [customer.pk if values["customers"] else stranger.pk]}
            price_list(alpha, code, (0, amount), **values)
        assert price(customer, screw) == expected

    def test_an_archived_list_counts_no_more(self, alpha, screw, customer):
        archive_record(price_list(alpha, "all", (0, 90)), actor=alpha)
        assert price(customer, screw) == 100


class TestWithinAList:
    @pytest.mark.parametrize(("quantity", "expected"), [(1, 100), (9, 100), (10, 90), ("99.5", 90), (100, 80), (100000, 80)])
    def test_the_largest_quantity_reached_counts(self, alpha, screw, customer, quantity, expected):
        price_list(alpha, "steps", (10, 90), (100, 80))
        assert price(customer, screw, quantity) == expected

    def test_a_quantity_too_small_for_the_nearest_list_is_priced_by_the_next(self, alpha, screw, customer):
        price_list(alpha, "named", (50, 70), customers=[customer.pk])
        price_list(alpha, "all", (0, 95))
        assert (price(customer, screw, 49), price(customer, screw, 50)) == (95, 70)

    @pytest.mark.parametrize(
        ("on", "expected"), [("2026-05-31", 100), ("2026-06-01", 90), ("2026-06-30", 90), ("2026-07-01", 88), ("2027-07-01", 88)]
    )
    def test_the_price_of_the_day_counts(self, alpha, screw, customer, on, expected):
        price_list(alpha, "dated", (0, 90, "2026-06-01", "2026-06-30"), (0, 88, "2026-07-01", None))
        assert price(customer, screw, on=date.fromisoformat(on)) == expected

    def test_any_number_of_lines_costs_the_same_questions(self, alpha, screw, customer):
        others = [create_record(Product, {"name": n, "unit": "pc", "list_price": "5"}, actor=alpha).result for n in "abc"]
        price_list(alpha, "all", (0, 90), (10, 80))
        wanted = [(screw, Decimal(1)), *((p, Decimal(2)) for p in others), (screw, Decimal(10))]
        request = PriceRequest(
            customer, [AskedLine(*one) for one in wanted], DAY, "CNY", alpha.entity_id, entity_currency="CNY", base_currency="CNY"
        )
        with CaptureQueriesContext(connections["default"]) as queries:
            assert [line.price for line in price_lines(request)] == [90, 5, 5, 5, 80]
        assert len(queries) == 3
