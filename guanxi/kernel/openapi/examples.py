"""Examples that are true: the reader's own records are named, and values are such as the validator takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.screen import Screen

PLAIN: dict[str, Any] = {
    "email": "ann@example.com", "phone": "+44 20 7946 0018", "url": "https://example.com/", "date": "2026-03-31", "moment": "2026-03-31T08:30:00Z",
    "money": "1234.50", "price": "12.5", "quantity": "3", "percent": "0.13", "decimal": "1.5", "integer": 1, "boolean": True,
}
SHOWN = 8


class Examples:
    """One reader's examples; the rows that references name are asked for once each."""

    def __init__(self, actor: Actor):
        self.actor = actor
        self._named: dict[type, Any] = {}
        self.schemas: dict[str, Any] = {}
        """Schemas that several addresses share, by name."""

    def shared(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """A reference to the schema, which stands among the components once."""
        self.schemas[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    def sent(self, column: Column) -> Any:
        """A value to send; None where no example can be given."""
        if column.kind == "reference":
            key = self._key(column.relation)
            return [key] if column.many and key is not None else key
        if column.kind == "lines":
            return [{line.name: value for line in column.lines if line.required and (value := self.sent(line)) is not None}]
        if column.kind in ("choice", "status", "choices"):
            codes = [code for code, _label in column.choices if code and code not in column.closed]
            return None if not codes else [str(codes[0])] if column.kind == "choices" else str(codes[0])
        if column.kind == "translated":
            return {"en": str(column.label), "zh-hans": str(column.label)}
        if column.kind in ("json", "secret", "record"):
            return None
        return PLAIN.get(column.kind, str(column.label)[: column.max_length or None])

    def given(self, column: Column) -> Any:
        """The same as answers show it."""
        found = self.sent(column)
        if column.kind == "reference" and found is not None:
            one = {"id": 1, "code": str(found[0] if column.many else found), "title": str(column.label)}
            return [one] if column.many else one
        return found

    def record(self, columns: Iterable[Column]) -> dict[str, Any]:
        shown = {c.name: value for c in columns if c.name != "id" and (value := self.given(c)) is not None}
        return {"id": 1, "version": 1} | dict(list(shown.items())[:SHOWN])

    def arguments(self, columns: Iterable[Column]) -> dict[str, Any]:
        return {c.name: value for c in columns if c.required and (value := self.sent(c)) is not None}

    def new(self, screen: type[Screen]) -> dict[str, Any]:
        """What is needed for a new record, and its title; and what the screen says itself."""
        form = form_of(screen.model)
        title = form.model.title_field or form.model.business_key
        columns = [c for c in form.columns.values() if self.actor.writes(c)]
        found = {c.name: value for c in columns if (c.required or c.name == title) and (value := self.sent(c)) is not None}
        if form.lines and form.lines.required:
            found["lines"] = [self.arguments(c for c in form.lines.columns.values() if self.actor.sees(c))]
        return found | {name: value for name, value in screen.example.items() if name in form.columns and self.actor.writes(form.columns[name])}

    def _key(self, model: Any) -> Any:
        """The business key of the first row that the reader may see and choose."""
        if model not in self._named:
            rows = model.objects.visible_to(self.actor).order_by("pk") if issubclass(model, Record) else model.objects.none()
            if any(field.name == "archived_at" for field in model._meta.fields):
                rows = rows.filter(archived_at__isnull=True)
            name = model.business_key
            self._named[model] = next(iter(rows.values_list("pk" if name == "id" else name, flat=True)[:1]), None)
        return self._named[model]
