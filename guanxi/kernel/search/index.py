"""Keep the search entries as the records are: always sets of rows, in the transaction that changed them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from struct import pack
from typing import Any

from django.apps import apps
from django.db import connection, models

from guanxi.kernel.database.known import known
from guanxi.kernel.search import text as words
from guanxi.kernel.search.beside import BESIDE, copy_entries, merge_seldom, written_first
from guanxi.kernel.search.registry import Searched, comes_later, dependents, searched, searched_models

BATCH, PIECE = 2_000, 100
MANY = 1_000
WHEN_INDEXED: list[Callable[[str, Sequence[int]], None]] = []
"""Called with the label and ids of rows that were written or are gone, for what else is made from the records."""
MORE_WORDS: list[Callable[[str, Sequence[int]], dict[int, set[str]]]] = []
"""Functions (label, ids) that give more words by which rows are found."""

_UPSERT = """
INSERT INTO search_searchentry AS old (version, model, object_id, title, subtitle, terms)
SELECT 1, %s, one.id, one.title::jsonb, one.subtitle::jsonb, one.terms::tsvector
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS one (id, title, subtitle, terms)
ON CONFLICT (model, object_id) DO UPDATE
SET version = old.version + 1, title = excluded.title, subtitle = excluded.subtitle, terms = excluded.terms
WHERE (old.title, old.subtitle, old.terms) IS DISTINCT FROM (excluded.title, excluded.subtitle, excluded.terms)
RETURNING old.object_id
"""
Entry = tuple[int, str, str, set[str]]
_READERS: dict[str, Callable[[str], Iterable[str]]] = {
    "name": words.tokens, "phone": words.phone_tokens, "number": words.number_tokens, "text": words.text_tokens,
    "begun": words.title_tokens,
}
_WHOSE: dict[str, Callable[[Any], str]] = {"owner": words.of_owner, "target": words.of_target}
TITLE, SUBTITLE = 200, 300
_json, _json_text = json.JSONEncoder(ensure_ascii=False).encode, json.encoder.encode_basestring


def index_records(model: type[models.Model] | str, ids: Iterable[int], *, are_new: bool = False) -> None:
    """Bring the entries of these rows up to date, and of the rows that show or are found by them. When they `are_new`, those that name them
    are not looked for.

    Rows that are gone lose their entries. A model that nobody searches costs nothing.
    """
    label = _label(model)
    touched = sorted(set(ids))
    if not touched:
        return
    own = searched(label)
    changed = _index(own, label, touched) if own else touched
    for other, path, inside in dependents(label):
        if are_new and comes_later(other, path):
            continue
        spec = searched(other)
        assert spec is not None
        for some in _batches(changed if own and inside else touched):
            found = spec.model._base_manager.filter(**{f"{path}__in": some}).values_list("pk", flat=True).distinct()
            _index(spec, other, sorted(found))
    for follow in WHEN_INDEXED:
        follow(label, touched)


def index_new(model: type[models.Model], ids: Sequence[int]) -> None:
    """Enter rows that this transaction has just made, to which nothing refers yet: nothing is compared, all go through one COPY. Within
    `worked_beside` the entries of many rows wait until they are told to be written."""
    label = _label(model)
    spec = searched(label)
    if spec is None:
        return
    if len(ids) > MANY:
        merge_seldom()
    beside = BESIDE.get() if len(ids) > MANY else None
    for some in _batches(sorted(ids)):
        pieces = _pieces(label.encode(), _read(spec, label, some))
        beside.make(partial(list, pieces), len(some)) if beside else copy_entries(pieces)
    for follow in WHEN_INDEXED:
        follow(label, ids)


def forget_records(model: type[models.Model] | str, ids: Iterable[int]) -> None:
    """Drop the entries of rows that were deleted."""
    gone = list(ids)
    written_first()
    all_entries().filter(model=_label(model), object_id__in=gone).delete()
    for follow in WHEN_INDEXED:
        follow(_label(model), gone)


def reindex(model: type[models.Model] | str) -> int:
    """Make all entries of the model anew, in batches; the number of rows. Nothing is missing meanwhile."""
    label, spec = _label(model), searched(_label(model))
    there = spec.model._base_manager.filter(pk=models.OuterRef("object_id")) if spec else all_entries().none()
    all_entries().filter(~models.Exists(there), model=label).delete()
    ids = list(spec.model._base_manager.order_by("pk").values_list("pk", flat=True)) if spec else []
    if spec:
        _index(spec, label, ids)
    return len(ids)


def index_missing() -> int:
    """Index rows that have no entry yet: archives made with a new set, kinds of records searched since an upgrade."""
    count = 0
    for label in searched_models():
        spec = searched(label)
        assert spec is not None
        entered = all_entries().filter(model=label, object_id=models.OuterRef("pk"))
        missing = list(spec.model._base_manager.filter(~models.Exists(entered)).order_by("pk").values_list("pk", flat=True))
        _index(spec, label, missing)
        count += len(missing)
    return count


def _label(model: type[models.Model] | str) -> str:
    return model.lower() if isinstance(model, str) else model._meta.label_lower


def all_entries() -> models.QuerySet[Any]:
    return apps.get_model("search", "SearchEntry")._base_manager.order_by()


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[i : i + BATCH] for i in range(0, len(ids), BATCH))


def _index(spec: Searched, label: str, ids: list[int]) -> list[int]:
    """Write the entries of `ids`, lowest first so that two transactions never wait for each other; those that changed."""
    changed: list[int] = []
    written_first()
    for some in _batches(ids):
        entries = list(_read(spec, label, some))
        if len(entries) < len(some):
            forget_records(label, set(some) - {entry[0] for entry in entries})
        if entries:
            more = [add(label, some) for add in MORE_WORDS]
            found = ((pk, title, below, as_terms(own.union(*(given.get(pk, ()) for given in more)))) for pk, title, below, own in entries)
            columns = list(zip(*found, strict=True))
            with connection.cursor() as cursor:
                cursor.execute(_UPSERT, [label, *(list(column) for column in columns)])
                changed += [row[0] for row in cursor.fetchall()]
    return changed


def _read(spec: Searched, label: str, ids: list[int]) -> Iterator[Entry]:
    """Of each row its key, title, subtitle and words, lowest key first: one query, and one more for each column with many values."""
    paths = {path.name: path for path in (*spec.paths, spec.title, *spec.subtitle, *spec.whose)}
    single, many = ([name for name, path in paths.items() if path.many == wanted] for wanted in (False, True))
    rows = sorted(_values(ids, model=spec.model, names=tuple(single)), key=itemgetter(0))
    for name in many:
        found = defaultdict(list)
        for pk, value in _values(ids, model=spec.model, names=(name,), distinct=True):
            found[pk].append(value)
        rows = [(*row, found[row[0]]) for row in rows]
    at = {name: place for place, name in enumerate((*single, *many), start=1)}
    readers = [(at[path.name], path.many, _READERS[path.reading], path.mark) for path in spec.paths]
    title_at, below, kind = at[spec.title.name], [at[path.name] for path in spec.subtitle], words.of_model(label)
    whose = [(at[path.name], _WHOSE[path.reading]) for path in spec.whose]

    def entry(row: Sequence[Any]) -> Entry:
        title, own = row[title_at], {kind, *(word(row[place]) for place, word in whose)}
        for text in (title,) if type(title) is str else _texts([title]):
            own |= words.title_tokens(text)
        for place, is_many, read, mark in readers:
            value = row[place]
            if value or value == 0:
                for text in (value,) if type(value) is str else _texts(value if is_many else [value]):
                    own.update(read(text) if not mark else [f"{mark}:{token}" for token in read(text)])
        return row[0], _shortened(title, TITLE), _shortened(_joined([row[place] for place in below]), SUBTITLE), own

    return map(entry, rows)


@known
def _values(ids: list[int], *, model: type[models.Model], names: tuple[str, ...], distinct: bool = False) -> Any:
    rows = model._base_manager.filter(pk__any=ids).order_by().values_list("pk", *names)
    return rows.distinct() if distinct else rows


def as_terms(found: Iterable[str]) -> str:
    """Words in the text form of `tsvector`."""
    return " ".join(_quoted(token) for token in sorted(found))


def _pieces(model: bytes, entries: Iterator[Entry]) -> Iterator[bytes]:
    """Parts of a binary COPY; the rows were read when this is called, so that no connection is needed to make them."""
    while piece := b"".join([_tuple(model, *one) for one in islice(entries, PIECE)]):
        yield piece


def _tuple(model: bytes, pk: int, title: str, subtitle: str, found: set[str]) -> bytes:
    """One row of a binary COPY. A word vector is its number of words, then each with its end and the number of its places, none."""
    shown, below, terms = title.encode(), subtitle.encode(), "\0\0\0".join(found).encode()
    return b"%b%b%b\1%b%b\1%b%b%b\0\0\0" % (
        pack("!hiii", 6, 4, 1, len(model)), model, pack("!iqi", 8, pk, len(shown) + 1), shown, pack("!i", len(below) + 1), below,
        pack("!ii", len(terms) + 7, len(found)), terms,
    )


def _texts(values: Iterable[Any]) -> list[str]:
    """Every text to read, whatever its language."""
    found: list[str] = []
    for value in values:
        if type(value) is str:
            if value:
                found.append(value)
            continue
        found += [str(one) for one in (value.values() if isinstance(value, dict) else [value]) if one not in (None, "")]
    return found if len(found) < 2 else list(dict.fromkeys(found))


def _joined(values: list[Any]) -> Any:
    """One line, in each language in which a part of it is written."""
    if all(type(value) is str or value is None for value in values):
        return " · ".join([value for value in values if value])
    languages = {language for value in values if isinstance(value, dict) for language in value}
    if not languages:
        return " · ".join(str(value) for value in values if value not in (None, ""))
    told = {one: [v.get(one) or next(iter(v.values()), "") if isinstance(v, dict) else v for v in values] for one in sorted(languages)}
    return {language: _joined(some) for language, some in told.items()}


def _shortened(value: Any, length: int) -> str:
    """As JSON."""
    if isinstance(value, dict):
        return _json({language: str(one)[:length] for language, one in value.items()})
    return _json_text("" if value is None else str(value)[:length])


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
