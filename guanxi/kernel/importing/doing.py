"""Rows as acts: each performs an operation once, however often the file is taken in."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import operation_named, perform, require_operation
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.importing.importer import Item, Tally
from guanxi.kernel.transfer.mapping import BadMapping, Mapping


class Doing:
    """Takes batches of items as runs of one operation."""

    def __init__(self, mapping: Mapping, actor: Actor):
        try:
            self.operation = operation_named(mapping.operation)
        except LookupError:
            raise BadMapping(_("There is no operation “%(name)s”.") % {"name": mapping.operation}) from None
        require_operation(self.operation, actor)
        self.mapping, self.actor = mapping, actor
        parameters = self.operation.parameters
        self.columns: dict[str, Column] = {name: c for name, c in parameters.items() if c.kind != "lines"}
        lined = next((c for c in parameters.values() if c.kind == "lines"), None)
        self.lines_name = lined.name if lined else ""
        self.line_columns: dict[str, Column] = {c.name: c for c in lined.lines} if lined and mapping.lines else {}
        self.also_columns: dict[str, Column] = {}
        self.labels = {name: str(c.label) for name, c in parameters.items()}
        self.labels |= {f"lines.{name}": str(c.label) for name, c in self.line_columns.items()}
        if bool(mapping.target) != bool(self.operation.target):
            raise BadMapping(
                _("“%(name)s” is done to a record: say by “target” which column names it.") % {"name": mapping.operation}
                if self.operation.target else _("“%(name)s” is not done to a record; leave “target” out.") % {"name": mapping.operation}
            )

    def key_columns(self) -> list[str]:
        return []

    def begin(self) -> list[int]:
        return []

    def say_more(self, items: list[Item]) -> None:
        """Whether an act is refused is known only when it is tried."""

    def take(self, items: list[Item], tally: Tally) -> None:
        """Perform what was not performed yet; Refused when one of them cannot be."""
        targets = self._targets(items)
        keys = [self._key(item) for item in items]
        known = set(Act.objects.filter(key__in=keys).values_list("key", flat=True))
        for item, key in zip(items, keys, strict=True):
            if key in known:
                tally.unchanged += 1
                continue
            known.add(key)
            try:
                self._perform(item, key, targets, tally)
            except Unreadable as problem:
                tally.failures.append((item, {"": [str(problem)]}))

    def _perform(self, item: Item, key: str, targets: dict[str, int], tally: Tally) -> None:
        row_id = targets.get(item.target)
        if self.operation.target is not None and row_id is None:
            what = self.operation.target._meta.verbose_name
            raise Unreadable(_("There is no %(what)s “%(value)s” that you can use.") % {"what": what, "value": item.target[:60]})
        actor = self._actor(item)
        raw = dict(item.values)
        if "lines" in raw:
            raw[self.lines_name] = raw.pop("lines")
        outcome = perform(self.operation, row_id, actor=actor, key=key, raw=raw)
        tally.acts.append(outcome.act_id)
        if outcome.awaiting is not None:
            tally.waiting += 1
        else:
            tally.performed += 1

    def _targets(self, items: list[Item]) -> dict[str, int]:
        model: Any = self.operation.target
        if model is None:
            return {}
        rows = model.objects.visible_to(self.actor).filter(**{f"{model.business_key}__in": {item.target for item in items} - {""}})
        return {str(key): pk for key, pk in rows.values_list(model.business_key, "pk")}

    def _actor(self, item: Item) -> Actor:
        if not self.mapping.on:
            return self.actor
        day = parse(Column("on", self.mapping.on, "date"), item.on, self.actor.timezone)
        if day is None:
            raise Unreadable(_("“%(column)s” is empty, so it is not known when this happened.") % {"column": self.mapping.on})
        return self.actor.on(day)

    def _key(self, item: Item) -> str:
        """The same row of the same file makes the same key, so it is never done twice."""
        said = [self.operation.name, item.target, str(item.on), item.values]
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
        return "import:" + hashlib.sha256(text.encode()).hexdigest()
