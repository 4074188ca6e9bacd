"""Undo by history: what the act created goes, what it changed or deleted comes back."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connections, models
from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.records.models import History, Link
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.search.index import index_records

UNDOERS: dict[str, Callable[[Act, list[History], Actor], list[History]]] = {}
"""Operations whose undoing needs more than the history, by name: a function (act, steps, actor) that says who may, does its part and
gives the steps that are left."""


def invert(act: Act, actor: Actor) -> None:
    """Refused when the act was undone already, posted to a ledger, or a row it touched was touched again."""
    if (act.outcome or {}).get("undone_by"):
        raise Refused(_("This has been undone already."))
    for model in apps.get_models():
        if getattr(model, "append_only", False) and any(f.name == "act_id" for f in model._meta.fields):
            if model.holds(act.pk):  # type: ignore[attr-defined]
                raise Refused(_("This posted to the ledger; correct it by a reversal instead."))
    steps = list(History.objects.filter(act_id=act.pk).order_by("-pk"))
    if not steps:
        raise Refused(_("There is nothing to undo."))
    _require_untouched(act, steps)
    undoer = UNDOERS.get(act.operation)
    if undoer is None:
        _require_rights(steps, actor)
    touched, steps = steps, undoer(act, steps, actor) if undoer is not None else steps
    created: dict[str, list[int]] = defaultdict(list)
    for step in steps:
        if step.kind == "created":
            created[step.model].append(step.row_id)
        elif step.kind == "changed":
            _restore(step)
        else:
            _recreate(step)
    _remove(created)
    _require_whole()
    _search_again(touched)
    scope = act_scope()
    act.outcome = {**(act.outcome or {}), "undone_by": scope.id if scope else None}
    Act.objects.filter(pk=act.pk).update(outcome=act.outcome, result="undone", version=F("version") + 1)


def _search_again(steps: list[History]) -> None:
    """Searching finds what is there now."""
    for name in {step.model for step in steps}:
        index_records(model_named(name), sorted({step.row_id for step in steps if step.model == name}))


def _require_untouched(act: Act, steps: list[History]) -> None:
    newest = max(step.pk for step in steps)
    for name in {step.model for step in steps}:
        ids = {step.row_id for step in steps if step.model == name}
        later = History.objects.filter(model=name, row_id__in=ids, pk__gt=newest).exclude(act_id=act.pk).first()
        if later:
            row = model_named(name)._base_manager.filter(pk=later.row_id).first()
            raise Refused(_("“%(row)s” was changed again since; undo that first.") % {"row": row or name})


def _require_rights(steps: list[History], actor: Actor) -> None:
    verbs = {"created": "delete", "changed": "change", "deleted": "add"}
    for name, kind in {(step.model, step.kind) for step in steps}:
        model = model_named(name)
        if hasattr(model.objects, "visible_to") and model is not Link and not actor.may(verbs[kind], model):
            raise Forbidden(_("You may not undo this: it concerns %(what)s.") % {"what": model._meta.verbose_name_plural})


def _values(model: type[models.Model], columns: dict[str, Any]) -> dict[str, Any]:
    by_column = {f.column: f for f in model._meta.concrete_fields}
    return {
        by_column[name].attname: by_column[name].to_python(value) if value is not None else None
        for name, value in columns.items() if name in by_column
    }


def _restore(step: History) -> None:
    model = model_named(step.model)
    old = _values(model, {name: pair[0] for name, pair in (step.changes or {}).items()})
    model._base_manager.filter(pk=step.row_id).update(version=F("version") + 1, **old)


def _recreate(step: History) -> None:
    model = model_named(step.model)
    try:
        model._base_manager.bulk_create([model(**_values(model, step.changes or {}))])
    except IntegrityError as error:
        raise Refused(_("Something that was entered since has taken its place, so it cannot be undone any more.")) from error


def _require_whole() -> None:
    """What came back refers to rows that are still there: asked now, while it can be said in words."""
    with connections["default"].cursor() as cursor:
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError as error:
            raise Refused(_("Something that it refers to has been deleted since, so it cannot be undone any more.")) from error
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _remove(created: dict[str, list[int]]) -> None:
    """Rows first that refer to others: relations are checked at commit, so the order matters to no foreign key."""
    with connections["default"].cursor() as cursor:
        for name, ids in created.items():
            table = connections["default"].ops.quote_name(model_named(name)._meta.db_table)
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [ids])
