"""Printing records: rights, language, sheets, PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.columns.validate import refuse_errors, validate
from guanxi.kernel.printing.declared import PrintForm, forms_of, language_for
from guanxi.kernel.printing.rendering import render
from guanxi.kernel.printing.sheet import Band, Sheet
from guanxi.kernel.printing.speech import BILINGUAL, LANGUAGES, Speech
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Forbidden, Missing, Refused

MOST_DOCUMENTS = 100
_PAGE = gettext_lazy("Page {page} of {pages}")
_TAX_NUMBER = gettext_lazy("Tax number")


@dataclass(frozen=True)
class PrintedDocument:
    """A file ready to be shown, saved or attached to a mail."""

    name: str
    pdf: bytes


def print_document(
    record: Record, *, actor: Actor, form: str | None = None, language: str | None = None, **asked: Any
) -> PrintedDocument:
    """One record as a PDF, in its reader's language when none is named. Refused when the actor may not see all that stands on it."""
    return print_documents(type(record), [record.pk], actor=actor, form=form, language=language, **asked)


def print_documents(
    model: type[Record], ids: Sequence[int], *, actor: Actor, form: str | None = None, language: str | None = None, **asked: Any
) -> PrintedDocument:
    """Several records of a kind as one PDF, in the order of `ids`; each begins on a page of its own, with its own page numbers."""
    found = form_named(model, form)
    sheets = sheets_of(found, ids, actor=actor, language=language, **asked)
    pdf = render(found.template, [as_values(sheet) for sheet in sheets], at=actor.now)
    return PrintedDocument(_file_name(found, sheets), pdf)


def form_named(model: type[Record], key: str | None = None) -> PrintForm:
    """The form of that name, or the first; Missing when there is none."""
    forms = forms_of(model)
    found = next((form for form in forms if key in (None, "", form.key)), None)
    if found is None:
        raise Missing(_("There is no such document to print."))
    return found


def read_asked(form: PrintForm, raw: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """What was asked before printing, from texts; Invalid names what cannot be taken."""
    [draft] = validate(form.parameters, [{name: raw[name] for name in form.parameters if name in raw}], actor=actor, by_id=True)
    refuse_errors([draft])
    return {name: value for name, value in draft.values.items() if value is not None}


def sheets_of(form: PrintForm, ids: Sequence[int], *, actor: Actor, language: str | None = None, **asked: Any) -> list[Sheet]:
    """What will stand on paper, after every right was asked."""
    if language and language not in LANGUAGES:
        raise Refused(_("Documents are printed in these languages: %(languages)s.") % {"languages": ", ".join(LANGUAGES)})
    if len(ids) > MOST_DOCUMENTS:
        raise Refused(_("At most %(n)s documents at a time.") % {"n": MOST_DOCUMENTS})
    if not actor.may("view", form.model):
        raise Forbidden(_("You may not see %(what)s.") % {"what": form.model._meta.verbose_name_plural})
    rows = form.model.objects.visible_to(actor).filter(pk__in=ids).select_related(*form.loaded)
    by_id = {row.pk: row for row in rows}
    records = [by_id[pk] for pk in dict.fromkeys(ids) if pk in by_id]
    if not records or len(records) < len(set(ids)):
        raise Missing(_("There is no such %(what)s, or you may not see it.") % {"what": form.model._meta.verbose_name})
    if hidden := form.hidden_from(actor):
        names = ", ".join(dict.fromkeys(str(column.label) for column in hidden))
        raise Forbidden(_("You may not see everything that stands on it: %(columns)s. Ask a colleague who may.") % {"columns": names})
    if not all(form.is_for(actor, record) for record in records):
        raise Forbidden(_("You may not print “%(form)s”. Ask a colleague who may.") % {"form": form.label})
    speeches = [Speech(language) if language else language_for(form, record) for record in records]
    return form.function(records, speeches, actor, **asked)


def as_values(sheet: Sheet) -> dict[str, Any]:
    values = {part.name: getattr(sheet, part.name) for part in fields(sheet) if part.name not in ("speech", "entity")}
    values["places"] = [{"label": place.label, "kind": place.kind, "share": place.share} for place in sheet.places]
    values["rows"] = [vars(row) if isinstance(row, Band) else row for row in sheet.rows]
    values["parties"] = [{"label": party.label, "name": party.name, "rows": _kept(party.rows)} for party in sheet.parties]
    for name in ("facts", "totals", "notes", "bank"):
        values[name] = _kept(values[name])
    values["language"] = "zh" if sheet.speech.is_chinese else "en"
    values["letterhead"] = _letterhead(sheet.entity, sheet.speech)
    values["words"] = {"page": sheet.speech.one(_PAGE)}
    return values


def _kept(pairs: Sequence[tuple[Any, Any]]) -> list[list[Any]]:
    return [[label, value] for label, value in pairs if value not in ("", None, [])]


def _letterhead(entity: Entity, speech: Speech) -> dict[str, Any]:
    """Name and address in the reader's language, as far as they are known in it."""
    english = entity.english_name or entity.name, entity.english_address or entity.address
    chinese = entity.name, entity.address
    name, address = chinese if speech.is_chinese else english
    lines = [address, entity.phone]
    if speech.language == BILINGUAL and english != chinese:
        lines = [english[0], address, english[1] if english[1] != address else "", entity.phone]
    tax = f"{speech.one(_TAX_NUMBER)} {entity.tax_number}" if entity.tax_number else ""
    return {"name": name, "lines": [line for line in (*lines, tax) if line]}


def _file_name(form: PrintForm, sheets: Sequence[Sheet]) -> str:
    """`发票 INV-2026-00012.pdf`; of several documents only how many."""
    title = sheets[0].speech.one(form.label)
    what = sheets[0].number if len(sheets) == 1 else str(len(sheets))
    return re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]+', "-", f"{title} {what}".strip())[:120] + ".pdf"
