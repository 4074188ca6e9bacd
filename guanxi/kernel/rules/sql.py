"""A rule as a Django expression: fixed patterns around bound parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import BooleanField, DateField, DecimalField, Field, FloatField, Func, IntegerField, TextField, Value

from guanxi.kernel.rules.kinds import PLACES, Kind
from guanxi.kernel.rules.nodes import Literal, Name, Node

FIELDS: Mapping[Kind, Field[Any, Any]] = {
    Kind.number: DecimalField(max_digits=1000, decimal_places=PLACES),
    Kind.text: TextField(),
    Kind.boolean: BooleanField(),
    Kind.date: DateField(),
}
CASTS: Mapping[Kind, str] = {Kind.number: "({})::numeric", Kind.text: "({})::text", Kind.boolean: "({})::boolean", Kind.date: "({})::date"}


class Fragment(Func):
    """SQL of a pattern from this package, each {} filled by one argument."""

    def __init__(self, pattern: str, *arguments: Any, output_field: Field[Any, Any]) -> None:
        super().__init__(*arguments, output_field=output_field)
        self.pattern = pattern

    def as_sql(self, compiler: Any, connection: Any, *_templates: Any, **_context: Any) -> Any:
        parts: list[str] = []
        parameters: list[Any] = []
        for argument in self.get_source_expressions():
            sql, bound = compiler.compile(argument)
            parts.append(sql)
            parameters.extend(bound)
        return self.pattern.format(*parts), parameters


class Column(Fragment):
    """A column as the language sees it: a number of at most PLACES places, a plain text, a boolean, a day."""

    def __init__(self, kind: str, argument: Any) -> None:
        super().__init__(CASTS[Kind(kind)], argument, output_field=FIELDS[Kind(kind)])
        self.kind = Kind(kind)

    def as_sql(self, compiler: Any, connection: Any, *_templates: Any, **_context: Any) -> Any:
        sql, parameters = super().as_sql(compiler, connection)
        if self.kind is Kind.number:
            field = self.get_source_expressions()[0].output_field
            if isinstance(field, FloatField):
                raise TypeError("A rule counts in decimals: a float column has no place in it.")
            fits = isinstance(field, DecimalField) and field.decimal_places is not None and field.decimal_places <= PLACES
            if not (fits or isinstance(field, IntegerField)):
                sql = f"round({sql}, {PLACES})"
        return sql, parameters


def expression(node: Node, columns: Mapping[str, Any]) -> Fragment:
    if isinstance(node, Literal):
        return Fragment(CASTS[node.kind], Value(node.value, output_field=FIELDS[node.kind]), output_field=FIELDS[node.kind])
    if isinstance(node, Name):
        return Column(node.kind.value, columns[node.name])
    arguments = [expression(one, columns) for one in node.arguments]
    return Fragment(node.function.pattern(len(arguments)), *arguments, output_field=FIELDS[node.kind])
