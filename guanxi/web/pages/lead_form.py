"""The form through which people become leads: what the public sees of it, and its own page with the code for embedding."""

from __future__ import annotations

from dataclasses import replace

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.crm.leads import guard
from guanxi.crm.leads.models import FormEntry, LeadForm
from guanxi.crm.leads.operations import receive_lead
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.columns.column import Column
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.forms import FieldMaker, read_values
from guanxi.kernel.screens.visit import Visit, page, public_page
from guanxi.web.views.records import record_of, record_page


@page("view")
def form_page(visit: Visit, pk: int) -> HttpResponse:
    """The general record page with the form's address beside it."""
    form = record_of(visit, pk)
    address = visit.request.build_absolute_uri(f"/forms/{visit.set_key}/{form.code}/")
    code = f'<iframe src="{address}" title="{form.code}" width="100%" height="760" loading="lazy"></iframe>'
    return record_page.__wrapped__(  # type: ignore[attr-defined]
        visit, pk, public_url=address, embedding=code if form.sites else ""
    )


def draw_again(visit: Visit, code: str) -> HttpResponse:
    """Refused: the form with everything that was entered."""
    return _framed(_draw(visit, _form(code), status=visit.refused.status if visit.refused else 200), _form(code))


@public_page({"leads.receive_lead": "company", "leads.leadform": "view"}, on_refused=draw_again)
def lead_form(visit: Visit, code: str) -> HttpResponse:
    """GET gives the form out, POST takes it in once."""
    form = _form(code)
    return _framed(_take(visit, form) if visit.request.method == "POST" else _draw(visit, form), form)


def _form(code: str) -> LeadForm:
    form = LeadForm.objects.filter(code=code, archived_at__isnull=True, is_open=True).first()
    if form is None:
        raise Missing(_("There is no such form, or it is closed."))
    return form


def _framed(answer: HttpResponse, form: LeadForm) -> HttpResponse:
    """The sites named may show it inside their pages, and no others."""
    if not form.sites:
        return answer
    answer.xframe_options_exempt = True  # type: ignore[attr-defined]
    answer._csp_replace = {"frame-ancestors": form.sites.split()}  # type: ignore[attr-defined]
    return answer


def _take(visit: Visit, form: LeadForm) -> HttpResponse:
    sent, now = visit.request.POST, visit.actor.now
    stamp = guard.read_stamp(form, sent.get("stamp", ""), now)
    if stamp is None or stamp[1] < guard.QUICKEST:
        return _draw(visit, form, problem=_("Please look over what you have entered, and send it again."), status=422)
    origin = guard.origin_of(form, get_adapter().get_client_ip(visit.request), now)
    verdict = guard.judge(form, sent, origin, now)
    lead = None
    if verdict == "taken":
        raw = read_values(receive_lead.parameters.values(), sent)
        outcome = perform(receive_lead, form, actor=visit.actor, key=f"form:{stamp[0]}", raw=raw)
        if outcome.replayed:
            return _draw(visit, form, is_done=True)
        lead = outcome.result
    FormEntry.objects.create(form=form, at=now, verdict=verdict, origin=origin, lead=lead)
    if verdict == "flood":
        return _draw(visit, form, problem=_("So many entries came that this form is closed for an hour. Please call us."), status=429)
    return _draw(visit, form, is_done=True)


def _draw(visit: Visit, form: LeadForm, *, problem: str = "", is_done: bool = False, status: int = 200) -> HttpResponse:
    sent, refused = visit.request.POST, visit.refused
    given = read_values(receive_lead.parameters.values(), sent) if sent else {}
    errors = dict(getattr(refused, "errors", {}))
    if refused is not None and refused.field:
        errors.setdefault(refused.field, []).append(str(refused))
    general = [problem] if problem else [str(refused)] if refused is not None and not errors else []
    maker = FieldMaker(visit.actor, visit.set_key)
    columns = [_asked(column, form) for column in receive_lead.parameters.values() if column.name != "consent" or str(form.consent)]
    return visit.render("pages/lead_form.html", {
        "form": form, "fields": [maker.field(column, column.name, given.get(column.name), errors) for column in columns],
        "stamp": guard.new_stamp(form, visit.actor.now), "trap": guard.TRAP, "general": general, "is_done": is_done,
        "thanks": str(form.thanks) or _("Thank you. We have received this and will answer you soon."),
    }, status=status)


def _asked(column: Column, form: LeadForm) -> Column:
    return replace(column, label=str(form.consent)) if column.name == "consent" else column
