"""A list is what its address says, and never more than the reader may know (M1.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from guanxi.kernel.access.grants import Rights, union
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.periods import period_bounds
from guanxi.kernel.columns.registry import declared_columns
from guanxi.kernel.lists.conditions import Term, read, written
from guanxi.kernel.lists.filters import BadFilter, read_filter
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.screens.screen import SCREENS


def members(actor, **params: str) -> ListQuery:
    return ListQuery(SCREENS["setup/members"], actor, params, set_key="alpha")


def names(query: ListQuery) -> list[str]:
    return [row["name"].value for row in query.fetch()]


@pytest.fixture
def staff(alpha):
    """Three members in two teams, beside the administrator."""
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    for code, name, team in (("an", "Anna", north), ("bo", "Bo", north), ("cy", "Cyril", south)):
        Member.objects.create(code=code, name=name, team=team, email=f"{code}@alpha.example", is_active=code != "bo")
    return {"north": north, "south": south}


class TestFilters:
    def test_several_at_once_all_hold(self, alpha, staff):
        query = members(alpha, **{"f.team": str(staff["north"].pk), "f.is_active": "yes"})
        assert names(query) == ["Anna"]
        assert [f.text for f in query.filters] == ["North", "yes"]

    def test_an_unknown_column_is_told_and_left_out(self, alpha, staff):
        query = members(alpha, **{"f.nonsense": "1", "sort": "nothing", "columns": "name,void"})
        assert len(query.notes) == 3 and "nonsense" in " ".join(query.notes)
        assert [c.name for c in query.columns] == ["name"]

    def test_a_value_that_cannot_be_read_is_told_with_what_is_expected(self, alpha):
        query = members(alpha, **{"f.kind": "robot"})
        assert not query.filters and "staff" in query.notes[0]

    @pytest.mark.parametrize(("language", "label"), [("en", "Made or changed by: "), ("zh-hans", "新建或修改自: ")])
    def test_what_names_no_act_is_told_in_words_as_a_filter_and_as_a_condition(self, alpha, language, label):
        with override(language):
            query = members(alpha, **{"f.acts": "seven", "where": "acts:seven"})
            assert len(query.notes) == 2 and all(note.startswith(label) and "seven" in note for note in query.notes)

    def test_a_row_the_reader_may_not_see_filters_like_one_that_is_not_there(self, alpha, staff):
        blind = replace(alpha, rights=union([({"access.member": "view"}, ())]))
        assert names(members(blind, **{"f.team": str(staff["north"].pk)})) == []
        assert names(members(blind, **{"f.team": "999999"})) == []

    def test_the_reader_is_called_me(self, alpha):
        query = members(alpha, **{"f.reports_to": "me"})
        assert query.filters[0].text == "me" and not query.notes

    def test_a_text_is_found_anywhere_in_it(self, alpha, staff):
        assert names(members(alpha, **{"f.name": "yri"})) == ["Cyril"]

    def test_nothing_is_found_where_the_column_is_empty(self, alpha, staff):
        assert names(members(alpha, **{"f.team": "none", "f.kind": "staff"})) == ["Admin"]


class TestConditions:
    def test_what_is_written_reads_the_same(self):
        for text in ("name:a", "any(name:a~;b~~;all(team:3;kind:!staff))", "without(access.member.team;name:x)", "with(access.member.team)"):
            assert written(read(text)) == text
        assert read("name:a~;b") == Term("name", "a;b")

    @pytest.mark.parametrize("text", [
        "", "name", "any(", "any(name:a", "name:a)", "all(name:a;;name:b)", "with(;name:a)", "some(name:a)", "name:a;name:b",
    ])
    def test_what_cannot_be_read_is_told_and_asks_for_nothing(self, alpha, staff, text):
        query = members(alpha, where=text)
        assert bool(query.notes) is bool(text) and len(names(query)) == len(names(members(alpha)))

    def test_they_nest_only_so_deep_and_are_only_so_many(self, alpha):
        assert members(alpha, where="all(" * 6 + "name:a" + ")" * 6).notes
        assert members(alpha, where=f"any({';'.join(['name:a'] * 41)})").notes

    def test_any_all_and_none_nest(self, alpha, staff):
        north, south = staff["north"].pk, staff["south"].pk
        query = members(alpha, where=f"any(all(team:{north};is_active:yes);team:{south})")
        assert names(query) == ["Anna", "Cyril"]
        assert query.where.text == "((Team: North and Active: yes) or Team: South)"
        neither = names(members(alpha, where=f"none(team:{north};name:Admin)"))
        assert neither == [name for name in names(members(alpha)) if name not in ("Admin", "Anna", "Bo")]

    def test_not_also_finds_where_nothing_stands(self, alpha, staff):
        query = members(alpha, **{"f.team": f"!{staff['north'].pk}", "f.kind": "staff"})
        assert names(query) == ["Admin", "Cyril"] and query.filters[0].text == "not North"
        assert names(members(alpha, **{"f.team": "!none"})) == ["Anna", "Bo", "Cyril"]

    def test_a_text_may_begin_or_be_exactly(self, alpha, staff):
        assert names(members(alpha, **{"f.name": "^an"})) == ["Anna"]
        assert names(members(alpha, **{"f.name": "=bo"})) == ["Bo"]
        assert names(members(alpha, **{"f.name": "!=bo", "f.team": "!none"})) == ["Anna", "Cyril"]

    def test_a_row_is_found_by_what_it_refers_to(self, alpha, staff):
        query = members(alpha, **{"f.team__name": "^Nor"})
        assert names(query) == ["Anna", "Bo"] and str(query.filters[0].column.label) == "Team · Name"

    def test_a_row_is_found_by_what_refers_to_it(self, alpha, staff):
        Team.objects.create(name="West")
        teams = ListQuery(SCREENS["setup/teams"], alpha, {"where": "with(access.member.team;is_active:no)"}, set_key="alpha")
        assert [row["name"].value for row in teams.fetch()] == ["North"]
        assert teams.where.text == "with Members (Active: no)"
        none = ListQuery(SCREENS["setup/teams"], alpha, {"where": "without(access.member.team)"}, set_key="alpha")
        assert [row["name"].value for row in none.fetch()] == ["West"]

    def test_of_related_rows_only_those_in_sight_are_asked(self, alpha, staff):
        blind = replace(alpha, rights=union([({"access.member": "view"}, ())]))
        assert members(blind, **{"f.team__name": "North"}).notes and members(blind, where="team__name:North").notes
        seeing = replace(alpha, rights=union([({"access.team": "view"}, ())]))
        query = ListQuery(SCREENS["setup/teams"], seeing, {"where": "with(access.member.team)"}, set_key="alpha")
        assert query.where is None and query.notes

    def test_the_width_of_a_column_stands_with_its_name(self, alpha):
        query = members(alpha, columns="name~220,team,email~3")
        assert [c.name for c in query.columns] == ["name", "team", "email"] and query.widths == {"name": 220, "email": 48}


class TestPeriods:
    TODAY = date(2026, 11, 24)

    @pytest.mark.parametrize(("name", "low", "high"), [
        ("this_week", date(2026, 11, 23), date(2026, 11, 29)),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("this_quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("last_quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("past", None, date(2026, 11, 23)),
    ])
    def test_it_has_these_bounds(self, name, low, high):
        assert period_bounds(name, self.TODAY) == (low, high)

    def test_a_day_of_a_moment_ends_with_the_entity_s_day(self, alpha):
        column = Column("at", "At", "moment")
        condition = read_filter(column, "at", "2026-11-24", replace(alpha, timezone="Asia/Shanghai")).condition
        bounds = dict(condition.children)
        assert str(bounds["at__gte"]) == "2026-11-24 00:00:00+08:00"
        assert str(bounds["at__lt"]) == "2026-11-25 00:00:00+08:00"

    def test_a_range_may_be_open(self, alpha):
        amount = Column("total", "Total", "money")
        assert read_filter(amount, "total", "100..", alpha).text == "≥ 100"
        assert read_filter(amount, "total", "..9", alpha).text == "≤ 9"
        with pytest.raises(BadFilter):
            read_filter(amount, "total", "many..", alpha)


class TestFieldRights:
    @pytest.fixture
    def hidden(self, alpha, staff, monkeypatch):
        """A reader without the right to read e-mail addresses."""
        monkeypatch.setattr(Member, "restricted", {"see_mail": ("email",)})
        declared_columns.cache_clear()
        yield replace(alpha, rights=Rights(alpha.rights.granted, frozenset()))
        monkeypatch.undo()
        declared_columns.cache_clear()

    def test_a_hidden_column_can_be_neither_shown_nor_filtered_nor_sorted(self, hidden):
        for params in ({"columns": "email"}, {"f.email": "bo@"}, {"sort": "email"}):
            query = members(hidden, **params)
            assert query.notes, params
            assert "email" not in {c.name for c in query.shown}
            assert len(names(query)) == len(names(members(hidden)))

    def test_it_is_told_in_the_words_of_a_column_that_is_not_there(self, hidden):
        told = members(hidden, **{"f.email": "x"}).notes[0].replace("email", "?")
        assert told == members(hidden, **{"f.nonsense": "x"}).notes[0].replace("nonsense", "?")


class TestOrderAndPages:
    def test_sorting_by_a_reference_goes_by_its_title(self, alpha, staff):
        query = members(alpha, sort="-team,name")
        assert names(query)[:3] == ["Cyril", "Anna", "Bo"]

    def test_a_heading_turns_the_order_around(self, alpha):
        query = members(alpha, sort="name")
        assert query.address(sort="-name") == "?sort=-name"

    def test_a_page_beyond_the_last_is_the_last(self, alpha, staff):
        assert members(alpha, page="99").page == 1
        assert members(alpha, page="x").page == 1

    def test_the_number_of_queries_does_not_depend_on_the_rows(self, alpha, staff):
        def count() -> int:
            with CaptureQueriesContext(connections["default"]) as queries:
                names(members(alpha))
            return len(queries)

        few = count()
        Member.objects.bulk_create(Member(code=f"m{n}", name=f"M {n}", team=staff["north"]) for n in range(30))
        assert count() == few
