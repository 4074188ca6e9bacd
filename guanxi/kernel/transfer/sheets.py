"""Run as a program on its own: an XLSX file as lines of JSON texts, within limits of memory and time.

A workbook is a zip of XML that may claim to be a thousand times larger than it is, so it is never read in the
process that serves people. Formulas are not computed: the values that were stored are read.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

MEMORY = 1536 * 1024 * 1024
SECONDS = 60
MOST_ROWS = 1_048_576
MOST_COLUMNS = 500


def text(value: object) -> str:
    """A cell as a person would have typed it; numbers as Excel shows them, to 15 digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)


def merged(sheet: object) -> dict[int, dict[int, tuple[int, int]]]:
    """Cells that reach over several rows: row → column → (first, last) of them, for each of these rows says what the first one does."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    cells = 0
    for (first, place), (last, _right) in getattr(sheet, "merged_cell_ranges", None) or ():
        cells += last - first
        if last > first and cells < MOST_ROWS:
            for row in range(first, last + 1):
                found.setdefault(row, {})[place] = (first, last)
    return found


def main(path: str, sheet: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        if sheet and sheet not in book.sheet_names:
            print(json.dumps({"sheets": book.sheet_names}))
            return 3
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        if found.total_width > MOST_COLUMNS or found.total_height > MOST_ROWS:
            return 4
        below = merged(found)
        kept: dict[int, str] = {}
        for number, row in enumerate(found.iter_rows()):
            values = [text(value) for value in row]
            for place, (first, last) in below.get(number, {}).items():
                if number == first and place < len(values):
                    kept[place] = values[place]
                elif number <= last and place < len(values):
                    values[place] = kept.get(place, "")
            print(json.dumps(values, ensure_ascii=False))
    except MemoryError:
        return 4
    except Exception as error:
        print(json.dumps({"error": type(error).__name__}))
        return 5
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
