"""Creating, changing, deleting and undoing records; what is refused changes nothing."""

import pytest

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import change_record, change_records, create_record, create_records, delete_record
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Conflict, Forbidden, Invalid, Missing, Refused


def _team(alpha, name, **values):
    return create_record(Team, {"name": name, **values}, actor=alpha).result


class TestCreating:
    def test_a_new_row_has_an_act_and_a_history(self, alpha):
        outcome = create_record(Team, {"name": "East"}, actor=alpha)
        act = Act.objects.get(pk=outcome.act_id)
        assert (act.operation, act.member_id, act.arguments) == ("access.team.add", alpha.member_id, {"name": "East"})
        assert act.outcome == {"model": "access.team", "id": outcome.result.pk, "title": "East"}
        history = History.objects.get(model="access.team", row_id=outcome.result.pk)
        assert (history.kind, history.act_id, history.changes) == ("created", outcome.act_id, None)

    def test_the_same_key_twice_makes_one_row_and_gives_it_back(self, alpha):
        first = create_record(Team, {"name": "East"}, actor=alpha, key="k")
        second = create_record(Team, {"name": "East"}, actor=alpha, key="k")
        assert second.replayed and second.result == first.result
        assert Team.objects.filter(name="East").count() == 1

    def test_the_same_key_with_other_values_says_what_was_saved(self, alpha):
        create_record(Team, {"name": "East"}, actor=alpha, key="k")
        with pytest.raises(Refused, match="East"):
            create_record(Team, {"name": "West"}, actor=alpha, key="k")

    def test_every_wrong_column_is_explained_at_once(self, alpha):
        with pytest.raises(Invalid) as refusal:
            create_record(Team, {"name": " ", "parent": "nobody", "colour": "red"}, actor=alpha)
        assert set(refusal.value.errors) == {"name", "parent", "colour"}

    def test_a_name_that_is_taken_is_refused_before_the_database_does(self, alpha):
        _team(alpha, "East")
        with pytest.raises(Invalid) as refusal:
            create_record(Team, {"name": "East"}, actor=alpha)
        assert set(refusal.value.errors) == {"name"}

    def test_a_name_that_stands_twice_in_one_batch_is_refused(self, alpha):
        with pytest.raises(Invalid, match="1.*2"):
            create_records(Team, [{"name": "East"}, {"name": "East"}], actor=alpha)


class TestChanging:
    def test_a_change_raises_the_version_and_keeps_old_and_new(self, alpha):
        team = _team(alpha, "East")
        outcome = change_record(team, {"name": "West"}, actor=alpha, version=1)
        team.refresh_from_db()
        assert (team.name, team.version) == ("West", 2)
        assert History.objects.get(act_id=outcome.act_id).changes == {"name": ["East", "West"]}

    def test_a_row_changed_meanwhile_is_a_conflict_with_both_values(self, alpha):
        team = _team(alpha, "East")
        change_record(team, {"name": "West"}, actor=alpha)
        with pytest.raises(Conflict) as conflict:
            change_record(team, {"name": "South"}, actor=alpha, version=1)
        assert (conflict.value.theirs, conflict.value.mine) == ({"name": "West"}, {"name": "South"})

    def test_bulk_change_writes_all_rows(self, alpha):
        parent, teams = _team(alpha, "All"), [_team(alpha, n) for n in ("A", "B", "C")]
        change_records(Team, [t.pk for t in teams], {"parent": parent.pk}, actor=alpha)
        assert Team.objects.filter(parent=parent).count() == 3

    def test_a_row_that_is_not_there_is_missing(self, alpha):
        with pytest.raises(Missing):
            change_record(987654321, {"name": "X"}, actor=alpha, model=Team)


class TestRights:
    def test_without_the_right_nothing_is_written(self, alpha, member):
        nobody = member()
        with pytest.raises(Forbidden):
            create_record(Team, {"name": "East"}, actor=nobody)
        assert not Team.objects.filter(name="East").exists()

    def test_a_right_taken_away_ends_with_the_next_request(self, alpha):
        role = Role.objects.create(key="team_maker", name={"en": "Team maker"}, grants={"access.team": "view add"})
        row = Member.objects.create(code="m1", name="M")
        row.roles.add(role)
        assert actor_of(row.pk).may("add", Team)
        row.roles.clear()
        assert not actor_of(row.pk).may("add", Team)
        row.is_active = False
        row.save()
        assert actor_of(row.pk) is None


class TestUndo:
    def test_undo_takes_back_a_creation(self, alpha):
        outcome = create_record(Team, {"name": "East"}, actor=alpha)
        undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)
        assert not Team.objects.filter(name="East").exists()

    def test_undo_restores_a_change_and_a_deletion(self, alpha):
        team = _team(alpha, "East")
        changed = change_record(team, {"name": "West"}, actor=alpha)
        undo_act(Act.objects.get(pk=changed.act_id), actor=alpha)
        team.refresh_from_db()
        assert team.name == "East"
        deleted = delete_record(team, actor=alpha)
        undo_act(Act.objects.get(pk=deleted.act_id), actor=alpha)
        assert Team.objects.get(pk=team.pk).name == "East"

    def test_what_was_touched_again_is_not_undone(self, alpha):
        team = _team(alpha, "East")
        first = change_record(team, {"name": "West"}, actor=alpha)
        change_record(team, {"name": "South"}, actor=alpha)
        with pytest.raises(Refused, match="South"):
            undo_act(Act.objects.get(pk=first.act_id), actor=alpha)

    def test_a_later_change_that_was_undone_itself_does_not_stand_in_the_way(self, alpha):
        team = _team(alpha, "East")
        first = change_record(team, {"name": "West"}, actor=alpha)
        second = change_record(team, {"name": "South"}, actor=alpha)
        with pytest.raises(Refused, match="changed again since"):
            undo_act(Act.objects.get(pk=first.act_id), actor=alpha)
        undo_act(Act.objects.get(pk=second.act_id), actor=alpha)
        undo_act(Act.objects.get(pk=first.act_id), actor=alpha)
        team.refresh_from_db()
        assert team.name == "East"

    def test_nothing_is_undone_twice(self, alpha):
        outcome = create_record(Team, {"name": "East"}, actor=alpha)
        undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)
        with pytest.raises(Refused):
            undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)


class TestDeleting:
    def test_what_others_refer_to_is_named(self, alpha):
        parent = _team(alpha, "All")
        _team(alpha, "Part", parent=parent.pk)
        with pytest.raises(Refused, match="1"):
            delete_record(parent, actor=alpha)
