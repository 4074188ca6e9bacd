"""Effects outside: once, after the commit, and again when it failed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.database import in_set, inside_set
from guanxi.kernel.outbox.channels import CHANNELS, Channel, Delayed, Undeliverable, Withdrawn, pause
from guanxi.kernel.outbox.jobs import forget_dispatches
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.operations import cancel_dispatch, retry_dispatch
from guanxi.kernel.outbox.queue import dispatch, dispatch_all, dispatch_of
from guanxi.kernel.outbox.worker import carry, claim_due, run_outbox, send_due
from guanxi.kernel.records.refusals import Forbidden, Refused

PAST = datetime(2020, 1, 1, tzinfo=UTC)


def state(row: Dispatch) -> tuple[str, int, str]:
    row.refresh_from_db()
    return row.status, row.attempts, row.error


def let_time_pass() -> None:
    """All pauses and leases are over."""
    Dispatch.objects.update(due_at=PAST)
    Dispatch.objects.filter(leased_until_at__isnull=False).update(leased_until_at=PAST)


class TestDispatching:
    def test_it_is_sent_once_and_its_channel_hears_of_it(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        assert send_due("alpha") == 1 and send_due("alpha") == 0
        assert state(row) == ("sent", 1, "") and row.sent_at is not None and row.leased_until_at is None
        assert probe.came == [("East", row.key)] and probe.recorded == [("sent", 1, "250 taken")]

    def test_it_knows_the_act_that_wanted_it(self, alpha, probe):
        team = Team.objects.create(name="East")
        outcome = run_act("test.send", actor=alpha, body=lambda scope: dispatch("probe", team))
        assert (outcome.result.act_id, outcome.result.title, outcome.result.pk) == (outcome.act_id, "East", dispatch_of(team).pk)

    def test_an_act_that_fails_sends_nothing(self, fresh_database, probe):
        with pytest.raises(RuntimeError), in_set("alpha"):
            dispatch("probe", Team.objects.create(name="East"))
            raise RuntimeError
        assert send_due("alpha") == 0 and probe.came == []

    def test_asking_twice_under_one_key_sends_once(self, alpha, probe):
        team = Team.objects.create(name="East")
        assert dispatch("probe", team, key="event-7").pk == dispatch("probe", team, key="event-7").pk
        assert send_due("alpha") == 1

    def test_many_are_written_in_one_statement_and_have_keys_of_their_own(self, alpha, probe):
        rows = dispatch_all("probe", [Team.objects.create(name=f"Team {n}") for n in range(5)])
        assert len({row.key for row in rows}) == 5 and send_due("alpha") == 5

    def test_what_is_due_later_waits(self, alpha, probe):
        dispatch("probe", Team.objects.create(name="East"), due_at=datetime(2090, 1, 1, tzinfo=UTC))
        assert send_due("alpha") == 0

    def test_a_channel_that_is_not_there_is_an_error_of_the_program(self, alpha):
        with pytest.raises(LookupError, match="no channel 'pigeon'"):
            dispatch("pigeon", Team.objects.create(name="East"))

    def test_the_effect_has_neither_transaction_nor_account_set(self, alpha, probe):
        seen = []
        probe.while_sending = lambda: seen.append((inside_set(), connections["default"].in_atomic_block))
        dispatch("probe", Team.objects.create(name="East"))
        send_due("alpha")
        assert seen == [(False, False)]


class TestFailing:
    def test_a_failure_waits_twice_as_long_each_time_and_the_key_stays(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        key, waits = row.key, []
        probe.failures = [Delayed("451 greylisted"), OSError("no route")]
        for _attempt in range(3):
            assert send_due("alpha") == 1
            row.refresh_from_db()
            waits.append(round((row.due_at - datetime.now(UTC)).total_seconds(), -1))
            let_time_pass()
        assert waits[:2] == [30, 60] and [pause(n) for n in (1, 2, 3, 10, 40)] == [30, 60, 120, 15360, 21600]
        assert state(row) == ("sent", 3, "") and probe.came == [("East", key)]
        assert probe.recorded == [("waiting", 1, "451 greylisted"), ("waiting", 2, "OSError: no route"), ("sent", 3, "250 taken")]

    def test_after_the_last_attempt_it_has_failed(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        probe.failures = [Delayed("down")] * 5
        for _attempt in range(5):
            send_due("alpha")
            let_time_pass()
        assert state(row) == ("failed", 3, "down") and len(probe.recorded) == 3

    def test_a_final_no_ends_it_at_once(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        probe.failures = [Undeliverable("550 no such user")]
        send_due("alpha")
        assert state(row) == ("failed", 1, "550 no such user") and probe.recorded == [("failed", 1, "550 no such user")]

    def test_the_other_side_may_say_when_to_come_back(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        probe.failures = [Delayed("503", seconds=3600)]
        send_due("alpha")
        row.refresh_from_db()
        assert timedelta(minutes=59) < row.due_at - datetime.now(UTC) <= timedelta(minutes=60)

    def test_what_is_not_wanted_any_more_is_not_sent(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        probe.unreadable = Withdrawn("the order was cancelled")
        send_due("alpha")
        assert state(row) == ("cancelled", 1, "the order was cancelled") and probe.came == []

    def test_a_receiver_that_never_answers_is_not_waited_for(self, alpha, probe, monkeypatch):
        monkeypatch.setitem(CHANNELS, "probe", Channel("probe", "Probe", probe, attempts=3, seconds=0.05, lanes=1))
        answer = threading.Event()
        probe.while_sending = answer.wait
        row = dispatch("probe", Team.objects.create(name="East"))
        send_due("alpha")
        answer.set()
        assert state(row) == ("waiting", 1, "There was no answer within 0.05 seconds.")


class TestOnce:
    """A killed worker's effect is taken up again under the same key; two workers make one."""

    def test_a_worker_killed_after_the_effect_leaves_one_effect_by_its_key(self, fresh_database, probe):
        with in_set("alpha"):
            row = dispatch("probe", Team.objects.create(name="East"))

        def killed() -> None:
            raise SystemExit

        probe.before_recording = killed
        with pytest.raises(SystemExit):
            send_due("alpha")
        probe.before_recording = lambda: None
        with in_set("alpha"):
            assert state(row) == ("sending", 1, "") and row.leased_until_at > datetime.now(UTC)
        assert send_due("alpha") == 0, "the lease has not run out"
        with in_set("alpha"):
            let_time_pass()
        assert send_due("alpha") == 1
        with in_set("alpha"):
            assert state(row) == ("sent", 2, "")
        assert len(probe.came) == 2 and probe.effects == ["East"]

    def test_two_workers_at_once_send_each_thing_once(self, fresh_database, probe):
        with in_set("alpha"):
            dispatch_all("probe", [Team.objects.create(name=f"Team {n}") for n in range(20)])
        start = threading.Barrier(2)

        def work() -> int:
            start.wait()
            try:
                return send_due("alpha")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as workers:
            done = [future.result() for future in [workers.submit(work), workers.submit(work)]]
        assert sum(done) == 20 and len(probe.came) == 20 and len(probe.effects) == 20

    def test_an_attempt_that_outlived_its_lease_writes_nothing(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        [late] = claim_due("alpha", {"probe": 1})
        let_time_pass()
        [taken_up] = claim_due("alpha", {"probe": 1})
        assert (late.key, late.attempts, taken_up.attempts) == (taken_up.key, 1, 2)
        assert carry("alpha", late) is None and state(row)[0] == "sending" and probe.recorded == []
        assert carry("alpha", taken_up).status == "sent" and probe.effects == ["East"]

    def test_what_ends_its_worker_again_and_again_is_given_up(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        for _attempt in range(3):
            assert claim_due("alpha", {"probe": 1})
            let_time_pass()
        send_due("alpha")
        assert state(row) == ("failed", 4, "The attempt was interrupted 3 times.") and probe.came == []

    def test_no_more_is_claimed_than_there_is_room_for(self, alpha, probe):
        dispatch_all("probe", [Team.objects.create(name=f"Team {n}") for n in range(5)])
        assert [len(claim_due("alpha", room, most)) for room, most in (({"probe": 0}, 8), ({"probe": 2}, 8), ({"probe": 3}, 1))] == [0, 2, 1]


class TestDeciding:
    def test_a_failed_one_is_sent_again_under_its_key(self, alpha, probe):
        row = dispatch("probe", Team.objects.create(name="East"))
        probe.failures = [Undeliverable("550")]
        send_due("alpha")
        retry_dispatch(row, actor=alpha)
        assert state(row) == ("waiting", 0, "550") and send_due("alpha") == 1
        assert state(row) == ("sent", 1, "") and probe.came == [("East", row.key)]
        assert [status for status, _attempts, _answer in probe.recorded] == ["failed", "waiting", "sent"]

    def test_what_waits_can_be_cancelled_and_what_is_sent_cannot(self, alpha, probe):
        waiting, sent = dispatch("probe", Team.objects.create(name="East")), dispatch("probe", Team.objects.create(name="West"))
        cancel_dispatch(waiting, actor=alpha)
        assert send_due("alpha") == 1 and state(waiting)[0] == "cancelled" and probe.effects == ["West"]
        with pytest.raises(Refused, match="“Sent”"):
            cancel_dispatch(Dispatch.objects.get(pk=sent.pk), actor=alpha)

    def test_nobody_but_an_administrator_sees_or_decides(self, alpha, probe, member):
        row, seller = dispatch("probe", Team.objects.create(name="East")), member("sales_manager", "accountant")
        assert not Dispatch.objects.visible_to(seller).exists()
        with pytest.raises(Forbidden):
            perform(retry_dispatch, row, actor=seller)
        assert state(row) == ("waiting", 0, "")

    def test_old_ones_that_ended_well_are_forgotten(self, alpha, probe):
        rows = dispatch_all("probe", [Team.objects.create(name=f"Team {n}") for n in range(3)])
        for row, status in zip(rows, ("sent", "failed", "waiting"), strict=True):
            Dispatch.objects.filter(pk=row.pk).update(status=status, due_at=PAST)
        forget_dispatches(actor=alpha)
        assert set(Dispatch.objects.values_list("status", flat=True)) == {"failed", "waiting"}


def test_the_worker_s_loop_serves_every_open_set_until_it_is_stopped(fresh_database, probe):
    for key in ("alpha", "beta"):
        with in_set(key):
            dispatch_all("probe", [Team.objects.create(name=f"{key} {n}") for n in range(5)])
    stop, wake, all_came = threading.Event(), threading.Event(), threading.Event()
    probe.while_sending = lambda: len(probe.came) >= 9 and all_came.set()
    loop = threading.Thread(target=run_outbox, args=(stop, wake, 60))
    loop.start()
    try:
        assert all_came.wait(20)
    finally:
        stop.set()
        wake.set()
        loop.join(20)
    for key in ("alpha", "beta"):
        with in_set(key):
            assert Dispatch.objects.filter(status="sent", attempts=1).count() == 5
    assert len(probe.came) == 10
