"""One thing done to many rows: tried first, done as one act, gone on with by the worker, undone as one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from guanxi.kernel.access.grants import union
from guanxi.kernel.access.models import Role, Team
from guanxi.kernel.acts.models import Act, ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import change_record, create_records
from guanxi.kernel.deeds import running
from guanxi.kernel.deeds.deed import Deed
from guanxi.kernel.deeds.models import BulkRun
from guanxi.kernel.deeds.running import begin, go_on_once, stop_run, try_out
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.notices.queries import told
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_task


@pytest.fixture
def teams(alpha):
    """Six teams: A to E below Head."""
    [head] = create_records(Team, [{"name": "Head"}], actor=alpha).result
    below = create_records(Team, [{"name": name, "parent": head.pk} for name in "ABCDE"], actor=alpha).result
    return [head, *below]


def ids(rows) -> list[int]:
    return [row.pk for row in rows]


class TestTrying:
    def test_nothing_of_it_stays(self, alpha, teams):
        acts = Act.objects.count()
        trial = try_out(Deed(Team, "change", {"parent": ""}), ids(teams), alpha)
        assert (trial.total, trial.ready, trial.tried, trial.same, trial.problems) == (6, 6, 6, 1, [])
        assert Team.objects.filter(parent=teams[0]).count() == 5 and Act.objects.count() == acts

    def test_equal_reasons_are_one_the_most_frequent_first(self, alpha, teams):
        gone = [10**9, 10**9 + 1]
        trial = try_out(Deed(Team, "change", {"parent": teams[1].pk}), [*ids(teams), *gone], alpha)
        assert trial.ready == 8 - len(trial.problems)
        assert ("It is no longer there, or you may not see it.", gone) in trial.reasons

    def test_of_rows_that_were_not_tried_it_is_known_how_many_they_are_whatever_came_of_the_others(self, alpha, teams, monkeypatch):
        monkeypatch.setattr(running, "chunk_of", lambda deed: 5)
        trial = try_out(Deed(Team, "delete"), ids(teams), alpha)
        assert [rows for _reason, rows in trial.reasons] == [[teams[0].pk]], "the one with others below it"
        assert (trial.tried, trial.untried, trial.sound, trial.ready) == (5, 1, 4, 5)

    def test_values_that_no_row_takes_are_told_once(self, alpha, teams):
        trial = try_out(Deed(Team, "change", {"parent": 10**9}), ids(teams), alpha)
        [(reason, rows)] = trial.reasons
        assert "There is no" in reason and rows == ids(teams)


class TestDoing:
    def test_it_is_one_act_and_undone_as_one(self, alpha, teams):
        outcome = begin(Deed(Team, "change", {"parent": ""}), ids(teams), actor=alpha, key="k")
        run = outcome.result
        assert (run.done, run.refused, run.total) == (6, 0, 6) and run.ended_at is not None
        assert History.objects.filter(act_id=outcome.act_id, kind="changed").count() == 5
        undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)
        assert Team.objects.filter(parent=teams[0]).count() == 5

    def test_the_same_key_does_it_once(self, alpha, teams):
        first = begin(Deed(Team, "change", {"parent": ""}), ids(teams), actor=alpha, key="k")
        again = begin(Deed(Team, "change", {"parent": ""}), ids(teams), actor=alpha, key="k")
        assert again.replayed and again.result == first.result and BulkRun.objects.count() == 1

    def test_refused_rows_are_left_and_named_and_the_others_done(self, alpha, teams):
        below = create_records(Team, [{"name": "Below A", "parent": teams[1].pk}], actor=alpha).result
        gone = 10**9
        run = begin(Deed(Team, "delete"), [below[0].pk, gone, teams[3].pk], actor=alpha).result
        assert (run.done, run.refused) == (2, 1)
        assert run.reasons == [("It is no longer there, or you may not see it.", [gone])]
        assert not Team.objects.filter(pk__in=[below[0].pk, teams[3].pk]).exists()

    def test_where_every_row_is_refused_nothing_is_written(self, alpha, teams):
        acts = Act.objects.count()
        with pytest.raises(Refused, match="Nothing was done: It is no longer there"), transaction.atomic():
            begin(Deed(Team, "delete"), [10**9], actor=alpha)
        assert BulkRun.objects.count() == 0 and Act.objects.count() == acts

    def test_without_the_right_it_is_refused_at_once(self, alpha, teams):
        nobody = replace(alpha, rights=union([({"access.team": "view"}, ())]))
        with pytest.raises(Forbidden):
            begin(Deed(Team, "delete"), ids(teams), actor=nobody)
        assert Team.objects.filter(pk__in=ids(teams)).count() == 6


class TestOperations:
    @pytest.fixture
    def tasks(self, alpha, teams):
        return [add_task(target_model="access.team", target_id=teams[0].pk, body=f"Call {n}", actor=alpha) for n in range(3)]

    def test_each_row_has_its_say_and_its_state(self, alpha, tasks):
        begin(Deed(Activity, "activities.finish_task", {"outcome": "Reached"}), ids(tasks[:1]), actor=alpha)
        deed = Deed(Activity, "activities.finish_task", {"outcome": "Not reached"})
        trial = try_out(deed, ids(tasks), alpha)
        assert trial.ready == 2 and [rows for _reason, rows in trial.reasons] == [[tasks[0].pk]]
        run = begin(deed, ids(tasks), actor=alpha).result
        assert (run.done, run.refused) == (2, 1)
        assert sorted(Activity.objects.filter(pk__in=ids(tasks)).values_list("outcome", flat=True)) == ["Not reached", "Not reached", "Reached"]

    def test_rows_that_need_an_approval_wait_for_it(self, alpha, tasks):
        role = Role.objects.create(key="chief", name={"en": "Chief"}, grants={})
        ApprovalRule.objects.create(
            name={"en": "Second look"}, operation="activities.finish_task", condition='body = "Call 1"', approvers=role,
        )
        run = begin(Deed(Activity, "activities.finish_task", {"outcome": "x"}), ids(tasks), actor=replace(alpha, kind="staff")).result
        assert (run.done, run.waiting, run.refused) == (2, 1, 0)
        assert ApprovalRequest.objects.get(status="waiting").target_id == tasks[1].pk


class TestInTheBackground:
    @pytest.fixture
    def run(self, alpha, teams, monkeypatch):
        """Six rows, two at a time."""
        monkeypatch.setattr(running, "AT_ONCE", 2)
        monkeypatch.setattr(running, "chunk_of", lambda deed: 2)
        return begin(Deed(Team, "change", {"parent": ""}), ids(teams), actor=alpha).result

    def test_it_goes_on_part_by_part_under_one_act_and_tells_its_end(self, alpha, teams, run):
        assert (run.taken, run.ended_at, Act.objects.get(pk=run.act_id).result) == (0, None, "running")
        assert [go_on_once(run.pk, alpha) for _turn in range(3)] == [True, True, False]
        run.refresh_from_db()
        assert (run.taken, run.done, run.refused, run.ids) == (6, 6, 0, [])
        assert Act.objects.get(pk=run.act_id).result == "done"
        assert set(History.objects.filter(model="access.team", kind="changed").values_list("act_id", flat=True)) == {run.act_id}
        notice = Notification.objects.get(kind="bulk_ended")
        assert (notice.target_id, notice.arguments) == (run.pk, {"done": 6, "refused": 0})
        assert [one.text for one in told([notice], alpha, "alpha")] == ["finished: Team: change, 6 done, 0 refused"]
        assert go_on_once(run.pk, alpha) is False

    def test_while_it_is_at_work_it_is_stopped_not_undone(self, alpha, teams, run):
        go_on_once(run.pk, alpha)
        act = Act.objects.get(pk=run.act_id)
        with pytest.raises(Refused, match="still at work"):
            undo_act(act, actor=alpha)
        stop_run(run, actor=alpha)
        assert go_on_once(run.pk, alpha) is False
        undo_act(Act.objects.get(pk=run.act_id), actor=alpha)
        assert Team.objects.filter(parent=teams[0]).count() == 5

    def test_what_another_wrote_between_two_parts_is_not_undone(self, alpha, teams, run):
        go_on_once(run.pk, alpha)
        change_record(teams[1], {"name": "A changed"}, actor=alpha)
        go_on_once(run.pk, alpha)
        go_on_once(run.pk, alpha)
        with pytest.raises(Refused, match="“A changed” was changed again since"):
            undo_act(Act.objects.get(pk=run.act_id), actor=alpha)
