"""Announcing and hearing: in the same transaction, in order, at least once."""

import dataclasses

import pytest

from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.events.models import Event, EventDelivery
from guanxi.kernel.events.publish import EVENTS, REACTIONS, EventBase, Reaction, publish
from guanxi.kernel.events.worker import deliver_all, deliver_due


@dataclasses.dataclass(frozen=True)
class TeamGreeted(EventBase):
    team_id: int
    label = "greeted"


# Known only where a test says so: what every module announces stands in lists.
del EVENTS["TeamGreeted"]


@pytest.fixture
def heard(monkeypatch):
    calls = []
    monkeypatch.setitem(EVENTS, "TeamGreeted", TeamGreeted)
    monkeypatch.setitem(REACTIONS, "TeamGreeted", [Reaction("test.hear", TeamGreeted, lambda event, *, actor: calls.append(event.team_id))])
    return calls


def _greet(alpha, team, times=1):
    def body(_scope):
        for _ in range(times):
            publish(TeamGreeted(team.pk), subject=team)
        return team

    return run_act("test.greet", actor=alpha, body=body)


def test_an_event_is_written_with_its_act_and_one_delivery_per_listener(alpha, heard):
    team = Team.objects.create(name="East")
    outcome = _greet(alpha, team)
    event = Event.objects.get(name="TeamGreeted")
    assert (event.act_id, event.subject_model, event.subject_id, event.title) == (outcome.act_id, "access.team", team.pk, "East")
    assert EventDelivery.objects.filter(event=event).count() == 1


def test_an_act_that_fails_announces_nothing(alpha, heard):
    team = Team.objects.create(name="East")

    def body(_scope):
        publish(TeamGreeted(team.pk), subject=team)
        raise ValueError

    with pytest.raises(ValueError):
        run_act("test.greet", actor=alpha, body=body)
    assert not Event.objects.filter(name="TeamGreeted").exists()


def test_deliveries_are_made_once_and_in_order(alpha, heard):
    first, second = Team.objects.create(name="East"), Team.objects.create(name="West")
    _greet(alpha, first, times=2)
    _greet(alpha, second)
    assert deliver_all("alpha") >= 3
    assert heard == [first.pk, first.pk, second.pk]
    assert not deliver_due("alpha")


def test_a_failing_reaction_keeps_its_error_and_its_place(alpha, monkeypatch, heard):
    team = Team.objects.create(name="East")

    def fail(event, *, actor):
        raise RuntimeError("no luck")

    REACTIONS["TeamGreeted"] = [Reaction("test.fail", TeamGreeted, fail)]
    _greet(alpha, team, times=2)
    deliver_due("alpha")
    rows = list(EventDelivery.objects.order_by("pk").values_list("attempts", "error"))
    assert rows[0] == (1, "RuntimeError: no luck") and rows[1] == (0, "")
    assert not deliver_due("alpha"), "the second waits for the first"
