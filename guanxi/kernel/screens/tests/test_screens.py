"""One work place with the menus people know, made of what each member may see (M22.6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guanxi.kernel.access.grants import Rights, union
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.screens import checks
from guanxi.kernel.screens.cells import rows_of
from guanxi.kernel.screens.menu import GROUPS, makeable, menu_of
from guanxi.kernel.screens.panels import DeclaredPanel, Panel, bare, counts_of, offered
from guanxi.kernel.screens.screen import SCREENS, Screen, record_url, screen_of


class TestMenu:
    def test_it_holds_what_the_member_may_see_and_no_empty_group(self, alpha):
        reader = replace(alpha, rights=union([({"access.member": "view"}, ())]))
        paths = [item.path for group in menu_of(reader) for item in group["items"]]
        assert "setup/members" in paths and "setup/roles" not in paths
        assert all(group["items"] for group in menu_of(reader))

    def test_groups_keep_their_order(self, alpha):
        keys = [group["key"] for group in menu_of(alpha)]
        assert keys == [key for key in GROUPS if key in keys]

    def test_nothing_can_be_made_without_the_right_to_add(self, alpha):
        assert makeable(replace(alpha, rights=Rights())) == []


class TestNames:
    def test_every_screen_s_names_resolve(self):
        assert checks.check_screens() == []

    def test_a_name_that_leads_nowhere_is_an_error_that_says_which_would(self, monkeypatch):
        members = SCREENS["setup/members"]
        monkeypatch.setattr(members, "columns", ("name", "nmae"))
        [error] = checks.check_screens()
        assert "nmae" in error.msg and "name" in error.msg

    def test_a_model_has_its_page(self):
        assert screen_of(Member).path == "setup/members"
        assert record_url("alpha", "access.member", 7) == "/alpha/setup/members/7/"
        assert record_url("alpha", "events.event", 7) == ""

    def test_a_choice_follows_the_field_it_belongs_to(self):
        found = {screen.path: screen.narrowing() for screen in SCREENS.values()}
        assert found["setup/members"] == {}
        assert all(":" in rule for rules in found.values() for rule in rules.values())


class TestCells:
    def test_a_reference_is_a_link_only_where_its_row_may_be_seen(self, alpha):
        team = Team.objects.create(name="North")
        Member.objects.create(code="an", name="Anna", team=team)
        columns = SCREENS["setup/members"].seen(("name", "team"), alpha)
        rows = Member.objects.filter(code="an")
        [row] = rows_of(rows, columns, alpha, "alpha")
        assert (row["team"].title, row["team"].url) == ("North", f"/alpha/setup/teams/{team.pk}/")
        blind = replace(alpha, rights=union([({"access.member": "view"}, ())]))
        [row] = rows_of(rows, columns, blind, "alpha")
        assert (row["team"].title, row["team"].url) == ("North", "")

    def test_many_related_rows_are_one_cell(self, alpha, member):
        actor = member("administrator")
        columns = SCREENS["setup/members"].seen(("name", "roles"), alpha)
        [row] = rows_of(Member.objects.filter(pk=actor.member_id), columns, alpha, "alpha")
        assert [part.title for part in row["roles"].parts] == ["Administrator"]

    def test_a_name_that_was_not_fetched_is_a_key_error(self, alpha):
        [row] = rows_of(Member.objects.filter(code="admin"), SCREENS["setup/members"].seen(("name",), alpha), alpha, "alpha")
        with pytest.raises(KeyError):
            row["team"]
        assert row.get("team") is None


class TestPanels:
    def test_counts_of_all_tabs_come_with_one_query_and_count_only_what_may_be_seen(self, alpha, django_assert_num_queries):
        team = Team.objects.create(name="North")
        for number in range(3):
            Member.objects.create(code=f"m{number}", name=f"M {number}", team=team)

        panels = [
            DeclaredPanel("members", "Members", 1, lambda one, actor: Panel(SCREENS["setup/members"], Member.objects.filter(team=one))),
            DeclaredPanel("parts", "Parts", 2, lambda one, actor: Panel(SCREENS["setup/teams"], Team.objects.filter(parent=one))),
        ]
        with django_assert_num_queries(1):
            assert counts_of(team, panels, alpha) == {"members": 3, "parts": 0}
        assert counts_of(team, panels, replace(alpha, rights=Rights())) == {"members": 0, "parts": 0}
        other = Team.objects.create(name="South", parent=team)
        with django_assert_num_queries(1):
            assert counts_of(other, panels, alpha) == {"members": 0, "parts": 0} and other.pk != team.pk
        assert counts_of(team, panels, alpha) == {"members": 3, "parts": 1}

    def test_rows_of_every_panel_follow_from_the_id_alone(self, alpha, django_assert_num_queries):
        made = [(model, one) for model in {screen.model for screen in SCREENS.values()} for one in offered(alpha, model)]
        assert len(made) > 60
        with django_assert_num_queries(0):
            for model, declared in made:
                declared.make(bare(model, 7), alpha).rows.query.sql_with_params()


class TestDoors:
    def test_every_address_of_pages_asks_for_a_right(self):
        from django.urls import get_resolver

        open_doors = [
            str(pattern.pattern) for pattern in _patterns(get_resolver().url_patterns)
            if pattern.callback.__module__.startswith("guanxi.web") and not hasattr(pattern.callback, "right")
        ]
        assert open_doors == []

    def test_a_screen_without_a_path_is_only_a_base(self):
        class Half(Screen):
            pass

        assert Half not in SCREENS.values()


def _patterns(found):
    for pattern in found:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern
