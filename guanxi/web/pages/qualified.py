"""Where one goes on after a lead was qualified: on the page of the opportunity that came of it."""

from __future__ import annotations

from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.crm.leads.operations import qualify_lead
from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.operations import LEADS_TO


def _opportunity_of(visit: Visit, lead: Lead) -> Opportunity | None:
    return Opportunity.objects.visible_to(visit.actor).filter(lead=lead).order_by("-pk").first()


LEADS_TO[qualify_lead.name] = _opportunity_of
