"""Operations: the dialog made from the signature, and doing it once, whatever the number of clicks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import Operation, operations_of, perform
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.scope import Outcome
from guanxi.kernel.acts.undo import is_invertible
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach_file
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Forbidden, Missing, Refused
from guanxi.kernel.screens.forms import FieldMaker, new_key, read_lines, read_values
from guanxi.kernel.screens.screen import Screen, record_url
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.web.views.acting import Button
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.drafting import draft_told
from guanxi.web.views.form_lines import sent_lines, shown_columns
from guanxi.web.views.records import record_of
from guanxi.web.views.remarks import OF_ACTS
from guanxi.web.views.say import tell

AFTERWARDS: dict[str, Callable[[Visit, Any], HttpResponse]] = {}
"""Operation → a page's function (visit, result) that goes on with it in the browser, where more follows than a look at the record."""
MOST_PHOTOS = 10
LEADS_TO: dict[str, Callable[[Visit, Any], Any]] = {}
"""Operation → a function (visit, result) that finds the row it was done for, where that is not the result; None where there is none."""
DIALOGS: dict[str, Callable[[Visit, int], HttpResponse]] = {}
"""Operations whose values are asked for by a page of their own."""


def _operation(visit: Visit, name: str) -> Operation:
    model = visit.screen.model if visit.screen else None
    found = next((o for o in operations_of(model) if o.name == name), None)
    if found is None:
        raise Missing(_("There is no such operation here."))
    if not visit.actor.may(found.name):
        words = _("You may not “%(label)s”. Ask an administrator for the right.") % {"label": found.label}
        raise Forbidden(words, right=found.name)
    return found


EFFECTS: dict[str, Callable[[Visit, int, Operation, Any], Any]] = {}
"""Operations whose dialog shows what would come of it: a function (visit, id, operation, values) that tries it and takes it back."""


DOCUMENTS: dict[str, tuple[type[Screen], str]] = {}
"""Operations that make a document of what is entered: its screen, and the column that names what the act is done to. Their dialogs show prices
and sums as the document's form does."""


def draw_dialog(visit: Visit, operation: str, pk: int | None = None) -> HttpResponse:
    """The parameters as a form; after a refusal with everything that was entered."""
    found = _operation(visit, operation)
    record = record_of(visit, pk) if pk is not None else None
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    refused = visit.refused
    errors = dict(getattr(refused, "errors", {}))
    if refused is not None and refused.field:
        errors.setdefault(refused.field, []).append(str(refused))
    is_general = refused is not None and not errors
    given: dict[str, Any] = {}
    if visit.request.method != "POST" and record is not None and visit.screen is not None:
        propose = visit.screen.proposals.get(found.key) or found.proposes
        given = dict(propose(record, visit.actor)) if propose else {}
    if visit.request.method == "POST" or sent:
        given |= read_values([c for c in found.parameters.values() if c.kind != "lines"], sent, partial=visit.request.method != "POST")
    maker = FieldMaker(visit.actor, visit.set_key, target=record, act=found.name)
    several = visit.actor.has_several_entities
    document = _document(visit, found) if record is not None else None
    fields = [_field(maker, column, given, sent, errors, document) for column in found.parameters.values() if several or not column.names_entity]
    takes_files = record is not None and visit.actor.may(attach_file.name)
    for made in fields:
        made.takes_file = takes_files and _names_file(made.column)
    maker.name_references()
    drawn = {f.name for f in fields}
    general = [m for name, messages in errors.items() if name.partition(".")[0] not in drawn for m in messages]
    if is_general:
        general.append(str(refused))
    address = visit.request.path
    return visit.render("screens/operation.html", {
        "operation": Button.of(found), "record": record, "fields": fields, "general": general, "address": address,
        "key": sent.get("key") or new_key(), "wide": any(f.lines for f in fields), "effects": found.name in EFFECTS, "back": sent.get("back", ""),
        "may_undo": visit.actor.may(undo_act.name),
        "totals": _totals(document) if document else (),
        "takes_files": any(f.takes_file for f in fields), "remarks": OF_ACTS[found.name](record, visit) if record and found.name in OF_ACTS else (),
    }, status=refused.status if refused else 200)


