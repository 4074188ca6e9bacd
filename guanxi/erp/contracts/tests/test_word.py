"""Word files of the company's own, filled in without giving them the program (M1.5)."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from docx import Document

from guanxi.erp.contracts.operations import approve_contract
from guanxi.erp.contracts.tests.test_contracts import contract
from guanxi.erp.contracts.word import fill_in_word
from guanxi.erp.contracts.writing import write_contract
from guanxi.kernel.files.contents import open_content, store
from guanxi.kernel.files.operations import attach
from guanxi.kernel.files.queries import attachments_of
from guanxi.kernel.records.refusals import Refused

VALUES = {"customer": {"name": "A & B <Ltd>\x07"}, "lines": [{"product": "SCREW"}, {"product": "NUT"}], "items": "x"}


def word(*paragraphs: str, row: str = "") -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if row:
        table = document.add_table(rows=3, cols=2)
        for at, text in enumerate(("{%tr for line in lines %}", row, "{%tr endfor %}")):
            table.cell(at, 0).text = text
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def texts(file: bytes) -> list[str]:
    document = Document(BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells if cell.text]
    return [one.text for one in document.paragraphs] + cells


class TestFillingIn:
    def test_values_stand_as_texts_and_lines_as_rows(self):
        made = fill_in_word(word("For {{ customer.name }}", row="{{ line.product }}"), VALUES, "offer.docx")
        assert texts(made) == ["For A & B <Ltd> ", "SCREW", "NUT"]

    @pytest.mark.parametrize(("text", "why"), [
        ("{{ customer.nmae }}", "nmae"), ("{{ customer.name", "cannot be filled in"), ("{{ ''.__class__.__mro__ }}", "cannot be filled in"),
        ("{{ customer.items() }}", "call"), ("{{ range(9) }}", "call"), ("{% set a = 'x' %}{{ a }}", "assign"), ("{% include 'x' %}", "include"),
        ("{{ lines|map(attribute='product')|list }}", "map"), ("{{ 9 ** 9 ** 9 }}", "pow"), ("{{ 'x' * 999999999 }}", "mul"),
        ("{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}", "within a list"), ("{% macro x() %}{% endmacro %}", "macro"),
        ("{{ customer.name.__class__ }}", "__class__"), ("{{ '%s'|format(customer) }}", "format"),
    ])
    def test_what_may_not_be_is_refused_with_the_reason(self, text, why):
        with pytest.raises(Refused, match="offer.docx") as refused:
            fill_in_word(word(text), VALUES, "offer.docx")
        assert why in str(refused.value)

    @pytest.mark.parametrize("part", [
        ("word/vbaProject.bin", b"code"), ("word/extra.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), ("word/big.xml", b" " * 20_000_001),
    ], ids=["code", "entities", "large"])
    def test_files_that_are_more_than_words_are_refused(self, part):
        packed = BytesIO(word("Hello"))
        with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(*part)
        with pytest.raises(Refused, match="offer.docx"):
            fill_in_word(packed.getvalue(), VALUES, "offer.docx")

    @pytest.mark.parametrize("raw", [b"", b"PK\x03\x04broken", b"%PDF-1.7", word("Hello")[:-400]], ids=["empty", "broken", "other", "cut"])
    def test_what_is_no_word_file_is_refused(self, raw):
        with pytest.raises(Refused, match="offer.docx"):
            fill_in_word(raw, VALUES, "offer.docx")

    def test_what_would_become_too_long_is_refused(self):
        text = "{% for a in lines %}" + "x" * 20_000 + "{% endfor %}"
        with pytest.raises(Refused, match="too long"):
            fill_in_word(word(text), {"lines": ["a"] * 1001}, "offer.docx")


class TestContracts:
    def test_a_contract_is_written_into_the_file_of_its_template(self, trade):
        row = contract(trade)
        with pytest.raises(Refused, match="no Word file"):
            write_contract(row, actor=trade.actor)
        file = word(
            "{{ title }} {{ number }} {{ customer.name }} {{ total }}", "{% for one in clauses %}{{ one.number }} {{ one.title }}. {% endfor %}",
            row="{{ line.product }} {{ line.quantity }} {{ line.net }}",
        )
        attach(trade.template, store(BytesIO(file), "sale.docx"), "sale.docx", trade.actor)
        approve_contract(row, actor=trade.actor)
        write_contract(row, actor=trade.actor)
        [made] = attachments_of(row, trade.actor)
        assert made.name == f"Sales contract {row.number}.docx"
        with open_content(made.content) as stream:
            assert texts(stream.read()) == [
                f"Sales contract {row.number} Hengchuan Hydraulics ¥113.00", "1 Payment. 2 Warranty. 3 Law. ", "SCREW 10 100.00",
            ]

    def test_a_template_with_an_error_says_which_and_leaves_the_contract_as_it_was(self, trade):
        row = contract(trade)
        attach(trade.template, store(BytesIO(word("{{ swordfish }}")), "sale.docx"), "sale.docx", trade.actor)
        with pytest.raises(Refused, match="“sale.docx” cannot be filled in: 'swordfish' is undefined"):
            write_contract(row, actor=trade.actor)
        assert not attachments_of(row, trade.actor)
