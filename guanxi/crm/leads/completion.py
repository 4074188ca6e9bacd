"""What the system adds to entered leads and opportunities, and what it refuses beyond the columns' own rules."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.leads.assignment import givable, read_rule, share_out
from guanxi.crm.leads.queries import default_pipeline, first_stages
from guanxi.erp.pricing.queries import AskedLine, PriceRequest, price_lines
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.rules import RuleError
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.parties.models import Party


def complete_leads(drafts: Sequence[Draft], actor: Actor) -> None:
    """A lead is of today, somebody can be reached by it or is at least named, and the rules say who follows it."""
    for draft in drafts:
        if draft.get("received_on") is None:
            draft.values["received_on"] = actor.today
        if not (draft.get("company") or draft.get("person")):
            draft.add_error("company", _("Enter a company or a person."))
        if draft.instance is not None and "owner" in draft.values and draft.values["owner"] != draft.instance.owner:
            draft.values["owned_on"] = actor.today if draft.values["owner"] else None
    arriving = [draft for draft in drafts if draft.instance is None]
    ownerless = [draft for draft in arriving if draft.get("owner") is None]
    if ownerless:
        share_out(ownerless, givable(actor))
    for draft in arriving:
        draft.values["owned_on"] = actor.today


def complete_assignment_rules(drafts: Sequence[Draft], actor: Actor) -> None:
    """A condition that cannot be read is refused with what is wrong in it."""
    for draft in drafts:
        try:
            read_rule(draft.get("condition") or "", _("A rule needs a condition that is true or false, such as source = \"website\"."))
        except RuleError as problem:
            draft.add_error("condition", str(problem))


def complete_lead_forms(drafts: Sequence[Draft], actor: Actor) -> None:
    """The code stands in the form's address; sites are addresses without a path."""
    for draft in drafts:
        if draft.get("code") and not re.fullmatch(r"[a-z0-9-]{2,30}", draft.get("code")):
            draft.add_error("code", _("The code is part of the form's address: use small letters, digits and hyphens."))
        sites = (draft.get("sites") or "").split()
        wrong = [site for site in sites if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", site)]
        if wrong:
            draft.add_error("sites", _("%(site)s is no address of a web site; write it as https://www.company.example.") % {"site": wrong[0]})
        elif "sites" in draft.values:
            draft.values["sites"] = "\n".join(sites)


def complete_opportunities(drafts: Sequence[Draft], actor: Actor) -> None:
    """Pipeline and first stage, its chance, the currency; amounts of the products, and their sum where there are any."""
    arriving = [draft for draft in drafts if draft.instance is None]
    pipelines = {draft.get("pipeline") for draft in arriving} - {None}
    if any(draft.get("pipeline") is None for draft in arriving):
        pipelines.add(default_pipeline())
    stages = first_stages([pipeline.pk for pipeline in pipelines])
    for draft in drafts:
        if not draft.get("currency"):
            draft.values["currency"] = actor.currency
        if draft.instance is None:
            _begin(draft, stages, actor)
        elif draft.values.get("pipeline") is not None and draft.values["pipeline"].pk != draft.instance.pipeline_id:
            draft.add_error("pipeline", _("An opportunity stays in its pipeline; close it and make a new one."))
        contact = draft.get("contact")
        if contact is not None and draft.get("customer") is not None and contact.party_id != draft.get("customer").pk:
            draft.add_error("contact", _("This contact belongs to another customer."))
        if draft.lines is not None:
            _amounts(draft, actor)


def _begin(draft: Draft, stages: dict[int, Any], actor: Actor) -> None:
    if draft.get("pipeline") is None:
        draft.values["pipeline"] = default_pipeline()
    stage = draft.values.setdefault("stage", stages.get(draft.get("pipeline").pk))
    if stage is None:
        draft.add_error("pipeline", _("This pipeline has no stages yet; add one first."))
        return
    draft.values["entered_at"] = actor.now
    if draft.get("chance") is None:
        draft.values["chance"] = stage.chance


def _amounts(draft: Draft, actor: Actor) -> None:
    lines = [line for line in draft.lines or () if not line.errors and line.get("product") is not None]
    unpriced = [line for line in lines if line.get("unit_price") is None]
    if unpriced and draft.get("customer") is not None:
        wanted = [AskedLine(line.get("product"), line.get("quantity") or Decimal(1)) for line in unpriced]
        customer: Party = draft.get("customer")
        prices = price_lines(
            PriceRequest(
                customer, wanted, actor.today, draft.get("currency"), actor.entity_id, channel_id=customer.channel_id,
                entity_currency=actor.currency, base_currency=None if actor.has_several_entities else actor.currency,
            )
        )
        for line, priced in zip(unpriced, prices, strict=True):
            line.values["unit_price"] = priced.unit if priced.unit is not None else ZERO
    for line in lines:
        if not line.get("description"):
            line.values["description"] = str(line.get("product").name)[:200]
        if (line.get("quantity") or ZERO) <= 0:
            line.add_error("quantity", _("The quantity has to be more than zero."))
            continue
        line.values["net"] = round_money(line.get("quantity") * (line.get("unit_price") or ZERO), draft.get("currency"))
    if lines and not draft.get("amount"):
        draft.values["amount"] = sum((line.values.get("net") or ZERO for line in lines), ZERO)
