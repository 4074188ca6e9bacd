"""What stands in the form of a record and of its lines: saved, sent, and as somebody saw it when they began to type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.screens.cells import Row, rows_of
from guanxi.kernel.screens.forms import from_row, read_lines
from guanxi.kernel.screens.visit import Visit

LINES = "lines"
SEEN = "seen"
"""Sent with a form: the record and its lines as they were when it was drawn, so that it is known who changed what."""
_HEAD, _AUTO = "head", "auto"
Texts = dict[str, str]
Sent = list[tuple[int, dict[str, Any]]]
_PICK = re.compile(r"pick\.(\d{1,6})\.(\d{1,6})")
"""The choice between two lines of a conflict, by their places; its value is the place that is kept."""
LEADS: dict[tuple[str, str], Callable[[Visit, Sequence[Draft], Draft], Mapping[int, Mapping[str, str]]]] = {}
"""Kind of line and a column that is entered within another's cell → what leads to where it is made: for each line, by its row, the address
and the words of what is chosen. Lines that are not named have nothing to choose."""


def shown_columns(visit: Visit) -> list[Column]:
    """Computed columns of the lines: shown beside what is entered."""
    assert visit.screen is not None and visit.screen.lines is not None
    return visit.screen.lines.seen(visit.screen.lines.computed, visit.actor)


def line_columns(visit: Visit) -> list[Column]:
    assert visit.screen is not None
    form = form_of(visit.screen.model)
    return [c for c in form.lines.columns.values() if visit.actor.sees(c)] if form.lines else []


def leads_of(lines: Sequence[Draft], whole: Draft, visit: Visit) -> dict[int, dict[str, Mapping[str, str]]]:
    """By row and column: where what stands within a cell is chosen."""
    assert visit.screen is not None
    found: dict[int, dict[str, Mapping[str, str]]] = {}
    known = visit.screen.lines
    for name, _outer in known.inside if known is not None and lines else ():
        lead = LEADS.get((known.model.label(), name))  # type: ignore[union-attr]
        for row, said in (lead(visit, lines, whole) if lead else {}).items():
            found.setdefault(row, {})[name] = said
    return found


def saved_lines(visit: Visit, pk: int) -> list[Row]:
    if visit.screen is None or visit.screen.lines is None:
        return []
    model = visit.screen.lines.model
    rows = model.objects.filter(**{visit.screen.lines.parent: pk})
    rows = rows.order_by("position", "pk") if "position" in columns_of(model) else rows.order_by("pk")
    return rows_of(rows, [*line_columns(visit), *shown_columns(visit)], visit.actor, visit.set_key, whole=True)


def sent_lines(visit: Visit, sent: Any) -> Sent:
    """What the browser sent, without what lost a choice."""
    lost = {
        int(place) for name in sent if (found := _PICK.fullmatch(name)) for place in found.groups() if place != sent[name]
    }
    return [(at, values) for at, values in read_lines(line_columns(visit), sent, LINES) if at not in lost]


def texts_of(columns: Iterable[Column], values: Mapping[str, Any]) -> Texts:
    """A line's values as comparable texts, whether they were saved or sent."""
    return {column.name: _text(values.get(column.name)) for column in columns}


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = {code: text for code, text in value.items() if text not in ("", None)}
    if isinstance(value, list):
        value = sorted((one[0] if isinstance(one, tuple) else one for one in value), key=str)
    if isinstance(value, tuple):
        value = value[0]
    if value in (None, "", False, [], {}):
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    # A browser sends the ends of lines in its own way.
    return str(value).replace("\r\n", "\n").strip()


def as_seen(
    columns: Iterable[Column], row: Row, entered: list[Column], lines: Iterable[Row], proposed: Mapping[str, Collection[str]] | None = None
) -> str:
    """What `seen_head`, `seen_lines` and `seen_proposed` read again; what nobody may see is not in it."""
    plain = [column for column in columns if column.kind not in ("secret", "lines")]
    found = {_HEAD: texts_of(plain, from_row(plain, row))} | {str(line.pk): texts_of(entered, from_row(entered, line)) for line in lines}
    found[_AUTO] = {key: " ".join(sorted(names)) for key, names in (proposed or {}).items() if names}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def seen_lines(sent: Any) -> dict[str, Texts]:
    """By their ids, in their order; nothing when it was not sent as it should be."""
    return {key: line for key, line in _seen(sent).items() if key not in (_HEAD, _AUTO)}


def seen_proposed(sent: Any) -> dict[str, set[str]]:
    """By their ids, what nobody had decided on the lines: it is sent empty, so that it is proposed again."""
    return {key: set(str(names).split()) for key, names in _seen(sent).get(_AUTO, {}).items()}


def seen_head(sent: Any) -> Texts:
    """The same for the record itself."""
    return _seen(sent).get(_HEAD, {})


def _seen(sent: Any) -> dict[str, Texts]:
    try:
        found = json.loads(sent.get(SEEN) or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(key): texts for key, texts in found.items() if isinstance(texts, dict)} if isinstance(found, dict) else {}
