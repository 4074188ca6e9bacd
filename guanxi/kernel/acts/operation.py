"""`@operation`: a typed function that is a button, a REST endpoint, an import row and an automation step."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints

import structlog
from django.apps import apps
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.scopes import rows_in
from guanxi.kernel.acts.approval import ask_approval, end_waiting, meet_within, rules_due, tried
from guanxi.kernel.acts.scope import ActScope, Outcome, act_scope, note_assigned, run_act
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parameters import parameters_of
from guanxi.kernel.columns.validate import refuse_errors, validate
from guanxi.kernel.database.known import known
from guanxi.kernel.records.lifecycle import Move
from guanxi.kernel.records.record import Record, has_own_sight
from guanxi.kernel.records.refusals import Forbidden, Refused, no_such

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger("guanxi.acts")
OPERATIONS: dict[str, Operation] = {}


class Operation(Generic[P, R]):
    """A business act. Calling it from outside any act makes one; called from within another, it runs under that one."""

    def __init__(
        self, function: Callable[P, R], label: Any, moves: Move | None, states: tuple[str, ...], icon: str, labels: Mapping[str, Any],
        tone: str, unless: Callable[[Any], Any] | None = None, proposes: Callable[..., Mapping[str, Any]] | None = None, again: Any = None,
        done: Any = "",
    ):
        functools.update_wrapper(self, function)
        self.function, self.label, self.moves, self.states = function, label, moves, states
        self.icon, self.labels, self.tone, self.unless, self.proposes, self.again, self.done = icon, dict(labels), tone, unless, proposes, again, done
        self.key = function.__name__
        self.summary = (inspect.getdoc(function) or "").split("\n")[0]

    @functools.cached_property
    def name(self) -> str:
        """`sales.confirm_order`: the application's label and the function's name."""
        config = apps.get_containing_app_config(self.function.__module__)
        return f"{config.label if config else 'kernel'}.{self.key}"

    @functools.cached_property
    def first(self) -> inspect.Parameter:
        return next(iter(inspect.signature(self.function).parameters.values()))

    @functools.cached_property
    def target(self) -> type[Record] | None:
        """The model of the first parameter, or None when the act needs no row."""
        if self.first.kind is inspect.Parameter.KEYWORD_ONLY:
            return None
        hint = get_type_hints(self.function).get(self.first.name)
        return hint if isinstance(hint, type) and issubclass(hint, Record) else None

    @functools.cached_property
    def parameters(self) -> dict[str, Column]:
        return {column.name: column for column in parameters_of(self.function, self.labels)}

    def kept(self, given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """What was given, as act and approval keep it: without what is secret."""
        secret = {name for name, column in self.parameters.items() if column.kind == "secret"}
        return {name: None if name in secret else value for name, value in given.items()} if given and secret else given

    def with_defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        defaults = {name: column.default for name, column in self.parameters.items() if column.default is not None}
        return {**defaults, **{name: value for name, value in values.items() if value is not None or name not in defaults}}

    def is_possible(self, row: Record) -> bool:
        """Whether it is offered for the row: its state allows it, and nothing else stands against it."""
        return self.is_in_state(row) and not self.why_not(row)

    def is_in_state(self, row: Any) -> bool:
        """Whether the row's state allows it."""
        if self.states and row.status not in self.states:
            return False
        return self.moves is None or self.moves.lifecycle.may_go(row.status, self.moves.state)

    def why_not(self, row: Any) -> str:
        """What stands against it although the state allows it, in a sentence; nothing where it is possible."""
        return str(self.unless is not None and self.unless(row) or "")

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        target: Any = args[0] if args else None
        if (scope := act_scope()) is not None:
            if self.name in scope.ruled:
                meet_within(self, target, kwargs, scope)
            return self._run(target, kwargs)
        given: dict[str, Any] = dict(kwargs)
        outcome = perform(self, target, actor=given.pop("actor"), arguments=given)
        if outcome.awaiting is not None:
            raise Refused(
                _("This needs approval first: %(rule)s. Ask for it with “%(label)s”.") % {"rule": outcome.awaiting.reasons, "label": self.label}
            )
        return outcome.result

    def _run(self, row: Any, kwargs: Mapping[str, Any]) -> Any:
        self.require_state(row)
        return self._do(row, kwargs)

    def _do(self, row: Any, kwargs: Mapping[str, Any]) -> Any:
        former_id = getattr(row, "owner_id", None)
        result = self.function(*([row] if self.target else []), **kwargs)  # type: ignore[call-arg]
        if self.moves is not None:
            row.assign(status=self.moves.state)
        if isinstance(row, Record):
            row.flush()
            scope = act_scope()
            if scope is not None:
                scope.touched.append(row.ref())
                note_assigned(row, former_id)
        return result

    def require_state(self, row: Any) -> None:
        """Refused when the row's state does not allow it, or something else stands against it."""
        if not self.is_in_state(row):
            labels = row.lifecycle.labels
            raise Refused(
                _("%(what)s %(row)s is “%(status)s”; in this state “%(label)s” is not possible.")
                % {"what": row._meta.verbose_name, "row": row, "status": labels[row.status], "label": self.label}
            )
        if reason := self.why_not(row):
            raise Refused(reason)


