"""Encodings, separators, workbooks, and what hostile files do."""

import io
import zipfile

import pytest
import xlsxwriter

from guanxi.kernel.importing.tests.conftest import CUSTOMERS, messages
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.transfer.files import BadFile, open_table
from guanxi.kernel.transfer.mapping import BadMapping
from guanxi.kernel.transfer.sources import year_first
from guanxi.shared.parties.models import Party

CHINESE = "编码,名称\nC1,北京启明贸易有限公司\nC2,苏州恒远精密机械有限公司\n"
NAMED = {"screen": "customers", "columns": {"code": "编码", "name": "名称"}}


def opened(tmp_path, content, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return open_table(path)


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
    def test_chinese_is_read_in_every_encoding_that_offices_use(self, alpha, take, encoding):
        report = take(alpha, CHINESE.encode(encoding), NAMED)
        assert report.created == 2
        assert Party.objects.get(code="C1").name == "北京启明贸易有限公司"

    def test_one_broken_byte_spoils_its_row_only(self, alpha, take):
        broken = CHINESE.encode().replace("苏州".encode(), b"\xe8\x8b\xff")
        report = take(alpha, broken, NAMED, mode="good")
        assert (report.created, report.failed) == (1, 1)
        assert "UTF-8" in messages(report)[3] and "名称" in messages(report)[3]
        assert "�" in report.error_file().decode("utf-8-sig")

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_separator_is_found(self, tmp_path, separator):
        table = opened(tmp_path, separator.join(["Code", '"Name, with; all | signs"', "Tier"]).encode() + b"\n")
        assert table.header == ["Code", "Name, with; all | signs", "Tier"]


class TestWorkbooks:
    def workbook(self, tmp_path, write):
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            write(book, book.add_worksheet("First"))
        return path

    def test_cells_are_read_as_they_are_shown_and_formulas_as_their_results(self, tmp_path):
        def write(book, sheet):
            sheet.write_row(2, 0, ["Code", "Amount", "Day", "Result"])
            sheet.write_row(3, 0, [123, 1.1 * 3])
            sheet.write_datetime(3, 2, __import__("datetime").datetime(2026, 1, 31), book.add_format({"num_format": "yyyy-mm-dd"}))
            sheet.write_formula(3, 3, "=1+1", None, 2)

        table = open_table(self.workbook(tmp_path, write))
        assert table.header == ["Code", "Amount", "Day", "Result"]
        assert [(line.number, line.cells) for line in table.lines()] == [(4, ["123", "3.3", "2026-01-31", "2"])]

    def test_a_sheet_is_chosen_by_its_name(self, tmp_path):
        path = self.workbook(tmp_path, lambda book, sheet: (sheet.write(0, 0, "A"), book.add_worksheet("Other").write(0, 0, "B")))
        assert open_table(path, sheet="Other").header == ["B"]
        with pytest.raises(BadFile, match="First, Other"):
            open_table(path, sheet="None")

    def test_a_sheet_that_claims_seventeen_thousand_million_cells_is_refused(self, tmp_path):
        path = self.workbook(tmp_path, lambda book, sheet: (sheet.write(0, 0, "A"), sheet.write(1048575, 16383, "x")))
        with pytest.raises(BadFile, match="too large"):
            open_table(path)

    def test_a_zip_bomb_is_refused_before_it_is_unpacked(self, tmp_path):
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<x/>")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (500 * 1024 * 1024))
        assert path.stat().st_size < 2 * 1024 * 1024
        with pytest.raises(BadFile, match="too large"):
            open_table(path)

    @pytest.mark.parametrize("content", [b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0" + b"0" * 100, b"", b"\n\n", b"A,A\n1,2\n"])
    def test_what_is_no_table_is_refused_in_words(self, tmp_path, content):
        with pytest.raises(BadFile):
            opened(tmp_path, content)

    def test_a_zip_that_is_no_workbook_is_refused(self, tmp_path):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("../../etc/passwd", "x")
        with pytest.raises(BadFile, match="neither"):
            opened(tmp_path, buffer.getvalue(), "a.xlsx")


class TestDays:
    def test_days_written_otherwise_become_year_first(self):
        assert year_first("31/01/2026", "dmy") == "2026-01-31"
        assert year_first("1/31/2026 10:00", "mdy") == "2026-01-31 10:00"
        assert year_first("2026-01-31", "dmy") == "2026-01-31"


class TestMappings:
    @pytest.mark.parametrize(("change", "said"), [
        ({"columns": {"code": "Codee", "name": "Name"}}, "Codee"), ({"columns": {"code": "Code", "colour": "Code"}}, "colour"),
        ({"screen": "nowhere"}, "nowhere"),
        ({"collumns": {}}, "collumns"), ({"operation": "a.b"}, "either"), ({"empty": "maybe"}, "maybe"), ({"key": ["tier"]}, "tier"),
        ({"expressions": {"name": "1 +"}}, "1 +"), ({"expressions": {"name": "nothing & 'x'"}}, "nothing"), ({"where": "Name"}, "condition"),
        ({"lines": {"columns": {}}}, "lines"), ({"kinds": {"Name": "colour"}}, "colour"),
        ({"joins": {"a": {"file": "../x.csv", "on": {}}}}, "plain name"),
    ])
    def test_a_wrong_word_is_named(self, alpha, take, change, said):
        base = {"screen": "customers", "columns": {"code": "Code", "name": "Name"}}
        with pytest.raises(Refused, match=said):
            report = take(alpha, "Code,Name\nC1,One\n", base | change)
            raise BadMapping(str(messages(report)))

    def test_columns_constants_expressions_and_value_maps_make_the_values(self, alpha, take):
        mapping = CUSTOMERS | {
            "columns": {"code": "Code", "tier": "Class"}, "constants": {"is_supplier": True}, "values": {"tier": {"gold": "A", "*": "C"}},
            "expressions": {"name": 'First & " " & Last', "credit_limit": "Limit * 1000"}, "kinds": {"Limit": "number"}, "where": 'Class <> "none"',
        }
        text = "Code,Class,First,Last,Limit\nC1,gold,Ann,Lee,2.5\nC2,tin,Bob,Ray,\nC3,none,No,One,1\n"
        report = take(alpha, text, mapping)
        assert report.created == 2, messages(report)
        rows = list(Party.objects.order_by("code").values_list("name", "tier", "credit_limit", "is_supplier"))
        assert [(n, t, str(limit), s) for n, t, limit, s in rows] == [("Ann Lee", "A", "2500.0000", True), ("Bob Ray", "C", "None", True)]

    def test_other_files_bring_columns_and_sums(self, alpha, take):
        mapping = {
            "screen": "customers", "columns": {"code": "id", "name": "name", "note": "land.title"},
            "expressions": {"credit_limit": "base + issued"}, "kinds": {"base": "number"},
            "joins": {"land": {"file": "lands.csv", "on": {"code": "land"}}},
            "sums": {"issued": {
                "file": "orders.csv", "on": {"who": "id"}, "value": "amount", "kinds": {"amount": "number"},
                "where": 'state.open = "yes"', "joins": {"state": {"file": "states.csv", "on": {"key": "state"}}},
            }},
        }
        others = {
            "lands.csv": "code,title\nDE,Germany\n", "states.csv": "key,open\ns1,yes\ns2,no\n",
            "orders.csv": "who,amount,state\n1,10,s1\n1,5.5,s1\n1,100,s2\n2,1,s2\n",
        }
        report = take(alpha, "id,name,land,base\n1,One,DE,100\n2,Two,,7\n", mapping, others=others)
        assert report.created == 2, messages(report)
        assert [(p.note, str(p.credit_limit)) for p in Party.objects.order_by("code")] == [("Germany", "115.5000"), ("", "7.0000")]
