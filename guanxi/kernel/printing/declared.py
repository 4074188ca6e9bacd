"""Which documents there are: `@printed` over a function that says what stands on one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parameters import parameters_of
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.printing.sheet import Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.records.record import Record

Made = Callable[..., list[Sheet]]
_FORMS: dict[str, list[PrintForm]] = {}


@dataclass(frozen=True, eq=False)
class PrintForm:
    """A kind of document that records of `model` are printed as."""

    key: str
    model: type[Record]
    label: Any
    template: Path
    function: Made
    shows: tuple[str, ...] = ()
    """Columns that stand on it: who may not read one of them cannot print it."""
    line: type[Record] | None = None
    line_shows: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    speaks: Callable[[Any], str] | None = None
    """The language of a record's reader."""
    may: Callable[[Actor, Any], bool] | None = None
    """A right beyond these; asked with a record, or None for the kind as such."""
    labels: Mapping[str, Any] = field(default_factory=dict)
    proposes: Callable[[Actor], Mapping[str, Any]] | None = None
    """What the question starts with."""

    @cached_property
    def parameters(self) -> dict[str, Column]:
        """What is asked before it is printed: the function's own keyword parameters."""
        return {column.name: column for column in parameters_of(self.function, self.labels)}

    @property
    def columns(self) -> list[Column]:
        own = [columns_of(self.model)[name] for name in self.shows]
        return own + [columns_of(self.line)[name] for name in self.line_shows] if self.line else own

    def hidden_from(self, actor: Actor) -> list[Column]:
        """What stands on it that the actor may not read."""
        return [column for column in self.columns if not actor.sees(column)]

    def is_for(self, actor: Actor, record: Any = None) -> bool:
        """Whether the actor may print it, given that they may see the record."""
        return actor.may("view", self.model) and not self.hidden_from(actor) and (self.may is None or self.may(actor, record))


def printed(
    model: type[Record], label: Any, *, shows: str = "", line: type[Record] | None = None, line_shows: str = "", loaded: Iterable[str] = (),
    speaks: Callable[[Any], str] | None = None, may: Callable[[Actor, Any], bool] | None = None, labels: Mapping[str, Any] | None = None,
    proposes: Callable[[Actor], Mapping[str, Any]] | None = None,
) -> Callable[[Made], Made]:
    """`@printed(Quotation, _("Quotation"), shows="total", line=QuotationLine, line_shows="unit_price net")`.

    The function (records, speeches, actor, and keyword parameters that are asked) gives one sheet a record, in a number of queries
    that does not depend on how many there are. Its template is templates/print/<name of the function>.typ beside the module.
    """

    def declare(function: Made) -> Made:
        place = Path(function.__code__.co_filename).parent / "templates" / "print" / f"{function.__name__}.typ"
        form = PrintForm(
            function.__name__, model, label, place, function, tuple(shows.split()), line, tuple(line_shows.split()), tuple(loaded),
            speaks, may, labels or {}, proposes,
        )
        _FORMS.setdefault(model._meta.label_lower, []).append(form)
        return function

    return declare


def forms_of(model: type[Record] | str) -> Sequence[PrintForm]:
    """The kinds of documents of a model, first declared first."""
    return _FORMS.get(model if isinstance(model, str) else model._meta.label_lower, [])


def forms_for(record: Record, actor: Actor) -> list[PrintForm]:
    """Those of a record (which the actor may see) that the actor may print."""
    return [form for form in forms_of(type(record)) if form.is_for(actor, record)]


def all_forms() -> list[PrintForm]:
    return [form for forms in _FORMS.values() for form in forms]


def form_of_key(key: str) -> PrintForm:
    """By its name alone; LookupError when there is none."""
    for form in all_forms():
        if form.key == key:
            return form
    raise LookupError(f"there is no document {key!r}; there are {', '.join(form.key for form in all_forms())}")


def language_for(form: PrintForm, record: Record) -> Speech:
    """How the reader of a record is spoken to."""
    return Speech(form.speaks(record) if form.speaks else "zh-hans")
