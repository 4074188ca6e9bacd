"""What an import did, and what is wrong with the rows that it could not take."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.transfer.cells import safe_text


@dataclass(frozen=True)
class RowError:
    """Why one row of the file was not taken, in words, with the row as it stands there."""

    row: int
    message: str
    cells: list[str]


@dataclass
class Report:
    """Counts of rows; `waiting` are acts that wait for approval, `acts` what an undo would name."""

    file: str = ""
    dry_run: bool = False
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    performed: int = 0
    waiting: int = 0
    failed: int = 0
    written: bool = False
    header: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    acts: list[int] = field(default_factory=list)

    def fail(self, row: int, message: str, cells: list[str]) -> None:
        self.failed += 1
        self.errors.append(RowError(row, message, cells))

    def nothing_written(self) -> None:
        self.created = self.changed = self.performed = self.waiting = 0
        self.acts = []

    def as_dict(self, most_errors: int = 100) -> dict[str, Any]:
        """Plain values, for JSON."""
        names = ("file", "dry_run", "created", "changed", "unchanged", "performed", "waiting", "failed", "written")
        errors = [{"row": e.row, "message": e.message} for e in sorted(self.errors, key=lambda e: e.row)[:most_errors]]
        return {name: value for name, value in asdict(self).items() if name in names} | {"errors": errors}

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


def in_words(errors: Mapping[str, list[str]], names: Mapping[str, str]) -> str:
    """`Country: “XX” is not one of …; line 2, Quantity: …`, with the names that the file's reader knows."""
    parts = []
    for name, messages in errors.items():
        head, _point, rest = name.partition(".")
        label = names.get(name, "")
        if head == "lines" and rest:
            number, _point, column = rest.partition(".")
            label = _("line %(number)s") % {"number": int(number) + 1} if number.isdigit() else ""
            label += f", {names.get(f'lines.{column}', column)}" if column else ""
        text = " ".join(str(message) for message in messages)
        parts.append(f"{label}: {text}" if label else text)
    return "; ".join(parts)
