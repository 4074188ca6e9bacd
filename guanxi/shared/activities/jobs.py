"""Reminders of tasks."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.notices.raising import raise_notices
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.reactions import TASK_DUE

MORNING_HOUR = 8
"""On the entity's clock."""


@job(every="50 * * * *")
def remind_of_tasks(*, actor: Actor) -> None:
    """From the morning on: what is due today, and what was due yesterday while nobody was there to be told."""
    if actor.now.astimezone(ZoneInfo(actor.timezone)).hour >= MORNING_HOUR:
        tell_due_tasks(actor)


def tell_due_tasks(actor: Actor) -> int:
    """Each owner once for each day on which a task is due; how many were told now."""
    due = Activity.objects.filter(kind="task", done_at__isnull=True, due_on__range=(actor.today - timedelta(days=1), actor.today))
    keys = {f"due:{task.pk}:{task.due_on}": task for task in due.order_by("pk")}
    told = set(Notification.objects.filter(kind=TASK_DUE.name, key__in=keys).values_list("member_id", "key"))
    return sum(
        raise_notices(TASK_DUE, [task.owner_id], task, key=key, at=actor.now) for key, task in keys.items() if (task.owner_id, key) not in told
    )
