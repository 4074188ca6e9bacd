"""The types of events as other systems know them: `OrderConfirmed` is `order.confirmed`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.events.publish import EVENTS, EventBase

ALL = "*"
TEST = "webhook.test"


def type_of(name: str) -> str:
    """The last word of an event's name is what happened, the words before it are to what."""
    *noun, happened = re.findall(r"[A-Z][a-z0-9]*", name)
    return f"{'_'.join(noun)}.{happened}".lower()


def types() -> dict[str, type[EventBase]]:
    """Every event that is announced, by its type."""
    return {type_of(name): declared for name, declared in sorted(EVENTS.items())}


def event_choices() -> Iterator[tuple[str, Any]]:
    """All, all about one kind of thing, or one type, for the column in which they are chosen."""
    yield ALL, gettext_lazy("All events")
    known = types()
    nouns = [name.partition(".")[0] for name in known]
    for name, declared in known.items():
        noun = name.partition(".")[0]
        if nouns.count(noun) > 1 and nouns.index(noun) == list(known).index(name):
            yield f"{noun}.*", _everything(f"{noun}.*")
        yield name, _named(name, declared)


def in_words(declared: type[EventBase]) -> str:
    """What the time line says of it, for any record: “Order … confirmed”."""
    text = str(declared.label).replace("%(title)s", "…")
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=…)|(?<=…) (?=[\u4e00-\u9fff])", "", text)


# Columns keep their choices: each reader sees them in their own language all the same.
_everything = lazy(lambda name: _("%(type)s: everything") % {"type": name}, str)
_named = lazy(lambda name, declared: f"{name}: {in_words(declared)}", str)


def names_of(chosen: Iterable[str]) -> frozenset[str]:
    """The names of the events that somebody chose."""
    wanted = set(chosen)
    return frozenset(
        declared.__name__ for name, declared in types().items() if wanted & {ALL, name, f"{name.partition('.')[0]}.*"}
    )


def facts_schema(declared: type[EventBase]) -> dict[str, Any]:
    """The facts of an event as JSON schema."""
    hints = get_type_hints(declared)
    return {
        "type": "object",
        "properties": {field.name: _schema(hints[field.name]) for field in dataclasses.fields(declared)},
    }


def _schema(hint: Any) -> dict[str, Any]:
    if get_origin(hint) in (Union, UnionType):
        kinds = [_schema(one) for one in get_args(hint) if one is not NoneType]
        return {"anyOf": [*kinds, {"type": "null"}]}
    if get_origin(hint) is list:
        return {"type": "array", "items": _schema(get_args(hint)[0])}
    plain: dict[Any, dict[str, Any]] = {
        bool: {"type": "boolean"}, int: {"type": "integer"}, str: {"type": "string"}, Decimal: {"type": "string"},
        date: {"type": "string", "format": "date"}, datetime: {"type": "string", "format": "date-time"},
    }
    return plain.get(hint, {})
