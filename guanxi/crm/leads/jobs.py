"""What is done with leads at night."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from guanxi.crm.leads.assignment import fulfils, read_rule
from guanxi.crm.leads.models import AssignmentRule, FormEntry, Lead
from guanxi.crm.leads.operations import reclaim_lead
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.shared.activities.models import Activity

KEPT_DAYS = 30
"""Of entries of web forms."""


@job(every="20 18 * * *")
def reclaim_leads(*, actor: Actor) -> None:
    """Leads that nobody touched for as long as their rule allows go back to the pool (M2.4)."""
    rules = [(rule, read_rule(rule.condition)) for rule in AssignmentRule.objects.filter(is_active=True).order_by("position", "pk")]
    shortest = min((rule.days_to_keep for rule, _condition in rules if rule.days_to_keep), default=None)
    if shortest is None:
        return
    for lead in idle_leads(actor.today - timedelta(days=shortest), actor):
        rule = next((rule for rule, condition in rules if fulfils(condition, lambda name, lead=lead: getattr(lead, name))), None)
        days = rule.days_to_keep if rule else None
        if days and not (days > shortest and touched_since(lead, actor.today - timedelta(days=days), actor)):
            reclaim_lead(lead, actor=actor)


def idle_leads(since: date, actor: Actor) -> list[Lead]:
    """Leads that somebody follows, has had since before that day, and has not touched from then on."""
    touches = Activity.objects.filter(target_model=Lead.label(), target_id=OuterRef("pk"), at__gte=_midnight(since, actor))
    held = Lead.objects.filter(status__in=("new", "working"), owner__isnull=False, owned_on__lt=since)
    return list(held.exclude(Exists(touches)).select_related("region", "industry").order_by("pk"))


def touched_since(lead: Lead, since: date, actor: Actor) -> bool:
    if lead.owned_on is not None and lead.owned_on >= since:
        return True
    return Activity.objects.filter(target_model=Lead.label(), target_id=lead.pk, at__gte=_midnight(since, actor)).exists()


def _midnight(day: date, actor: Actor) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(actor.timezone))


@job(every="50 3 * * *")
def forget_entries(*, actor: Actor) -> None:
    """Entries of web forms a month ago; the leads stay."""
    FormEntry.objects.filter(at__lt=actor.now - timedelta(days=KEPT_DAYS)).delete()
