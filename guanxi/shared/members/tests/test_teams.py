"""The tree of teams, and whose rows it lets whom see (M22.1, M22.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import change_record, change_records, create_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.members.operations import move_team
from guanxi.shared.members.queries import team_tree


@pytest.fixture
def tree(alpha):
    """Head office > Sales > East > Shanghai, and Stores beside Sales; made as a form makes them."""
    teams = {}
    for name, parent in (("Head office", None), ("Sales", "Head office"), ("East", "Sales"), ("Shanghai", "East"), ("Stores", "Head office")):
        values = {"name": name, **({"parent": teams[parent].pk} if parent else {})}
        teams[name] = create_record(Team, values, actor=alpha, by_id=True).result
    return teams


def path_of(team):
    return Team.objects.get(pk=team.pk).path


def names(teams):
    return sorted(Team.objects.filter(pk__in=teams).values_list("name", flat=True))


class TestPaths:
    def test_a_team_made_by_a_form_has_its_place_in_the_tree(self, tree):
        ids = [tree[name].pk for name in ("Head office", "Sales", "East", "Shanghai")]
        assert path_of(tree["Shanghai"]) == "/" + "".join(f"{pk}/" for pk in ids)

    def test_all_below_move_with_a_team(self, tree, alpha):
        move_team(tree["East"], actor=alpha, parent=tree["Stores"])
        head, stores, east, shanghai = (tree[name].pk for name in ("Head office", "Stores", "East", "Shanghai"))
        assert path_of(tree["Shanghai"]) == f"/{head}/{stores}/{east}/{shanghai}/"
        move_team(tree["East"], actor=alpha)
        assert path_of(tree["Shanghai"]) == f"/{east}/{shanghai}/"

    def test_a_move_can_be_undone_with_all_below(self, tree, alpha):
        before = [path_of(team) for team in tree.values()]
        outcome = perform(move_team, tree["Sales"], actor=alpha, arguments={"parent": tree["Stores"]})
        assert [path_of(team) for team in tree.values()] != before
        perform(undo_act, Act.objects.get(pk=outcome.act_id), actor=alpha)
        assert [path_of(team) for team in tree.values()] == before

    def test_a_circle_is_refused_by_operation_form_and_database(self, tree, alpha):
        with pytest.raises(Refused, match="cannot be part of itself"):
            move_team(tree["Sales"], actor=alpha, parent=tree["Shanghai"])
        with pytest.raises(Invalid, match="cannot be part of itself") as refused:
            change_record(tree["Sales"], {"parent": tree["Shanghai"].pk}, actor=alpha, by_id=True)
        assert set(refused.value.errors) == {"parent"}
        with pytest.raises(Invalid, match="cannot be part of itself"):
            change_records(Team, [tree["Sales"].pk, tree["Stores"].pk], {"parent": tree["Shanghai"].pk}, actor=alpha, by_id=True)
        with pytest.raises(IntegrityError, match="team_no_cycle"), transaction.atomic():
            Team.objects.filter(pk=tree["Sales"].pk).update(parent=tree["Shanghai"])
        assert path_of(tree["Sales"]) == f"/{tree['Head office'].pk}/{tree['Sales'].pk}/"

    def test_a_path_cannot_be_written_by_hand(self, tree):
        Team.objects.filter(pk=tree["East"].pk).update(path="/")
        assert path_of(tree["East"]).endswith(f"/{tree['East'].pk}/")


class TestSight:
    def test_the_scope_of_a_team_is_the_team_and_all_below(self, tree, member):
        assert names(member(team=tree["Sales"]).team_ids) == ["East", "Sales", "Shanghai"]
        assert names(member(team=tree["Shanghai"]).team_ids) == ["Shanghai"]
        assert member().team_ids == ()

    def test_a_lead_has_the_sight_of_the_team_wherever_they_sit(self, tree, member):
        lead = member(team=tree["Stores"])
        Team.objects.filter(pk=tree["East"].pk).update(lead=lead.member_id)
        assert names(actor_of(lead.member_id).team_ids) == ["East", "Shanghai", "Stores"]

    def test_a_member_of_a_new_team_does_not_see_every_team(self, alpha, tree, member):
        lonely = create_record(Team, {"name": "Lonely"}, actor=alpha).result
        assert names(member(team=lonely).team_ids) == ["Lonely"]

    def test_a_move_changes_the_sight_with_the_next_request(self, tree, member, alpha):
        chief = member(team=tree["Stores"])
        move_team(tree["East"], actor=alpha, parent=tree["Stores"])
        assert names(actor_of(chief.member_id).team_ids) == ["East", "Shanghai", "Stores"]


class TestTree:
    def test_it_lists_each_team_after_its_own_with_the_people_below_counted(self, tree, member, alpha):
        for name, number in (("Sales", 2), ("Shanghai", 3)):
            for _n in range(number):
                member(team=tree[name])
        found = [(b.team.name, b.depth, len(b.members), b.below) for b in team_tree(alpha)]
        assert found == [("Head office", 0, 0, 5), ("Sales", 1, 2, 5), ("East", 2, 0, 3), ("Shanghai", 3, 3, 3), ("Stores", 1, 0, 0)]

    def test_it_asks_twice_however_large(self, tree, alpha):
        with CaptureQueriesContext(connection) as queries:
            team_tree(alpha)
        assert len(queries) == 2


class TestRolesForATime:
    def test_a_role_holds_between_its_days_and_not_outside(self, alpha, member):
        person = member()
        role = Role.objects.get(key="accountant")
        today = alpha.today
        for begins, ends, holds in (
            (None, None, True), (today, today, True), (today - timedelta(9), None, True), (today + timedelta(1), None, False),
            (None, today - timedelta(1), False), (today - timedelta(3), today + timedelta(3), True),
        ):
            from guanxi.shared.members.operations import assign_role

            assign_role(Member.objects.get(pk=person.member_id), actor=alpha, role=role, valid_from=begins, valid_until=ends)
            assert (role.pk in actor_of(person.member_id).role_ids, actor_of(person.member_id).may("view", Team)) == (holds, holds), (begins, ends)
