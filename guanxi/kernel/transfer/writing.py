"""Rows as records: found by their key, compared, and written only where they differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.acts.writer import insert, lock_records, require, require_inside, update
from guanxi.kernel.columns.added import added_columns
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import Form, form_of
from guanxi.kernel.columns.registry import columns_of, has_field
from guanxi.kernel.columns.validate import Draft, validate
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.transfer.importer import Item, Tally
from guanxi.kernel.transfer.mapping import BadMapping, Mapping


def screen_at(path: str) -> type[Screen]:
    """The screen with this path; BadMapping with the valid ones otherwise."""
    if path not in SCREENS:
        raise BadMapping(_("There is no screen “%(path)s”; there are: %(paths)s.") % {"path": path, "paths": ", ".join(sorted(SCREENS))})
    return SCREENS[path]


def import_form(screen: type[Screen], actor: Actor) -> Form:
    """What an import may write: the form, and the number that a document had where it comes from."""
    form = form_of(screen.model)
    own = columns_of(screen.model)
    names = [n for n in form.fields if n in own and actor.writes(own[n])]
    key = screen.model.business_key
    if key in own and own[key].writable and key not in names:
        names.insert(0, key)
    closed = {name for name, column in added_columns(screen.model).items() if not actor.writes(column)}
    return replace(form, fields=tuple(names), without=frozenset(closed))


class Writing:
    """Takes batches of items as rows of one screen."""

    def __init__(self, mapping: Mapping, actor: Actor, file: str):
        self.screen = screen_at(mapping.screen)
        if not self.screen.may_create:
            raise BadMapping(_("%(what)s come from operations; they cannot be imported as rows.") % {"what": self.screen.plural()})
        self.model: Any = self.screen.model
        self.actor, self.file = actor, file
        self.form = import_form(self.screen, actor)
        self.columns: dict[str, Column] = self.form.columns
        self.line_columns: dict[str, Column] = self.form.lines.columns if self.form.lines and mapping.lines else {}
        self.labels = {name: str(c.label) for name, c in self.columns.items()}
        self.labels |= {f"lines.{name}": str(c.label) for name, c in self.line_columns.items()}
        usual = [self.model.business_key] if self.model.business_key in self.columns else []
        self.keys = usual if mapping.key is None else mapping.key
        given = {*mapping.columns, *mapping.constants, *mapping.expressions}
        for name in self.keys:
            if name not in self.columns or name not in given:
                raise BadMapping(_("The key column “%(name)s” gets no value; map it, or write key = [] if every row is new.") % {"name": name})
        if not actor.may("add", self.model):
            require(actor, "change", self.model)

    def key_columns(self) -> list[str]:
        return self.keys

    def take(self, items: list[Item], tally: Tally) -> None:
        """One act for the batch; Refused or a database error when a row breaks it."""
        rows = self._validated(items, tally)
        kept = self._existing_lines([d.instance for _i, d in rows if d.instance is not None])
        new = [(item, draft) for item, draft in rows if draft.instance is None]
        there = [(item, draft) for item, draft in rows if draft.instance is not None]
        different = self._different(there, kept)
        tally.unchanged += len(there) - len(different)
        if not new and not different:
            return

        def body(_scope: object) -> None:
            self._insert(new, tally)
            self._update(different, kept, tally)

        first, last = items[0].row.number, items[-1].row.number
        outcome = run_act(f"{self.model.label()}.import", actor=self.actor, body=body, arguments={"file": self.file, "rows": [first, last]})
        tally.acts.append(outcome.act_id)

    def _validated(self, items: list[Item], tally: Tally) -> list[tuple[Item, Draft]]:
        found = self._found(items) if self.keys else [None] * len(items)
        drafts = validate(
            self.columns, [item.values for item in items], actor=self.actor, model=self.model, mode="change", instances=found, lines=self.form.lines,
        )
        sound = []
        for item, draft in zip(items, drafts, strict=True):
            if errors := draft.all_errors():
                tally.failures.append((item, errors))
            else:
                sound.append((item, draft))
        return sound

    def _found(self, items: list[Item]) -> list[Any]:
        """For each item the row that has its key, among those the actor may see."""
        keys = {name: self.columns[name] for name in self.keys}
        drafts = validate(keys, [{name: item.values.get(name) for name in self.keys} for item in items], actor=self.actor)
        wanted = [tuple(draft.values.get(name) for name in self.keys) for draft in drafts]
        usable = {key for key in wanted if not any(value in (None, "") for value in key)}
        if not usable:
            return [None] * len(items)
        rows = self.model.objects.visible_to(self.actor)
        for place, name in enumerate(self.keys):
            path = f"_key{place}" if self.columns[name].source == "added" else name
            rows = rows.alias(**({path: self.columns[name].sql(self.actor)} if path != name else {}))
            wanted_here = {key[place] for key in usable}
            rows = rows.filter(**{f"{path}__in": {getattr(value, "pk", value) for value in wanted_here}})
        many = [f.name for f in self.model._meta.many_to_many if f.name in self.columns]
        existing: dict[tuple, Any] = {}
        for row in rows.select_related(*self._related_keys()).prefetch_related(*many):
            existing.setdefault(tuple(getattr(row, name) for name in self.keys), row)
        return [existing.get(key) for key in wanted]

    def _related_keys(self) -> list[str]:
        return [name for name in self.keys if self.columns[name].kind == "reference" and self.columns[name].source == "field"]

    # ---- is it what is there? -----------------------------------------------------------------------------------------
    def _existing_lines(self, rows: list[Any]) -> dict[int, list[Any]]:
        form = self.form.lines
        lines: dict[int, list[Any]] = defaultdict(list)
        if form is not None and self.line_columns and rows:
            order = ("position", "pk") if has_field(form.model, "position") else ("pk",)
            model: Any = form.model
            for line in model._base_manager.filter(**{f"{form.parent}_id__in": [row.pk for row in rows]}).order_by(*order):
                lines[getattr(line, f"{form.parent}_id")].append(line)
        return lines

    def _different(self, rows: list[tuple[Item, Draft]], kept: dict[int, list[Any]]) -> list[tuple[Item, Draft]]:
        """Those that would change something; asked again after completion, which may bring a value to its usual spelling."""
        found = [(i, d, set(d.values)) for i, d in rows if self._differs(d, kept.get(d.instance.pk, []), set(d.values))]
        if found and self.form.complete:
            self.form.complete([draft for _item, draft, _given in found], self.actor)
            found = [(i, d, given) for i, d, given in found if self._differs(d, kept.get(d.instance.pk, []), given)]
        return [(item, draft) for item, draft, _given in found]

    def _differs(self, draft: Draft, lines: list[Any], given: set[str]) -> bool:
        if any(self._other(self.columns[name], draft.values[name], draft.instance) for name in given):
            return True
        if draft.lines is None:
            return False
        return len(draft.lines) != len(lines) or any(
            self._other(self.line_columns[name], value, line)
            for new, line in zip(draft.lines, lines, strict=True) for name, value in new.values.items() if name in new.raw
        )

    @staticmethod
    def _other(column: Column, value: Any, row: Any) -> bool:
        if column.many:
            return {one.pk for one in value or ()} != {one.pk for one in getattr(row, column.name).all()}
        if column.kind == "reference":
            return (value.pk if value is not None else None) != getattr(row, f"{column.name}_id")
        there = getattr(row, column.name)
        return (value or None) != (there or None) if value in (None, "") else value != there

    # ---- writing ------------------------------------------------------------------------------------------------------
    def _insert(self, new: list[tuple[Item, Draft]], tally: Tally) -> None:
        if not new:
            return
        require(self.actor, "add", self.model)
        drafts = [draft for _item, draft in new]
        if self.form.complete:
            self.form.complete(drafts, self.actor)
        sound = []
        for item, draft in new:
            if errors := draft.all_errors():
                tally.failures.append((item, errors))
            else:
                sound.append(draft)
        if sound:
            made = insert(self.form, sound, self.actor)
            require_inside(self.actor, "add", self.model, made)
            tally.created += len(made)

    def _update(self, different: list[tuple[Item, Draft]], kept: dict[int, list[Any]], tally: Tally) -> None:
        if not different:
            return
        require(self.actor, "change", self.model)
        locked = {row.pk: row for row in lock_records(self.model, [d.instance.pk for _i, d in different], self.actor, "change")}
        values = []
        for item, draft in different:
            given = dict(item.values)
            if "lines" in given:
                ids = [line.pk for line in kept.get(draft.instance.pk, [])]
                given["lines"] = [{**line, **({"id": ids[n]} if n < len(ids) else {})} for n, line in enumerate(given["lines"])]
            values.append(given)
        # Each alone where a draft is refused: `update` stops at the first.
        update(self.form, [locked[d.instance.pk] for _i, d in different], values, self.actor)
        tally.changed += len(different)
