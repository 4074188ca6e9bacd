"""Today: what waits for the reader, each part a list of its own with its most urgent rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _

from guanxi.crm.leads.screens import LeadScreen, OpportunityScreen
from guanxi.erp.finance.screens import InvoiceScreen
from guanxi.erp.inventory.screens import DeliveryScreen
from guanxi.erp.sales.screens import HELD, OrderScreen, QuotationScreen
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.screens.cells import Row
from guanxi.kernel.screens.menu import menu_page
from guanxi.kernel.screens.screen import Screen, screen_of
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.shared.activities.screens import ActivityScreen

PATH = "today"
SHOWN = 6
menu_page(PATH, _("Today"), "inbox", "", 1)


@dataclass(frozen=True)
class Part:
    """A list as its address says it; `owner=whose` stands for the reader, or the reader's team."""

    label: Any
    screen: type[Screen]
    query: str
    columns: str
    needs: str = ""
    """An operation without which the part is not for the reader."""


@dataclass
class Shown:
    """A part with its first rows and the address of all."""

    part: Part
    rows: list[Row]
    columns: list[Any]
    count: str
    url: str


def parts() -> Iterator[Part]:
    yield Part(_("Tasks"), ActivityScreen, "f.kind=task&f.is_open=yes&f.owner=whose&f.due_on=until_today&sort=due_on", "subject,party,due_on")
    approvals = screen_of(ApprovalRequest)
    if approvals is not None:
        yield Part(
            _("Waiting for your decision"), approvals, "f.status=waiting&where=none(requester:me)", "title,rule,requester",
            needs="acts.approve_request",
        )
        yield Part(_("Your requests for approval"), approvals, "f.status=waiting&f.requester=me", "title,rule,requested_at")
    yield Part(
        _("Leads to be followed"), LeadScreen, "f.owner=whose&f.status=new,working&f.next_on=until_today&sort=next_on",
        "name,company,next_step,next_on",
    )
    yield Part(_("New leads"), LeadScreen, "f.owner=whose&f.status=new&sort=-received_on", "name,company,source,received_on")
    yield Part(
        _("Opportunities overdue"), OpportunityScreen, "f.owner=whose&f.is_late=yes&sort=expected_on",
        "name,customer,amount,next_step,next_on,expected_on",
    )
    yield Part(
        _("Quotations about to expire"), QuotationScreen, "f.owner=whose&f.status=sent&f.valid_until=next_7_days&sort=valid_until",
        "number,customer,total,valid_until",
    )
    yield Part(
        _("Late orders"), OrderScreen, "f.owner=whose&f.status=confirmed&f.promised_on=past&sort=promised_on", "number,customer,total,promised_on"
    )
    yield Part(
        _("Overdue receivables"), InvoiceScreen, "f.owner=whose&f.days_overdue=1..&sort=-days_overdue", "number,customer,open_amount,days_overdue"
    )
    yield Part(_("Orders on hold"), OrderScreen, HELD, "number,customer,hold,total,held_at", needs="parties.set_credit_limit")
    yield Part(
        _("To be shipped"), DeliveryScreen, "f.status=draft&f.planned_on=until_today&sort=planned_on", "number,customer,planned_on,carrier",
        needs="inventory.ship_delivery",
    )
    yield Part(
        _("Leads that nobody follows"), LeadScreen, "f.owner=none&f.status=new,working&sort=-received_on", "name,company,source,received_on",
        needs="leads.take_lead",
    )


@page(MEMBER)
def today_page(visit: Visit) -> HttpResponse:
    """One's own; with `?whose=team` that of one's team."""
    whose = "my_team" if visit.request.GET.get("whose") == "team" else "me"
    shown = [found for part in parts() if (found := _show(visit, part, whose)) is not None]
    return visit.render("pages/today.html", {
        "parts": [found for found in shown if found.rows], "clear": [found for found in shown if not found.rows], "whose": whose,
        "has_team": len(visit.actor.team_ids) > 0,
    })


def _show(visit: Visit, part: Part, whose: str) -> Shown | None:
    actor, screen = visit.actor, part.screen
    if not actor.may("view", screen.model) or (part.needs and not actor.may(part.needs)):
        return None
    given = QueryDict(part.query.replace("=whose", f"={whose}"), mutable=True)
    given["columns"] = part.columns
    query = ListQuery(screen, actor, given, set_key=visit.set_key)
    rows = query.rows_from(0, SHOWN + 1)
    address = screen.url(visit.set_key) + query.address(columns=None)
    return Shown(part, rows[:SHOWN], query.shown, query.count_text if len(rows) > SHOWN else str(len(rows)), address)
