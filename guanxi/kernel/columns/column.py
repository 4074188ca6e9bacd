"""`Column`: one thing known of a record. Lists, forms, import, API and rights all stand on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from guanxi.kernel.values.fields import TranslatedField, in_language

Quantity = Annotated[Decimal, "quantity"]
Money = Annotated[Decimal, "money"]
Price = Annotated[Decimal, "price"]
Percent = Annotated[Decimal, "percent"]
LongText = Annotated[str, "longtext"]
Secret = Annotated[str, "secret"]
"""Of an operation: asked unseen, and never kept with the act."""

NUMERIC = frozenset({"integer", "decimal", "money", "price", "quantity", "percent"})
SUMMABLE = frozenset({"money", "quantity"})


@dataclass(frozen=True)
class Column:
    """`kind` decides how a value looks, is edited, parsed and compared; `right` is the field right to read it."""

    name: str
    label: Any
    kind: str
    expression: Combinable | Callable[..., Combinable] | None = None
    right: str | None = None
    sortable: bool = True
    filterable: bool = True
    writable: bool = False
    required: bool = False
    choices: Sequence[tuple[str, Any]] = ()
    relation: Any = None
    """The model of a reference."""
    only: str = ""
    """Of a reference: the mark that rows carry which are offered, such as is_supplier."""
    many: bool = False
    currency: str | Callable[..., Combinable | None] | None = None
    """Name of the column that holds the currency, or (actor) → SQL of it; None: the entity's own."""
    help: Any = ""
    default: Any = None
    source: str = "field"
    tones: Mapping[str, str] = field(default_factory=dict)
    lines: tuple["Column", ...] = ()
    """For the kind "lines": the columns of one line."""
    build: Callable[..., Any] | None = None
    max_length: int | None = None
    about: Callable[[str, int], Q] | None = None
    """For the kind "record": the filter for rows that speak of a record, by its label and id."""
    is_long: bool = False
    """Of a translated text: whether it has several lines."""
    sort_name: str = ""
    """The column sorted in place of this one."""
    more_rights: tuple[str, ...] = ()
    """Further field rights, all of which are needed: those of the columns that a formula reads."""
    write_right: str | None = None
    closed: frozenset[str] = frozenset()
    """Choices that stay where they are and are no longer offered."""
    unique: bool = False
    costly: bool = False
    """Computed row by row from what other modules have, and kept nowhere: for lists that are not large."""

    @property
    def summable(self) -> bool:
        return self.kind in SUMMABLE

    @property
    def names_entity(self) -> bool:
        """Whether it says whose books a row belongs to: nothing worth saying while there is only one."""
        return self.relation is not None and self.relation._meta.label_lower == "access.entity"

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    def sql(self, actor) -> Combinable:
        """The SQL expression that gives the stored value (for references: the id)."""
        if self.expression is None:
            return F(self.name)
        return self.expression(actor) if callable(self.expression) else self.expression

    def currency_sql(self, actor) -> Combinable | None:
        """The SQL expression that gives the currency of an amount; None where it is the entity's own."""
        return self.currency(actor) if callable(self.currency) else F(self.currency) if self.currency else None

    def title_sql(self, actor) -> Combinable:
        """The SQL expression by which people read and sort it: a reference's title, a text in their language."""
        if self.kind == "reference" and self.relation is not None:
            return title_of(self.relation, actor, prefix=f"{self.name}__")
        if self.kind == "translated":
            return in_language(self.name, actor.language)
        return self.sql(actor)

    def order_sql(self, actor) -> Combinable:
        """The SQL expression by which it is sorted."""
        return F(self.sort_name) if self.sort_name else self.title_sql(actor)

    def code_sql(self, actor) -> Combinable | None:
        """For a reference: the related row's business key, by which programs name it; None when only its id does."""
        key = self.relation.business_key if self.relation is not None else "id"
        return F(f"{self.name}__{key}") if key != "id" else None

    def label_of(self, value) -> Any:
        """The label of one of the choices."""
        return dict(self.choices).get(value, value)


def title_of(model, actor, prefix: str = "") -> Combinable:
    """SQL for the title of a related row."""
    name = model.title_field or model.business_key
    if isinstance(model._meta.get_field(name), TranslatedField):
        return in_language(prefix + name, actor.language)
    return F(prefix + name)
