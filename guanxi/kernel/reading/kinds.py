"""What a file is, found in its bytes: a name says what its sender wants it to be taken for."""

from __future__ import annotations

import codecs
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

HEAD = 64 * 1024
"""How much of the beginning and of the end decides."""
UNKNOWN = "application/octet-stream"
PDF, TEXT, HTML, SVG, XML = "application/pdf", "text/plain", "text/html", "image/svg+xml", "application/xml"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}presentationml.presentation"
_OPEN = "application/vnd.oasis.opendocument."
ODT, ODS, ODP = f"{_OPEN}text", f"{_OPEN}spreadsheet", f"{_OPEN}presentation"
OLE = "application/x-ole-storage"
RASTER = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff")
"""Pictures made of points, which cannot hold a program; the only ones that are ever drawn again and shown."""

KINDS = [
    ("picture", _("Picture")), ("pdf", _("PDF")), ("document", _("Text document")), ("spreadsheet", _("Spreadsheet")),
    ("presentation", _("Presentation")), ("text", _("Plain text")), ("archive", _("Packed files")), ("sound", _("Sound")), ("video", _("Video")),
    ("other", _("Other")),
]
ICONS = {
    "picture": "photo", "pdf": "file-type-pdf", "document": "file-description", "spreadsheet": "file-spreadsheet", "presentation": "presentation",
    "text": "file-text", "archive": "file-zip", "sound": "file-music", "video": "video", "other": "file",
}
_KIND_OF = {
    PDF: "pdf", DOCX: "document", ODT: "document", XLSX: "spreadsheet", ODS: "spreadsheet", PPTX: "presentation", ODP: "presentation",
    TEXT: "text", HTML: "text", XML: "text", "application/rtf": "document", OLE: "document",
    "application/zip": "archive", "application/gzip": "archive", "application/x-7z-compressed": "archive", "application/vnd.rar": "archive",
}
SPOKEN = frozenset({PDF, TEXT, *RASTER, DOCX, XLSX, PPTX, ODT, ODS, ODP, "application/zip", "audio/mpeg", "video/mp4"})
"""Types that may be told to a browser; it learns of all others that they are bytes."""
READABLE = frozenset({PDF, TEXT, HTML, XML, DOCX, XLSX, PPTX, ODT, ODS, ODP})
"""Types whose words can be read."""
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"), (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"%PDF-", PDF), (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE), (b"\x1f\x8b", "application/gzip"), (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"),
)
_PARTS = ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX))


def media_type(head: bytes, tail: bytes = b"") -> str:
    """The type of what begins and ends so."""
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] == b"M4A" else "image/heic" if head[8:12] in (b"heic", b"heix", b"mif1") else "video/mp4"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _packed(head, tail)
    for start, found in _STARTS:
        # Two letters alone may begin a text as well.
        if head.startswith(start) and (len(start) > 2 or not _as_text(head)):
            return found
    text = _as_text(head)
    return _written(text) if text is not None else UNKNOWN


def kind_of(found: str) -> str:
    """The kind by which people know it."""
    if found in RASTER or found == "image/heic":
        return "picture"
    return _KIND_OF.get(found) or {"audio": "sound", "video": "video"}.get(found.partition("/")[0], "other")


def _packed(head: bytes, tail: bytes) -> str:
    named = re.match(rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z]+)", head[30:120])
    if named and named[1].decode() in (ODT, ODS, ODP):
        return named[1].decode()
    if b"[Content_Types].xml" in head or b"[Content_Types].xml" in tail:
        for part, found in _PARTS:
            if part in head or part in tail:
                return found
    return "application/zip"


def decoded(raw: bytes) -> str | None:
    """The text, in UTF-8, UTF-16 by its mark, or GB18030; None for what is no text."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    if b"\x00" in raw:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        # The beginning of a longer text may end within a character.
        for cut in range(4):
            try:
                return raw[: len(raw) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None


def _as_text(head: bytes) -> str | None:
    text = decoded(head) if head else None
    if text is None:
        return None
    strange = sum(1 for letter in text[:4096] if unicodedata.category(letter) in ("Cc", "Cn", "Co") and letter not in "\t\n\r\f\x1b")
    return text if strange * 50 <= min(len(text), 4096) else None


def _written(text: str) -> str:
    start = re.sub(r"(?s)<!--.*?-->", "", text[:4096]).lstrip().lower()
    if re.search(r"<svg[\s>]", start):
        return SVG
    if re.match(r"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]|<script[\s>]", start):
        return HTML
    return XML if start.startswith("<?xml") else TEXT
