"""Trying a deed on many rows, doing it as one act, and going on with it in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import ActScope, Outcome, go_on_with, run_act
from guanxi.kernel.deeds.deed import VERBS, Deed, Problem, attempt
from guanxi.kernel.deeds.models import BulkRun, grouped
from guanxi.kernel.events.publish import ring_after_commit
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record, model_named
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values.plain import plain

MOST = 100_000
AT_ONCE = 200
"""More rows than these are done in the background."""
ENDED = notice_kind("bulk_ended", "system", gettext_lazy("finished: %(title)s, %(done)s done, %(refused)s refused"), "checkup-list")


def chunk_of(deed: Deed) -> int:
    """Rows that are done in one transaction; an operation takes many statements for each."""
    return 500 if deed.what in VERBS else 50


@dataclass
class Trial:
    """What would come of it. The `untried` were looked at, but not tried out: of them no more is known than that nothing was found against them."""

    total: int
    tried: int = 0
    untried: int = 0
    waiting: int = 0
    same: int = 0
    """Of those tried, how many are so already."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def ready(self) -> int:
        return self.total - len(self.problems)

    @property
    def sound(self) -> int:
        """Of those tried, how many can be done."""
        return self.ready - self.untried

    @property
    def reasons(self) -> list[tuple[str, list[int]]]:
        return grouped(self.problems)


class _Enough(Exception):
    """Leaves a trial, so that nothing of it stays."""


def try_out(deed: Deed, ids: Sequence[int], actor: Actor) -> Trial:
    """What the deed would do: all rows are looked at, the first of those that seem ready are done and taken back."""
    _require(deed, ids, actor)
    trial = Trial(len(ids))
    for at in range(0, len(ids), 500):
        trial.problems += deed.survey(ids[at:at + 500], actor)
    stopped = {row_id for row_id, _reason in trial.problems}
    seeming = [row_id for row_id in ids if row_id not in stopped]
    ready = seeming[: chunk_of(deed)]

    def body(scope: ActScope) -> None:
        trial.waiting, problems = attempt(deed, ready, actor)
        trial.problems += problems
        if not trial.waiting:
            trial.same = len(ready) - len(problems) - written(scope.id, deed.model)
        raise _Enough

    try:
        with transaction.atomic():
            run_act(deed.name, actor=actor, body=body)
    except _Enough:
        trial.tried, trial.untried = len(ready), len(seeming) - len(ready)
    return trial


def written(act_id: int, model: type[Record]) -> int:
    """How many rows of the model an act has written."""
    return History.objects.filter(act_id=act_id, model=model.label()).aggregate(n=Count("row_id", distinct=True))["n"] if model.tracked else 0


def begin(deed: Deed, ids: Sequence[int], *, actor: Actor, key: str | None = None) -> Outcome:
    """One act on all of them: done now, or begun, when they are many. Rows that cannot be are left out and named in the run."""
    _require(deed, ids, actor)
    at_once = len(ids) <= AT_ONCE

    def body(scope: ActScope) -> BulkRun:
        run = BulkRun.objects.create(
            member_id=actor.member_id, act_id=scope.id, kind=deed.model.label(), what=deed.name, values=plain(deed.values), ids=list(ids),
            total=len(ids), at=actor.now,
        )
        while at_once and run.taken < run.total:
            take(run, deed, actor)
        if at_once and run.refused == run.total:
            raise Refused(_("Nothing was done: %(reason)s") % {"reason": run.reasons[0][0]})
        return run

    outcome = run_act(deed.name, actor=actor, body=body, key=key, arguments={"ids": list(ids) if at_once else len(ids), **deed.values})
    if outcome.replayed:
        return outcome
    if at_once:
        _end(outcome.result, actor)
    else:
        from guanxi.kernel.deeds.jobs import go_on

        Act.objects.filter(pk=outcome.act_id).update(result="running")
        go_on.later(run_id=outcome.result.pk)
    return outcome


def _require(deed: Deed, ids: Sequence[int], actor: Actor) -> None:
    deed.require(actor)
    if not ids:
        raise Refused(_("Choose some rows first."))
    if len(ids) > MOST:
        raise Refused(_("At most %(n)s rows at a time: narrow the list with filters.") % {"n": f"{MOST:,}"})


def take(run: BulkRun, deed: Deed, actor: Actor) -> None:
    """The next rows of a run, within its act."""
    ids = run.ids[run.taken:run.taken + chunk_of(deed)]
    problems = deed.survey(ids, actor)
    stopped = {row_id for row_id, _reason in problems}
    waiting, others = attempt(deed, ready, actor) if (ready := [row_id for row_id in ids if row_id not in stopped]) else (0, [])
    run.taken += len(ids)
    run.waiting += waiting
    run.refused += len(problems) + len(others)
    run.done += len(ready) - len(others) - waiting
    run.problems = [*run.problems, *problems, *others]
    run.save(update_fields=["taken", "waiting", "refused", "done", "problems"])
    ring_after_commit({f"{run.label()}:{run.pk}"})


def go_on_once(run_id: int, actor: Actor) -> bool:
    """One part of a run in the background; whether more is left. What was taken is written together with how far it is."""
    run = BulkRun.objects.select_for_update().filter(pk=run_id, ended_at=None).first()
    if run is None:
        return False
    deed = Deed(model_named(run.kind), run.what.rpartition(".")[2] if run.what.startswith(f"{run.kind}.") else run.what, run.values)
    try:
        deed.require(actor)
        go_on_with(run.act, lambda _scope: take(run, deed, actor), actor=actor)
    except Refused as refusal:
        # The right went while it was at work: the rest is refused, what is done stays.
        rest = run.ids[run.taken:]
        run.problems = [*run.problems, *((row_id, str(refusal)) for row_id in rest)]
        run.taken, run.refused = run.total, run.refused + len(rest)
        run.save(update_fields=["taken", "refused", "problems"])
    if run.taken < run.total:
        return True
    _end(run, actor)
    raise_notices(
        ENDED, [run.member_id], run, key=f"bulk:{run.pk}", at=actor.now, arguments={"done": run.done + run.waiting, "refused": run.refused},
    )
    return False


def _end(run: BulkRun, actor: Actor) -> None:
    run.ended_at, run.ids, run.values = actor.now, [], {}
    run.save(update_fields=["ended_at", "ids", "values"])
    Act.objects.filter(pk=run.act_id, result="running").update(result="done")
    ring_after_commit({f"{run.label()}:{run.pk}"})


@operation(label=gettext_lazy("Stop"), icon="player-stop", unless=lambda run: run.ended_at and _("It has ended already."))
def stop_run(run: BulkRun, *, actor: Actor) -> BulkRun:
    """What is done stays and can be undone; the rest is left as it was."""
    run.refresh_from_db()
    run.total = run.taken
    run.save(update_fields=["total"])
    _end(run, actor)
    return run
