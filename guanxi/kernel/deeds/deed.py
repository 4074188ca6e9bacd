"""What is done to each of many rows, said once for trying and for doing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation, operations_of, perform_within, require_operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.acts.writer import archive_locked, check, delete_locked, lock_records, require, require_deletable, require_editable, update
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.columns.validate import refuse_errors, validate
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused, WhyNot

VERBS = {"change": "change", "archive": "change", "restore": "change", "delete": "delete"}
"""What can be done to rows of any kind, with the right it takes; all else is an operation."""
Problem = tuple[int, str]


@dataclass(frozen=True)
class Deed:
    """`what` is a verb or the full name of an operation; `values` as a form sends them."""

    model: type[Record]
    what: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def operation(self) -> Operation | None:
        return next((one for one in operations_of(self.model) if one.name == self.what), None)

    @property
    def name(self) -> str:
        """As the log of acts has it."""
        return f"{self.model.label()}.{self.what}" if self.what in VERBS else self.what

    def require_right(self, actor: Actor) -> None:
        """Forbidden without the right; Refused for what cannot be done to several rows."""
        if self.what in VERBS:
            require(actor, VERBS[self.what], self.model)
            if self.what in ("archive", "restore") and not has_field(self.model, "archived_at"):
                raise Refused(_("%(what)s cannot be archived.") % {"what": self.model._meta.verbose_name_plural})
        elif self.operation is None:
            raise Refused(_("This cannot be done to several rows."))
        else:
            require_operation(self.operation, actor)

    def require(self, actor: Actor) -> None:
        """That, and Invalid for values that no row could take."""
        self.require_right(actor)
        if self.operation is not None:
            refuse_errors(validate(self.operation.parameters, [self.values], actor=actor))

    def do(self, ids: Sequence[int], actor: Actor) -> int:
        """To all of them, or Refused; how many of them wait for approval. Within an act."""
        if self.what == "change":
            rows = lock_records(self.model, ids, actor, "change")
            update(form_of(self.model), rows, [self.values] * len(rows), actor)
        elif self.what in ("archive", "restore"):
            archive_locked(self.model, ids, actor, restore=self.what == "restore")
        elif self.what == "delete":
            delete_locked(self.model, ids, actor)
        else:
            return sum(self._operate(row_id) for row_id in ids)
        return 0

    def _operate(self, row_id: int) -> bool:
        scope = act_scope()
        assert scope is not None and self.operation is not None
        return getattr(perform_within(self.operation, row_id, scope, raw=self.values), "is_awaiting", False)

    def survey(self, ids: Sequence[int], actor: Actor) -> list[Problem]:
        """What can be told without doing it: sight, rights, states, values. Few statements for many rows."""
        verb = VERBS.get(self.what)
        seen = self.model.objects.visible_to(actor)
        found = {row.pk: row for row in (seen.visible_to(actor, verb) if verb else seen).filter(pk__in=ids)}
        rows = {row_id: found[row_id] for row_id in ids if row_id in found}
        missing = [row_id for row_id in ids if row_id not in rows]
        known = set(seen.filter(pk__in=missing).values_list("pk", flat=True)) if missing else set()
        here, not_here = _("You may see but not change it."), _("It is no longer there, or you may not see it.")
        problems = [(row_id, here if row_id in known else not_here) for row_id in missing]
        doing, known_of = self.operation, None
        if doing is not None and isinstance(doing.unless, WhyNot):
            known_of = doing.unless.of([row for row in rows.values() if doing.is_in_state(row)])
        problems += [(pk, reason) for pk, row in rows.items() if (reason := self._obstacle(row, known_of))]
        if self.what == "change":
            stopped = {pk for pk, _reason in problems}
            sound = [row for pk, row in rows.items() if pk not in stopped]
            drafts = check(form_of(self.model), [self.values] * len(sound), actor, instances=sound) if sound else []
            problems += [(d.instance.pk, " ".join(m for ms in d.all_errors().values() for m in ms)) for d in drafts if d.all_errors()]
        return problems

    def _obstacle(self, row: Any, known_of: Mapping[int, str] | None) -> str:
        """Why the row's state does not allow it; documents are named by their state alone, so that equal reasons are one."""
        if known_of is not None and self.operation is not None and self.operation.is_in_state(row):
            return known_of.get(row.pk, "")
        try:
            if self.what == "change":
                require_editable(row)
            elif self.what == "delete":
                require_deletable(row)
            elif self.operation is not None:
                self.operation.require_state(row)
        except Refused as refusal:
            if self.operation is not None and self.operation.is_in_state(row):
                return str(refusal)
            lifecycle = getattr(row, "lifecycle", None)
            return _("It is “%(status)s”.") % {"status": lifecycle.labels[row.status]} if lifecycle is not None else str(refusal)
        return ""


@contextmanager
def _at_will() -> Iterator[None]:
    """A part of the running act that may be refused by itself: then neither rows nor news of it stay, and the act goes on."""
    scope = act_scope()
    assert scope is not None
    before = [(kept, len(kept)) for kept in (scope.pending, scope.touched, scope.happened)]
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for kept, length in before:
            del kept[length:]
        raise


def attempt(deed: Deed, ids: Sequence[int], actor: Actor) -> tuple[int, list[Problem]]:
    """Do it where it can be done: how many wait for approval, and which rows were refused. Halves what is refused together."""
    try:
        with _at_will():
            return deed.do(ids, actor), []
    except (Refused, ProtectedError) as refusal:
        if len(ids) == 1:
            return 0, [(ids[0], str(refusal))]
    half = len(ids) // 2
    waiting, problems = attempt(deed, ids[:half], actor)
    more, others = attempt(deed, ids[half:], actor)
    return waiting + more, problems + others

