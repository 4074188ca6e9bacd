"""Which operations stand on a page: those the actor holds, in a scope that covers the row, and that its state allows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Value, When

from guanxi.kernel.access.scopes import rows_in
from guanxi.kernel.acts.operation import Operation, operations_of
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.database.known import known


@dataclass(frozen=True)
class Button:
    """What a template needs of an operation, which it would call if it got it itself."""

    name: str
    key: str
    label: Any
    icon: str
    tone: str
    asks: bool
    """Whether it takes values, so that a dialog comes first."""
    must_ask: bool
    moves: bool
    """Whether it is a step of the row's life."""

    @classmethod
    def of(cls, operation: Operation) -> Button:
        return cls(
            operation.name, operation.key, operation.label, operation.icon, operation.tone,
            bool(operation.parameters) or operation.tone == "danger", any(c.required for c in operation.parameters.values()),
            operation.moves is not None,
        )


@dataclass(frozen=True)
class Acting:
    """What may be done to one row now; `main` is the next step of its life."""

    operations: list[Button]
    main: Button | None
    may_change: bool
    may_delete: bool
    may_add: bool
    is_editable: bool
    is_archived: bool
    may_archive: bool

    @property
    def others(self) -> list[Button]:
        return [o for o in self.operations if o is not self.main]


def acting_on(record: Any, screen, actor, *, without: Collection[str] = ()) -> Acting:
    """One query at most: each scope in question is asked of the row at once. Not those in `without`, which wait for approval already."""
    model: Any = type(record)
    found = [o for o in operations_of(model) if actor.may(o.name) and o.is_possible(record) and o.key not in screen.hidden_operations]
    found = [o for o in found if o.name not in without]
    order = {name: place for place, name in enumerate(screen.operations)}
    found.sort(key=lambda o: (order.get(o.key, len(order)), o.moves is None, o.tone == "danger"))
    scopes = {o.name: actor.named_scopes(o.name, "do") for o in found}
    scopes |= {verb: actor.scopes(verb, model) for verb in ("change", "delete")}
    inside = _inside(record, set(scopes.values()), actor)
    lifecycle = getattr(record, "lifecycle", None)
    editable = lifecycle is None or record.status in lifecycle.editable
    archives = has_field(model, "archived_at")
    may_change = inside[scopes["change"]]
    buttons = [Button.of(o) for o in found if inside[scopes[o.name]]]
    main = _next_step(record, buttons, screen, actor) or next((b for b in buttons if b.moves and b.tone != "danger"), None)
    return Acting(
        buttons, None if without else main,
        may_change=may_change and editable and screen.may_edit,
        may_delete=inside[scopes["delete"]] and editable and screen.may_edit,
        may_add=screen.may_create and actor.may("add", model),
        is_editable=editable,
        is_archived=archives and record.archived_at is not None,
        may_archive=archives and may_change and screen.may_edit,
    )


def _next_step(record: Any, buttons: list[Button], screen, actor) -> Button | None:
    """The first that the screen names and that is offered; what would begin without a line, as all of them are done, is not the next step."""
    for button in sorted((b for b in buttons if b.key in screen.primary), key=lambda b: screen.primary.index(b.key)):
        propose = screen.proposals.get(button.key)
        if propose is None or propose(record, actor).get("lines") != []:
            return button
    return None


def _inside(record: Any, asked: set[frozenset[str]], actor) -> dict[frozenset[str], bool]:
    model, found, unsure = type(record), {}, []
    for scopes in sorted(asked, key=sorted):
        allowed = rows_in(model, scopes, actor)
        if isinstance(allowed, bool):
            found[scopes] = allowed
        else:
            unsure.append(scopes)
    if unsure:
        rows = _answers(record.pk, model=model, asked=tuple(unsure), eyes=actor.eyes)
        found |= dict(zip(unsure, rows[0] if rows else (False,) * len(unsure), strict=True))
    return found


@known
def _answers(row_id: int, *, model: Any, asked: tuple[frozenset[str], ...], eyes: Any) -> Any:
    cases = [
        Case(When(rows_in(model, scopes, eyes.actor), then=Value(True)), default=Value(False), output_field=BooleanField()) for scopes in asked
    ]
    return model._base_manager.filter(pk=row_id).values_list(*cases)
