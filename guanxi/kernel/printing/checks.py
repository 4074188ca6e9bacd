"""Names that do not resolve, and templates that are not there, are errors at start-up."""

from __future__ import annotations

from django.core.checks import Error, register

from guanxi.kernel.columns.registry import column_of
from guanxi.kernel.printing.declared import all_forms


@register("guanxi")
def check_printed(**_options: object) -> list[Error]:
    """Every document has its template, and shows columns that are there."""
    errors = []
    for form in all_forms():
        where = f"{form.function.__module__}.{form.key}"
        if not form.template.exists():
            errors.append(Error(f"{where}: there is no {form.template.name} in {form.template.parent}", id="guanxi.printing"))
        for model, names in ((form.model, form.shows), (form.line, form.line_shows)):
            for name in names if model else ():
                try:
                    column_of(model, name)
                except LookupError as problem:
                    errors.append(Error(f"{where}: {problem}", id="guanxi.printing"))
    return errors
