"""Words and pictures of contents, also of those made to do harm."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
import xlsxwriter
from PIL import Image

from guanxi.kernel.files import jobs
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import StoredContent
from guanxi.kernel.files.pictures import PAGE, TILE, make_pictures, picture_of
from guanxi.kernel.files.storage import Storage
from guanxi.kernel.files.tests.conftest import packed, pdf, picture, word_document
from guanxi.kernel.reading.documents import words_of


def words(raw: bytes) -> str | None:
    content = store(io.BytesIO(raw))
    return words_of(Storage().path(content.sha256), content.media_type)


def workbook() -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    sheet = book.add_worksheet("价格")
    sheet.write_row(0, 0, ["SFU2510", "滚珠丝杠", 660])
    book.close()
    return made.getvalue()


def slide() -> bytes:
    text = b'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>Quarterly review</a:t></a:p></p:sld>'
    return packed({"[Content_Types].xml": b"", "ppt/slides/slide1.xml": text})


def open_document() -> bytes:
    text = '<office:document xmlns:office="o" xmlns:text="t"><text:p>会议<text:span>纪要</text:span></text:p></office:document>'
    return packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": text.encode()}, 0)


class TestWords:
    @pytest.mark.parametrize(
        ("raw", "found"),
        [
            ("直线导轨\r\n交期两周".encode(), "直线导轨 交期两周"),
            ("直线导轨".encode("gb18030"), "直线导轨"),
            ("直线".encode("utf-16"), "直线"),
            (b"<html><style>p{}</style><script>steal()</script><p>Price&nbsp;list</p>", "Price list"),
            (pdf("Ball screw offer", "Second page"), "Ball screw offer\nSecond page"),
            (word_document("采购合同"), "采购合同"),
            (workbook(), "价格\nSFU2510 滚珠丝杠 660.0"),
            (slide(), "Quarterly review"),
            (open_document(), "会议纪要"),
        ],
        ids=["utf-8", "gb18030", "utf-16", "html", "pdf", "docx", "xlsx", "pptx", "odt"],
    )
    def test_the_words_of_usual_documents_are_read(self, alpha, raw, found):
        assert words(raw) == found

    def test_a_document_that_unpacks_to_a_gigabyte_is_not_read(self, alpha):
        assert words(word_document("x", {"word/document2.xml": b"<a>" + b" " * (80 * 1024 * 1024) + b"</a>"})) is None

    def test_entities_that_grow_are_not_expanded(self, alpha):
        bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;">]><w:document><w:t>&y;</w:t></w:document>'
        assert words(packed({"[Content_Types].xml": b"", "word/document.xml": bomb})) is None

    def test_a_broken_document_is_not_read_and_stops_nothing(self, alpha):
        assert words(b"%PDF-1.7\nnot really") is None
        assert words(word_document("x")[:200]) is None

    def test_a_very_long_text_is_read_to_its_limit(self, alpha):
        assert len(words(b"word " * 200_000)) in (399_999, 400_000)


def huge_png(width: int, height: int) -> bytes:
    """A picture of a few bytes that claims so many points."""

    def chunk(kind: bytes, raw: bytes) -> bytes:
        return struct.pack(">I", len(raw)) + kind + raw + struct.pack(">I", zlib.crc32(kind + raw))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


class TestPictures:
    def drawn(self, raw: bytes, page: int = 1, width: int = TILE) -> Image.Image | None:
        path = picture_of(Storage(), store(io.BytesIO(raw)), page, width)
        return Image.open(path) if path else None

    def test_a_picture_is_drawn_anew_without_where_it_was_taken(self, alpha):
        exif = Image.Exif()
        exif[0x010F] = "Secret camera"
        exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)
        exif[0x0112] = 6
        raw = picture(800, 400, "JPEG", exif=exif)
        found = self.drawn(raw)
        assert (found.format, found.size) == ("WEBP", (320, 640)), "it lay on its side"
        assert not found.getexif() and b"Secret" not in picture_of(Storage(), store(io.BytesIO(raw)), 1, TILE).read_bytes()

    def test_a_small_picture_is_not_made_larger(self, alpha):
        assert self.drawn(picture(40, 20)).size == (40, 20)

    def test_pages_of_a_pdf_are_drawn_those_that_follow_with_the_first(self, alpha):
        content = store(io.BytesIO(pdf("one", "two", "three")))
        assert make_pictures(Storage(), content, 1, PAGE) == 3
        folder = Storage().pictures(content.sha256)
        assert sorted(path.name for path in folder.iterdir()) == ["1-1280.webp", "2-1280.webp", "3-1280.webp"]
        assert picture_of(Storage(), content, 4, PAGE) is None

    @pytest.mark.parametrize("raw", [huge_png(60_000, 60_000), huge_png(20_000, 9_000), b"%PDF-1.4 nothing", b"\x89PNG\r\n\x1a\n<svg onload=x>"])
    def test_bombs_and_half_pictures_are_not_drawn(self, alpha, raw):
        assert self.drawn(raw) is None


class TestTheJob:
    def test_it_finds_words_and_draws_the_first_page_and_may_run_twice(self, alpha):
        content = store(io.BytesIO(pdf("Ball screw offer", "two")))
        assert (content.text_state, content.shown_state, content.pages) == ("waiting", "waiting", 0)
        for _turn in range(2):
            jobs.read_content.function("alpha", None, content_id=content.pk)
            found = StoredContent.objects.get(pk=content.pk)
            assert (found.text, found.text_state, found.shown_state, found.pages) == ("Ball screw offer\ntwo", "done", "done", 2)
        assert (Storage().pictures(content.sha256) / "1-320.webp").exists()

    def test_what_cannot_be_read_is_not_tried_again(self, alpha):
        content = store(io.BytesIO(b"%PDF-1.7 broken"))
        jobs.read_content.function("alpha", None, content_id=content.pk)
        found = StoredContent.objects.get(pk=content.pk)
        assert (found.text_state, found.shown_state, found.is_shown) == ("failed", "failed", False)
