"""Keep the search entries as the records are: always sets of rows, in the transaction that changed them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models

from guanxi.kernel.database.known import known
from guanxi.kernel.search import text as words
from guanxi.kernel.search.registry import Path, Searched, dependents, searched, searched_models

BATCH = 2_000
WHEN_INDEXED: list[Callable[[str, Sequence[int]], None]] = []
"""Called with the label and ids of rows that were written or are gone, for what else is made from the records."""

_UPSERT = """
INSERT INTO search_searchentry AS old (version, model, object_id, title, subtitle, terms)
SELECT 1, %s, one.id, one.title::jsonb, one.subtitle::jsonb, one.terms::tsvector
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS one (id, title, subtitle, terms)
ON CONFLICT (model, object_id) DO UPDATE
SET version = old.version + 1, title = excluded.title, subtitle = excluded.subtitle, terms = excluded.terms
WHERE (old.title, old.subtitle, old.terms) IS DISTINCT FROM (excluded.title, excluded.subtitle, excluded.terms)
RETURNING old.object_id
"""
_READERS = {"name": words.tokens, "phone": words.phone_tokens, "number": words.number_tokens, "text": words.text_tokens}
TITLE, SUBTITLE = 200, 300


def index_records(model: type[models.Model] | str, ids: Iterable[int]) -> None:
    """Bring the entries of these rows up to date, and of the rows that show or are found by them.

    Rows that are gone lose their entries. A model that nobody searches costs nothing.
    """
    label = _label(model)
    touched = sorted(set(ids))
    if not touched:
        return
    own = searched(label)
    changed = _index(own, label, touched) if own else touched
    for other, path, inside in dependents(label):
        spec = searched(other)
        assert spec is not None
        for some in _batches(changed if own and inside else touched):
            found = spec.model._base_manager.filter(**{f"{path}__in": some}).values_list("pk", flat=True).distinct()
            _index(spec, other, sorted(found))
    for follow in WHEN_INDEXED:
        follow(label, touched)


def forget_records(model: type[models.Model] | str, ids: Iterable[int]) -> None:
    """Drop the entries of rows that were deleted."""
    gone = list(ids)
    _entries().filter(model=_label(model), object_id__in=gone).delete()
    for follow in WHEN_INDEXED:
        follow(_label(model), gone)


def reindex(model: type[models.Model] | str) -> int:
    """Make all entries of the model anew, in batches; the number of rows. Nothing is missing meanwhile."""
    label, last, count = _label(model), -1, 0
    spec = searched(label)
    if spec is None:
        _entries().filter(model=label).delete()
        return 0
    _entries().filter(model=label, object_id__lt=0).delete()
    while ids := list(spec.model._base_manager.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        _entries().filter(model=label, object_id__gt=last, object_id__lt=ids[-1]).exclude(object_id__in=ids).delete()
        _index(spec, label, ids)
        last, count = ids[-1], count + len(ids)
    _entries().filter(model=label, object_id__gt=last).delete()
    return count


def index_missing() -> int:
    """Index rows that have no entry yet: archives made with a new set, kinds of records searched since an upgrade."""
    count = 0
    for label in searched_models():
        spec = searched(label)
        assert spec is not None
        entered = _entries().filter(model=label).values("object_id")
        missing = list(spec.model._base_manager.exclude(pk__in=entered).order_by("pk").values_list("pk", flat=True))
        _index(spec, label, missing)
        count += len(missing)
    return count


def _label(model: type[models.Model] | str) -> str:
    return model.lower() if isinstance(model, str) else model._meta.label_lower


def _entries() -> models.QuerySet[Any]:
    return apps.get_model("search", "SearchEntry")._base_manager.all()


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[i : i + BATCH] for i in range(0, len(ids), BATCH))


def _index(spec: Searched, label: str, ids: list[int]) -> list[int]:
    """Write the entries of `ids`, lowest first so that two transactions never wait for each other; those that changed."""
    changed: list[int] = []
    for some in _batches(ids):
        rows = _rows(spec, some)
        if len(rows) < len(some):
            forget_records(label, set(some) - rows.keys())
        if rows:
            columns = list(zip(*(_entry(spec, label, pk, rows[pk]) for pk in sorted(rows)), strict=True))
            with connection.cursor() as cursor:
                cursor.execute(_UPSERT, [label, *(list(column) for column in columns)])
                changed += [row[0] for row in cursor.fetchall()]
    return changed


def entries_of(model: type[models.Model] | str, ids: list[int]) -> Iterator[tuple[int, str, str, str]]:
    """What `index_records` would write of these rows, for those who write it themselves: id, title, subtitle, terms as texts."""
    label = _label(model)
    spec = searched(label)
    if spec is not None:
        rows = _rows(spec, ids)
        yield from (_entry(spec, label, pk, rows[pk]) for pk in sorted(rows))


def _rows(spec: Searched, ids: list[int]) -> dict[int, dict[str, list[Any]]]:
    """The searched values of each row: one query, and one more for each column with many values."""
    paths = {path.name: path for path in (*spec.paths, spec.title, *spec.subtitle)}
    single = [name for name, path in paths.items() if not path.many]
    found = _values(ids, model=spec.model, names=tuple(single))
    rows = {pk: {name: [value] for name, value in zip(single, values, strict=True)} for pk, *values in found}
    for name, path in paths.items():
        if path.many:
            for pk, value in _values(ids, model=spec.model, names=(name,), distinct=True):
                rows[pk].setdefault(name, []).append(value)
    return rows


@known
def _values(ids: list[int], *, model: type[models.Model], names: tuple[str, ...], distinct: bool = False) -> Any:
    rows = model._base_manager.filter(pk__any=ids).order_by().values_list("pk", *names)
    return rows.distinct() if distinct else rows


def _entry(spec: Searched, label: str, pk: int, values: dict[str, list[Any]]) -> tuple[int, str, str, str]:
    title = values[spec.title.name][0]
    found = {words.of_model(label)}.union(*(words.title_tokens(one) for one in _texts([title])))
    for path in spec.paths:
        found |= _read(path, _texts(values.get(path.name, ())))
    subtitle = _joined([values[path.name][0] for path in spec.subtitle])
    return pk, json.dumps(_shortened(title, TITLE)), json.dumps(_shortened(subtitle, SUBTITLE)), as_terms(found)


def as_terms(found: Iterable[str]) -> str:
    """Words in the text form of `tsvector`."""
    return " ".join(_quoted(token) for token in sorted(found))


def _read(path: Path, texts: list[str]) -> set[str]:
    found = set().union(*(_READERS[path.reading](one) for one in texts))
    return {f"{path.mark}:{token}" for token in found} if path.mark else found


def _texts(values: Iterable[Any]) -> list[str]:
    """Every text to read, whatever its language."""
    found: list[str] = []
    for value in values:
        found += [str(one) for one in (value.values() if isinstance(value, dict) else [value]) if one not in (None, "")]
    return list(dict.fromkeys(found))


def _joined(values: list[Any]) -> Any:
    """One line, in each language in which a part of it is written."""
    languages = {language for value in values if isinstance(value, dict) for language in value}
    if not languages:
        return " · ".join(str(value) for value in values if value not in (None, ""))
    return {language: _joined([_in(value, language) for value in values]) for language in sorted(languages)}


def _in(value: Any, language: str) -> Any:
    return value.get(language) or next(iter(value.values()), "") if isinstance(value, dict) else value


def _shortened(value: Any, length: int) -> Any:
    if isinstance(value, dict):
        return {language: str(one)[:length] for language, one in value.items()}
    return "" if value is None else str(value)[:length]


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
