"""Documents on paper: one record, or those picked in a list, as a PDF in a new tab."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from guanxi.kernel.printing.printing import PrintedDocument, form_named, print_documents, read_asked
from guanxi.kernel.printing.speech import LANGUAGES
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.screens.forms import FieldMaker, read_values
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.lists import at_most, chosen_rows
from guanxi.web.views.records import record_of

MOST = 100
POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""What is shown is a file of ours without scripts; nothing else may be loaded beside it."""


def draw_question(visit: Visit, pk: int) -> HttpResponse:
    """The dialog of a document that asks for values; after a refusal with what was entered."""
    assert visit.screen is not None
    record = record_of(visit, pk)
    form = form_named(visit.screen.model, visit.request.GET.get("form"))
    if not form.is_for(visit.actor, record):
        raise Forbidden(_("You may not print “%(form)s”. Ask a colleague who may.") % {"form": form.label})
    if visit.refused is not None and not form.parameters:
        raise visit.refused
    errors = getattr(visit.refused, "errors", {})
    proposed = form.proposes(visit.actor) if form.proposes else {}
    raw = {**proposed, **read_values(form.parameters.values(), visit.request.GET, partial=True)}
    maker = FieldMaker(visit.actor, visit.set_key)
    fields = [maker.field(column, name, raw.get(name), errors) for name, column in form.parameters.items()]
    return visit.render("screens/print.html", {
        "form": form, "record": record, "fields": fields, "address": visit.request.path, "languages": LANGUAGES.items(),
        "chosen": visit.request.GET.get("language", ""), "general": [str(visit.refused)] if visit.refused and not errors else [],
    }, status=visit.refused.status if visit.refused else 200)


@page("view", on_refused=draw_question)
def print_record(visit: Visit, pk: int) -> HttpResponse:
    """The PDF; before it the question, when the document has one and it was not answered yet."""
    assert visit.screen is not None
    sent = visit.request.GET
    form = form_named(visit.screen.model, sent.get("form"))
    if form.parameters and "language" not in sent:
        return draw_question(visit, pk)
    asked = read_asked(form, read_values(form.parameters.values(), sent, partial=True), visit.actor)
    return shown(print_documents(visit.screen.model, [pk], actor=visit.actor, form=form.key, language=sent.get("language") or None, **asked))


@page("view")
def print_list(visit: Visit) -> HttpResponse:
    """Picked rows, one after the other in one file."""
    assert visit.screen is not None
    ids = at_most(MOST, chosen_rows(visit))
    form = form_named(visit.screen.model, visit.request.GET.get("form"))
    if form.parameters:
        raise Refused(_("“%(label)s” asks for values; do it on each page.") % {"label": form.label})
    return shown(print_documents(visit.screen.model, ids, actor=visit.actor, form=form.key, language=visit.request.GET.get("language") or None))


def shown(document: PrintedDocument) -> HttpResponse:
    return HttpResponse(document.pdf, content_type="application/pdf", headers={
        "Content-Disposition": content_disposition_header(False, document.name) or "inline",
        "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff",
    })
