"""The one validator behind forms, lines, API, import and bulk edit: typed, set-based, and in words.

Whatever the number of rows, references cost one query per relation and unique columns one query each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.core.validators import ProhibitNullCharactersValidator as _NoNul
from django.db import connections
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.database.known import known
from guanxi.kernel.database.session import current_set
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.values import Translated

if TYPE_CHECKING:
    from guanxi.kernel.columns.forms import LineForm

MAX_LINES = 2000
_REPEATED = frozenset({"choice", "boolean", "date"})
"""Kinds of which many rows say the same, so that a text is read once."""


@dataclass
class Draft:
    """Checked values of one row to be written; references are rows. `instance` is the row being changed."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: list[Draft] | None = None
    """None when the input did not speak of lines at all."""
    errors: dict[str, list[str]] = field(default_factory=dict)
    instance: Any = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """The new value, else the row's present one, else `default`."""
        if name in self.values:
            return self.values[name]
        return getattr(self.instance, name) if self.instance is not None else default

    def key(self, name: str) -> int | None:
        """The key in a reference column, new or present, without fetching the row."""
        if name in self.values:
            return getattr(self.values[name], "pk", None)
        if f"{name}_id" in self.values:
            return self.values[f"{name}_id"]
        return getattr(self.instance, f"{name}_id", None)

    def add_error(self, name: str, message: object) -> None:
        self.errors.setdefault(name, []).append(str(message))

    def all_errors(self) -> dict[str, list[str]]:
        found = dict(self.errors)
        for number, line in enumerate(self.lines or ()):
            found.update({f"lines.{number}.{name}": messages for name, messages in line.errors.items()})
        return found


def refuse_errors(drafts: Iterable[Draft], *, numbered: bool = False) -> None:
    """Raise Invalid for the first draft that has errors; `numbered`: for all of them, by `rows.3.name`."""
    found: dict[str, list[str]] = {}
    for draft in drafts:
        if errors := draft.all_errors():
            if not numbered:
                raise Invalid(errors)
            found.update({f"rows.{draft.row}.{name}": messages for name, messages in errors.items()})
    if found:
        raise Invalid(found)


