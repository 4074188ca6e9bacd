"""Two people changed the lines of one document: what only one of them changed is taken, what both changed is chosen line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.screens.cells import Row
from guanxi.kernel.screens.forms import Field, FieldMaker, from_row
from guanxi.web.views.form_lines import LINES, Sent, Texts, seen_lines, texts_of


@dataclass
class Variant:
    """A line as one of the two has it; `fields` is empty where they took it away."""

    at: int
    id: str = ""
    fields: list[Field] = field(default_factory=list)


@dataclass
class Met:
    """One line. `kept` says whose is saved: theirs, mine, one to be chosen, or both where they are the same."""

    theirs: Variant
    mine: Variant
    kept: str

    @property
    def stands(self) -> list[Variant]:
        """What goes into the form."""
        return [one for one in (self.theirs, self.mine) if one.fields and (self.kept == "choose" or one is self.taken)]

    @property
    def title(self) -> str:
        fields = self.theirs.fields or self.mine.fields
        return next((f.title for f in fields if f.title), "") or (_part(fields[0]) if fields else "")

    @property
    def sides(self) -> list[tuple[str, Variant, list[str]]]:
        """Whose, and what to say of it: the values in which they differ, or all of a line that only one of them has."""
        both = list(zip(self.theirs.fields, self.mine.fields, strict=False))
        differing = {a.column.name for a, b in both if _part(a) != _part(b)} if both else None
        return [
            (whose, one, [
                f"{f.column.label} {_part(f) or '—'}" if differing else _part(f)
                for f in one.fields if (f.column.name in differing if differing else _part(f))
            ])
            for whose, one in (("theirs", self.theirs), ("mine", self.mine))
        ]

    @property
    def taken(self) -> Variant:
        return self.mine if self.kept == "mine" else self.theirs


def _part(made: Field) -> str:
    """A value as it was typed."""
    return str(made.title or (_("yes") if made.value is True else made.column.label_of(made.value) or ""))


def meet(columns: list[Column], maker: FieldMaker, sent: Any, mine: Sent, theirs: Sequence[Row]) -> list[Met]:
    """Every line of either, in the order in which they will stand."""
    seen = seen_lines(sent)
    saved = {str(row.pk): from_row(columns, row) for row in theirs}
    typed = {str(values.get("id") or f"new {at}"): values for at, values in mine}
    met: list[Met] = []
    for key in _order(list(seen), list(typed), list(saved)):
        whose = _whose(seen.get(key), *(texts_of(columns, one[key]) if key in one else None for one in (typed, saved)))
        if whose:
            first, second = (
                Variant(at := 2 * len(met) + place, key if key in saved else "", [
                    maker.field(c, f"{LINES}.{at}.{c.name}", one[key].get(c.name)) for c in columns
                ] if key in one else [])
                for place, one in enumerate((saved, typed))
            )
            met.append(Met(first, second, whose))
    return met


def _whose(seen: Texts | None, typed: Texts | None, saved: Texts | None) -> str:
    """Whose line is kept; nothing where both took it away."""
    if typed == saved:
        return "both" if typed else ""
    if typed == seen:
        return "theirs"
    return "mine" if saved == seen else "choose"


def _order(seen: list[str], typed: list[str], saved: list[str]) -> list[str]:
    """In the order of the one who moved lines (mine, if both did); lines of the other stand after the one they stood after."""
    kept = [key for key in typed if key in seen]
    first, second = (typed, saved) if kept != [key for key in seen if key in typed] else (saved, typed)
    found = list(first)
    for at, key in enumerate(second):
        if key not in found:
            found.insert(found.index(second[at - 1]) + 1 if at else 0, key)
    return found
