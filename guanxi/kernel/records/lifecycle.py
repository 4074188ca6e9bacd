"""A document's life: which states there are and which may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class StatusField(models.CharField):
    """The state, with its CHECK constraint, so that not even raw SQL writes another one."""

    def __init__(self, *args, states: list[str] | None = None, **options):
        self.states = states or []
        options.setdefault("max_length", 30)
        super().__init__(*args, **options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        options.pop("choices", None)
        return name, path, args, {**options, "states": self.states}

    def db_check(self, connection):
        names = ", ".join(f"'{state}'" for state in self.states)
        return f"{connection.ops.quote_name(self.column)} IN ({names})"


@dataclass(frozen=True)
class Move:
    """A step to `state`, taken by an operation."""

    lifecycle: "Lifecycle"
    state: str


class Lifecycle:
    """`Lifecycle({"draft": _("Draft"), …}, draft=["confirmed"], …)`; the first label is where a row starts.

    `editable` are the states in which the columns may be changed (the first one, when not said);
    `tones` give states a colour: blue, green, orange, red, grey.
    """

    def __init__(
        self,
        labels: Mapping[str, object],
        *,
        editable: tuple[str, ...] | None = None,
        tones: Mapping[str, str] | None = None,
        **transitions: list[str],
    ):
        self.labels = dict(labels)
        self.initial = next(iter(self.labels))
        self.transitions = {state: tuple(transitions.get(state, ())) for state in self.labels}
        self.editable = editable if editable is not None else (self.initial,)
        self.tones = {state: (tones or {}).get(state, "grey") for state in self.labels}
        for state in [*transitions, *(s for following in transitions.values() for s in following)]:
            if state not in self.labels:
                raise ValueError(f"{state} is not one of {', '.join(self.labels)}")

    def field(self, **options) -> StatusField:
        return StatusField(
            _("Status"), states=list(self.labels), choices=list(self.labels.items()), default=self.initial,
            editable=False, db_index=options.pop("db_index", True), **options,
        )

    def to(self, state: str) -> Move:
        if state not in self.labels:
            raise ValueError(f"{state} is not one of {', '.join(self.labels)}")
        return Move(self, state)

    def may_go(self, state: str, following: str) -> bool:
        return following in self.transitions.get(state, ())
