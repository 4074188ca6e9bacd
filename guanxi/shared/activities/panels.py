"""Facts about parties, a tab on their page, and what stands in every timeline."""

from django.db.models import Max, Min, Subquery
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.timeline import Composer, Entry, composer, first_rows, timeline_source
from guanxi.kernel.columns.registry import fact
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.activities.models import KINDS, Activity
from guanxi.shared.activities.queries import activities_about, activities_of_party, entries_of
from guanxi.shared.activities.screens import ActivityScreen
from guanxi.shared.parties.models import Party


def _last_contact(actor) -> Subquery:
    rows = activities_of_party(actor).exclude(kind="task", done_at__isnull=True)
    return Subquery(rows.values("party_id").annotate(last=Max("at")).values("last"))


def _next_task(actor) -> Subquery:
    rows = activities_of_party(actor).filter(kind="task", done_at__isnull=True)
    return Subquery(rows.values("party_id").annotate(first=Min("due_on")).values("first"))


fact(Party, "last_contact", _("Last contact"), "moment", _last_contact)
fact(Party, "next_task", _("Next task"), "date", _next_task)


@panel(Party, _("Activities"), order=60)
def activities(party: Party, actor) -> Panel:
    columns = ("subject", "kind", "contact", "at", "due_on", "done_at", "owner")
    return Panel(ActivityScreen, Activity.objects.filter(party=party), columns, new={"party": party.pk}, sort="-at")


@timeline_source
def timeline_activities(record: Record, actor, limit: int) -> list[Entry]:
    """The activities of a record in the timeline that every page has."""
    return [*entries_of(first_rows(activities_about, record, actor, limit), record)]


@composer
def activity_composer(record: Record, actor) -> Composer | None:
    """The box above that timeline."""
    if not actor.may("activities.record_activity") or isinstance(record, Activity) or record.about_another:
        return None
    label, row_id = record.ref()
    return Composer(
        "activities.record_activity", "body", "kind", tuple(KINDS), {"target_model": label, "target_id": row_id},
        placeholder=_("What happened, and what is the next step?"), button=_("Note"),
    )
