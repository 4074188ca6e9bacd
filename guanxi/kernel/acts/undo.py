"""Undo by history: what the act created goes, what it changed or deleted comes back."""

from collections.abc import Mapping, Sequence

from django.apps import apps
from django.db import connections
from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.records.former import UNDOERS, put_back, require_whole
from guanxi.kernel.records.models import History, Link
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.search.index import index_records

VERBS = {"created": "delete", "changed": "change", "deleted": "add"}


def invert(acts: Sequence[Act], actor: Actor, verbs: Mapping[str, str] = VERBS) -> None:
    """Acts as if they had been one, as the batches of an import are: all or none. Refused when one was undone already, posted to a ledger,
    or a row it touched was touched again."""
    if any((act.outcome or {}).get("undone_by") for act in acts):
        raise Refused(_("This has been undone already."))
    if any(_is_posted(act.pk) for act in acts):
        raise Refused(_("This posted to the ledger; correct it by a reversal instead."))
    if any(act.result == "running" for act in acts):
        raise Refused(_("It is still at work; wait for its end, or stop it."))
    steps = list(History.objects.filter(act_id__in=[act.pk for act in acts]).order_by("-pk"))
    if not steps:
        raise Refused(_("There is nothing to undo."))
    _require_untouched([act.pk for act in acts])
    undoer = UNDOERS.get(acts[0].operation)
    put_back(undoer(acts[0], steps, actor) if undoer else _require_rights(steps, actor, verbs))
    require_whole()
    for name in {step.model for step in steps}:
        index_records(model_named(name), {step.row_id for step in steps if step.model == name})
    for act in acts:
        act.outcome = {**(act.outcome or {}), "undone_by": getattr(act_scope(), "id", None)}
        Act.objects.filter(pk=act.pk).update(outcome=act.outcome, result="undone", version=F("version") + 1)


def is_invertible(act_id: int) -> bool:
    """Whether it wrote something, and nothing that stands for good."""
    return History.objects.filter(act_id=act_id).exists() and not _is_posted(act_id)


def _is_posted(act_id: int) -> bool:
    ledgers = (model for model in apps.get_models() if getattr(model, "append_only", False) and any(f.name == "act_id" for f in model._meta.fields))
    return any(model.holds(act_id) for model in ledgers)  # type: ignore[attr-defined]


# An act may have gone on for several transactions, so that others came between: each row is asked for what followed its own last step.
# What was undone since, and the undoing of it, come to nothing.
_TOUCHED = """
SELECT DISTINCT later.model, later.row_id
FROM (SELECT model, row_id, max(id) AS last FROM records_history WHERE act_id = ANY(%(acts)s) GROUP BY 1, 2) mine
JOIN records_history later ON later.row_id = mine.row_id AND later.model = mine.model AND later.id > mine.last
LEFT JOIN acts_act x ON x.id = later.act_id LEFT JOIN acts_act u ON u.id = (x.outcome->>'undone_by')::bigint
WHERE NOT coalesce(later.act_id = ANY(%(acts)s), false)
  AND NOT coalesce(x.result = 'undone' AND u.result = 'done', false)
  AND NOT coalesce(x.operation = 'acts.undo_act' AND x.result = 'done' AND x.target_id > %(last)s, false)
LIMIT 5
"""


def _require_untouched(acts: list[int]) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(_TOUCHED, {"acts": acts, "last": max(acts)})
        found = [model_named(name)._base_manager.filter(pk=pk).first() or name for name, pk in cursor.fetchall()]
    if len(found) == 1:
        raise Refused(_("“%(row)s” was changed again since; undo that first.") % {"row": found[0]})
    if found:
        raise Refused(_("These were changed again since: %(rows)s … Undo that first.") % {"rows": ", ".join(f"“{row}”" for row in found)})


def _require_rights(steps: list[History], actor: Actor, verbs: Mapping[str, str]) -> list[History]:
    for name, kind in {(step.model, step.kind) for step in steps}:
        model = model_named(name)
        enough = {verbs[kind], *(["change"] if getattr(model, "part_of", None) else [])}
        if hasattr(model.objects, "visible_to") and model is not Link and not any(actor.may(verb, model) for verb in enough):
            raise Forbidden(_("You may not undo this: it concerns %(what)s.") % {"what": model._meta.verbose_name_plural})
    return steps
