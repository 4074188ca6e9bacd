"""What an import did, and what is wrong with the rows that it could not take."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.transfer.cells import safe_text


@dataclass(frozen=True)
class RowError:
    """Why one row of the file was not taken, in words and by column of the file ("" for the row), as it stands there."""

    row: int
    message: str
    cells: list[str]
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Likely:
    """A row that is perhaps there already: as which record, why, and how sure that is (0 to 100)."""

    row: int
    title: str
    record: str
    why: str
    score: int


@dataclass(frozen=True)
class Change:
    """A record that is there and that a row would change: (column, what stands there, what would) for each; none where only lines differ."""

    row: int
    screen: str
    pk: int
    title: str
    columns: list[tuple[str, str, str]]


@dataclass
class Report:
    """Counts of rows; `waiting` are acts that wait for approval, `also` the second records made or changed, `acts` what an undo names."""

    file: str = ""
    dry_run: bool = False
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    performed: int = 0
    waiting: int = 0
    also: int = 0
    failed: int = 0
    written: bool = False
    looked_at: int = 0
    last_row: int = 0
    header: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    likely: list[Likely] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """Of a trial the first ones."""
    acts: list[int] = field(default_factory=list)

    def fail(self, row: int, message: str, cells: list[str], problems: dict[str, str] | None = None) -> None:
        self.failed += 1
        self.errors.append(RowError(row, message, cells, problems or {}))

    def nothing_written(self) -> None:
        self.created = self.changed = self.performed = self.waiting = self.also = 0
        self.acts = []

    def as_dict(self, most_errors: int = 100) -> dict[str, Any]:
        """Plain values, for JSON."""
        names = ("file", "dry_run", "created", "changed", "unchanged", "performed", "waiting", "also", "failed", "written")
        errors = [asdict(error) for error in sorted(self.errors, key=lambda e: e.row)[:most_errors]]
        likely = {"likely": [asdict(one) for one in self.likely[:most_errors]], "likely_rows": len(self.likely)} if self.likely else {}
        changes = {"changes": [asdict(one) for one in self.changes]} if self.changes else {}
        return {name: getattr(self, name) for name in names} | {"errors": errors, **likely, **changes}

    def error_file(self) -> bytes:
        """The rows that were not taken, as CSV with one more column that explains; corrected, it can be imported as it is."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([*self.header, _("Problem")])
        for error in sorted(self.errors, key=lambda e: e.row):
            cells = [safe_text(_clean(cell)) for cell in error.cells[: len(self.header)]]
            padded = cells + [""] * (len(self.header) - len(cells))
            writer.writerow([*padded, safe_text(error.message)])
        return text.getvalue().encode("utf-8-sig", errors="replace")


def _clean(cell: str) -> str:
    return "".join("�" if "\ud800" <= letter <= "\udfff" or letter == "\x00" else letter for letter in cell)


def by_column(errors: Mapping[str, list[str]], sources: Mapping[str, str]) -> dict[str, str]:
    """The messages at the columns of the file from which the values come; at "" what concerns the row."""
    found: dict[str, str] = {}
    for name, messages in errors.items():
        column = sources.get(re.sub(r"^lines\.\d+\.", "lines.", name), "")
        found[column] = " ".join(filter(None, (found.get(column), *map(str, messages))))
    return found


def in_words(errors: Mapping[str, list[str]], names: Mapping[str, str]) -> str:
    """`Country: “XX” is not one of …; line 2, Quantity: …`, with the names that the file's reader knows."""
    parts = []
    for name, messages in errors.items():
        head, _point, rest = name.partition(".")
        label = names.get(name, "")
        if head == "lines" and rest:
            number, _point, column = rest.partition(".")
            label = _("line %(number)s") % {"number": int(number) + 1} if number.isdecimal() else ""
            label += f", {names.get(f'lines.{column}', column)}" if column else ""
        text = " ".join(str(message) for message in messages)
        parts.append(f"{label}: {text}" if label else text)
    return "; ".join(parts)
