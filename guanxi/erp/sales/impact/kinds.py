"""The kinds of documents whose open lines a change of price, cost or model touches. Modules above add theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from guanxi.kernel.access.actor import Actor

if TYPE_CHECKING:
    from guanxi.erp.sales.impact.models import AffectedLine


@dataclass(frozen=True)
class Affair:
    """One affected line, locked with its document, and who decides on it."""

    row: AffectedLine
    kind: Kind
    line: Any
    document: Any
    actor: Actor


@dataclass(frozen=True)
class Kind:
    """Lines of one kind of document, and what is done about one of them.

    `hold` gets an `Affair` and the reason; `requote` gets it with what is kept, and answers with the document in which the new price stands.
    """

    name: str
    label: Any
    line: Callable[[], Any]
    parent: str
    is_open: Callable[[Any], Q]
    """Of lines, on a day: those that still bind or may come to bind."""
    open_quantity: Callable[[], Any]
    hold: Callable[[Affair, str], None]
    requote: Callable[[Affair, str], Any]
    why_settled: Callable[[Collection[Any]], Mapping[int, str]] = lambda documents: {}
    """Of documents: {id: why its prices cannot become others by themselves, in a sentence}, of those of which they cannot."""
    has_promotions: Callable[[Any], bool] = lambda document: False
    """Of a document: whether promotions count in today's price: not where they are taken already, or never were given."""

    @property
    def document(self) -> Any:
        return self.line()._meta.get_field(self.parent).related_model


KINDS: dict[str, Kind] = {}


def affects(kind: Kind) -> Kind:
    """Have the lines of this kind looked at."""
    KINDS[kind.name] = kind
    return kind


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.name, kind.label) for kind in KINDS.values()]
