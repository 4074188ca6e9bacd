"""A pivot comes to what one would have added up by hand, over just the rows and columns that its reader may know (M12.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.db.models import Func, IntegerField
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from guanxi.crm.leads.models import Opportunity, Stage, StageEntry
from guanxi.kernel.access.grants import union
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.columns.registry import declared_columns
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.funnel import FunnelOf
from guanxi.kernel.pivot.groups import Groups
from guanxi.kernel.pivot.pivot import Pivot
from guanxi.kernel.pivot.table import Table
from guanxi.kernel.screens.screen import SCREENS
from guanxi.shared.parties.models import Party, Region

D = Decimal
DEALS = [
    # stage, expected on, amount, currency, customer
    ("contact", "2026-01-15", 100, "CNY", "north"), ("contact", "2026-01-31", 50, "CNY", "south"), ("contact", "2026-02-01", 30, "USD", "north"),
    ("need", "2026-02-28", 7, "CNY", "nowhere"), ("need", "2026-04-01", 11, "USD", "south"), ("need", None, 13, "CNY", "north"),
]


@pytest.fixture
def deals(alpha):
    """Six opportunities in two stages, two currencies, three months and one without a day; customers in two regions and one in none."""
    regions = {code: create_record(Region, {"code": code, "name": code.title()}, actor=alpha).result for code in ("north", "south")}
    bo = Member.objects.create(code="bo", name="Bo")
    parties = {
        code: create_record(
            Party, {
                "name": f"{code} Ltd", "region": regions[code].pk if code in regions else None,
                "owner": bo.pk if code == "south" else alpha.member_id,
            }, actor=alpha,
        ).result
        for code in ("north", "south", "nowhere")
    }
    stages = list(Stage.objects.filter(kind="open").order_by("position"))
    named = {"contact": stages[0], "need": stages[1]}
    numbers = count(1)
    for stage, day, amount, currency, customer in DEALS:
        Opportunity.objects.create(
            number=f"OP-{next(numbers)}", name=f"Deal {amount}", customer=parties[customer], pipeline=named[stage].pipeline, stage=named[stage],
            entered_at=datetime(2026, 1, 1, tzinfo=UTC), amount=D(amount), currency=currency, chance=named[stage].chance,
            expected_on=date.fromisoformat(day) if day else None, owner_id=bo.pk if customer == "south" else alpha.member_id,
        )
    return SimpleNamespace(actor=alpha, bo=bo, stages=named, regions=regions, parties=parties)


def asked(actor, **params: str) -> ListQuery:
    return ListQuery(SCREENS["opportunities"], actor, params, set_key="alpha")


def said(actor, **params: str) -> dict[str, Any]:
    """Lines of the table by their labels: {"Jan 2026": ["2", "¥150.00"]}."""
    table = Table(Pivot(asked(actor, **params)).ask())
    return {line.label: [figures(spot.cells) for spot in line.spots] for line in table.lines()}


def figures(cells) -> Any:
    if not cells:
        return None
    if cells[0].column.name == "count":
        return cells[0].value
    return {cell.currency: cell.value for cell in cells}


class TestFigures:
    def test_amounts_stay_by_currency_and_what_has_no_day_stands_last(self, deals):
        assert said(deals.actor, rows="expected_on.month", measures="count,amount.sum") == {
            "Jan 2026": [2, {"CNY": D(150)}],
            "Feb 2026": [2, {"CNY": D(7), "USD": D(30)}],
            "Apr 2026": [1, {"USD": D(11)}],
            "empty": [1, {"CNY": D(13)}],
            "Total": [6, {"CNY": D(170), "USD": D(41)}],
        }

    def test_average_least_and_greatest_are_of_their_own_currency(self, deals):
        found = said(deals.actor, rows="stage", measures="amount.avg,amount.min,amount.max")
        assert found["Total"] == [{"CNY": D("42.50"), "USD": D("20.50")}, {"CNY": D(7), "USD": D(11)}, {"CNY": D(100), "USD": D(30)}]

    def test_two_axes_down_and_one_across_have_their_subtotals(self, deals):
        pivot = Pivot(asked(deals.actor, rows="expected_on.quarter,expected_on.month", across="stage", measures="count")).ask()
        table = Table(pivot)
        assert [head.label for head in table.heads[0]] == [str(deals.stages["contact"]), str(deals.stages["need"]), "Total"]
        assert [(line.label, line.depth, [figures(spot.cells) for spot in line.spots]) for line in table.lines()] == [
            ("Q1 2026", 0, [3, 1, 4]), ("Jan 2026", 1, [2, None, 2]), ("Feb 2026", 1, [1, 1, 2]), ("Q2 2026", 0, [None, 1, 1]),
            ("Apr 2026", 1, [None, 1, 1]), ("empty", 0, [None, 1, 1]), ("empty", 1, [None, 1, 1]), ("Total", 0, [3, 3, 6]),
        ]

    def test_two_axes_across_have_a_column_for_each_group(self, deals):
        table = Table(Pivot(asked(deals.actor, rows="owner", across="stage,currency", measures="count")).ask())
        assert [(head.label, head.span) for head in table.heads[0]] == [
            (str(deals.stages["contact"]), 3), (str(deals.stages["need"]), 3), ("Total", 1)]
        assert [(head.label[-3:], head.is_total) for head in table.heads[1]][2:3] == [("her", True)] and len(table.heads[1]) == 6
        total = list(table.lines())[-1]
        assert [figures(spot.cells) for spot in total.spots] == [2, 1, 3, 2, 1, 3, 6]

    def test_nothing_fits_and_nothing_fails(self, deals):
        pivot = Pivot(asked(deals.actor, rows="stage", **{"f.name": "nothing like it"})).ask()
        assert Table(pivot).is_empty and pivot.places.keys() <= {((), ())}
        assert Table(Pivot(asked(deals.actor, rows="stage", **{"f.customer": "999999"})).ask()).is_empty

    def test_it_is_the_same_for_a_file(self, deals):
        heads, rows = Table(Pivot(asked(deals.actor, rows="expected_on.year", measures="count,amount.sum")).ask()).sheet()
        assert heads == ["Expected on (year)", "Number", "Amount · CNY", "Amount · USD"]
        assert list(rows) == [["2026", 5, D(157), D(41)], ["empty", 1, D(13), ""], ["Total", 6, D(170), D(41)]]


class TestDrilling:
    def test_each_cell_leads_to_just_its_rows(self, deals):
        given = {"f.expected_on": "2026-01-01..", "f.currency": "CNY,USD"}
        query = asked(deals.actor, rows="expected_on.month,customer__region", across="stage", **given)
        table = Table(Pivot(query).ask())
        seen = 0
        for line in table.lines():
            for at, spot in enumerate(line.spots):
                if not spot.url:
                    continue
                place = table.pivot.places[(line.path, table.across[at // len(table.pivot.measures)])]
                address = QueryDict(spot.url.partition("?")[2])
                listed = asked(deals.actor, **address.dict())
                assert not listed.notes and "rows" not in address and listed.rows.count() == place.count, (line.label, spot.url)
                seen += 1
        assert seen > 20

    def test_texts_are_found_whether_they_are_written_small_or_large(self, deals):
        Opportunity.objects.filter(name="Deal 7").update(name="DEAL 100")
        table = Table(Pivot(asked(deals.actor, rows="name", measures="count")).ask())
        line = next(line for line in table.lines() if line.label.lower() == "deal 100")
        assert line.spots[0].cells[0].value == 2
        assert asked(deals.actor, **QueryDict(line.spots[0].url.partition("?")[2]).dict()).rows.count() == 2


class TestRights:
    def test_rows_out_of_sight_change_no_figure(self, deals):
        own = replace(deals.actor, rights=union([({"leads.opportunity": "view:own", "parties.party": "view", "parties.region": "view"}, ())]))
        assert said(own, rows="customer__region", measures="count,amount.sum") == {
            "North": [3, {"CNY": D(113), "USD": D(30)}], "empty": [1, {"CNY": D(7)}], "Total": [4, {"CNY": D(120), "USD": D(30)}],
        }

    def test_of_a_customer_out_of_sight_the_region_is_not_told(self, deals):
        half = replace(deals.actor, rights=union([({"leads.opportunity": "view", "parties.party": "view:own", "parties.region": "view"}, ())]))
        assert said(half, rows="customer__region", measures="count") == {"North": [3], "empty": [3], "Total": [6]}
        without = replace(deals.actor, rights=union([({"leads.opportunity": "view"}, ())]))
        query = asked(without, rows="customer__region")
        assert Pivot(query).ask().down == [] and len(query.notes) == 1

    def test_a_column_under_a_field_right_is_neither_axis_nor_measure_nor_heading(self, deals, monkeypatch):
        columns = declared_columns(Opportunity)
        for name in ("amount", "stage"):
            monkeypatch.setitem(columns, name, replace(columns[name], right="see_deals"))
        blind = replace(deals.actor, rights=union([({"leads.opportunity": "view"}, ())]))
        for params in ({"rows": "stage"}, {"across": "stage"}, {"measures": "amount.sum"}, {"measures": "amount.max"}):
            query = asked(blind, **params)
            pivot = Pivot(query).ask()
            assert query.notes and not pivot.axes and "amount" not in pivot.columns
        grouped = asked(blind, group="stage")
        assert not Groups(grouped).is_asked and len(grouped.notes) == 1
        assert not FunnelOf(asked(blind)).measures

    def test_what_cannot_be_asked_is_said(self, deals):
        query = asked(deals.actor, rows="nonsense,expected_on.hour,amount", across="competitors", measures="name.sum,chance.sum,amount.median")
        Pivot(query).ask()
        assert len(query.notes) == 6


class TestCost:
    def test_however_many_rows_the_statements_are_the_same(self, deals):
        def statements() -> int:
            with CaptureQueriesContext(connections["default"]) as captured:
                list(Table(Pivot(asked(deals.actor, rows="customer,expected_on.month", across="stage,owner")).ask()).lines())
            return len(captured)

        statements()
        few = statements()
        for number in range(30):
            row = Opportunity.objects.order_by("pk").first()
            row.pk, row.number, row.expected_on, row._state.adding = None, f"OP-9{number}", date(2025, number % 12 + 1, 1), True
            row.save()
        assert statements() == few


    def test_what_takes_too_long_is_stopped_and_the_page_goes_on(self, deals, monkeypatch):
        monkeypatch.setattr("guanxi.kernel.pivot.pivot.SLOW", 0.05)
        asleep = Func(template="(SELECT 1 FROM pg_sleep(0.3))", output_field=IntegerField())
        query = ListQuery(SCREENS["opportunities"], deals.actor, {"rows": "stage"}, base=Opportunity.objects.alias(_z=asleep).filter(_z=1))
        pivot = Pivot(query).ask()
        assert pivot.is_stopped and not pivot.places
        assert Opportunity.objects.count() == 6
        with connections["default"].cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


class TestGroups:
    def grouped(self, actor, **params: str):
        return [
            (head.label, head.depth, head.count, [cell.value for cell in head.sums], head.is_open, [row["name"].value for row in head.rows])
            for head in Groups(asked(actor, **params)).headings()
        ]

    def test_rows_stand_under_headings_with_number_and_sums_by_currency(self, deals):
        found = self.grouped(deals.actor, group="expected_on.quarter", columns="name,amount", sort="amount")
        assert found == [
            ("Q1 2026", 0, 4, [D(157), D(30)], True, ["Deal 7", "Deal 30", "Deal 50", "Deal 100"]),
            ("Q2 2026", 0, 1, [D(11)], True, ["Deal 11"]),
            ("empty", 0, 1, [D(13)], True, ["Deal 13"]),
        ]

    def test_what_is_shut_keeps_its_heading_and_hides_its_rows(self, deals):
        groups = Groups(asked(deals.actor, group="stage,currency", columns="name"))
        first = groups.headings()[1]
        shut = dict(QueryDict(first.toggle.lstrip("?")).items())
        found = self.grouped(deals.actor, **shut)
        assert [(head[1], head[4], len(head[5])) for head in found] == [
            (0, True, 0), (1, False, 0), (1, True, 1), (0, True, 0), (1, True, 2), (1, True, 1)]
        assert [head[4] for head in self.grouped(deals.actor, group="stage", closed="*")] == [False, False]
        assert [head[4] for head in self.grouped(deals.actor, group="stage", closed=f"*,{deals.stages['need'].pk}")] == [False, True]

    def test_pages_count_the_rows_under_open_headings(self, deals, monkeypatch):
        monkeypatch.setattr("guanxi.kernel.pivot.groups.PAGE", 2)
        seen = []
        for page in ("1", "2", "3", "4"):
            groups = Groups(asked(deals.actor, group="stage", sort="amount", columns="name", page=page))
            seen += [row["name"].value for head in groups.headings() for row in head.rows] if groups.page == int(page) else []
        assert groups.pages == 3 and seen == ["Deal 30", "Deal 50", "Deal 100", "Deal 7", "Deal 11", "Deal 13"]


class TestFunnel:
    def test_who_reached_a_step_is_known_from_where_it_is_and_the_stage_history(self, deals):
        """M12.5: one that was in the second stage and went back has reached it all the same; one that never moved began with the first."""
        need, lost = deals.stages["need"], Stage.objects.filter(kind="lost").first()
        back = Opportunity.objects.get(name="Deal 100")
        StageEntry.objects.create(opportunity=back, stage=need, entered_at=datetime(2026, 1, 1, tzinfo=UTC), member_id=deals.actor.member_id)
        Opportunity.objects.filter(name="Deal 50").update(stage=lost, status="lost")
        steps = FunnelOf(asked(deals.actor)).steps()
        assert [(step.count, {cell.currency: cell.value for cell in step.sums}) for step in steps[:3]] == [
            (6, {"CNY": D(170), "USD": D(41)}), (4, {"CNY": D(120), "USD": D(11)}), (0, {})]
        assert steps[1].went_on == pytest.approx(4 / 6)
        for step in steps[:2]:
            listed = asked(deals.actor, **QueryDict(step.url.partition("?")[2]).dict())
            assert not listed.notes and listed.rows.count() == step.count
