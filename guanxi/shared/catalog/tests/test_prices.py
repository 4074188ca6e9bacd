"""Price lists as they are kept and seen (M14.1)."""

import pytest

from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.records.refusals import Invalid
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product
from guanxi.shared.parties.models import Party


@pytest.fixture
def screw(alpha):
    return create_record(Product, {"name": "Screw", "code": "S", "unit": "pc", "list_price": "100"}, actor=alpha).result


def price_list(actor, code, *prices, **values):
    made = create_record(PriceList, {"code": code, "name": code, **values}, actor=actor).result
    for least, price, *period in prices:
        first, last = period or (None, None)
        item = {"price_list": code, "product": "S", "min_quantity": least, "price": price, "valid_from": first, "valid_until": last}
        create_record(PriceListItem, item, actor=actor)
    return made


class TestPeriods:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ((None, None), (None, None)),
            (("2026-01-01", "2026-06-30"), ("2026-06-30", None)),
            (("2026-01-01", None), (None, "2026-01-01")),
            (("2026-01-01", "2026-12-31"), ("2026-03-01", "2026-03-31")),
        ],
    )
    def test_two_prices_from_one_quantity_cannot_count_on_one_day(self, alpha, screw, first, second):
        price_list(alpha, "L", (0, 90, *first))
        item = {"price_list": "L", "product": "S", "price": 80, "valid_from": second[0], "valid_until": second[1]}
        with pytest.raises(Invalid, match="for some of these days"):
            create_record(PriceListItem, item, actor=alpha)

    def test_next_to_each_other_or_from_another_quantity_they_may_stand(self, alpha, screw):
        price_list(alpha, "L", (0, 90, "2026-01-01", "2026-06-30"), (0, 88, "2026-07-01", None), (10, 80, None, None))
        assert PriceListItem.objects.count() == 3

    def test_a_period_that_ends_before_it_begins_is_refused(self, alpha, screw):
        with pytest.raises(Invalid, match="last day of validity is before the first"):
            price_list(alpha, "L", valid_from="2026-06-02", valid_until="2026-06-01")


class TestSight:
    def test_a_list_for_named_customers_is_seen_by_those_who_see_one_of_them(self, alpha, screw, member):
        li, wang, store = member("salesperson"), member("salesperson"), member("storekeeper")
        mine = create_record(Party, {"name": "Mine"}, actor=li).result
        price_list(alpha, "everybody", (0, 90))
        price_list(alpha, "mine", (0, 80), customers=[mine.pk])
        seen = [sorted(PriceList.objects.visible_to(who).values_list("code", flat=True)) for who in (li, wang, store)]
        assert seen == [["everybody", "mine"], ["everybody"], ["everybody", "mine"]]
        assert [PriceListItem.objects.visible_to(who).count() for who in (li, wang, store)] == [2, 1, 2]

    def test_whom_a_list_names_is_not_for_salespeople(self, alpha, member):
        audience = columns_of(PriceList)["customers"]
        assert [member(role).sees(audience) for role in ("salesperson", "sales_manager")] == [False, True]

    def test_who_leads_the_sales_team_keeps_the_lists(self, alpha, screw, member):
        chief = member("sales_manager")
        made = price_list(chief, "L", (0, 90))
        change_record(made, {"priority": "3"}, actor=chief)
        made.refresh_from_db()
        assert (made.priority, made.currency, made.items.get().price) == (3, "CNY", 90)
