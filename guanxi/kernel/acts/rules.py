"""Writing approval rules: what holds for every rule, and what a rule would have caught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.approval import check_condition, condition_columns
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import Operation, operation_named
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import names_of
from guanxi.kernel.columns.forms import Advice
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.rules import Rule, RuleError

DAYS = 30


def complete_approval_rules(drafts: Sequence[Draft], actor: Actor) -> None:
    """The operation is one on a record, and the condition can be read and speaks of what its writer may see."""
    for draft in drafts:
        found = _operation(draft.get("operation"))
        if found is None:
            draft.add_error("operation", _("Choose an operation on a record."))
            continue
        try:
            _readable(draft.get("condition") or "", found, actor)
        except RuleError as error:
            draft.add_error("condition", error)


def advise_condition(values: Mapping[str, Any], actor: Actor, record: Any = None) -> Advice:
    """The words a condition may use, what is wrong with it, and how many records of the last days it would have caught."""
    found = _operation(values.get("operation"))
    if found is None:
        return Advice((_("Choose the operation first."),))
    known = _seen(found, actor)
    terms = tuple((name, known[name].label) for name in sorted(names_of(known)))
    text = str(values.get("condition") or "").strip()
    if not text:
        return Advice((), terms)
    try:
        rule = _readable(text, found, actor)
    except RuleError as error:
        return Advice((str(error),), terms, is_wrong=True)
    return Advice((_tried(rule, found, actor),), terms)


def _operation(name: Any) -> Operation | None:
    try:
        found = operation_named(str(name or ""))
    except LookupError:
        return None
    return found if found.target is not None else None


def _seen(found: Operation, actor: Actor) -> dict[str, Column]:
    return {name: column for name, column in condition_columns(found).items() if actor.sees(column)}


def _readable(text: str, found: Operation, actor: Actor) -> Rule:
    """The condition; RuleError when it cannot be read, or speaks of a column that its writer may not see."""
    rule = check_condition(text, found)
    known = _seen(found, actor)
    for name in rule.names:
        if name not in known:
            raise RuleError(_("You may not see the column “%(name)s”.") % {"name": name})
    return rule


def _tried(rule: Rule, found: Operation, actor: Actor) -> str:
    """What the rule says of the records on which the operation was performed lately."""
    model: Any = found.target
    if any(name in found.parameters for name in rule.names):
        return _("It can be read. It looks at what is entered for the operation, so past records cannot tell how often it would hold.")
    done = Act.objects.filter(
        operation=found.name, target_model=model.label(), at__gte=actor.now - timedelta(days=DAYS), result__in=("done", "waiting")
    )
    rows = model.objects.visible_to(actor).filter(pk__in=done.values("target_id"))
    known = _seen(found, actor)
    caught = rows.filter(rule.expression({name: _sql(known[name], actor) for name in rule.names}, today=actor.today)).count()
    words = _("In the last %(days)s days “%(label)s” was done to %(total)s records; %(caught)s of them would have needed approval as they are now.")
    return words % {"days": DAYS, "label": found.label, "total": rows.count(), "caught": caught}


def _sql(column: Column, actor: Actor) -> Any:
    """A reference is read by its business key."""
    if column.kind == "reference" and column.relation is not None:
        return F(f"{column.name}__{column.relation.business_key}")
    return column.sql(actor)
