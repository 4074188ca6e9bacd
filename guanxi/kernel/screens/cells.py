"""Cells: the values of rows with all that is needed to draw them, fetched in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.database.known import known
from guanxi.kernel.records.record import has_own_sight, seen_ids
from guanxi.kernel.screens.screen import record_url, screen_of


@dataclass(slots=True)
class Cell:
    """One value. `title` is how people read a reference; `url` its page, when the actor may see it."""

    column: Column
    value: Any
    title: str = ""
    url: str = ""
    currency: str = ""
    template: str = ""
    parts: list[Cell] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        return self.value in (None, "", [], {}) and not self.parts

    @property
    def label(self) -> Any:
        return self.column.label_of(self.value)

    @property
    def tone(self) -> str:
        return self.column.tones.get(self.value, "")


@dataclass(slots=True)
class Row:
    pk: int
    version: int
    cells: list[Cell]
    url: str = ""
    title: str = ""

    def __getitem__(self, name: str) -> Cell:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def get(self, name: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.column.name == name), None)


def rows_of(rows, columns: Sequence[Column], actor, set_key: str, *, title: str = "", templates=None, whole: bool = False) -> list[Row]:
    """The rows of a (sliced) queryset: one query, one more for each relation of limited sight and for each many-relation.

    `whole`: texts in every language, as a form needs them, in place of the reader's alone.
    """
    return _made(list(_values(rows, columns, actor, whole)), rows.model, columns, actor, set_key, templates)


def rows_by(row_id: int, of: Any, names: tuple[str, ...], actor, set_key: str, *, by: str = "pk", templates=None, whole=False) -> list[Row]:
    """The same for the rows of a screen, or of a document's lines, whose `by` is this id: a question that is compiled once."""
    found = _values_by(row_id, of=of, names=names, by=by, whole=whole, eyes=actor.eyes)
    return _made(found, of.model, of.seen(names, actor), actor, set_key, templates)


def rows_with(ids: list[int], screen: Any, columns: Sequence[Column], actor, set_key: str) -> list[Row]:
    """The rows of a screen with these ids, in this order: a question that is compiled once."""
    found = _values_with(ids, screen=screen, names=tuple(column.name for column in columns), eyes=actor.eyes)
    by_id = {values["pk"]: values for values in found}
    rows = [by_id[pk] for pk in ids if pk in by_id]
    return _made(rows, screen.model, columns, actor, set_key, screen.value_templates)


@known
def _values_with(ids: list[int], *, screen: Any, names: tuple[str, ...], eyes: Any) -> Any:
    available = screen.available(eyes.actor)
    rows = screen.model.objects.order_by().filter(pk__any=ids)
    return _values(rows, [available[name] for name in names], eyes.actor, False)


@known
def _values_by(row_id: int, *, of: Any, names: tuple[str, ...], by: str, whole: bool, eyes: Any) -> Any:
    order = ("position", "pk") if has_field(of.model, "position") else ("pk",)
    return _values(of.model.objects.filter(**{by: row_id}).order_by(*order), of.seen(names, eyes.actor), eyes.actor, whole)


def _values(rows, columns: Sequence[Column], actor, whole: bool) -> Any:
    wanted: dict[str, Any] = {}
    for number, column in enumerate(columns):
        if column.many:
            continue
        wanted[f"_v{number}"] = column.title_sql(actor) if column.kind == "translated" and not whole else column.sql(actor)
        if column.kind == "reference":
            wanted[f"_t{number}"] = column.title_sql(actor)
        if column.kind in ("money", "price") and (currency := column.currency_sql(actor)) is not None:
            wanted[f"_c{number}"] = currency
    has_version = any(f.name == "version" for f in rows.model._meta.concrete_fields)
    return rows.values("pk", **({"_version": F("version")} if has_version else {}), **wanted)


def _made(found: list[dict[str, Any]], model: Any, columns: Sequence[Column], actor, set_key: str, templates) -> list[Row]:
    plans = [
        (
            column, f"_v{number}", f"_t{number}" if column.kind == "reference" else "",
            f"_c{number}" if column.kind in ("money", "price") else "", (templates or {}).get(column.name, ""),
        )
        for number, column in enumerate(columns)
    ]
    made = []
    for values in found:
        cells = []
        for column, place, title, currency, template in plans:
            value = values.get(place)
            cells.append(Cell(
                column, value, str(values.get(title) or "") if title and value is not None else "",
                "", (values.get(currency) or actor.currency) if currency else "", template,
            ))
        made.append(Row(values["pk"], values.get("_version", 0), cells, record_url(set_key, model, values["pk"])))
    for number, column in enumerate(columns):
        if column.many:
            _fill_many(made, number, column, model, actor)
    for kind, link in (("reference", link_references), ("record", link_records)):
        if places := [number for number, column in enumerate(columns) if column.kind == kind]:
            link([row.cells[number] for row in made for number in places], actor, set_key)
    return made


def _fill_many(rows: list[Row], number: int, column: Column, model, actor) -> None:
    related = title_of(column.relation, actor, prefix=f"{column.name}__")
    pairs = model._base_manager.filter(pk__in=[row.pk for row in rows], **{f"{column.name}__isnull": False})
    parts = defaultdict(list)
    single = Column(column.name, column.label, "reference", relation=column.relation)
    for owner, pk, title in pairs.values_list("pk", f"{column.name}__pk", related):
        parts[owner].append(Cell(single, pk, str(title)))
    for row in rows:
        row.cells[number].parts = sorted(parts[row.pk], key=lambda cell: cell.title)


def link_records(cells: Iterable[Cell], actor, set_key: str) -> None:
    """Title and address of the records that cells of the kind "record" speak of, where the actor may see them: one query per kind."""
    asked: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.column.kind == "record" and cell.value:
            label, _colon, pk = str(cell.value).partition(":")
            if (screen := screen_of(label)) is None:
                continue
            cell.title = f"{screen.singular()} #{pk}"
            asked[label].append(cell)
    for label, mine in asked.items():
        model: Any = screen_of(label).model  # type: ignore[union-attr]
        ids = {int(str(cell.value).partition(":")[2]) for cell in mine}
        titles = dict(model.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", title_of(model, actor)))
        for cell in mine:
            row_id = int(str(cell.value).partition(":")[2])
            if row_id in titles:
                cell.title, cell.url = f"{model._meta.verbose_name} {titles[row_id]}", record_url(set_key, model, row_id)


def link_references(cells: Iterable[Cell], actor, set_key: str) -> None:
    """Give references their address where the actor may see the row: no query for whole-company sight, else one per relation."""
    asked: dict[Any, list[Cell]] = defaultdict(list)
    for cell in cells:
        for one in cell.parts or (cell,):
            if one.column.kind == "reference" and one.value and not one.parts:
                asked[one.column.relation].append(one)
    for model, mine in asked.items():
        if screen_of(model) is None:
            continue
        visible = None if has_own_sight(model) else actor.row_filter("view", model)
        if visible is False:
            continue
        if visible is not True:
            allowed = set(seen_ids(list({cell.value for cell in mine}), model=model, eyes=actor.eyes))
            mine = [cell for cell in mine if cell.value in allowed]
        for cell in mine:
            cell.url = record_url(set_key, model, cell.value)
