"""What the database refused, in words."""

from __future__ import annotations

from django.db import IntegrityError, models
from django.utils.translation import gettext as _
from psycopg.errors import NotNullViolation

from guanxi.kernel.records.refusals import Invalid, Refused


def explain(error: IntegrityError, model: type[models.Model]) -> Refused:
    """The constraint's own message where the model gives one; at the field, where it is one field's."""
    text, column = str(error), _left_empty(error)
    for constraint in model._meta.constraints:
        if constraint.name in text:
            return Invalid({"": [constraint.violation_error_message]})
    for field in model._meta.concrete_fields:
        if field.column == column:
            return Invalid({field.name: [_("This is needed.")]})
        if field.unique and f"({field.column})=" in text:
            return Invalid({field.name: [_("This value is taken; choose another.")]})
    return Invalid({"": [_("The database refused these values: they contradict another record.")]})


def _left_empty(error: IntegrityError) -> str | None:
    """The column that may not be empty."""
    cause = error.__cause__
    return cause.diag.column_name if isinstance(cause, NotNullViolation) else None
