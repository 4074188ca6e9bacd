"""Questions to leads and opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.leads.models import STAGE_KINDS, Lead, Opportunity, Pipeline, Stage
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database.known import known
from guanxi.kernel.likeness.finding import likes_of
from guanxi.kernel.likeness.scoring import SCANNED, TYPED
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.parties.models import Contact, Party


def default_pipeline() -> Pipeline:
    """The pipeline of an opportunity for which none is named; Refused when there is none."""
    found = Pipeline.objects.filter(archived_at__isnull=True).order_by("-is_default", "pk").first()
    if found is None:
        raise Refused(_("There is no pipeline yet; create one with its stages first."))
    return found


def first_stages(pipeline_ids: Iterable[int]) -> dict[int, Stage]:
    """By pipeline the stage in which an opportunity begins."""
    found: dict[int, Stage] = {}
    for stage in Stage.objects.filter(pipeline_id__in=list(pipeline_ids), kind="open", archived_at__isnull=True).order_by("position", "pk"):
        found.setdefault(stage.pipeline_id, stage)
    return found


def next_stage(opportunity: Opportunity, actor: Actor) -> dict[str, Any]:
    """Where it would go from here: the stage after its own, at the end the one for what is won."""
    later = Stage.objects.filter(
        pipeline_id=opportunity.pipeline_id, kind__in=("open", "won"), archived_at__isnull=True, position__gt=opportunity.stage.position,
    )
    found = later.order_by("position", "pk").first()
    return {"stage": found} if found is not None else {}


def stage_of_kind(pipeline_id: int, kind: str) -> Stage:
    """The pipeline's stage for what is won or lost; Refused when it has none."""
    found = Stage.objects.filter(pipeline_id=pipeline_id, kind=kind, archived_at__isnull=True).order_by("position", "pk").first()
    if found is None:
        raise Refused(_("This pipeline has no stage for what is %(kind)s; add one first.") % {"kind": dict(STAGE_KINDS)[kind]})
    return found


def stages_of_board(params: Mapping[str, Any], actor: Actor) -> list[Stage]:
    """The stages of the pipeline asked for, else of the default one."""
    asked = str(params.get("f.pipeline") or "").partition(",")[0]
    return _stages_of(int(asked), eyes=actor.eyes) if asked.isdecimal() and len(asked) < 19 else _first_stages(eyes=actor.eyes)


@known
def _stages_of(pipeline_id: int, *, eyes: Any) -> Any:
    return Stage.objects.each_visible_to(eyes.actor).filter(archived_at__isnull=True, pipeline_id=pipeline_id).order_by("position", "pk")


@known
def _first_stages(*, eyes: Any) -> Any:
    first = Pipeline.objects.filter(archived_at__isnull=True).order_by("-is_default", "pk")[:1]
    rows = Stage.objects.each_visible_to(eyes.actor).filter(archived_at__isnull=True, pipeline__in=first.values("pk"))
    return rows.order_by("position", "pk")


def verdict_of(stage: Stage) -> str:
    """What is decided by moving an opportunity into a stage."""
    return {"won": "win_opportunity", "lost": "lose_opportunity"}.get(stage.kind, "")


def steps_of_funnel(params: Mapping[str, Any], actor: Actor) -> list[Stage]:
    """The stages on the way to an order; a loss is no step of it."""
    return [stage for stage in stages_of_board(params, actor) if stage.kind != "lost"]


def likely_customer(lead: Lead, actor: Actor) -> Party | None:
    """The customer that a lead seems to be of: of much the same name, or reached in the same way, or with such a person."""
    for kind, least in ((Party, SCANNED), (Contact, TYPED), (Party, TYPED)):
        if found := likes_of(lead, kind, actor, least=least):
            record = found[0].record
            return record.party if isinstance(record, Contact) else record  # type: ignore[return-value]
    return None


def qualification(lead: Lead, actor: Actor) -> dict[str, object]:
    """What the dialog of qualifying a lead starts with."""
    customer = likely_customer(lead, actor)
    return {"customer": customer.pk if customer else None, "opportunity": lead.name}
