"""Rows of every model of a set, made from the columns alone, so that tests over all modules have something to look at.

Half of the rows refer to the first row of each kind (its page then shows many), half to one of their own (a list that asks
once per row is then found out).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models, transaction

from guanxi.kernel.access.models import AccessKey, Entity, Member, Role
from guanxi.kernel.database.router import GLOBAL_APPS
from guanxi.kernel.likeness.models import LikeEntry
from guanxi.kernel.records.lifecycle import StatusField
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record
from guanxi.kernel.search.index import index_records
from guanxi.kernel.search.models import SearchEntry
from guanxi.kernel.values import TranslatedField
from tests.access.particulars import MAKERS, PARTICULARS, SEEDED

GIVEN: tuple[type[models.Model], ...] = (Entity, Role, History, AccessKey, SearchEntry, LikeEntry)
"""Made by creating a set or by acting, not here."""
MARK = "Quagga"
"""Stands in every text that is made here, so that what leaks is recognised."""
PAYLOAD = "<i>'&\""
"""In every text that is long enough: must never stand in a page as it is."""
REFERRED = "parties.party"
"""Rows that refer to any kind of record by label and id refer to these."""
START = date(2026, 1, 1)
VALUES: list[tuple[type[models.Field], Callable[[models.Field, int], Any]]] = [
    (StatusField, lambda field, n: field.get_default()),
    (TranslatedField, lambda field, n: {"en": f"{MARK} {n} {PAYLOAD}", "zh-hans": f"{MARK}斑驴{n} {PAYLOAD}"}),
    (models.JSONField, lambda field, n: field.get_default() if field.has_default() else {}),
    (models.DecimalField, lambda field, n: Decimal(1) if field.max_digits - field.decimal_places > 3 else Decimal("0.1")),
    (models.DateTimeField, lambda field, n: datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(minutes=n)),
    (models.DateField, lambda field, n: START + timedelta(days=n + (3650 if field.name.endswith("until") else 0))),
    (ArrayField, lambda field, n: []),
    (models.BinaryField, lambda field, n: b"x"),
    (models.BooleanField, lambda field, n: field.get_default() if field.has_default() else True),
    (models.IntegerField, lambda field, n: n + 1),
    (models.EmailField, lambda field, n: f"{MARK.lower()}{n}@example.com"),
    (models.URLField, lambda field, n: f"https://example.com/{MARK.lower()}{n}"),
    (models.TextField, lambda field, n: f"{MARK} text {n} {PAYLOAD}"),
    (
        models.CharField,
        lambda field, n: short_text(field, n),
    ),
]


def short_text(field: models.CharField, number: int) -> str:
    if field.unique or field.max_length < 20:
        return f"{field.name[:4]}{number:06}"[-field.max_length :]
    text = f"{MARK} {field.name} {number}"
    return f"{text} {PAYLOAD}" if len(text) + len(PAYLOAD) < field.max_length else text[: field.max_length]


class Rows:
    """The rows of one set, by model."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        """How many rows there are of everything; the first document of a kind has as many lines."""
        self.by_model: dict[type[models.Model], list[Any]] = {}

    def fill(self) -> Rows:
        """At least `size` rows of every model that a person can have rows of."""
        for model in in_order():
            self.of(model, self.size)
        return self

    def of(self, model: type[models.Model], count: int = 1) -> list[Any]:
        if model not in self.by_model or model in GIVEN:
            self.by_model[model] = list(model._base_manager.order_by("pk")[: max(count, self.size)])
        have = self.by_model[model]
        if len(have) < count and model not in GIVEN and model._meta.label_lower not in SEEDED:
            new = self._inserted(model, range(len(have), count))
            have += new
            self._relate(model, new)
            if issubclass(model, Record):
                index_records(model, [row.pk for row in new])
        return have

    def _inserted(self, model: type[models.Model], numbers: range) -> list[Any]:
        make = MAKERS.get(model._meta.label_lower)
        for shared in (True, False):
            rows = make(self, model) if make else [self._made(model, number, shared) for number in numbers]
            try:
                with transaction.atomic():
                    return model._base_manager.bulk_create(rows)
            except IntegrityError:
                # A constraint wants every row to refer to others of its own.
                if not shared:
                    raise
        raise AssertionError

    def first(self, model: type[models.Model]) -> Any:
        return self.of(model)[0]

    def model(self, label: str) -> type[models.Model]:
        return apps.get_model(label)

    def _made(self, model: type[models.Model], number: int, shared: bool) -> models.Model:
        particular = PARTICULARS.get(model._meta.label_lower, {})
        values = {name: value(self, number) if callable(value) else value for name, value in particular.items()}
        names = {field.name for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            name = field.name
            if field.primary_key or name in values or name == "version" or field.attname in values:
                continue
            if isinstance(field, models.ForeignKey):
                values[field.attname] = self._related(model, field, number, shared)
            elif name.endswith("_model") and f"{name.removesuffix('_model')}_id" in names:
                values[name] = REFERRED
                values[f"{name.removesuffix('_model')}_id"] = self.first(self.model(REFERRED)).pk
            elif not (field.null and name.endswith(("archived_at", "_until", "_id"))):
                values[name] = value_for(field, number)
        return model(**values)

    def _related(self, model: type[models.Model], field: models.ForeignKey, number: int, shared: bool) -> int | None:
        if field.related_model is model:
            return None
        have = self.of(field.related_model, 1 if shared and not field.unique else number + 1)
        if not have and field.null:
            return None
        own = number % 2 or field.unique or not shared
        return have[min(number, len(have) - 1) if own else 0].pk

    def _relate(self, model: type[models.Model], rows: list[Any]) -> None:
        for field in model._meta.local_many_to_many:
            others = self.of(field.related_model, 1)[:2]
            for row in rows:
                getattr(row, field.name).set(others)


def value_for(field: models.Field, number: int) -> Any:
    """A value of the field's kind, different for each number where it may be."""
    if field.choices and not isinstance(field, StatusField):
        return next(code for code, _label in field.flatchoices if code not in ("", None))
    return next(make(field, number) for kind, make in VALUES if isinstance(field, kind))


def set_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label not in GLOBAL_APPS and m._meta.managed]


def in_order() -> list[type[models.Model]]:
    """Models after those they refer to."""
    done: dict[type[models.Model], None] = {}

    def visit(model: type[models.Model], above: tuple[type[models.Model], ...]) -> None:
        if model in done or model in above:
            return
        for target in targets(model):
            visit(target, (*above, model))
        done[model] = None

    for model in set_models():
        visit(model, ())
    return list(done)


def targets(model: type[models.Model]) -> Iterator[type[models.Model]]:
    for field in [*model._meta.concrete_fields, *model._meta.local_many_to_many]:
        if isinstance(field.related_model, type) and field.related_model is not model:
            yield field.related_model


def a_member(code: str, *roles: str, **fields: Any) -> Member:
    """A member of the current set."""
    made = Member.objects.create(code=code, name=code.capitalize(), **fields)
    made.roles.set(Role.objects.filter(key__in=roles))
    return made
