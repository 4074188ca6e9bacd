"""Create, change or take in many rows as one act: one run of the validator, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import ActScope, Outcome, note_assigned, run_act
from guanxi.kernel.acts.writer import check, insert, require, require_editable, require_inside, write_changes
from guanxi.kernel.bulk.report import Report, apart, at_row, fingerprint, refusal_of
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import Form, form_of
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.refusals import Conflict, Forbidden, Invalid, Missing, Refused

MOST_ROWS = 1000
VERBS = {"create": "add", "change": "change", "upsert": "change"}
"""The verb under which each way of writing stands in the log."""


@dataclass
class Item:
    """One row as it was sent, and what is known of it so far."""

    index: int
    values: dict[str, Any]
    instance: Any = None
    refusal: Refused | None = None
    draft: Draft | None = field(default=None, repr=False)
    version: int = 0


def write_rows(
    model: Any, rows: Sequence[Mapping[str, Any]], how: str, *, actor: Actor, key: str | None = None, mode: str = "all", any_version: bool = False
) -> tuple[Outcome, list[dict[str, Any]]]:
    """`how`: create, change (each row with its `id` and `version`) or upsert (by business key); and what became of each row."""
    require(actor, "add" if how == "create" or (how == "upsert" and not actor.may("change", model)) else "change", model)

    def body(_scope: ActScope) -> Report:
        return Writing(model, actor, how, mode, any_version).done([Item(number, dict(row)) for number, row in enumerate(rows)])

    arguments = {**fingerprint(rows), "how": how, "mode": mode}
    outcome = run_act(f"{model.label()}.{VERBS[how]}", actor=actor, body=body, arguments=arguments, key=key)
    return outcome, outcome.kept if outcome.replayed else outcome.result.kept


class Writing:
    """One batch on its way."""

    def __init__(self, model: Any, actor: Actor, how: str, mode: str, any_version: bool):
        self.model, self.actor, self.how, self.mode, self.any_version = model, actor, how, mode, any_version
        self.form: Form = form_of(model)
        self.report = Report()

    def done(self, items: list[Item]) -> Report:
        if self.how == "change":
            self._find_by_id(items)
        elif self.how == "upsert":
            self._find_by_key(items)
        self._check([item for item in items if item.refusal is None])
        if self.mode == "all":
            self._refuse_any(items)
        for item in items:
            if item.refusal is not None:
                self.report.fail(item.index, item.refusal, **({"id": item.instance.pk} if item.instance is not None else {}))
        sound = [item for item in items if item.refusal is None]
        for item in [one for one in sound if one.instance is not None and not self._differs(one)]:
            self.report.note(item.index, "unchanged", item.instance)
            sound.remove(item)
        if self.mode == "all":
            self._write(sound)
        else:
            self._halve(sound)
        return self.report

    def _refuse_any(self, items: list[Item]) -> None:
        """Every message of every row, or the one refusal that is not about values."""
        refused = [(item.index, item.refusal) for item in items if item.refusal is not None]
        for index, refusal in refused:
            if not isinstance(refusal, Invalid):
                raise at_row(refusal, index)
        if refused:
            found: dict[str, list[str]] = {}
            for index, refusal in refused:
                found |= at_row(refusal, index).errors  # type: ignore[attr-defined,arg-type]
            raise Invalid(found)

    # ---- which rows they are ------------------------------------------------------------------------------------------
    def _locked(self, **wanted: Any) -> list[Any]:
        rows = self.model.objects.visible_to(self.actor).visible_to(self.actor, "change").filter(**wanted)
        return list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))

    def _find_by_id(self, items: list[Item]) -> None:
        ids = [self._id_of(item) for item in items]
        wanted = {one for one in ids if one}
        found = {row.pk: row for row in self._locked(pk__in=wanted)}
        seen = set(self.model.objects.visible_to(self.actor).filter(pk__in=wanted - found.keys()).values_list("pk", flat=True))
        for item, row_id in zip(items, ids, strict=True):
            version = item.values.pop("version", None)
            if item.refusal is not None:
                continue
            item.instance = found.get(row_id)
            if item.instance is None:
                item.refusal = self._out_of_reach(row_id in seen)
            elif ids.index(row_id) != item.index:
                item.refusal = Invalid({"id": [_("This row is in the list twice.")]})
            elif not self.any_version:
                item.refusal = self._stale(item, version)

    def _id_of(self, item: Item) -> int:
        given = item.values.pop("id", None)
        if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**63:
            return given
        item.refusal = Invalid({"id": [_("Say which row: its “id”, a whole number.")]})
        return 0

    def _out_of_reach(self, is_seen: bool) -> Refused:
        what = self.model._meta.verbose_name
        if is_seen:
            return Forbidden(_("You may see but not change this %(what)s.") % {"what": what})
        return Missing(_("There is no such %(what)s, or you may not see it.") % {"what": what})

    def _stale(self, item: Item, version: Any) -> Refused | None:
        if version is None:
            return Invalid({"version": [_("Say which version you read, or send If-Match: * to overwrite any.")]})
        if version == item.instance.version and not isinstance(version, bool):
            return None
        return Conflict(_("Somebody changed this meanwhile. Read it again."))

    def _find_by_key(self, items: list[Item]) -> None:
        column = columns_of(self.model).get(self.model.business_key)
        if column is None or column.name == "id":
            raise Refused(_("%(what)s have no business key by which they could be found.") % {"what": self.model._meta.verbose_name_plural})
        first: dict[Any, int] = {}
        keys = [self._key_of(item, column) for item in items]
        for item, key in zip(items, keys, strict=True):
            if item.refusal is None and first.setdefault(key, item.index) != item.index:
                item.refusal = Invalid({column.name: [_("“%(value)s” is already in row %(row)s.") % {"value": key, "row": first[key]}]})
        wanted = {f"{column.name}__in": [key for key in first if key is not None]}
        found = {getattr(row, column.name): row for row in self._locked(**wanted)} if self.actor.may("change", self.model) else {}
        seen = set(self.model.objects.visible_to(self.actor).filter(**wanted).values_list(column.name, flat=True)) - found.keys()
        for item, key in zip(items, keys, strict=True):
            item.instance = found.get(key) if item.refusal is None else None
            if item.refusal is None and key in seen:
                item.refusal = self._out_of_reach(True)
            if column.name in self.form.columns:
                continue
            item.values.pop(column.name, None)
            if item.instance is None and item.refusal is None:
                item.refusal = Missing(_("There is no %(what)s “%(key)s”; a new one gets its %(column)s by itself.") % {
                    "what": self.model._meta.verbose_name, "key": key, "column": column.label})

    def _key_of(self, item: Item, column: Column) -> Any:
        try:
            key = parse(column, item.values.get(column.name), self.actor.timezone)
        except Unreadable as problem:
            item.refusal = Invalid({column.name: [str(problem)]})
            return None
        if key in (None, ""):
            item.refusal = Invalid({column.name: [_("This is needed: rows are found by it.")]})
            return None
        return key

    # ---- what is to be written ----------------------------------------------------------------------------------------
    def _check(self, items: list[Item]) -> None:
        for item in items:
            if item.instance is not None:
                item.version = item.instance.version
                try:
                    require_editable(item.instance)
                except Refused as refusal:
                    item.refusal = refusal
        for there in (False, True):
            mine = [item for item in items if item.refusal is None and (item.instance is not None) is there]
            if mine and not there and not self.actor.may("add", self.model):
                for item in mine:
                    item.refusal = Forbidden(_("You may change %(what)s, not create them.") % {"what": self.model._meta.verbose_name_plural})
                continue
            drafts = check(self.form, [i.values for i in mine], self.actor, instances=[i.instance for i in mine] if there else None) if mine else []
            for item, draft in zip(mine, drafts, strict=True):
                item.draft = draft
                if errors := draft.all_errors():
                    item.refusal = Invalid(errors)

    def _differs(self, item: Item) -> bool:
        """Whether anything would be another; lines that are sent count as another."""
        assert item.draft is not None
        if item.draft.lines is not None:
            return True
        return any(
            _is_other(self.form.columns[name], value, item.instance) for name, value in item.draft.values.items() if name in item.draft.raw
        )

    # ---- writing ------------------------------------------------------------------------------------------------------
    def _write(self, items: list[Item]) -> None:
        new = [item for item in items if item.instance is None]
        there = [item for item in items if item.instance is not None]
        if new:
            made = insert(self.form, [item.draft for item in new if item.draft], self.actor)
            require_inside(self.actor, "add", self.model, made)
            for row in made:
                note_assigned(row)
        for item in there:
            item.instance.version = item.version
        if there:
            write_changes(self.form, [item.draft for item in there if item.draft], self.actor)
        for item in items:
            assert item.draft is not None
            self.report.note(item.index, "created" if item.instance is None else "changed", item.draft.instance)

    def _halve(self, items: list[Item]) -> None:
        """Those with which the database or a rule disagrees are found by halving."""
        if not items:
            return
        try:
            with apart():
                self._write(items)
        except (Refused, DatabaseError) as error:
            if len(items) > 1:
                middle = len(items) // 2
                self._halve(items[:middle])
                self._halve(items[middle:])
            else:
                self.report.fail(items[0].index, refusal_of(error))


def _is_other(column: Column, value: Any, row: Any) -> bool:
    if column.many:
        return {one.pk for one in value or ()} != {one.pk for one in getattr(row, column.name).all()}
    if column.kind == "reference":
        return getattr(value, "pk", None) != getattr(row, f"{column.name}_id")
    there = getattr(row, column.name)
    return (value or None) != (there or None) if value in (None, "") else value != there
