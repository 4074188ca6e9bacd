"""What is done with definitions beside entering them, and what becomes of the values when one is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.approval import check_condition
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import operation, operation_named
from guanxi.kernel.acts.scope import AT_END, ActScope
from guanxi.kernel.acts.writer import WHEN_DELETED
from guanxi.kernel.columns.added import TEXTS
from guanxi.kernel.custom.completion import STEP
from guanxi.kernel.custom.definitions import definitions
from guanxi.kernel.custom.models import CustomField
from guanxi.kernel.database.session import definitions_changed
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.rules import RuleError
from guanxi.kernel.search.index import index_records


@operation(label=gettext_lazy("Change the order"), icon="arrows-sort", labels={"after": gettext_lazy("After")})
def place_custom_field(field: CustomField, *, actor: Actor, after: CustomField | None = None) -> CustomField:
    """Put a field behind another one of its kind of record; before all others when none is named."""
    if after is not None and (after.record_kind != field.record_kind or after.pk == field.pk):
        raise Refused(_("Choose another field of the same kind of record."), field="after")
    others = list(CustomField.objects.filter(record_kind=field.record_kind).exclude(pk=field.pk).order_by("position", "pk"))
    place = others.index(after) + 1 if after is not None else 0
    for number, one in enumerate([*others[:place], field, *others[place:]], start=1):
        one.assign(position=number * STEP)
        one.flush()
    return field


class Without(Func):
    """A JSON object without one of its keys."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = JSONField()


def clear_values(model: type[Record], ids: Sequence[int]) -> None:
    """The values go with the fields; the history keeps them, and undoing brings them back."""
    if model is not CustomField:
        return
    gone = History.objects.filter(model=CustomField.label(), row_id__in=ids, kind="deleted").order_by("-pk")[: len(ids)]
    for field in (CustomField(**{name: (step.changes or {})[name] for name in ("record_kind", "code", "kind")}) for step in gone):
        rows = field.rows_with_value()
        keys = list(rows.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                rows.update(custom=Without(F("custom"), Cast(Value(field.code), TextField())), version=F("version") + 1)
        except DatabaseError as error:
            raise Refused(_("Posted documents have a value, and these stay as they are. Archive the field instead.")) from error
        if field.kind in TEXTS:
            index_records(field.model, keys)


def _renew(scope: ActScope) -> None:
    """After any act on definitions: every process sees them, and what stands on them still stands."""
    if not scope.operation.startswith("custom.") and scope.operation != "acts.undo_act":
        return
    definitions_changed()
    known = definitions()
    for field in CustomField.objects.filter(kind="formula", archived_at__isnull=True):
        if field.column_name not in known.get(field.record_kind, {}):
            raise Refused(_("The formula of “%(field)s” could no longer be computed; change it first.") % {"field": field})
    for rule in ApprovalRule.objects.filter(is_active=True):
        _require_readable(rule)


def _require_readable(rule: ApprovalRule) -> None:
    try:
        check_condition(rule.condition, operation_named(rule.operation))
    except LookupError:
        return
    except RuleError as problem:
        raise Refused(_("The approval rule “%(rule)s” could no longer be read; change it first.") % {"rule": rule}) from problem


AT_END.append(_renew)
WHEN_DELETED.append(clear_values)


def values_of(field: Any) -> int:
    """How many records have a value."""
    return int(field.rows_with_value().count())
