"""A view is a name for what a list shows, and never shows more than its reader may see (M1.7)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.grants import Rights
from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.columns.registry import declared_columns
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Forbidden, Invalid, Missing, Refused
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.views.models import SavedView, ViewMark
from guanxi.kernel.views.operations import (
    choose_default_view,
    delete_view,
    pin_view,
    rename_view,
    save_view,
    share_view,
    unpin_view,
    update_view,
)
from guanxi.kernel.views.queries import Marks, shown_view, view_named, views_of

TEAMS, MEMBERS = "setup/teams", "setup/members"
USER = {
    "access.team": "view", "access.member": "view", "views.savedview": "view:own view:shared add:own change:own delete:own",
    "views.save_view": "company", "views.pin_view": "company", "views.unpin_view": "company", "views.choose_default_view": "company",
    "views.rename_view": "own", "views.update_view": "own", "views.delete_view": "own", "views.share_view": "own",
}


def someone(code: str, grants: dict[str, str] | None = None, **fields):
    role = Role.objects.create(key=f"role-{code}", name={"en": code}, grants=USER if grants is None else grants)
    member = Member.objects.create(code=code, name=code.title(), **fields)
    member.roles.set([role])
    return actor_of(member.pk, language="en")


@pytest.fixture
def ann(alpha):
    return someone("ann")


@pytest.fixture
def bob(alpha):
    return someone("bob")


def keys(screen: str, actor) -> list[str]:
    return [view.key for view in views_of(SCREENS[screen], actor)]


class TestSaving:
    def test_a_view_keeps_the_state_of_the_list_and_nothing_else(self, ann):
        view = save_view(actor=ann, screen=TEAMS, name=" North  only ", query="?f.name=North&sort=-name&page=3&view=7&x=1")
        assert (view.name, view.query, view.owner_id) == ("North only", "f.name=North&sort=-name", ann.member_id)

    def test_two_views_of_one_owner_and_list_have_two_names(self, ann, bob):
        view = save_view(actor=ann, screen=TEAMS, name="Mine")
        save_view(actor=ann, screen=MEMBERS, name="Mine")
        save_view(actor=bob, screen=TEAMS, name="Mine")
        with pytest.raises(Refused, match="of this name already"):
            save_view(actor=ann, screen=TEAMS, name="Mine")
        other = save_view(actor=ann, screen=TEAMS, name="Other")
        with pytest.raises(Refused, match="of this name already"):
            rename_view(other, actor=ann, name="Mine")
        assert rename_view(view, actor=ann, name="First").name == "First"

    @pytest.mark.parametrize(("query", "word"), [("f.secret=1", "secret"), ("sort=nothing", "nothing"), ("f.is_active=perhaps", "yes or no")])
    def test_what_the_list_cannot_show_is_not_saved(self, ann, query, word):
        with pytest.raises(Refused, match=word):
            save_view(actor=ann, screen=MEMBERS, name="Odd", query=query)
        assert not SavedView.objects.exists()

    def test_a_list_one_may_not_open_has_no_views(self, alpha):
        blind = someone("blind", {**USER, "access.team": ""})
        with pytest.raises(Missing):
            save_view(actor=blind, screen=TEAMS, name="Teams")
        with pytest.raises(Missing):
            pin_view(actor=blind, screen=TEAMS, view="all")

    def test_its_owner_alone_changes_and_deletes_it(self, ann, bob):
        view = save_view(actor=ann, screen=TEAMS, name="Ours")
        share_view(view, actor=ann, sharing="everybody")
        for act in (lambda: rename_view(view, actor=bob, name="Bob's"), lambda: update_view(view, actor=bob, query="q=x"),
                    lambda: share_view(view, actor=bob, sharing="nobody"), lambda: delete_view(view, actor=bob)):
            with pytest.raises(Forbidden):
                act()
        update_view(view, actor=ann, query="q=north")
        assert SavedView.objects.get().query == "q=north"
        delete_view(view, actor=ann)
        assert not SavedView.objects.exists()


class TestSharing:
    def test_nobody_else_sees_a_view_until_it_is_shared(self, ann, bob):
        view = save_view(actor=ann, screen=TEAMS, name="Ours", query="f.name=a")
        assert str(view.pk) not in keys(TEAMS, bob)
        share_view(view, actor=ann, sharing="everybody")
        seen = view_named(SCREENS[TEAMS], bob, str(view.pk))
        assert (seen.name, seen.state, seen.owner, seen.is_own) == ("Ours", {"f.name": "a"}, "Ann", False)

    def test_holders_of_a_role_see_what_is_shared_with_it(self, ann, bob):
        view = save_view(actor=ann, screen=TEAMS, name="Ours")
        share_view(view, actor=ann, sharing="roles", to_roles="role-bob")
        cyd = someone("cyd")
        assert str(view.pk) in keys(TEAMS, bob) and str(view.pk) not in keys(TEAMS, cyd)
        with pytest.raises(Refused, match="no role called wizard"):
            share_view(view, actor=ann, sharing="roles", to_roles="wizard")
        with pytest.raises(Refused, match="at least one role"):
            share_view(view, actor=ann, sharing="roles")

    def test_who_may_not_open_the_list_does_not_hear_of_its_views(self, ann):
        share_view(save_view(actor=ann, screen=TEAMS, name="Ours"), actor=ann, sharing="everybody")
        blind = someone("blind", {**USER, "access.team": ""})
        assert not SavedView.objects.visible_to(blind).exists()

    def test_sharing_needs_a_right_of_its_own_on_every_way(self, alpha):
        quiet = someone("quiet", {name: text for name, text in USER.items() if name != "views.share_view"})
        view = save_view(actor=quiet, screen=TEAMS, name="Loud")
        with pytest.raises(Forbidden):
            share_view(view, actor=quiet, sharing="everybody")
        with pytest.raises(Invalid, match="may not share"):
            change_record(view, {"sharing": "everybody"}, actor=quiet)
        with pytest.raises(Invalid, match="may not share"):
            create_record(SavedView, {"screen": TEAMS, "name": "Louder", "sharing": "everybody"}, actor=quiet)
        assert set(SavedView.objects.values_list("sharing", flat=True)) == {"nobody"}

    def test_nobody_saves_a_view_in_another_s_name(self, ann, bob):
        with pytest.raises(Forbidden):
            create_record(SavedView, {"screen": TEAMS, "name": "Trap", "owner": bob.member_id}, actor=ann)


class TestColumnsOutOfSight:
    @pytest.fixture
    def hidden(self, bob, monkeypatch):
        """Bob, from whom e-mail addresses are kept."""
        monkeypatch.setattr(Member, "restricted", {"see_mail": ("email",)})
        declared_columns.cache_clear()
        yield replace(bob, rights=Rights(bob.rights.granted, frozenset()))
        monkeypatch.undo()
        declared_columns.cache_clear()

    def test_the_view_is_applied_without_them_and_says_so(self, alpha, hidden):
        view = save_view(actor=alpha, screen=MEMBERS, name="Mails", query="f.email=x&sort=email,name&columns=name,email&f.is_active=yes")
        share_view(view, actor=alpha, sharing="everybody")
        seen = view_named(SCREENS[MEMBERS], hidden, str(view.pk))
        assert seen.is_cut and seen.state == {"f.is_active": "yes", "columns": "name"}
        assert "email" not in seen.address("alpha")
        query = ListQuery(SCREENS[MEMBERS], hidden, seen.state)
        assert not query.notes and {row["name"].value for row in query.fetch()} >= {"Admin", "Bob"}
        assert not view_named(SCREENS[MEMBERS], alpha, str(view.pk)).is_cut


class TestRelativeWords:
    def test_me_my_team_and_this_month_are_kept_as_words(self, ann):
        view = save_view(actor=ann, screen=MEMBERS, name="Mine", query="f.reports_to=me,my_team&f.team=my_team")
        assert view.query == "f.reports_to=me,my_team&f.team=my_team"

    def test_my_team_is_the_reader_s_and_those_below(self, alpha):
        north = Team.objects.create(name="North")
        coast = Team.objects.create(name="Coast", parent=north)
        south = Team.objects.create(name="South")
        head = someone("head", team=north)
        someone("clerk", team=coast)
        other = someone("other", team=south)

        def names(actor, **params):
            return sorted(row["name"].value for row in ListQuery(SCREENS[MEMBERS], actor, params).fetch())

        assert names(head, **{"f.team": "my_team"}) == ["Clerk", "Head"]
        assert names(other, **{"f.team": "my_team"}) == ["Other"]
        Member.objects.filter(code="other").update(reports_to=Member.objects.get(code="clerk"))
        assert names(head, **{"f.reports_to": "my_team"}) == ["Other"]
        assert names(other, **{"f.reports_to": "my_team"}) == []
        assert ListQuery(SCREENS[MEMBERS], head, {"f.reports_to": "me,my_team"}).filters[0].text == "me, my team"


class TestMarks:
    def test_everybody_pins_and_opens_lists_for_themselves(self, ann, bob):
        view = save_view(actor=ann, screen=TEAMS, name="Ours", query="q=a", is_pinned=True, is_default=True)
        share_view(view, actor=ann, sharing="everybody")
        assert [one.name for one in Marks(ann).pinned()] == ["Ours"] and Marks(bob).pinned() == []
        assert Marks(ann).default_of(SCREENS[TEAMS]).address("alpha") == f"/alpha/setup/teams/?view={view.pk}&q=a"
        pin_view(actor=bob, screen=TEAMS, view=str(view.pk))
        pin_view(actor=bob, screen=TEAMS, view=str(view.pk))
        assert ViewMark.objects.filter(member_id=bob.member_id).count() == 1
        share_view(view, actor=ann, sharing="nobody")
        assert Marks(bob).pinned() == [], "what is no longer shared leaves the side bar"
        with pytest.raises(Missing):
            unpin_view(actor=bob, screen=TEAMS, view=str(view.pk))

    def test_one_view_opens_the_list_and_all_ends_it(self, ann):
        first = save_view(actor=ann, screen=TEAMS, name="First", is_default=True)
        second = save_view(actor=ann, screen=TEAMS, name="Second", is_default=True)
        assert Marks(ann).default_of(SCREENS[TEAMS]).key == str(second.pk)
        choose_default_view(actor=ann, screen=TEAMS, view=str(first.pk))
        assert Marks(ann).default_of(SCREENS[TEAMS]).key == str(first.pk)
        choose_default_view(actor=ann, screen=TEAMS, view="all")
        assert Marks(ann).default_of(SCREENS[TEAMS]) is None

    def test_built_in_views_are_pinned_by_their_word(self, ann):
        sales = someone("sue", {**USER, "sales.order": "view"})
        assert keys("sales/orders", sales)[:2] == ["all", "mine"] and "team" not in keys("sales/orders", sales)
        pin_view(actor=sales, screen="sales/orders", view="mine")
        assert [one.address("alpha") for one in Marks(sales).pinned()] == ["/alpha/sales/orders/?view=mine&f.owner=me"]


class TestTheViewThatIsShown:
    def test_a_state_is_recognised_and_a_change_is_told(self, ann):
        view = save_view(actor=ann, screen=TEAMS, name="North", query="f.name=North")
        screen, key = SCREENS[TEAMS], str(view.pk)
        views = views_of(screen, ann)
        same = shown_view(screen, views, {"f.name": "North", "sort": screen.default_sort, "page": "2"})
        assert (same.view.key, same.is_changed) == (key, False)
        more = shown_view(screen, views, {"view": key, "f.name": "North", "q": "x"})
        assert (more.view.key, more.is_changed, more.query) == (key, True, "f.name=North&q=x")
        assert shown_view(screen, views, {"view": key}).is_changed, "all filters taken away"
        assert shown_view(screen, views, {}).view.key == "all"
        assert shown_view(screen, views, {"view": "999", "q": "x"}).view is None

    def test_another_shape_alone_does_not_change_what_nobody_saved_in_a_shape(self, ann):
        saved = save_view(actor=ann, screen=TEAMS, name="North", query="f.name=North")
        screen, views = SCREENS[TEAMS], views_of(SCREENS[TEAMS], ann)
        for params in ({"view": "all"}, {}):
            shown = shown_view(screen, views, params, "pivot")
            assert (shown.view.key, shown.is_changed) == ("all", False)
        assert shown_view(screen, views, {"view": "all", "rows": "name"}, "pivot").is_changed
        assert shown_view(screen, views, {"view": str(saved.pk), "f.name": "North"}, "pivot").is_changed, "its shape was saved with it"

    def test_views_cost_two_queries_however_many_there_are(self, ann):
        def count() -> int:
            with CaptureQueriesContext(connections["default"]) as queries:
                views_of(SCREENS[TEAMS], ann)
            return len(queries)

        assert count() == 2
        for number in range(5):
            save_view(actor=ann, screen=TEAMS, name=f"V {number}", is_pinned=True)
        assert count() == 2


def test_the_same_click_twice_saves_one_view(ann):
    raw = {"screen": TEAMS, "name": "Once", "query": "", "shown_as": "list"}
    first = perform(save_view, actor=ann, key="k1", raw=raw)
    again = perform(save_view, actor=ann, key="k1", raw=raw)
    assert again.replayed and again.result.pk == first.result.pk and SavedView.objects.count() == 1
