"""Read-only columns computed by the database from the row's other columns."""

from typing import Any

from django.db.models import Expression


class Derived:
    """An SQL expression with a name, a label and a kind; on an instance, its value (one query when not yet loaded)."""

    def __init__(self, label, kind: str, expression: Any, *, right: str | None = None, currency: str | None = None):
        self.label, self.kind, self.right, self.currency = label, kind, right, currency
        self.expression = expression
        self.name = ""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        if self.name not in instance.__dict__:
            row = type(instance)._base_manager.filter(pk=instance.pk).annotate(_derived=self.sql())
            instance.__dict__[self.name] = row.values_list("_derived", flat=True).first()
        return instance.__dict__[self.name]

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value

    def sql(self) -> Expression:
        return self.expression() if callable(self.expression) and not isinstance(self.expression, Expression) else self.expression


def derived(label, kind: str, expression: Any, *, right: str | None = None, currency: str | None = None) -> Any:
    """`margin_rate = derived(_("Margin rate"), "percent", F("margin") / NullIf(F("net"), 0), right="see_margin")`.

    `expression` is a Django expression, or a function without arguments that gives one (to refer to later models).
    """
    return Derived(label, kind, expression, right=right, currency=currency)
