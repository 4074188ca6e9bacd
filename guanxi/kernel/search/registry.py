"""Which columns of which models are searched, and whose words depend on whose rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

_DECLARED: dict[str, Declaration] = {}


@dataclass(frozen=True)
class Declaration:
    label: str
    title: str
    subtitle: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Path:
    """A searched column: its lookup path, how its text is read, and the field right it stands under."""

    name: str
    reading: str
    right: str | None
    many: bool
    is_text: bool
    """Not a choice, a status, a moment or a yes or no, whose stored value says nothing to people."""
    hops: tuple[tuple[str, str], ...]
    """Every relation on the way: (label of the related model, lookup path to it)."""


@dataclass(frozen=True)
class Searched:
    """A declaration whose names were resolved against the models."""

    model: type[models.Model]
    title: Path
    subtitle: tuple[Path, ...]
    paths: tuple[Path, ...]

    @property
    def rights(self) -> tuple[str, ...]:
        return tuple(sorted({path.right for path in self.paths if path.right}))


def searchable(
    model_label: str,
    *,
    title: str,
    subtitle: Iterable[str] = (),
    names: Iterable[str] = (),
    phones: Iterable[str] = (),
    numbers: Iterable[str] = (),
    texts: Iterable[str] = (),
) -> None:
    """Declare what finds a record: lookup paths such as "name" or "customer__name".

    A column in `names` that is a number, code or phone by its name or as its model's key is searched as such. `texts` are
    long: their words are found, not how these sound.
    """
    declaration = Declaration(model_label.lower(), title, tuple(subtitle), tuple(names), tuple(phones), tuple(numbers), tuple(texts))
    _DECLARED[declaration.label] = declaration
    searched.cache_clear()
    dependents.cache_clear()


def searched_models() -> list[str]:
    return sorted(_DECLARED)


@cache
def searched(label: str) -> Searched | None:
    """What finds records of the model; None when nothing does. LookupError when a declared name leads nowhere."""
    declared = _DECLARED.get(label)
    if declared is None:
        return None
    model = apps.get_model(label)
    paths = [_path(model, name, "phone") for name in declared.phones] + [_path(model, name, "number") for name in declared.numbers]
    paths += [_path(model, name, "text") for name in declared.texts] + [_path(model, name) for name in declared.names]
    title = _path(model, declared.title, "title")
    subtitle = tuple(_path(model, name, "shown") for name in declared.subtitle)
    if title.right or title.many:
        raise LookupError(f"{label}: the title {declared.title!r} must be one column that everybody may read")
    # Of a column under two rights, or shown to all beside the title, nothing may be kept.
    shown = tuple(path for path in subtitle if path.right is None and path.is_text and not path.many)
    unique = {(path.name, path.reading): path for path in paths if path.right != ""}
    return Searched(model, title, shown, tuple(unique.values()))


@cache
def dependents(label: str) -> tuple[tuple[str, str, bool], ...]:
    """(searched model, path to `label`, whether all it reads there is among what `label` itself is searched by)."""
    found: dict[tuple[str, str], bool] = {}
    own = searched(label)
    known = {path.name for path in (own.paths + (own.title,) if own else ())}
    for other in searched_models():
        spec = searched(other)
        assert spec is not None
        for path in (*spec.paths, spec.title, *spec.subtitle):
            for target, hop in path.hops:
                if target == label:
                    inside = path.name.removeprefix(hop + "__") in known
                    found[other, hop] = found.get((other, hop), True) and inside
    return tuple((other, hop, inside) for (other, hop), inside in found.items())


def _path(model: type[models.Model], name: str, reading: str = "") -> Path:
    here: Any = model
    rights: set[str] = set()
    hops: list[tuple[str, str]] = []
    many = False
    parts = name.split("__")
    while True:
        part = parts[len(hops)]
        rights |= {right for right, columns in getattr(here, "restricted", {}).items() if part in columns}
        try:
            field = here._meta.get_field(part)
        except FieldDoesNotExist:
            raise LookupError(f"{model._meta.label}: {name!r} cannot be searched, for {here._meta.label} has no field {part!r}") from None
        if not field.is_relation:
            break
        many = many or bool(field.one_to_many or field.many_to_many)
        here = field.related_model
        hops.append((here._meta.label_lower, "__".join(parts[: len(hops) + 1])))
        if len(hops) == len(parts):
            parts.append(getattr(here, "title_field", "") or getattr(here, "business_key", "pk"))
    if len(parts) > len(hops) + 1:
        raise LookupError(f"{model._meta.label}: {name!r} goes on after {part!r}, which is no relation")
    right = None if not rights else rights.pop() if len(rights) == 1 else ""
    coded = field.choices or hasattr(field, "states") or isinstance(field, models.BooleanField | models.DateTimeField)
    return Path("__".join(parts), reading or _reading(here, field), right, many, not coded, tuple(hops))


def _reading(model: Any, field: models.Field[Any, Any]) -> str:
    if any(word in field.name for word in ("phone", "mobile", "fax")):
        return "phone"
    is_key = field.name == getattr(model, "business_key", "") and field.name != getattr(model, "title_field", "")
    return "number" if field.name.endswith(("number", "code")) or (is_key and field.name != "name") else "name"
