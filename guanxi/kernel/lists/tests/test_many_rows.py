"""What a list says and does when there are very many rows: counts, orders, and pages far down."""

from __future__ import annotations

import json

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import Member
from guanxi.kernel.lists.query import EXACT, PAGE, ListQuery
from guanxi.kernel.lists.sorting import stored_field
from guanxi.kernel.screens.screen import SCREENS

SORTABLE = [(screen.path, name) for screen in SCREENS.values() for name in screen.sorts]


def members(actor, **params: str) -> ListQuery:
    return ListQuery(SCREENS["setup/members"], actor, params, set_key="alpha")


@pytest.fixture
def ten_thousand(alpha):
    """So many members that there are ten thousand of them."""
    Member.objects.bulk_create(Member(code=f"m{n:05}", name=f"M {n:05}") for n in range(EXACT - Member.objects.count()))


class TestMany:
    def test_they_are_counted_exactly_to_ten_thousand_and_not_beyond(self, alpha, ten_thousand):
        assert (members(alpha).count_text, members(alpha).is_large) == ("10,000", False)
        Member.objects.create(code="one-more", name="One more")
        assert (members(alpha).count_text, members(alpha).is_large) == ("10,000+", True)
        with CaptureQueriesContext(connections["default"]) as captured:
            assert members(alpha).count == EXACT + 1
        assert f"LIMIT {EXACT + 1}" in captured.captured_queries[0]["sql"]

    def test_an_order_that_reads_every_row_is_told_with_those_that_do_not(self, alpha, ten_thousand):
        Member.objects.create(code="one-more", name="One more")
        slow, quick = members(alpha, sort="-name"), members(alpha, sort="-code")
        slow.warn()
        quick.warn()
        assert slow.notes == ["Sorted by “Name”, every row has to be read: with so many that takes a moment."]
        assert quick.notes == []

    def test_the_last_page_is_that_of_the_ten_thousandth_row(self, alpha, ten_thousand):
        Member.objects.create(code="one-more", name="One more")
        query = members(alpha, page="5000", sort="code")
        rows = query.fetch()
        assert query.page == EXACT // PAGE == 200
        codes = Member.objects.order_by("code").values_list("code", flat=True)
        assert [row["code"].value for row in rows] == list(codes[EXACT - PAGE : EXACT])


class TestOrders:
    @pytest.mark.parametrize(("path", "name"), SORTABLE, ids=[f"{path} by {name}" for path, name in SORTABLE])
    def test_a_column_that_a_screen_sorts_by_comes_in_order_from_an_index(self, alpha, path, name):
        assert stored_field(SCREENS[path].model, name) is not None, f"{path}: {name} is computed or stands in another table"
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT set_config(name, 'off', true) FROM unnest(ARRAY['enable_sort', 'enable_seqscan', 'enable_bitmapscan']) AS name")
        for sort in (name, f"-{name}"):
            plan = ListQuery(SCREENS[path], alpha, {"sort": sort}, set_key="alpha").ordered[:PAGE].explain(format="json")
            assert "Sort" not in kinds_of(json.loads(plan)[0]["Plan"]), f"{path}: nothing keeps its rows in the order of {sort}\n{plan}"


def kinds_of(plan) -> set[str]:
    return {plan["Node Type"]}.union(*(kinds_of(part) for part in plan.get("Plans", ())))
