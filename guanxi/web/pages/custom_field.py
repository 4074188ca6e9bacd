"""A custom field's page: how it looks in the form, and how many records have a value."""

from __future__ import annotations

from django.http import HttpResponse

from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.custom.models import CustomField
from guanxi.kernel.screens.forms import FieldMaker
from guanxi.kernel.screens.screen import screen_of
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.records import record_of, record_page


@page("view")
def custom_field_page(visit: Visit, pk: int) -> HttpResponse:
    """The general record page with the preview under the head."""
    field: CustomField = record_of(visit, pk)
    column = columns_of(field.model).get(field.column_name)
    shown = screen_of(field.record_kind)
    made = FieldMaker(visit.actor, visit.set_key).field(column, column.name, None) if column is not None and column.writable else None
    return record_page.__wrapped__(  # type: ignore[attr-defined, no-any-return]
        visit, pk, preview=made, column=column, count=field.rows_with_value().count() if field.kind != "formula" else None,
        kind_url=shown.url(visit.set_key) if shown is not None and visit.actor.may("view", shown.model) else "",
        kind_label=shown.plural() if shown is not None else field.record_kind,
        list_url=shown.url(visit.set_key, rest=f"?columns={shown.title},{field.column_name}") if shown is not None else "",
    )
