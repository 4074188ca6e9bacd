"""What happens to activities when something happens to a party."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.shared.activities.models import Activity
from guanxi.shared.parties.events import PartyTransferred

TASK_DUE = notice_kind("task_due", "due", _("Due: %(title)s"), "calendar-due")


@reaction(PartyTransferred)
def hand_over_tasks(event: PartyTransferred, *, actor: Actor) -> None:
    """Whoever takes a party over takes over its open tasks."""
    if event.from_member_id is not None:
        tasks = Activity.objects.filter(party_id=event.party_id, kind="task", done_at__isnull=True, owner_id=event.from_member_id)
        tasks.updated(owner_id=event.to_member_id)
