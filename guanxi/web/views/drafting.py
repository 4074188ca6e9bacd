"""What the system makes of a form so far: what it fills in, computed columns, totals. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpResponse, JsonResponse

from guanxi.kernel.acts.writer import check
from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.columns.forms import form_of, usual_of
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.sections import line_sections
from guanxi.kernel.columns.text import text_of
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.screens.forms import Field, LineTable, as_input, read_values
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.templatetags.ui import icon
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.form_lines import LINES, leads_of, line_columns, sent_lines, shown_columns
from guanxi.web.views.records import record_of
from guanxi.web.views.remarks import remarks_on_draft
from guanxi.web.why import STEPS, why

Values = dict[str, Any]
Places = Sequence[tuple[int, Mapping[str, Any]]]


@dataclass
class Tried:
    """A form as it would be saved. What is wrong in it stands in `errors` and `refused`; the rest is reckoned without it."""

    draft: Draft
    lines: list[tuple[int, Draft]]
    """By their places in the form, those that are reckoned. What the system adds, such as gifts, has no place in it yet."""
    refused: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    """By their places, what is wrong with the lines that are not."""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        return not (self.errors or self.refused or self.draft.all_errors())


def try_form(visit: Visit, raw: Mapping[str, Any], places: Places, instance: Any = None) -> Tried:
    screen, actor = visit.screen, visit.actor
    assert screen is not None
    form = form_of(screen.model)
    entered = line_columns(visit)
    ready = [(at, line) for at, line in places if all(line.get(c.name) not in ("", None) for c in entered if c.required)]
    given = {**raw, LINES: [line for _at, line in ready]} if ready else dict(raw)
    # Terms and dates are proposed before the first line is there, and before all that is needed is.
    bare = replace(form, complete=None) if ready else replace(form, complete=None, lines=None)
    [draft] = check(bare, [given], actor, instances=[instance] if instance is not None else None)
    wrong, draft.errors = draft.errors, {}
    for name in wrong:
        draft.values.pop(name, None)
    found = Tried(draft, [], {ready[line.row][0]: line.errors for line in draft.lines or () if line.errors}, wrong)
    is_whole = all(draft.get(column.name) not in (None, "") for column in form.columns.values() if column.required and column.kind != "boolean")
    found.lines = [(ready[line.row][0], line) for line in draft.lines or () if is_whole and not line.errors]
    draft.lines = [line for _at, line in found.lines] or None
    if form.complete is not None:
        form.complete([draft], actor)
    if instance is None:
        draft.values |= {name: value for name, value in usual_of(screen.model, actor).items() if draft.key(name.removesuffix("_id")) is None}
    return found


def propose(visit: Visit, fields: Iterable[Field], table: LineTable | None, raw: Mapping[str, Any], places: Places, instance: Any = None) -> None:
    """Put what the system fills in into the empty fields of a form that is drawn."""
    columns, entered = form_columns(visit), line_columns(visit)
    try:
        tried = try_form(visit, raw, places, instance)
    except Refused:
        # What stands in the way is said when it is saved: the form is there all the same.
        return
    named = _named(columns.values(), entered, tried.draft, visit.actor)
    assert visit.screen is not None
    _put(fields, _proposals((c for n, c in columns.items() if n not in visit.screen.decided_late), raw, tried.draft, named))
    given, rows = dict(places), {row.at: row for row in table.rows} if table else {}
    for at, line in tried.lines:
        _put(rows[at].fields, _proposals(entered, given[at], line, named))


def _put(fields: Iterable[Field], found: Values) -> None:
    for made in fields:
        value = found.get(made.column.name)
        if value is None or made.value not in ("", None) or made.errors:
            continue
        made.is_proposed = True
        if made.column.kind == "reference":
            made.parts = [tuple(value)]
            made.value, made.title = value
        else:
            made.value = value


@page("view")
def preview(visit: Visit) -> HttpResponse:
    """For a form that is being filled in, after every change."""
    sent, pk = visit.request.POST, visit.request.GET.get("id", "")
    instance = record_of(visit, int(pk)) if pk.isdecimal() else None
    return draft_told(visit, read_values(form_columns(visit).values(), sent), sent_lines(visit, sent), instance)


def draft_told(visit: Visit, raw: Mapping[str, Any], places: Places, instance: Any = None) -> HttpResponse:
    """What becomes of these values, as frontend/src/lines.js shows it."""
    screen, actor = visit.screen, visit.actor
    assert screen is not None
    columns, entered = form_columns(visit), line_columns(visit)
    given = dict(places)
    tried = try_form(visit, raw, places, instance)
    draft = tried.draft
    named = _named(columns.values(), entered, draft, actor)
    currency = str((draft.get("currency") if "currency" in columns_of(screen.model) else None) or actor.currency)
    answer: dict[str, Any] = {
        "lines": {str(at): {"errors": _as_texts(errors)} for at, errors in tried.refused.items()},
        "totals": {}, "tones": {}, "subtotals": {}, "values": _proposals(columns.values(), raw, draft, named),
    }
    leads = leads_of([checked for _at, checked in tried.lines], draft, visit)
    for at, checked in tried.lines:
        shown = {c.name: _plain(c, checked.get(c.name), actor, currency) for c in shown_columns(visit)}
        # What a module has to say of a computed value: in a word, in full, and its tone.
        said = {name: [one.label, one.text(), one.tone] for name, one in (checked.values.get("said") or {}).items() if name in shown}
        tones = {name: tone for name in shown if (tone := checked.values.get(f"{name}.tone"))}
        answer["lines"][str(at)] = {
            "values": _proposals(entered, given[at], checked, named), "shown": shown, "errors": _as_texts(checked.errors),
            "tones": tones, "said": said, "choices": leads.get(checked.row, {}),
            "why": why(checked.values.get(STEPS) or getattr(checked.instance, STEPS, None), currency, icon),
        }
    if (lines := screen.lines) and (amount := lines.subtotal):
        places_of = {id(checked): str(at) for at, checked in tried.lines}
        summed = columns_of(lines.model)[amount]
        for section in line_sections(draft.lines or [], lambda line: line.get(lines.section) or "", lambda line: lines.counted(line.get)):
            if id(section.lines[0]) in places_of:
                answer["subtotals"][places_of[id(section.lines[0])]] = _plain(summed, section.subtotal, actor, currency)
    for name in screen.totals:
        column = columns_of(screen.model)[name]
        if actor.sees(column):
            answer["totals"][name] = _plain(column, draft.values.get(name), actor, currency)
            answer["tones"][name] = draft.values.get(f"{name}.tone", "")
    answer["remarks"] = [
        {"title": columns[name].label, "lines": messages, "tone": "red"}
        for name, messages in (tried.errors | draft.errors).items() if name in columns and raw.get(name) not in ("", None, [])
    ] + (remarks_on_draft(draft, instance, visit) if tried.lines and tried.is_sound else [])
    return JsonResponse(answer)


def _as_texts(errors: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: " ".join(messages) for name, messages in errors.items()}


def _filled_in(column: Column, draft: Draft) -> Any:
    """The value a module gave: a row, or its id under the name that the database has for it."""
    value = draft.values.get(column.name)
    return draft.values.get(f"{column.name}_id") if value is None and column.kind == "reference" else value


def _named(columns: Iterable[Column], entered: Iterable[Column], draft: Draft, actor: Any) -> dict[tuple[type, int], str]:
    """Titles of the rows that were filled in by id: one query per relation."""
    asked: dict[Any, set[int]] = {}
    for column, one in [*((c, draft) for c in columns), *((c, line) for line in draft.lines or () for c in entered)]:
        value = _filled_in(column, one)
        if column.kind == "reference" and isinstance(value, int):
            asked.setdefault(column.relation, set()).add(value)
    return {
        (model, pk): str(title) for model, ids in asked.items()
        for pk, title in model.objects.filter(pk__in=ids).values_list("pk", title_of(model, actor))
    }


def _proposals(columns: Iterable[Column], raw: Mapping[str, Any], draft: Draft, named: Mapping[tuple[type, int], str]) -> Values:
    """Values that were left empty and that the module filled in."""
    found: dict[str, Any] = {}
    for column in columns:
        value = _filled_in(column, draft)
        if raw.get(column.name) not in ("", None) or value in ("", None, [], {}) or column.many or column.kind in ("boolean", "translated"):
            continue
        if column.kind == "reference":
            found[column.name] = [value, named.get((column.relation, value), "")] if isinstance(value, int) else [value.pk, str(value)]
        else:
            found[column.name] = as_input(column, value)
    return found


def _plain(column: Column, value: Any, actor: Any, currency: str) -> str:
    if value is None:
        return ""
    if column.kind == "reference":
        return str(value)
    return text_of(Cell(column, value, currency=currency), actor, symbol=False)
