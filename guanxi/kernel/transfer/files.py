"""A table of texts from a CSV or XLSX file: which encoding, which separator, and what is wrong with single lines."""

from __future__ import annotations

import codecs
import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.transfer import sheets

MOST_BYTES = 200 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_PARTS = 5000
MOST_COLUMNS = 200
SEPARATORS = ",;\t|"


class BadFile(Refused):
    """The file cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True)
class Line:
    """One row of the file; `number` counts as a spreadsheet does, `problem` says why it cannot be taken."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass
class Table:
    """A file that has been opened; its lines may be read several times."""

    name: str
    header: list[str]
    encoding: str = ""
    separator: str = ""
    _text: str = field(default="", repr=False)
    _rows: list[list[str]] | None = field(default=None, repr=False)
    _first: int = 1

    def lines(self) -> Iterator[Line]:
        """Every row that is not empty, after the header."""
        for number, cells in self._numbered():
            if any(cell.strip() for cell in cells):
                yield Line(number, cells, self._problem(cells))

    def first_lines(self, count: int) -> list[Line]:
        return list(islice(self.lines(), count))

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        if self._rows is not None:
            yield from enumerate(self._rows[1:], start=self._first + 1)
            return
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.separator)
        start = 1
        for position, cells in enumerate(reader):
            number, start = start, reader.line_num + 1
            if position:
                yield number, cells

    def _problem(self, cells: list[str]) -> str:
        if len(cells) != len(self.header):
            extra = len(cells) > len(self.header) and not any(cell.strip() for cell in cells[len(self.header):])
            if not extra:
                return _("The row has %(found)s values, but there are %(wanted)s columns.") % {"found": len(cells), "wanted": len(self.header)}
        whole = "".join(cells)
        if whole.isascii() and "\x00" not in whole:
            return ""
        for name, cell in zip(self.header, cells, strict=False):
            if "\x00" in cell:
                return _("“%(column)s” holds a character that cannot be stored (NUL).") % {"column": name}
            if not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
                return _("“%(column)s” holds bytes that are not %(encoding)s; save the file again as “CSV UTF-8”.") % {
                    "column": name, "encoding": self.encoding.upper()}
        return ""


def open_table(path: Path, *, encoding: str = "", separator: str = "", sheet: str = "", most_bytes: int = MOST_BYTES) -> Table:
    """The table in a file; what is not said is found out. BadFile when it is none."""
    if not path.is_file():
        raise BadFile(_("There is no file %(path)s.") % {"path": path.name})
    if path.stat().st_size > most_bytes:
        raise BadFile(_("The file is larger than %(max)s MB; split it.") % {"max": most_bytes // 1024 // 1024})
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        return _from_sheet(path, sheet)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("This is an old Excel file (.xls); save it as .xlsx or as CSV."))
    return _from_text(path, encoding, separator)


def _from_text(path: Path, encoding: str, separator: str) -> Table:
    raw = path.read_bytes()
    encoding = encoding or find_encoding(raw)
    try:
        text = raw.decode(encoding, errors="surrogateescape")
    except (LookupError, UnicodeError):
        raise BadFile(_("The file is not encoded in %(encoding)s.") % {"encoding": encoding}) from None
    first = text.partition("\n")[0]
    separator = separator or max(SEPARATORS, key=lambda sign: _outside_quotes(first, sign))
    csv.field_size_limit(1024 * 1024)
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        table = Table(path.name, _header(header), encoding, separator, _text=text)
        for _line in table._numbered():
            pass
    except csv.Error as error:
        raise BadFile(_("The file is no readable CSV: %(reason)s.") % {"reason": error}) from None
    return table


def _outside_quotes(text: str, sign: str) -> int:
    return sum(part.count(sign) for part in text.split('"')[::2])


def _header(cells: list[str]) -> list[str]:
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadFile(_("The file is empty: its first row has to name the columns."))
    if len(names) > MOST_COLUMNS:
        raise BadFile(_("The file has %(count)s columns; take out those you do not need, at most %(max)s can be read.") % {
            "count": len(names), "max": MOST_COLUMNS})
    names = [name or _("(column %(letter)s)") % {"letter": letter_of(place)} for place, name in enumerate(names)]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise BadFile(_("The column “%(name)s” appears twice in the first row.") % {"name": sorted(twice)[0]})
    return names


def letter_of(place: int) -> str:
    """A, B … Z, AA: as a spreadsheet names its columns."""
    return (letter_of(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def find_encoding(raw: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 by its mark, else GB18030; a few broken lines do not decide."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            return name
    try:
        raw.decode()
        return "utf-8"
    except UnicodeDecodeError:
        pass
    good, bad = 0, 0
    for line in raw.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode()
            good += 1
        except UnicodeDecodeError:
            bad += 1
    if good >= bad:
        return "utf-8"
    try:
        raw.decode("gb18030")
        return "gb18030"
    except UnicodeDecodeError:
        return "gb18030" if good == 0 and _mostly(raw, "gb18030") else "utf-8"


def _mostly(raw: bytes, encoding: str) -> bool:
    lines = [line for line in raw.split(b"\n") if not line.isascii()]
    bad = 0
    for line in lines:
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            bad += 1
    return bad * 2 < len(lines)


def _from_sheet(path: Path, sheet: str) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            named = {part.filename for part in parts}
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadFile(_("The file is damaged: it cannot be opened as an Excel workbook.")) from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BadFile(_("Unpacked, this workbook is too large; save the sheet alone, or as CSV."))
    if "xl/workbook.xml" not in named:
        raise BadFile(_("This is neither CSV nor an Excel workbook (.xlsx)."))
    rows = _read_sheet(path, sheet)
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:20]]
    first = next((number for number, count in enumerate(filled) if count), None)
    if first is not None and filled[first] == 1:
        # A title stands alone above the names of the columns.
        first = next((number for number, count in enumerate(filled) if count > 1), first)
    if first is None:
        raise BadFile(_("The sheet is empty: its first row has to name the columns."))
    return Table(path.name, _header(rows[first]), "xlsx", _rows=rows[first:], _first=first + 1)


def _read_sheet(path: Path, sheet: str) -> list[list[str]]:
    """Read in a child process, whose memory and time are limited."""
    command = [sys.executable, "-I", str(Path(sheets.__file__)), str(path.resolve()), sheet]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        rows: list[list[str]] = []
        size, told = 0, {}
        for line in child.stdout:
            size += len(line)
            if size > MOST_UNPACKED:
                child.kill()
                break
            found = json.loads(line)
            if isinstance(found, dict):
                told = found
            else:
                rows.append(found)
        child.wait()
    if "sheets" in told:
        raise BadFile(_("There is no sheet “%(name)s”; there are: %(names)s.") % {"name": sheet, "names": ", ".join(told["sheets"])})
    if "error" in told:
        raise BadFile(_("The file is damaged: it cannot be opened as an Excel workbook."))
    if child.returncode != 0:
        raise BadFile(_("This workbook is too large to be read; save the sheet alone, or as CSV."))
    return rows
