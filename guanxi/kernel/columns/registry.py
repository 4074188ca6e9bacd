"""All columns of a model: its fields, its derived expressions, the facts of other modules, and what the account set added."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F
from django.utils.choices import CallableChoiceIterator
from django.utils.text import format_lazy

from guanxi.kernel.columns.added import added_columns
from guanxi.kernel.columns.column import Column
from guanxi.kernel.records.derived import Derived
from guanxi.kernel.records.lifecycle import StatusField
from guanxi.kernel.values.fields import MoneyField, PhoneField, PriceField, QuantityField, RateField, TranslatedField

_FACTS: dict[str, dict[str, Column]] = {}

KINDS: list[tuple[type, str]] = [
    (StatusField, "status"), (TranslatedField, "translated"), (PriceField, "price"), (MoneyField, "money"),
    (QuantityField, "quantity"), (RateField, "percent"), (models.DecimalField, "decimal"), (models.DateTimeField, "moment"),
    (models.DateField, "date"), (models.BooleanField, "boolean"), (models.IntegerField, "integer"),
    (models.EmailField, "email"), (PhoneField, "phone"), (models.URLField, "url"), (models.TextField, "longtext"), (models.ForeignKey, "reference"),
    (models.ManyToManyField, "reference"), (models.JSONField, "json"), (models.CharField, "text"),
]


def fact(
    model, name: str, label: Any, kind: str, expression: Callable[[Any], Any], *, right: str | None = None,
    kept: bool = False, currency: str | Callable[..., Any] | None = None, tones: dict | None = None,
) -> None:
    """Offer a read-only column to another module's model; `expression(actor)` is SQL over one row of it.

    `kept`: it reads a balance kept for each row. Anything else is computed for every row that a list sorts or filters by it, and is
    offered for that only while there are not very many.
    """
    _FACTS.setdefault(model._meta.label_lower, {})[name] = Column(
        name, label, kind, expression, right, currency=currency, source="fact", costly=not kept,
        tones=tones or {},
    )
    declared_columns.cache_clear()


def facts_of(model) -> list[Column]:
    return list(_FACTS.get(model._meta.label_lower, {}).values())


def kind_of(field: models.Field) -> str:
    if getattr(field, "choices", None) and not isinstance(field, StatusField):
        return "choice"
    return next((kind for cls, kind in KINDS if isinstance(field, cls)), "text")


def _right_of(model, name: str) -> str | None:
    return next((right for right, names in model.restricted.items() if name in names), None)


def _from_field(model, field: models.Field) -> Column:
    kind = kind_of(field)
    # An empty translated text is no default: a name is needed all the same.
    has_default = kind != "translated" and field.has_default() or getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    return Column(
        name=field.name,
        label=field.verbose_name,
        kind=kind,
        expression=None,
        right=_right_of(model, field.name),
        sortable=not field.many_to_many and kind != "json",
        filterable=kind != "json",
        writable=bool(field.editable) and not field.primary_key,
        required=not (field.blank or field.null or has_default or field.many_to_many),
        choices=_choices(field) if kind in ("choice", "status") else (),
        relation=field.related_model if kind == "reference" else None,
        many=bool(field.many_to_many),
        currency=field.currency_field if isinstance(field, MoneyField) else None,
        help=field.help_text,
        default=_default(field),
        tones=model.lifecycle.tones if isinstance(field, StatusField) else model.tones.get(field.name, {}),
        sort_name=_sorted_as(model, field),
        is_long=bool(getattr(field, "is_long", False)),
        max_length=field.max_length if kind in ("text", "email", "url", "phone") else None,
        unique=bool(getattr(field, "unique", False)) and not field.primary_key,
    )


def _choices(field: models.Field) -> Sequence[tuple[str, Any]]:
    return Later(field.choices) if isinstance(field.choices, CallableChoiceIterator) else tuple(field.choices or ())


class Later(Sequence[tuple[str, Any]]):
    """Choices that a function gives: asked for when they are first needed, when every module is there."""

    def __init__(self, given: Iterable[tuple[str, Any]]):
        self._given = given

    @cached_property
    def _all(self) -> tuple[tuple[str, Any], ...]:
        return tuple(self._given)

    def __getitem__(self, at: Any) -> Any:
        return self._all[at]

    def __len__(self) -> int:
        return len(self._all)


def _default(field: models.Field) -> Any:
    """What an empty cell means: for texts that are never null the empty text."""
    if field.has_default():
        return field.default
    return "" if isinstance(field, models.CharField | models.TextField) and not field.null else None


def _sorted_as(model, field: models.Field) -> str:
    """A name's pinyin, also where a row is referred to by its name."""
    if not field.is_relation:
        return model.sorted_as.get(field.name, "")
    related = field.related_model
    kept = getattr(related, "sorted_as", {}).get(getattr(related, "title_field", ""))
    return f"{field.name}__{kept}" if kept and not field.many_to_many else ""


def columns_of(model) -> dict[str, Column]:
    """Every column of the model by name, whoever may read it; inside an account set also those it added."""
    added = added_columns(model)
    return {**declared_columns(model), **added} if added else declared_columns(model)


@cache
def declared_columns(model) -> dict[str, Column]:
    """The columns that the program has, in every account set."""
    found: dict[str, Column] = {}
    for field in [*model._meta.concrete_fields, *model._meta.many_to_many]:
        if field.name != "version" and field.name not in model.unlisted and not getattr(field, "hidden_column", False):
            found[field.name] = _from_field(model, field)
    for name, label in model.record_columns.items():
        found[name] = Column(name, label, "record", model.record_sql(name), sortable=False, source="derived", about=partial(model.about, name))
    for cls in reversed(model.__mro__):
        for name, item in vars(cls).items():
            if isinstance(item, Derived):
                found[name] = Column(
                    name, item.label, item.kind, lambda _actor, item=item: item.sql(), item.right or _right_of(model, name),
                    currency=item.currency, source="derived",
                )
    found.update(_FACTS.get(model._meta.label_lower, {}))
    return found


def column_of(model, name: str) -> Column:
    """One column, also of a related row (`customer__region`); LookupError with the valid names otherwise."""
    return added_columns(model).get(name) or _declared_column(model, name)


@cache
def _declared_column(model, name: str) -> Column:
    head, _, rest = name.partition("__")
    own = declared_columns(model)
    if head not in own:
        raise LookupError(f"{model._meta.label} has no column {head!r}; it has: {', '.join(sorted(own))}")
    column = own[head]
    if not rest:
        return column
    if column.relation is None:
        raise LookupError(f"{model._meta.label}.{head} is no reference, so {name!r} leads nowhere")
    target = _declared_column(column.relation, rest)
    if target.source != "field":
        raise LookupError(f"{name!r}: only stored columns of a related row can be named")
    return replace(
        target, name=name, label=column.label if rest == column.relation.title_field else format_lazy("{} · {}", column.label, target.label),
        expression=F(name), sort_name=f"{head}__{target.sort_name}" if target.sort_name else "",
        currency=f"{head}__{target.currency}" if isinstance(target.currency, str) else None, right=target.right or column.right, writable=False,
        required=False, source="related",
    )


def is_unique(model, name: str) -> bool:
    """Whether no two rows may have the same value there."""
    return columns_of(model)[name].unique


@cache
def has_field(model, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
