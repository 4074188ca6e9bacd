"""What a file is, is found in its bytes; what it is called is for people only."""

from __future__ import annotations

import pytest

from guanxi.kernel.files.tests.conftest import packed, pdf, picture, word_document
from guanxi.kernel.reading.kinds import kind_of, media_type
from guanxi.kernel.reading.names import clean_name, disposition

SVG = b'<?xml version="1.0"?><!-- a picture --><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("raw", "found", "kind"),
    [
        (picture(), "image/png", "picture"),
        (picture(form="JPEG"), "image/jpeg", "picture"),
        (picture(form="WEBP"), "image/webp", "picture"),
        (picture(form="BMP"), "image/bmp", "picture"),
        (pdf("x"), "application/pdf", "pdf"),
        (word_document("x"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"),
        (packed({"[Content_Types].xml": b"", "xl/a.xml": b""}), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "spreadsheet"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.text"}, 0), "application/vnd.oasis.opendocument.text", "document"),
        (packed({"a.txt": b"x"}), "application/zip", "archive"),
        (SVG, "image/svg+xml", "other"),
        (b"  <!DOCTYPE html><p>x", "text/html", "text"),
        (b"name,price\nscrew,12\n", "text/plain", "text"),
        ("名称，价格".encode("gb18030"), "text/plain", "text"),
        ("名称".encode() + b"\xe4\xbb", "text/plain", "text"),
        (b"BMW, Munich", "text/plain", "text"),
        (b"\x00\x01\x02\x03", "application/octet-stream", "other"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic", "picture"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav", "sound"),
    ],
    # Bytes of an archive hold the time at which it was packed: in a test's name they would differ between two processes.
    ids=lambda value: value if isinstance(value, str) else "raw",
)
def test_a_type_is_found_in_the_bytes(raw, found, kind):
    assert (media_type(raw, raw), kind_of(media_type(raw, raw))) == (found, kind)


def test_a_picture_that_begins_as_a_picture_and_goes_on_as_a_page_is_told_as_a_picture_only():
    assert media_type(picture() + SVG) == "image/png"
    assert media_type(SVG + picture()) == "application/octet-stream"


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("offer.pdf", "offer.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\li\\报价单.xlsx", "报价单.xlsx"),
        ("a\x00b\x1f\x7f.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
        ("line\r\nSet-Cookie: x=1.txt", "line Set-Cookie_ x=1.txt"),
        ('a"b<c>|d?*.txt', "a_b_c__d__.txt"),
        ("...", "file"),
        ("", "file"),
        (" .hidden ", "hidden"),
        ("x" * 400 + ".docx", "x" * 145 + ".docx"),
        ("名" * 400, "名" * 150),
        ("half\ud800pair.txt", "halfpair.txt"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_a_name_is_cleaned_of_paths_and_of_what_cannot_be_seen(given, clean):
    assert clean_name(given) == clean


def test_a_name_in_any_script_is_told_so_that_every_browser_reads_it():
    assert disposition("报价 2026.pdf") == "attachment; filename=\"2026.pdf\"; filename*=UTF-8''%E6%8A%A5%E4%BB%B7%202026.pdf"
    assert disposition("O'Neil; x=\"1\".txt") == "attachment; filename=\"O_Neil_ x__1_.txt\"; filename*=UTF-8''O%27Neil%3B%20x%3D%221%22.txt"
    assert disposition("合同") == "attachment; filename=\"file\"; filename*=UTF-8''%E5%90%88%E5%90%8C"
