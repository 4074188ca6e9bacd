"""Texts with merge fields: `{{ customer.name }}`, `{{ if(total > 10000, "…", "") }}`, in the rules language and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import column_of, columns_of
from guanxi.kernel.columns.text import as_date, full_date, text_of
from guanxi.kernel.database import current_set
from guanxi.kernel.records.record import Record
from guanxi.kernel.rules import Kind, Rule, RuleError, parse
from guanxi.kernel.screens.cells import rows_of
from guanxi.kernel.values.shown import format_quantity
from guanxi.shared.parties.models import Contact

FIELD = re.compile(r"\{\{(.*?)\}\}", re.S)
MOST_FIELDS = 100
_KINDS = {
    "boolean": Kind.boolean, "date": Kind.date, "moment": Kind.date, "integer": Kind.number, "decimal": Kind.number, "money": Kind.number,
    "price": Kind.number, "quantity": Kind.number, "percent": Kind.number,
}
"""Everything else is a text: what people read in its place."""
_TEXTS = ("text", "longtext", "choice", "status", "reference", "email", "phone", "url", "translated")
BESIDE: dict[str, tuple[Any, tuple[str, ...]]] = {
    "sender": (Member, ("name", "title", "email", "phone")),
    "company": (Entity, ("name", "address", "phone", "tax_number", "bank_account")),
    "contact": (Contact, ("name", "salutation", "job_title", "department")),
}
"""Names that are there beside the record's own."""


class BadText(ValueError):
    """A merge field that cannot be read or may not be; the message says which and why."""


@dataclass(frozen=True)
class Names:
    """What the merge fields of a text about `model` may read: columns by the name under which they are written."""

    columns: Mapping[str, Column]
    model: Any = None

    @classmethod
    def of(cls, model: Any) -> Names:
        found = {f"{word}.{name}": columns_of(beside)[name] for word, (beside, names) in BESIDE.items() for name in names}
        if model is not None:
            own = {name: column for name, column in columns_of(model).items() if _is_readable(column)}
            for name, column in list(own.items()):
                if column.kind == "reference":
                    related = [n for n, c in columns_of(column.relation).items() if c.source == "field" and _is_readable(c) and c.kind != "reference"]
                    found |= {f"{name}.{one}": column_of(model, f"{name}__{one}") for one in related}
            found |= own
        return cls(found, model)

    def scope(self) -> dict[str, Kind]:
        return {name: _KINDS.get(column.kind, Kind.text) for name, column in self.columns.items()}


def _is_readable(column: Column) -> bool:
    return not column.many and (column.kind in _KINDS or column.kind in _TEXTS)


def fields_of(text: str, names: Names) -> Iterator[tuple[re.Match[str], Rule]]:
    """The merge fields of `text`, read; BadText with a sentence at the first that cannot be."""
    scope, rest = names.scope(), FIELD.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise BadText(_("A merge field begins with {{ and ends with }}; one of them is missing."))
    for number, found in enumerate(FIELD.finditer(text), start=1):
        if number > MOST_FIELDS:
            raise BadText(_("At most %(count)s merge fields in one text.") % {"count": MOST_FIELDS})
        try:
            yield found, parse(found[1].strip(), scope)
        except RuleError as error:
            raise BadText(_("In “%(field)s”: %(reason)s") % {"field": found[0][:80], "reason": error.message}) from None


def merged(
    texts: Mapping[str, str], record: Record | None, *, actor: Actor, language: str, contact: Contact | None = None
) -> dict[str, str]:
    """The texts with their merge fields filled in, in `language`; BadText when one may not be read by the actor."""
    names = Names.of(type(record) if record is not None else None)
    with override(language):
        read = {key: list(fields_of(text, names)) for key, text in texts.items()}
        asked = list(dict.fromkeys(name for rules in read.values() for _found, rule in rules for name in rule.names))
        values, shown = _values(asked, names, record, actor, contact)
        return {key: _filled(text, read[key], values, shown, actor.today) for key, text in texts.items()}


def _filled(text: str, fields: list[tuple[re.Match[str], Rule]], values: dict[str, Any], shown: dict[str, str], today: date) -> str:
    answers = iter([shown[rule.text] if rule.text in shown else _written(rule.evaluate(values, today)) for _found, rule in fields])
    return FIELD.sub(lambda _found: next(answers), text)


def _written(value: Any) -> str:
    """What came out of a calculation, as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return format_quantity(value)
    return full_date(value) if isinstance(value, date) else str(value)


def _values(
    asked: list[str], names: Names, record: Record | None, actor: Actor, contact: Contact | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """What the rules calculate with, and how each name reads by itself: one query for the record, one for each word beside it."""
    values: dict[str, Any] = dict.fromkeys(asked)
    shown: dict[str, str] = dict.fromkeys(asked, "")
    for model, pk, mine in _sources(asked, names, record, actor, contact):
        columns = [column for _name, column in mine]
        closed = _closed(model, pk, columns, actor)
        for name, column in mine:
            if not actor.sees(column) or column.name.partition("__")[0] in closed:
                raise BadText(_("You may not see “%(name)s”, which the text reads.") % {"name": name})
        rows = rows_of(model._base_manager.filter(pk=pk), columns, actor, current_set())
        for (name, column), cell in zip(mine, rows[0].cells if rows else [], strict=False):
            shown[name] = text_of(cell, actor)
            known = _KINDS.get(column.kind)
            values[name] = (as_date(cell.value) if known is Kind.date else cell.value) if known else shown[name] or None
    return values, shown


def _closed(model: Any, pk: int | None, columns: Sequence[Column], actor: Actor) -> set[str]:
    """The references whose row the actor may not see, so that no column of it is read: one query for each reference followed."""
    found = set()
    for head in {column.name.partition("__")[0] for column in columns if "__" in column.name}:
        relation: Any = columns_of(model)[head].relation
        rows = relation._base_manager.filter(pk__in=model._base_manager.filter(pk=pk).values(head))
        if rows.exclude(pk__in=relation.objects.visible_to(actor).values("pk")).exists():
            found.add(head)
    return found


def _seen_contact(pk: int | None, actor: Actor) -> int | None:
    return Contact.objects.visible_to(actor).filter(pk=pk).values_list("pk", flat=True).first() if pk else None


def _sources(
    asked: list[str], names: Names, record: Record | None, actor: Actor, contact: Contact | None
) -> Iterator[tuple[Any, int | None, list[tuple[str, Column]]]]:
    keys: dict[str, Callable[[], int | None]] = {
        "sender": lambda: actor.member_id, "company": lambda: getattr(record, "entity_id", None) or actor.entity_id,
        "contact": lambda: _seen_contact(contact.pk if contact is not None else getattr(record, "contact_id", None), actor),
    }
    rest = []
    for word, (model, known) in BESIDE.items():
        own = [one for one in asked if one.startswith(f"{word}.") and one.removeprefix(f"{word}.") in known]
        if own:
            yield model, keys[word](), [(one, columns_of(model)[one.removeprefix(f"{word}.")]) for one in own]
        rest += own
    if record is not None:
        mine = [one for one in asked if one not in rest]
        if mine:
            yield type(record), record.pk, [(one, names.columns[one]) for one in mine]