def _document(visit: Visit, found: Operation) -> Visit | None:
    """The visit of a form that would make the same document."""
    return replace(visit, screen=DOCUMENTS[found.name][0]) if found.name in DOCUMENTS else None


def _totals(document: Visit) -> list[Column]:
    assert document.screen is not None
    columns = columns_of(document.screen.model)
    return [columns[name] for name in document.screen.totals if document.actor.sees(columns[name])]


@page("view")
def preview(visit: Visit, pk: int, operation: str) -> HttpResponse:
    """For a dialog that makes a document, after every change: what the system fills in and reckons."""
    found, record = _operation(visit, operation), record_of(visit, pk)
    document = _document(visit, found)
    if visit.request.method != "POST" or document is None:
        return HttpResponse(status=204)
    raw = read_values(form_columns(document).values(), visit.request.POST, partial=True)
    return draft_told(document, raw | {DOCUMENTS[found.name][1]: record.pk}, sent_lines(document, visit.request.POST))


def _field(maker: FieldMaker, column: Column, given: dict[str, Any], sent, errors, document: Visit | None):
    if column.kind != "lines":
        return maker.field(column, column.name, given.get(column.name), errors)
    made = maker.field(column, column.name, "", errors)
    rows = read_lines(column.lines, sent, column.name) or list(enumerate(given.get(column.name) or ())) or [(0, {})]
    known = document.screen.lines if document is not None and document.screen is not None else None
    if document is None or known is None:
        made.lines = maker.lines(column.name, list(column.lines), rows, errors)
    else:
        made.lines = maker.lines(column.name, list(column.lines), rows, errors, shown_columns(document), section=known.section)
        made.lines.preview_url = f"{document.request.path}preview/"
    return made


def _names_file(column: Column) -> bool:
    return column.kind == "reference" and not column.many and column.relation is Attachment


def draw_again(visit: Visit, operation: str, pk: int | None = None) -> HttpResponse:
    """Refused: the dialog with its values; for a plain button a message beside the page."""
    found = _operation(visit, operation)
    if found.parameters:
        return draw_dialog(visit, operation, pk)
    assert visit.refused is not None
    tell(visit, str(visit.refused), bad=True)
    return visit.redirect(_page_of(visit, pk))


def _page_of(visit: Visit, pk: int | None) -> str:
    back = visit.request.POST.get("back", "")
    if back.startswith(f"/{visit.set_key}/"):
        return back
    return visit.screen.url(visit.set_key, pk) if visit.screen else visit.url()


@page("view", on_refused=draw_again)
def act_on_record(visit: Visit, pk: int, operation: str) -> HttpResponse:
    """GET asks for the parameters, POST does it."""
    if visit.request.method != "POST":
        own = DIALOGS.get(_operation(visit, operation).name)
        return own(visit, pk) if own else draw_dialog(visit, operation, pk)
    return _do(visit, _operation(visit, operation), pk)


@page(MEMBER, on_refused=draw_again)
def act(visit: Visit, operation: str) -> HttpResponse:
    """An operation that needs no row."""
    if visit.request.method != "POST":
        return draw_dialog(visit, operation)
    return _do(visit, _operation(visit, operation), None)


@page("view")
def effects(visit: Visit, pk: int, operation: str) -> HttpResponse:
    """What stands under the dialog's fields: what the act would do with these values. Nothing of it stays."""
    found = _operation(visit, operation)
    record_of(visit, pk)
    if visit.request.method != "POST" or found.name not in EFFECTS:
        return HttpResponse(status=204)
    values = read_values(found.parameters.values(), visit.request.POST)
    return visit.render("screens/effects.html", {"tried": EFFECTS[found.name](visit, pk, found, values)})


