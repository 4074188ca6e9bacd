"""What stands on a printed document, as plain values: texts are texts, nothing in them is code to the renderer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Entity
from guanxi.kernel.printing.speech import Speech, Words

Pairs = list[tuple[Words, Any]]
"""Labels with their values; those without a value are left out on paper."""
MARKS: dict[str, Any] = {"draft": _("DRAFT"), "cancelled": _("CANCELLED")}
"""What stands across a document that is not, or no longer, one."""


@dataclass(frozen=True)
class Place:
    """A column of the table: `number` stands right and never breaks, `share` is its part of what the others leave."""

    label: Words
    kind: str = "text"
    share: float = 0
    """0: as wide as its content."""


@dataclass(frozen=True)
class Band:
    """A row that stands out among the others: one text across the table, or texts in the places of its columns."""

    band: list[str]


@dataclass(frozen=True)
class Party:
    """Who the document is for, or from."""

    label: Words
    name: str
    rows: Pairs = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """One document. `rows` hold a text, or [text, smaller text under it], for each of `places`; or are a Band."""

    speech: Speech
    entity: Entity
    title: Words
    number: str
    facts: Pairs = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    rows: list[list[Any] | Band] = field(default_factory=list)
    sums: list[Any] = field(default_factory=list)
    """A last row under the table, in the places of its columns."""
    totals: Pairs = field(default_factory=list)
    """The last one is the sum of all."""
    amount: tuple[Words, str] | None = None
    """The sum in words, with its label."""
    notes: Pairs = field(default_factory=list)
    bank: Pairs = field(default_factory=list)
    signatures: list[Words] = field(default_factory=list)
    mark: Words = ""
    """Across the page: draft, cancelled."""