def operation(
    *, label: Any, moves: Move | None = None, states: tuple[str, ...] = (), icon: str = "", labels: Mapping[str, Any] | None = None,
    tone: str = "", unless: Callable[[Any], Any] | None = None, proposes: Callable[..., Mapping[str, Any]] | None = None, again: Any = None,
    done: Any = "",
) -> Callable[[Callable[P, R]], Operation[P, R]]:
    """Make a function an operation. `moves` is the step it takes, `states` those in which it is possible (any, when empty);
    `unless(row)` says in a sentence why it is not possible although the state allows it (nothing where it is): there it is not offered,
    and refused with these words; `labels` name its parameters; `tone="danger"` asks before doing it; `proposes(row, actor)` gives
    the values its dialog starts with, where the screen says none; `again(row)` names operations whose rules look once more here;
    `done` is what is told once it is done, where its label does not tell."""

    def made(function: Callable[P, R]) -> Operation[P, R]:
        found: Operation[P, R] = Operation(function, label, moves, states, icon, labels or {}, tone, unless, proposes, again, done)
        if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", found.key):
            raise ValueError(f"operation {found.key!r}: name it verb_noun")
        OPERATIONS[f"{function.__module__}.{found.key}"] = found
        return found

    return made


def operation_named(name: str) -> Operation:
    """The operation called `sales.confirm_order`; LookupError when there is none."""
    for found in OPERATIONS.values():
        if found.name == name:
            return found
    raise LookupError(name)


@functools.cache
def operations_of(model: type | None) -> tuple[Operation, ...]:
    """All operations whose first parameter is `model` (None: those without a target), in order of declaration."""
    return tuple(found for found in OPERATIONS.values() if found.target is model)


def perform(
    found: Operation, target: Record | int | None = None, *, actor: Actor, key: str | None = None,
    raw: Mapping[str, Any] | None = None, arguments: Mapping[str, Any] | None = None, by_id: bool = False,
) -> Outcome:
    """Do it: right, act row and key, row lock, life cycle, approval, body, state, events. Must run inside `in_set`.

    Give `raw` values as a form, API call or file sent them, or `arguments` already typed. On any refusal the
    transaction must be left: nothing of it stays.
    """
    row_id = target.pk if isinstance(target, Record) else target
    require_operation(found, actor, row_id)

    def body(scope: ActScope) -> Any:
        return perform_within(found, target, scope, raw=raw, arguments=arguments, by_id=by_id)

    return run_act(
        found.name, actor=actor, body=body, key=key,
        target=(found.target._meta.label_lower, row_id) if found.target and row_id else None,
        arguments=found.kept(raw if raw is not None else arguments),
    )


def perform_within(
    found: Operation, target: Record | int | None, scope: ActScope, *, raw: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Any] | None = None, by_id: bool = False,
) -> Any:
    """The operation on one row under the act of `scope`, which is one of this operation; its result, or what it waits for."""
    actor, row_id = scope.actor, target.pk if isinstance(target, Record) else target
    row = locked(found, row_id, actor) if found.target else None
    if isinstance(target, Record) and row is not None:
        target.__dict__.update({k: v for k, v in row.__dict__.items() if k != "_state"})
        row = target
    values = dict(arguments or {})
    if raw is not None:
        [draft] = validate(found.parameters, [raw], actor=actor, by_id=by_id)
        refuse_errors([draft])
        values = {name: value for name, value in draft.values.items() if value is not None or name in found.parameters}
    if row is not None:
        found.require_state(row)
    values = found.with_defaults(values)
    work = functools.partial(found._do, row, {**values, "actor": actor})
    if row is None or not scope.ruled:
        return work()
    again = found.again(row) if found.again is not None else ()
    due = rules_due(found, row, values, actor, again) if found.name in scope.ruled or again else []
    result = tried(found, row, scope, work, due)
    while due:
        if (awaiting := ask_approval(found, row, due, found.kept(raw if raw is not None else arguments), actor)) is not None:
            return awaiting
        scope.granted, due = [(rule.pk, facts) for rule, facts in due], []
        result = tried(found, row, scope, work, due)
        scope.granted = []
    if found.moves is not None:
        end_waiting(found, row, actor)
    return result


def require_operation(found: Operation, actor: Actor, row_id: int | None = None) -> None:
    if not actor.may(found.name):
        log.warning("refused", operation=found.name, member=actor.member_id)
        words = _("You may not “%(label)s”. Ask an administrator for the right.") % {"label": found.label}
        raise Forbidden(words, right=found.name, target=(found.target.label() if found.target else "", row_id))


def may_perform(found: Operation, row: Record, actor: Actor) -> bool:
    """Whether the row lies in a scope in which the actor holds the operation's right."""
    scopes = actor.named_scopes(found.name, "do")
    if "company" in scopes:
        return True
    allowed = rows_in(type(row), scopes, actor)
    return allowed if isinstance(allowed, bool) else type(row).objects.filter(allowed, pk=row.pk).exists()


def _to_lock(rows: Any, model: type[Record]) -> Any:
    rows = rows.select_related(*model.loaded_with) if model.loaded_with else rows
    # A ledger row never changes, so nobody has the right to lock it.
    return rows if model.append_only else rows.select_for_update(of=("self",), no_key=True)


@known
def _locked_rows(row_id: int, *, model: type[Record]) -> Any:
    return _to_lock(model.objects.filter(pk=row_id), model)


def locked(found: Operation, row_id: int | None, actor: Actor) -> Record:
    """The target, locked for this transaction; Missing when the actor may not see it, Forbidden outside the right's scope."""
    model = found.target
    assert model is not None
    if actor.row_filter("view", model) is True and not has_own_sight(model):
        rows = _locked_rows(row_id, model=model)
    else:
        rows = list(_to_lock(model.objects.visible_to(actor).filter(pk=row_id), model))
    if not rows:
        raise no_such(model, row_id, actor)
    [row] = rows
    if not may_perform(found, row, actor):
        log.warning("refused", operation=found.name, member=actor.member_id, row=row_id)
        words = _("You may not “%(label)s” this %(what)s.") % {"label": found.label, "what": model._meta.verbose_name}
        raise Forbidden(words, right=found.name, target=row.ref())
    return row