def _do(visit: Visit, found: Operation, pk: int | None) -> HttpResponse:
    sent = visit.request.POST
    key = sent.get("key")
    if not key:
        raise Refused(_("The page was too old; load it again and repeat."))
    raw = read_values(found.parameters.values(), sent)
    raw |= _attached(visit, found, pk, key)
    outcome = perform(found, pk, actor=visit.actor, key=key, raw=raw)
    _keep_photos(visit, outcome.result, key)
    if outcome.awaiting is not None:
        tell(visit, _("“%(label)s” waits for approval: %(rule)s.") % {"label": found.label, "rule": outcome.awaiting.reasons})
    elif secret := getattr(outcome.result, "shown_once", None):
        shown = visit.request.build_absolute_uri(secret) if secret.startswith("/") else secret
        answer = visit.render("screens/once.html", {"operation": Button.of(found), "secret": shown, "back": _page_of(visit, pk)})
        # A button without a dialog swaps nothing: what is never shown again must not be lost there.
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
        return answer
    elif follow := AFTERWARDS.get(found.name):
        return follow(visit, outcome.result)
    else:
        tell(visit, said_of(found), undo=outcome.act_id if is_invertible(outcome.act_id) else None)
    return visit.redirect(_next(visit, found, outcome, pk))


def said_of(found: Operation) -> str:
    """What is told once it is done: the operation's own words, where it has some."""
    return str(found.done) or _("%(label)s: done.") % {"label": found.label}


def _attached(visit: Visit, found: Operation, pk: int | None, key: str) -> dict[str, Any]:
    """Files that came with the form are put to the record first, and are what the act is given. Refused, nothing of it stays."""
    given: dict[str, Any] = {}
    for column in found.parameters.values():
        sent = next((one for kind in ("photo", "file") if (one := visit.request.FILES.get(f"{column.name}.{kind}")) is not None), None)
        if sent is None or pk is None or not _names_file(column):
            continue
        record = record_of(visit, pk)
        arguments = {"target_model": record.label(), "target_id": record.pk, "content": store(sent, sent.name or ""), "name": sent.name or ""}
        made = perform(attach_file, actor=visit.actor, key=f"{key}-{column.name}"[:100], arguments=arguments).result
        given[column.name] = made.pk
    return given


def _keep_photos(visit: Visit, made: Any, key: str) -> None:
    """Pictures taken while noting something down stay with what was noted."""
    for number, sent in enumerate(visit.request.FILES.getlist("photo")[:MOST_PHOTOS]):
        if isinstance(made, Record) and not made.about_another:
            arguments = {"target_model": made.label(), "target_id": made.pk, "content": store(sent, sent.name or ""), "name": sent.name or ""}
            perform(attach_file, actor=visit.actor, key=f"{key}-photo-{number}"[:100], arguments=arguments)


def _next(visit: Visit, found: Operation, outcome: Outcome, pk: int | None) -> str:
    """The page of what came of it when that is another row with a page of its own, else where one was."""
    result = outcome.result
    if follow := LEADS_TO.get(found.name):
        result = follow(visit, result) or result
    if not visit.request.POST.get("back") and hasattr(result, "ref") and (found.target is None or result.ref() != (found.target.label(), pk)):
        return record_url(visit.set_key, type(result), result.pk) or _page_of(visit, pk)
    return _page_of(visit, pk)


def undo_refused(visit: Visit, act_id: int) -> HttpResponse:
    """Why it cannot be taken back, said where one was."""
    assert visit.refused is not None
    tell(visit, str(visit.refused), bad=True)
    return visit.redirect(_back(visit))


@page(MEMBER, on_refused=undo_refused)
def undo(visit: Visit, act_id: int) -> HttpResponse:
    """Put back what an act did, from a message, from the history of a page, or from the log."""
    if visit.request.method == "POST":
        found = Act.objects.filter(pk=act_id).first()
        if found is None:
            raise Missing(_("There is no such act."))
        perform(undo_act, found, actor=visit.actor, key=visit.request.POST.get("key"), raw={})
        tell(visit, _("Undone."))
    return visit.redirect(_back(visit))


def _back(visit: Visit) -> str:
    back = visit.request.POST.get("back", "")
    return back if back.startswith(f"/{visit.set_key}/") else visit.url()
