"""Two people changed the lines of one document: what only one of them changed is taken, what both changed is chosen line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.columns.text import text_of
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.kernel.screens.forms import Field, FieldMaker, from_row
from guanxi.web.views.form_lines import LINES, Sent, Texts, seen_lines, seen_proposed, texts_of

WRITTEN = frozenset({"quantity", "decimal", "price", "percent", "date", "integer"})


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
    currency: str

    @property
    def stands(self) -> list[Variant]:
        """What goes into the form."""
        return [one for one in (self.theirs, self.mine) if one.fields and (self.kept == "choose" or one is self.taken)]

    @property
    def title(self) -> str:
        fields = self.theirs.fields or self.mine.fields
        return next((f.title for f in fields if f.title), "") or (_part(fields[0], self.currency) if fields else "")

    @property
    def sides(self) -> list[tuple[str, Variant, list[str]]]:
        """Whose, and what to say of it: the values in which they differ, or all of a line that only one of them has."""
        both = list(zip(self.theirs.fields, self.mine.fields, strict=False))
        text = {f.name: _part(f, self.currency) for f in (*self.theirs.fields, *self.mine.fields)}
        differing = {a.column.name for a, b in both if text[a.name] != text[b.name] and not (a.is_proposed and b.is_proposed)} if both else None
        return [
            (whose, one, [
                f"{f.column.label} {text[f.name] or (_('as proposed') if f.is_proposed else '—')}" if differing else text[f.name]
                for f in one.fields if (f.column.name in differing if differing else text[f.name])
            ])
            for whose, one in (("theirs", self.theirs), ("mine", self.mine))
        ]

    @property
    def taken(self) -> Variant:
        return self.mine if self.kept == "mine" else self.theirs


def _part(made: Field, currency: str) -> str:
    """A value as people write it; as it was typed where it is none."""
    column = made.column
    if made.title or made.value in (True, False, "", None) or column.kind not in WRITTEN:
        return str(made.title or (_("yes") if made.value is True else column.label_of(made.value) or ""))
    try:
        return text_of(Cell(column, parse(column, made.value), currency=currency), None)
    except Unreadable:
        return str(made.value)


def meet(
    columns: list[Column], maker: FieldMaker, sent: Any, mine: Sent, theirs: Sequence[Row], proposed: Mapping[str, Collection[str]]
) -> list[Met]:
    """Every line of either, in the order in which they will stand. What nobody decided (`proposed`, by their ids) is nobody's change."""
    seen, was_proposed = seen_lines(sent), seen_proposed(sent)
    saved = {str(row.pk): from_row(columns, row) for row in theirs}
    typed = {str(values.get("id") or f"new {at}"): values for at, values in mine}
    met: list[Met] = []
    for key in _order(list(seen), list(typed), list(saved)):
        auto = was_proposed.get(key, set())
        open_to = auto & set(proposed.get(key, ())), {name for name in auto if key in typed and typed[key].get(name) in ("", None)}
        texts = [
            texts_of(columns, one[key]) | {name: text for name, text in seen.get(key, {}).items() if name in left} if key in one else None
            for one, left in zip((saved, typed), open_to, strict=True)
        ]
        whose = _whose(seen.get(key), texts[1], texts[0])
        if whose:
            first, second = (
                Variant(at := 2 * len(met) + place, key if key in saved else "", [
                    maker.field(c, f"{LINES}.{at}.{c.name}", one[key].get(c.name)) for c in columns
                ] if key in one else [])
                for place, one in enumerate((saved, typed))
            )
            for variant, left in ((first, proposed.get(key, ())), (second, open_to[1])):
                for made in variant.fields:
                    made.is_proposed = made.column.name in left
            met.append(Met(first, second, whose, maker.actor.currency))
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