def validate(
    columns: Mapping[str, Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    model: type | None = None,
    mode: str = "create",
    instances: Sequence[Any] | None = None,
    lines: LineForm | None = None,
    by_id: bool = False,
) -> list[Draft]:
    """One draft per row. `by_id`: texts in references are ids (forms), else business keys (API, import); numbers are ids."""
    drafts = [Draft(number, instance=instances[number] if instances else None, raw=row) for number, row in enumerate(rows)]
    ignored = {"id", "version", "lines", "_key"} if model else set()
    given = set().union(*rows)
    for draft in drafts if given - columns.keys() - ignored else ():
        for name in draft.raw:
            if name not in columns and name not in ignored:
                draft.add_error(name, _unknown(name, columns))
    for column in columns.values():
        if column.kind == "lines":
            _parameter_lines(column, drafts, actor, by_id)
        elif column.name in given:
            _references(column, drafts, actor, by_id) if column.kind == "reference" else _values(column, drafts, actor, model)
        _required(column, drafts, mode)
    if model is not None:
        _unique(columns, drafts, model)
    if lines is not None:
        _document_lines(lines, drafts, actor, by_id)
    return drafts


def _unknown(name: str, columns: Mapping[str, Column]) -> str:
    return _("There is no column “%(name)s” to write; there are: %(names)s.") % {"name": name, "names": ", ".join(columns)}


def _values(column: Column, drafts: list[Draft], actor: Actor, model: Any) -> None:
    checks = model._meta.get_field(column.name).validators if model and column.source == "field" else ()
    # A length, a sign that cannot be stored and what is no e-mail address have been refused with the text already.
    known = (_NoNul, *((MaxLengthValidator,) if column.max_length else ()), *((EmailValidator,) if column.kind == "email" else ()))
    checks = [one for one in checks if type(one) not in known]
    read: dict[str, Any] = {}
    for draft in drafts:
        if column.name not in draft.raw:
            continue
        raw = draft.raw[column.name]
        if column.kind in _REPEATED and isinstance(raw, str) and raw in read:
            draft.values[column.name] = read[raw]
            continue
        try:
            value = parse(column, raw, actor.timezone)
            for check in checks if value not in (None, "") else ():
                check(value)
            if column.kind in _REPEATED and isinstance(raw, str) and value is not None and not column.closed:
                read[raw] = value
            if column.closed:
                _require_offered(column, value, draft)
        except Unreadable as problem:
            draft.add_error(column.name, problem)
        except ValidationError as problem:
            draft.errors.setdefault(column.name, []).extend(problem.messages)
        else:
            # A field of the program is never without its default; an added one is empty where it was emptied.
            if value is None and column.default is not None and column.source != "added":
                value = column.default() if callable(column.default) else column.default
            if value and column.kind == "translated" and isinstance(draft.raw[column.name], str) and draft.instance is not None:
                # Plain text is the active language's: the other languages stay.
                value = Translated({**(getattr(draft.instance, column.name) or {}), **value})
            draft.values[column.name] = value


def _require_offered(column: Column, value: Any, draft: Draft) -> None:
    """A choice that is no longer offered stays where it is."""
    there = getattr(draft.instance, column.name) if draft.instance is not None else None
    kept = set(there if isinstance(there, list) else [there])
    for code in value if isinstance(value, list) else [value]:
        if code in column.closed and code not in kept:
            raise Unreadable(_("“%(value)s” is no longer offered; choose another.") % {"value": column.label_of(code)})


def _required(column: Column, drafts: list[Draft], mode: str) -> None:
    if not column.required:
        return
    for draft in drafts:
        absent = column.name not in draft.raw
        if absent and mode == "change" and draft.instance is not None:
            continue
        if draft.values.get(column.name) in (None, "", [], {}) and column.name not in draft.errors:
            draft.add_error(column.name, _("This is needed."))


def _references(column: Column, drafts: list[Draft], actor: Actor, by_id: bool) -> None:
    """Resolve one relation for all rows in one query, among what the actor may see."""
    model = column.relation
    wanted: dict[int, list[Any]] = {}
    for number, draft in enumerate(drafts):
        if column.name not in draft.raw:
            continue
        raw = draft.raw[column.name]
        given = raw if isinstance(raw, list | tuple) else ([] if raw in (None, "") else [raw])
        wanted[number] = [named for v in given if (named := _named(v)) not in ("", None)]
    ids, keys = set(), set()
    for value in (v for values in wanted.values() for v in values):
        if isinstance(value, model):
            continue
        if isinstance(value, bool) or not isinstance(value, int | str):
            continue
        if isinstance(value, int) or (by_id and value.isdecimal()):
            ids.add(int(value))
        elif not by_id:
            keys.add(value)
    found: dict[Any, Any] = {}
    if ids or keys:
        for row in _rows_named([i for i in ids if 0 < i < 2**63], list(keys), model=model, eyes=actor.eyes):
            found[row.pk] = row
            found[str(getattr(row, model.business_key))] = row
    for number, values in wanted.items():
        rows = []
        for value in values:
            row = value if isinstance(value, model) else found.get(int(value) if by_id and str(value).isdecimal() else value)
            if row is None and (by_id or isinstance(value, int)):
                row = _there(drafts[number], column.name, value)
            if row is None:
                drafts[number].add_error(
                    column.name,
                    _("There is no %(what)s “%(value)s” that you can use; choose one or create it.")
                    % {"what": model._meta.verbose_name, "value": str(value)[:60]},
                )
            elif getattr(row, "archived_at", None) and not _keeps(drafts[number], column.name, row):
                drafts[number].add_error(column.name, _("“%(row)s” is archived; choose another or restore it first.") % {"row": row})
            else:
                rows.append(row)
        drafts[number].values[column.name] = rows if column.many else (rows[0] if rows else None)


@known
def _rows_named(ids: list[int], keys: list[str], *, model: Any, eyes: Any) -> Any:
    query = Q(pk__any=ids)
    if model.business_key != "id":
        query |= Q(**{f"{model.business_key}__any": keys})
    return model.objects.each_visible_to(eyes.actor).filter(query)


def _named(value: Any) -> Any:
    """What names a row: its id or key, also from {"id": 3, "code": …} as answers show references."""
    if isinstance(value, Mapping):
        value = value.get("id", value.get("code"))
    if isinstance(value, str):
        return value.strip()
    return value if isinstance(value, int | Model) and not isinstance(value, bool) else str(value) if value is not None else None


def _there(draft: Draft, name: str, value: Any) -> Any:
    """What stands there already may stay, also where it is out of the actor's sight."""
    there = getattr(draft.instance, f"{name}_id", None)
    return getattr(draft.instance, name) if there is not None and str(there) == str(value) else None


def _keeps(draft: Draft, name: str, row: Any) -> bool:
    return draft.instance is not None and getattr(draft.instance, f"{name}_id", None) == row.pk


def _unique(columns: Mapping[str, Column], drafts: list[Draft], model: Any) -> None:
    for name, column in columns.items():
        if not column.unique:
            continue
        given = [(d, d.values[name]) for d in drafts if d.values.get(name) not in (None, "")]
        if not given:
            continue
        taken = _taken(column, [value for _d, value in given], model)
        seen: dict[Any, int] = {}
        for draft, value in given:
            other = taken.get(value)
            if other is not None and (draft.instance is None or draft.instance.pk != other):
                draft.add_error(name, _("“%(value)s” is taken; choose another.") % {"value": value})
            elif value in seen:
                draft.add_error(name, _("“%(value)s” appears twice, in rows %(first)s and %(second)s.")
                                % {"value": value, "first": seen[value] + 1, "second": draft.row + 1})
            seen.setdefault(value, draft.row)


def _taken(column: Column, values: list[Any], model: Any) -> dict[Any, int]:
    """The rows that have one of these values, by value."""
    if column.source == "field":
        return dict(model._base_manager.filter(**{f"{column.name}__in": values}).values_list(column.name, "pk"))
    with connections["default"].cursor() as cursor:
        # No index keeps two people apart here: who comes second waits, and then sees what the first has written.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{current_set()} {model._meta.label_lower} {column.name}"])
    return dict(model._base_manager.annotate(_own=column.sql(None)).filter(_own__in=values).values_list("_own", "pk"))


def _flatten(drafts: list[Draft], name: str) -> list[tuple[Draft, Mapping[str, Any]]]:
    """(document, line) of all documents, refusing what is no list of objects."""
    flat: list[tuple[Draft, Mapping[str, Any]]] = []
    for draft in drafts:
        given = draft.raw.get(name)
        if given is None:
            continue
        if not isinstance(given, list | tuple) or not all(isinstance(line, Mapping) for line in given):
            draft.add_error(name, _("Give a list of lines."))
        elif len(given) > MAX_LINES:
            draft.add_error(name, _("At most %(max)s lines; split the document.") % {"max": MAX_LINES})
        else:
            flat += [(draft, line) for line in given]
    return flat


def _document_lines(form: LineForm, drafts: list[Draft], actor: Actor, by_id: bool) -> None:
    flat = _flatten(drafts, "lines")
    existing: dict[int, Any] = {}
    parents = [d.instance.pk for d in drafts if d.instance is not None]
    if parents and flat:
        existing = {row.pk: row for row in form.model.objects.filter(**{f"{form.parent}_id__in": parents})}
    instances = []
    for draft, line in flat:
        row = existing.get(_int(line.get("id")) or 0)
        instances.append(row if row is not None and getattr(row, f"{form.parent}_id") == draft.instance.pk else None)
    checked = validate(
        form.columns, [line for _d, line in flat], actor=actor, model=form.model, mode="change", instances=instances, by_id=by_id
    ) if flat else []
    for (draft, line), result in zip(flat, checked, strict=True):
        if line.get("id") and result.instance is None:
            result.add_error("id", _("This line is no longer there; load the page again."))
        draft.lines = draft.lines or []
        draft.lines.append(result)
    for draft in drafts:
        if "lines" in draft.raw and draft.lines is None and "lines" not in draft.errors:
            draft.lines = []
        if form.required and not draft.lines and "lines" not in draft.errors and ("lines" in draft.raw or draft.instance is None):
            draft.add_error("lines", _("Enter at least one line."))


def _int(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _parameter_lines(column: Column, drafts: list[Draft], actor: Actor, by_id: bool) -> None:
    flat = _flatten(drafts, column.name)
    columns = {c.name: c for c in column.lines}
    checked = validate(columns, [line for _d, line in flat], actor=actor, by_id=by_id) if flat else []
    built: dict[int, list[Any]] = {}
    for (draft, _line), result in zip(flat, checked, strict=True):
        mine = built.setdefault(draft.row, [])
        for name, messages in result.errors.items():
            draft.errors.setdefault(f"{column.name}.{len(mine)}.{name}", []).extend(messages)
        values = {name: result.values.get(name) for name in columns if name in result.values or columns[name].required}
        mine.append(column.build(**values) if column.build and not result.errors else None)
    for draft in drafts:
        if draft.raw.get(column.name) is not None:
            draft.values[column.name] = built.get(draft.row, [])
