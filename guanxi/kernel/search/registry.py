"""Which columns of which models are searched, and whose words depend on whose rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from guanxi.kernel.access.scopes import access_path, rights_model

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
    begun: tuple[str, ...] = ()


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
    added: str = ""
    """The name of a column that the account set added: its words are kept apart, whoever may read it today."""

    @property
    def mark(self) -> str:
        """What stands before the words of a column that not everybody may read."""
        return self.added or self.right or ""


@dataclass(frozen=True)
class Searched:
    """A declaration whose names were resolved against the models."""

    model: type[models.Model]
    title: Path
    subtitle: tuple[Path, ...]
    paths: tuple[Path, ...]
    whose: tuple[Path, ...]
    """What says whose it is: a search among the records of some members is answered by the index as well."""

    def marks(self, sees_right: Callable[[str | None], bool]) -> tuple[str, ...]:
        """The marks of what somebody may read, by their field rights."""
        return tuple(sorted({path.mark for path in self.paths if path.mark and sees_right(path.right)}))


def searchable(
    model_label: str,
    *,
    title: str,
    subtitle: Iterable[str] = (),
    names: Iterable[str] = (),
    phones: Iterable[str] = (),
    numbers: Iterable[str] = (),
    texts: Iterable[str] = (),
    begun: Iterable[str] = (),
) -> None:
    """Declare what finds a record: lookup paths such as "name" or "customer__name".

    A column in `names` that is a number, code or phone by its name or as its model's key is searched as such. `texts` are
    long: their words are found, not how these sound. Those in `begun` are found by how they begin, such as e-mail addresses of one firm.
    """
    declaration = Declaration(model_label.lower(), title, *(tuple(some) for some in (subtitle, names, phones, numbers, texts, begun)))
    _DECLARED[declaration.label] = declaration
    declared_search.cache_clear()
    dependents.cache_clear()


def searched_models() -> list[str]:
    return sorted(_DECLARED)


def searched(label: str) -> Searched | None:
    """What finds records of the model, inside an account set also the texts it added; None when nothing does."""
    # The package is read before the models are there.
    from guanxi.kernel.columns.added import TEXTS, added_columns

    declared = declared_search(label)
    texts = [column for column in added_columns(declared.model).values() if column.kind in TEXTS and not column.is_formula] if declared else []
    if declared is None or not texts:
        return declared
    added = (
        Path(f"custom__{one.code}", "phone" if one.kind == "phone" else "name", one.right, False, True, (), one.name) for one in texts
    )
    return replace(declared, paths=(*declared.paths, *added))


@cache
def declared_search(label: str) -> Searched | None:
    """What the program itself finds them by. LookupError when a declared name leads nowhere."""
    declared = _DECLARED.get(label)
    if declared is None:
        return None
    model = apps.get_model(label)
    read = {"phone": declared.phones, "number": declared.numbers, "text": declared.texts, "begun": declared.begun, "": declared.names}
    paths = [_path(model, name, reading) for reading, names in read.items() for name in names]
    title = _path(model, declared.title, "title")
    subtitle = tuple(_path(model, name, "shown") for name in declared.subtitle)
    if title.right or title.many:
        raise LookupError(f"{label}: the title {declared.title!r} must be one column that everybody may read")
    # Of a column under two rights, or shown to all beside the title, nothing may be kept.
    shown = tuple(path for path in subtitle if path.right is None and path.is_text and not path.many)
    unique = {(path.name, path.reading): path for path in paths if path.right != ""}
    return Searched(model, title, shown, tuple(unique.values()), tuple(_whose(model)))


def _whose(model: Any) -> Iterator[Path]:
    """The owner where nothing else decides who sees a row; of what is said of other records, the owner, theirs and their kind."""
    # The package is read before the models are there.
    from guanxi.kernel.records.record import has_own_sight

    governing, prefix = rights_model(model)
    own = access_path(governing, "own")
    is_about = any(field.name == "target_owner" for field in model._meta.fields)
    if own and (is_about or not has_own_sight(model)):
        *way, _owner = parts = (prefix + own).split("__")
        here, hops = model, []
        for n, part in enumerate(way):
            here = here._meta.get_field(part).related_model
            hops.append((here._meta.label_lower, "__".join(parts[: n + 1])))
        yield Path(f"{prefix}{own}_id", "owner", None, False, False, tuple(hops))
    if is_about:
        yield Path("target_owner_id", "owner", None, False, False, ())
        yield Path("target_model", "target", None, False, False, ())


@cache
def dependents(label: str) -> tuple[tuple[str, str, bool], ...]:
    """(searched model, path to `label`, whether all it reads there is among what `label` itself is searched by)."""
    found: dict[tuple[str, str], bool] = {}
    own = declared_search(label)
    known = {path.name for path in ((*own.paths, own.title, *own.whose) if own else ())}
    for other in searched_models():
        spec = declared_search(other)
        assert spec is not None
        for path in (*spec.paths, spec.title, *spec.subtitle, *spec.whose):
            for target, hop in path.hops:
                if target == label:
                    inside = path.name.removeprefix(hop + "__") in known
                    found[other, hop] = found.get((other, hop), True) and inside
    return tuple((other, hop, inside) for (other, hop), inside in found.items())


@cache
def comes_later(label: str, hop: str) -> bool:
    """Whether a row of the model names the row at the end of the path itself, so that there is none before that is made."""
    model: Any = apps.get_model(label)
    for part in hop.split("__"):
        field = next((field for field in model._meta.concrete_fields if field.name == part), None)
        if field is None or field.related_model is None:
            return False
        model = field.related_model
    return True


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
