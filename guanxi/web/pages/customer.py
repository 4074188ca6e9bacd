"""The customer's page: everything about one company or person on one screen (M1.6)."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, F, Q, Value, When
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.screens import QuotationScreen
from guanxi.kernel.access.scopes import rows_in
from guanxi.kernel.columns.added import added_columns
from guanxi.kernel.database.known import known
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import Visit, page
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.queries import timeline
from guanxi.shared.parties.models import Address, Contact, Party
from guanxi.web.pages.credit import bar_of, credit_of
from guanxi.web.pages.customer_figures import ageing_of, figures_of, months_of, sold_to
from guanxi.web.templatetags.ui import avatar
from guanxi.web.views.records import frame_of, record_of
from guanxi.web.views.talking import talk_about

BASICS = (
    "short_name", "category", "industry", "source", "phone", "email", "website", "credit_code", "tax_number", "currency", "payment_term",
    "credit_limit", "parent", "note",
)
SHOWN = 6


@page("view")
def customer_page(visit: Visit, pk: int) -> HttpResponse:
    """Figures, tabs with counts, facts, timeline, next steps; `?earlier=` asks for an older part of the timeline."""
    if visit.is_part and "earlier" in visit.request.GET:
        return visit.render("pages/customer_timeline.html", {"url": visit.request.path, **_story(visit, record_of(visit, pk))})
    context = frame_of(visit, pk)
    party, row = context["record"], context["row"]
    sold, credit = sold_to(party, visit.actor), credit_of(party, visit.actor)
    context |= {
        "picture": avatar(party.pk, party.short_name or party.name, "xl"), "marks": _marks(party, row),
        "links": _links(visit, party, context["links"]), "figures": figures_of(visit, party, row, sold.before, credit),
    }
    if not context["tab"]:
        context |= {
            "basics": _basics(row, visit.actor), "address": _address(visit, party), "people": _people(visit, party), "tasks": _tasks(visit, party),
            "months": months_of(visit, party, sold), "ageing": ageing_of(visit, party),
            "credit": bar_of(credit) if credit is not None else None, **talk_about(visit, party),
            **_story(visit, party),
        }
    return visit.render("pages/customer.html", context)


def _story(visit: Visit, party: Party) -> dict[str, Any]:
    found = timeline(party, visit.actor, page=visit.request.GET.get("earlier", ""))
    return {"timeline": found.entries, "earlier": found.next_page}


def _marks(party: Party, row: Row) -> list[tuple[Any, str]]:
    """Coloured words beside the name."""
    marks: list[tuple[Any, str]] = []
    if party.tier:
        marks.append((party.get_tier_display(), party.tones["tier"].get(party.tier, "grey")))
    industry = row.get("industry")
    if industry is not None and industry.title:
        marks.append((industry.title, "blue"))
    if party.is_supplier:
        marks.append((_("Supplier"), "violet"))
    if party.is_partner:
        marks.append((_("Partner"), "teal"))
    return marks


def _links(visit: Visit, party: Party, offered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What one does most from here: dial, what other modules offer (write), make a quotation."""
    links: list[dict[str, Any]] = []
    if party.phone:
        links.append({"url": telephone(party.phone), "icon": "phone", "label": _("Dial")})
    links += offered
    if party.is_customer and party.archived_at is None and visit.actor.may("add", Quotation):
        address = QuotationScreen.url(visit.set_key, rest=f"new/?customer={party.pk}")
        links.append({"url": address, "icon": "file-text", "label": _("New quotation"), "primary": True})
    return links


def telephone(number: str) -> str:
    """An address that dials, whatever signs the number is written with."""
    return "tel:" + "".join(sign for sign in number if sign in "+0123456789")


def _basics(row: Row, actor) -> list[Cell]:
    """What is known; the currency only where it is not the books' own."""
    cells = [cell for name in (*BASICS, *added_columns(Party)) if (cell := row.get(name)) is not None and not cell.is_blank]
    return [cell for cell in cells if cell.column.name != "currency" or cell.value != actor.currency]


def _address(visit: Visit, party: Party) -> dict[str, str] | None:
    """Where to find them: the office before the others, defaults first."""
    found = _addresses(party.pk, eyes=visit.actor.eyes)
    return {"text": found[0][1], "url": record_url(visit.set_key, Address, found[0][0])} if found else None


@known
def _addresses(party_id: int, *, eyes: Any) -> Any:
    office_first = Case(When(kind="office", then=0), default=1)
    rows = Address.objects.each_visible_to(eyes.actor).filter(party=party_id).order_by("-is_default", office_first, "pk")
    return rows.values_list("pk", "one_line")[:1]


def _people(visit: Visit, party: Party) -> list[dict[str, Any]]:
    """Whom to ask for, the main contact first."""
    return [
        {
            "pk": one.pk, "name": one.name, "title": one.job_title or one.department, "url": record_url(visit.set_key, Contact, one.pk),
            "dial": telephone(one.mobile or one.phone) if one.mobile or one.phone else "", "is_main": one.is_main,
        }
        for one in _contacts(party.pk, eyes=visit.actor.eyes)
    ]


@known
def _contacts(party_id: int, *, eyes: Any) -> Any:
    rows = Contact.objects.each_visible_to(eyes.actor).filter(party=party_id, archived_at__isnull=True)
    return rows.order_by("-is_main", "name_sort", "pk")[:SHOWN]


def _tasks(visit: Visit, party: Party) -> list[dict[str, Any]]:
    """What is next, the most urgent first, and whether the reader may say that it is done."""
    actor = visit.actor
    return [
        {
            "pk": task.pk, "subject": task.subject, "due_on": task.due_on, "owner": task.owner if task.owner_id != actor.member_id else None,
            "may_finish": task.may_finish, "url": record_url(visit.set_key, Activity, task.pk), "tone": _urgency(task, actor),
        }
        for task in _next_tasks(party.pk, eyes=actor.eyes)
    ]


@known
def _next_tasks(party_id: int, *, eyes: Any) -> Any:
    actor = eyes.actor
    allowed = rows_in(Activity, actor.named_scopes("activities.finish_task", "do"), actor)
    rows = Activity.objects.each_visible_to(actor).filter(party=party_id, kind="task", done_at__isnull=True)
    mine = allowed if isinstance(allowed, Q) else (Q() if allowed else Q(pk__in=[]))
    rows = rows.annotate(may_finish=Case(When(mine, then=Value(True)), default=Value(False), output_field=BooleanField()) if mine else Value(True))
    return rows.select_related("owner").order_by(F("due_on").asc(nulls_last=True), "pk")[:SHOWN]


def _urgency(task: Activity, actor) -> str:
    if task.due_on is None:
        return "grey"
    days = (task.due_on - actor.today).days
    return "red" if days <= 0 else "amber" if days <= 2 else "grey"
