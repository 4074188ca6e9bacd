"""Tasks make themselves heard (M4.7)."""

from datetime import timedelta

import pytest

from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.notices.queries import notices_of
from guanxi.shared.activities.jobs import tell_due_tasks
from guanxi.shared.activities.operations import add_task, finish_task
from guanxi.shared.parties.models import Party


@pytest.fixture
def li(alpha, member):
    return member("salesperson", name="Li")


def told(actor):
    return [one.text for one in notices_of(actor, "alpha", limit=20)]


def test_what_is_due_is_told_once_on_its_day_and_what_is_done_or_later_is_not(alpha, li):
    for days, body in ((-2, "long ago"), (-1, "yesterday"), (0, "today"), (1, "tomorrow")):
        add_task(actor=li, body=body, due_on=li.today + timedelta(days=days))
    finish_task(add_task(actor=li, body="done", due_on=li.today), actor=li)
    assert (tell_due_tasks(alpha), tell_due_tasks(alpha)) == (2, 0)
    assert told(li) == ["Due: today", "Due: yesterday"]
    assert set(Notification.objects.values_list("reason", "delivery")) == {("due", "digest")}


def test_a_task_about_what_one_may_no_longer_see_is_not_told(alpha, li):
    mine = create_record(Party, {"name": "Mine"}, actor=li).result
    add_task(actor=li, target_model="parties.party", target_id=mine.pk, body="call", due_on=li.today)
    Party.objects.update(owner=alpha.member_id)
    assert tell_due_tasks(alpha) == 0 and told(li) == []


def test_who_is_given_a_task_is_told(alpha, li):
    add_task(actor=alpha, body="Write the offer", owner=Member.objects.get(pk=li.member_id))
    add_task(actor=li, body="My own")
    deliver_all("alpha")
    assert told(li) == ["Admin gave you Write the offer"]
