"""A list as a file: the rows and columns that the list shows, and nothing its reader may not see."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.transfer.cells import safe_text

CHUNK = 2000
FORMATS = ("csv", "xlsx")
# What a spreadsheet computes with is a double: 15 digits.
EXACT_DIGITS = 15


def header_of(columns: Sequence[Column]) -> list[str]:
    """The columns' names; a reference has a second column with its business key, by which an import finds it again."""
    names: list[str] = []
    for column in columns:
        names.append(str(column.label))
        if _code(column):
            names.append(_("%(column)s (code)") % {"column": column.label})
    return names


def _code(column: Column) -> str:
    """The business key of a reference, where the title does not show it already."""
    if column.kind != "reference" or column.many or column.relation is None:
        return ""
    key = column.relation.business_key  # type: ignore[attr-defined]
    return key if key not in ("id", column.relation.title_field) else ""  # type: ignore[attr-defined]


def rows_for(query: ListQuery, columns: Sequence[Column]) -> Iterator[list[Any]]:
    """Typed values row by row, in the order of the list, read in chunks."""
    actor: Actor = query.actor
    zone = ZoneInfo(actor.timezone)
    annotations: dict[str, Any] = {}
    readers = []
    for number, column in enumerate(columns):
        if column.many:
            readers.append((column, ""))
            continue
        name = f"_x{number}"
        annotations[name] = column.title_sql(actor) if column.kind in ("reference", "translated") else column.sql(actor)
        readers.append((column, name))
        if _code(column):
            annotations[f"_c{number}"] = column.code_sql(actor)
    rows = query.ordered.annotate(**annotations).values("pk", *annotations)
    many = [column for column in columns if column.many]
    for chunk in _chunks(rows.iterator(chunk_size=CHUNK)):
        titles = {column.name: _many_titles(query, column, [row["pk"] for row in chunk]) for column in many}
        for row in chunk:
            line: list[Any] = []
            for number, (column, name) in enumerate(readers):
                if column.many:
                    line.append("; ".join(titles[column.name].get(row["pk"], ())))
                    continue
                line.append(_shown(column, row[name], zone))
                if f"_c{number}" in row:
                    line.append(row[f"_c{number}"] or "")
            yield line


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _many_titles(query: ListQuery, column: Column, ids: list[int]) -> dict[int, list[str]]:
    assert column.relation is not None
    found: dict[int, list[str]] = {}
    rows = query.screen.model._base_manager.filter(pk__in=ids, **{f"{column.name}__isnull": False})
    for pk, title in rows.values_list("pk", title_of(column.relation, query.actor, prefix=f"{column.name}__")):
        found.setdefault(pk, []).append(str(title))
    return {pk: sorted(titles) for pk, titles in found.items()}


def _shown(column: Column, value: Any, zone: ZoneInfo) -> Any:
    if value is None:
        return ""
    if column.kind in ("choice", "status"):
        return str(column.label_of(value))
    if column.kind == "choices":
        return "; ".join(str(column.label_of(code)) for code in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    return value if isinstance(value, int | date | Decimal) else str(value)


def write_list(query: ListQuery, kind: str, file: IO[bytes]) -> None:
    """The list as it is shown, into an open file."""
    columns = [column for column in query.shown if column.kind != "json"]
    write_file(kind, header_of(columns), rows_for(query, columns), file)


def write_file(kind: str, header: Sequence[str], rows: Iterable[Sequence[Any]], file: IO[bytes]) -> None:
    """A table as csv or xlsx into an open file."""
    rows = ([_figure(value) if isinstance(value, Decimal) else value for value in row] for row in rows)
    if kind == "csv":
        file.writelines(csv_of(header, rows))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        xlsx_into(path, header, rows)
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)


def _figure(value: Decimal) -> Decimal:
    """No trailing zeros, and never an exponent."""
    return Decimal(f"{value.normalize():f}")


def csv_of(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file in pieces, with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([safe_text(name) for name in header])
    yield "\ufeff".encode()
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_text(value) if isinstance(value, str) else _plain(value) for value in row])
        if number % CHUNK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _plain(value: Any) -> str:
    return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else str(value)


def xlsx_into(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A workbook at `path`; texts stay texts, figures of more digits than a spreadsheet keeps are texts too."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, 16)
        for place, name in enumerate(header):
            sheet.write_string(0, place, safe_text(name), bold)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, place, value, moment)
                elif isinstance(value, date):
                    sheet.write_datetime(number, place, datetime.combine(value, time()), day)
                elif isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) <= EXACT_DIGITS:
                    sheet.write_number(number, place, value)
                elif value != "":
                    sheet.write_string(number, place, safe_text(str(value)) if isinstance(value, str) else str(value))
