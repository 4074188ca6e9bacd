"""Run as a program on its own: the words of a document on the standard output. Nothing of Guanxi is imported here.

Whatever a document claims to be, it gets so much memory, so much time and so many letters, and no more.
"""

from __future__ import annotations

import codecs
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
MOST_LETTERS = 400_000
MOST_UNPACKED = 64 * 1024 * 1024
MOST_PARTS = 5_000
MOST_PAGES = 500
OFFICE, OPEN = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
BREAKS = {"p", "br", "tab", "tr", "h", "line-break", "s", "div", "li", "td", "th", "h1", "h2", "h3", "title"}


class TooLarge(Exception):
    """Unpacked it is more than anybody wrote."""


def of_pdf(path: str) -> Iterator[str]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        yield page.get_textpage().get_text_range()
        page.close()


def of_text(path: str) -> Iterator[str]:
    with open(path, "rb") as file:
        raw = file.read(4 * MOST_LETTERS)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield raw.decode("utf-16", errors="replace")
        return
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(raw)
        yield raw.decode("utf-8-sig", errors="replace")
    except UnicodeDecodeError:
        yield raw.decode("gb18030", errors="replace")


class Page(HTMLParser):
    """The text of a page without its programs and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style") and not self.hidden:
            self.hidden = tag
        if tag in BREAKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.hidden:
            self.hidden = ""

    def add(self, text: str) -> None:
        if not self.hidden:
            self.parts.append(text)

    handle_data = add  # type: ignore[assignment]


def of_html(path: str) -> Iterator[str]:
    page = Page()
    for text in of_text(path):
        page.feed(text)
    yield "".join(page.parts)


def parts_of(path: str, wanted: Iterable[str]) -> Iterator[bytes]:
    """The parts of a packed document whose names begin so, as long as all of them together are believable."""
    left = MOST_UNPACKED
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(names) > MOST_PARTS:
            raise TooLarge
        for name in sorted(n for n in names if n.startswith(tuple(wanted)) and n.endswith(".xml")):
            with archive.open(name) as file:
                # What a part claims to be is not asked: it is read, and no further than the limit.
                raw = file.read(left + 1)
            left -= len(raw)
            if left < 0:
                raise TooLarge
            yield raw


def of_packed(path: str, wanted: Iterable[str]) -> Iterator[str]:
    from defusedxml.ElementTree import fromstring

    for raw in parts_of(path, wanted):
        found: list[str] = []
        for node in fromstring(raw, forbid_dtd=True).iter():
            tag = node.tag.rpartition("}")[2]
            if tag in BREAKS:
                found.append(" ")
            if node.text:
                found.append(node.text)
            if node.tail:
                found.append(node.tail)
        yield "".join(found)


def of_workbook(path: str) -> Iterator[str]:
    from python_calamine import CalamineWorkbook

    list(parts_of(path, ("xl/", "content", "styles")))
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        yield name
        for row in book.get_sheet_by_name(name).iter_rows():
            yield " ".join(str(value) for value in row if value not in (None, ""))


def words(path: str, kind: str) -> Iterator[str]:
    if kind == "application/pdf":
        return of_pdf(path)
    if kind == f"{OFFICE}wordprocessingml.document":
        return of_packed(path, ("word/document", "word/header", "word/footer", "word/footnotes", "word/comments"))
    if kind == f"{OFFICE}presentationml.presentation":
        return of_packed(path, ("ppt/slides/slide", "ppt/notesSlides/notesSlide"))
    if kind in (f"{OFFICE}spreadsheetml.sheet", f"{OPEN}spreadsheet"):
        return of_workbook(path)
    if kind in (f"{OPEN}text", f"{OPEN}presentation"):
        return of_packed(path, ("content.xml",))
    return of_html(path) if kind in ("text/html", "application/xml") else of_text(path)


def main(path: str, kind: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    left = MOST_LETTERS
    try:
        for text in words(path, kind):
            text = " ".join(text.replace("\x00", " ").split())[:left]
            if text:
                sys.stdout.buffer.write(f"{text}\n".encode(errors="replace"))
                left -= len(text)
            if left <= 0:
                break
    except (MemoryError, RecursionError, TooLarge):
        return 4
    except Exception:
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
