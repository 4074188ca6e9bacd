"""Import and export in the browser's terms: upload, columns, trial, done; and lists as files."""

import csv
import io
import re

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from guanxi.kernel.database import in_set
from guanxi.kernel.importing.jobs import take_upload
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.search.models import SearchEntry
from guanxi.kernel.transfer.jobs import make_download
from guanxi.kernel.transfer.models import Download, Upload
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Contact, Industry, Party
from guanxi.web.transfer import imports
from tests.access.world import Person, person, words

GOOD = "编码,名称,Tier,电话\nC1,北京启明贸易有限公司,A,010-6655\nC2,Acme,B,\n"


@pytest.fixture
def admin(rolled_back, static_files) -> Person:
    return person("alpha", "administrator")


def upload(someone: Person, text: str | bytes, name: str = "客户.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return someone.client.post("/alpha/customers/import/", {"file": SimpleUploadedFile(name, content)})


def choices(page: str) -> dict[str, str]:
    """What the form would send as it stands."""
    found = {}
    for name, inside in re.findall(r'(?s)<select class="select"[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = chosen[1] if chosen else ""
    return found


def mapped(someone: Person, here: str, **changes: str) -> str:
    """The columns as they were guessed, and what the page then shows."""
    given = choices(someone.client.get(here + "?step=columns").content.decode())
    answer = someone.client.post(here, {**given, "step": "columns", **changes})
    assert answer.status_code == 303, words(answer)
    return someone.client.get(answer["Location"]).content.decode()


def taken(someone: Person, here: str, mode: str = "all") -> str:
    answer = someone.client.post(here, {"step": "take", "mode": mode})
    assert answer.status_code == 303, words(answer)
    return someone.client.get(here).content.decode()


class TestImport:
    def test_a_file_is_uploaded_its_columns_are_guessed_tried_and_taken_once(self, admin):
        answer = upload(admin, GOOD)
        assert answer.status_code == 303, words(answer)
        here = answer["Location"]
        page = admin.client.get(here).content.decode()
        given = choices(page)
        assert [given[f"column.{n}"] for n in range(4)] == ["code", "name", "tier", "phone"]
        assert given["key"] == "code" and "北京启明贸易有限公司" in page and "UTF-8" in page
        assert "What the import would do" in mapped(admin, here)
        with in_set("alpha"):
            assert not Party.objects.exists()
        for _click in range(2):
            assert "Imported: " in taken(admin, here)
        with in_set("alpha"):
            rows = list(Party.objects.order_by("code").values_list("code", "name", "version"))
            assert rows == [("C1", "北京启明贸易有限公司", 1), ("C2", "Acme", 1)]
            assert bytes(Upload.objects.get().content) == b""

    def test_cells_that_were_pasted_are_a_file_too(self, admin):
        here = admin.client.post("/alpha/customers/import/", {"pasted": "公司\t手机号\n甲公司\t13800000001\n"})["Location"]
        mapped(admin, here)
        assert "Imported: " in taken(admin, here)
        with in_set("alpha"):
            assert list(Party.objects.values_list("name", "phone")) == [("甲公司", "13800000001")]

    def test_problems_stand_at_their_cells_and_in_a_file_that_is_corrected_and_taken_in_again(self, admin):
        here = upload(admin, GOOD + "C3,,A,\n=X,Formula,A,\n")["Location"]
        page = mapped(admin, here)
        assert "Row 4" in page and "This is needed" in page and "is a formula" in page and "Import the good rows" in page
        page = taken(admin, here, "good")
        with in_set("alpha"):
            assert Party.objects.count() == 2
        errors = admin.client.get(here + "errors/")
        rows = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
        assert errors["Content-Disposition"].startswith("attachment")
        assert len(rows) == 3 and rows[0][-1] == "Problem" and rows[2][0].startswith("'=")
        corrected = errors.content.decode("utf-8-sig").replace("C3,,A", "C3,Third,A").replace("'=X", "C4")
        again = upload(admin, corrected)["Location"]
        assert "as you did for the last file" in admin.client.get(again).content.decode()
        assert ">0<" in mapped(admin, again)
        taken(admin, again)
        with in_set("alpha"):
            assert list(Party.objects.order_by("code").values_list("code", flat=True)) == ["C1", "C2", "C3", "C4"]

    def test_words_that_mean_nothing_are_asked_about_and_may_become_new_rows(self, admin):
        text = "名称,行业,等级,来源\n甲公司,低空经济,一级,展会\n乙公司,低空经济,B,Exhibition\n"
        here = upload(admin, text)["Location"]
        page = mapped(admin, here)
        assert "What do these values mean?" in page and "低空经济" in page and "一级" in page and "展会" not in page
        asked = choices(page)
        assert asked == {"text.0.0": "", "others.0": "", "text.1.0": "", "others.1": ""}
        answer = admin.client.post(here, {"step": "texts", "text.0.0": ":new", "text.1.0": "A"})
        assert answer.status_code == 303, words(answer)[-700:]
        assert "What the import would do" in admin.client.get(answer["Location"]).content.decode()
        with in_set("alpha"):
            assert not Industry.objects.filter(code="低空经济").exists()
        taken(admin, here)
        with in_set("alpha"):
            rows = list(Party.objects.order_by("tier").values_list("name", "industry__code", "tier", "source"))
            assert rows == [("甲公司", "低空经济", "A", "exhibition"), ("乙公司", "低空经济", "B", "exhibition")]
        with in_set("alpha"):
            assert Industry.objects.get(code="低空经济").name["en"] == "低空经济"

    def test_a_text_may_be_left_empty_and_what_was_said_is_remembered(self, admin):
        text = "名称,等级\n甲公司,未知\n"
        here = upload(admin, text)["Location"]
        mapped(admin, here)
        admin.client.post(here, {"step": "texts", "others.0": ":empty"})
        taken(admin, here)
        with in_set("alpha"):
            assert Party.objects.get().tier == ""
        again = upload(admin, text.replace("甲", "乙"))["Location"]
        page = mapped(admin, again)
        assert choices(page)["text.0.0"] == ":empty"

    def test_a_row_brings_a_customer_with_contacts_and_merged_cells_are_read_in_each_of_their_rows(self, admin, tmp_path):
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            sheet.merge_range(0, 0, 0, 2, "客户名单")
            sheet.write_row(1, 0, ["公司名称", "联系人", "手机"])
            sheet.merge_range(2, 0, 3, 0, "甲公司")
            sheet.write_row(2, 1, ["王伟", "13800000001"])
            sheet.write_row(3, 1, ["李芳", "13800000002"])
        here = upload(admin, path.read_bytes(), name="名单.xlsx")["Location"]
        given = choices(admin.client.get(here).content.decode())
        assert [given[f"column.{n}"] for n in range(3)] == ["name", "also.name", "also.mobile"] and given["key"] == "name"
        mapped(admin, here)
        taken(admin, here)
        with in_set("alpha"):
            assert list(Contact.objects.order_by("name").values_list("party__name", "name", "mobile", "is_main")) == [
                ("甲公司", "李芳", "13800000002", False), ("甲公司", "王伟", "13800000001", True)]

    def test_an_import_is_undone_as_a_whole_while_nothing_touched_it(self, admin):
        with in_set("alpha"):
            Party.objects.create(code="C2", name="Before", name_sort="Before", tier="D")
            Party.objects.create(code="C8", name="Nobody", name_sort="Nobody")
        here = upload(admin, GOOD)["Location"]
        page = mapped(admin, here)
        assert "Records that would be changed" in page and ">Before</a>" in page
        assert ">Before</del>" in page and ">Acme</ins>" in page and "Row 3" in page
        page = taken(admin, here)
        assert "Records that would be changed" not in page
        with in_set("alpha"):
            assert Party.objects.get(code="C2").name == "Acme"
            act = Upload.objects.get().acts[0]
        shown = admin.client.get(f"/alpha/customers/?f.acts={act}").content.decode()
        assert f"/alpha/customers/?f.acts={act}" in page and "Show these 2 records" in page
        assert "Acme" in shown and "北京启明贸易有限公司" in shown and "Nobody" not in shown
        other = person("alpha", "administrator")
        assert "Acme" not in other.client.get(f"/alpha/customers/?f.acts={act}").content.decode()
        asked = "Undo the whole import of 客户.csv?\n1 new record will be removed.\n1 changed record will be restored.\nEither all of it"
        assert asked in admin.client.get(here).content.decode()
        assert admin.client.post(here, {"step": "undo"}).status_code == 303
        page = admin.client.get(here).content.decode()
        assert "Imported and undone" in page and "Removed again</dt><dd>1<" in page and "Restored</dt><dd>1<" in page
        assert " undid this import on " in page
        second = admin.client.post(here, {"step": "undo"})
        assert second.status_code == 409 and " undid this already, on " in second.content.decode()
        assert "data-confirm" not in second.content.decode()
        with in_set("alpha"):
            assert list(Party.objects.order_by("code").values_list("code", "name", "tier")) == [("C2", "Before", "D"), ("C8", "Nobody", "")]
            assert not SearchEntry.objects.filter(title__icontains="启明").exists()

    def test_a_large_import_is_undone_in_the_background(self, admin, monkeypatch):
        here = upload(admin, GOOD)["Location"]
        mapped(admin, here)
        taken(admin, here)
        monkeypatch.setattr(imports, "AT_ONCE", 1)
        for _click in range(2):
            assert admin.client.post(here, {"step": "undo"}).status_code == 303
        shown = admin.client.get(here).content.decode()
        assert "The import is being undone" in shown and "<progress max=\"100\" aria-label" in shown
        assert "2 new records will be removed.<br>Either all of it is undone, or nothing" in shown
        with in_set("alpha"):
            row = Upload.objects.get()
            assert (row.state, Party.objects.count()) == ("undoing", 2)
        take_upload("alpha", row.member_id, upload=row.pk)
        assert "Imported and undone" in admin.client.get(here).content.decode()
        with in_set("alpha"):
            assert not Party.objects.exists()

    def test_undo_says_what_stands_in_its_way(self, admin):
        here = upload(admin, GOOD)["Location"]
        mapped(admin, here)
        taken(admin, here)
        with in_set("alpha"):
            changed = Party.objects.get(code="C1")
            changed.assign(tier="C")
            changed.flush()
        answer = admin.client.post(here, {"step": "undo"})
        assert answer.status_code == 409 and "“北京启明贸易有限公司” was changed again since" in answer.content.decode()
        with in_set("alpha"):
            assert Party.objects.count() == 2

    def test_undo_is_refused_once_something_refers_to_what_came(self, admin):
        here = upload(admin, GOOD)["Location"]
        mapped(admin, here)
        taken(admin, here)
        with in_set("alpha"):
            Contact.objects.create(code="X", party=Party.objects.get(code="C1"), name="Ann")
        answer = admin.client.post(here, {"step": "undo"})
        assert answer.status_code == 409 and "Contacts (1)" in answer.content.decode()

    def test_what_is_likely_there_is_named_and_may_be_left_out_or_brought_up_to_date(self, admin):
        taken_in = upload(admin, "名称,电话\n北京启明贸易有限公司,010-66551234\n")["Location"]
        mapped(admin, taken_in)
        taken(admin, taken_in)
        text = "名称,电话,等级\n北京启明贸易,010 66551234,A\n"
        here = upload(admin, text)["Location"]
        page = mapped(admin, here)
        assert "Probably there already" in page and "北京启明贸易 → 北京启明贸易有限公司" in page
        mapped(admin, here, likely="skip")
        taken(admin, here)
        with in_set("alpha"):
            assert list(Party.objects.values_list("name", "tier")) == [("北京启明贸易有限公司", "")]
        again = upload(admin, text)["Location"]
        mapped(admin, again, likely="update")
        taken(admin, again)
        with in_set("alpha"):
            assert list(Party.objects.values_list("name", "tier")) == [("北京启明贸易", "A")]

    def test_wrong_choices_are_refused_in_words(self, admin):
        here = upload(admin, GOOD)["Location"]
        twice = admin.client.post(here, {"column.0": "code", "column.1": "code", "step": "columns"})
        assert twice.status_code == 409 and "cannot both be" in twice.content.decode()
        unknown = admin.client.post(here, {"column.0": "password", "step": "columns"})
        assert unknown.status_code == 409
        without = admin.client.post(here, {"column.0": "code", "dates": "xyz", "step": "columns"})
        assert without.status_code == 409
        assert admin.client.post(here, {"step": "columns"}).status_code == 409
        assert admin.client.post(here, {"step": "take"}).status_code == 303
        with in_set("alpha"):
            assert not Party.objects.exists()

    @pytest.mark.parametrize("content", [
        b"", b"\n", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0old", "名称\n".encode(), ",".join(f"c{n}" for n in range(1000)).encode() + b"\n1\n"])
    def test_a_file_that_is_none_is_refused_in_words(self, admin, content):
        answer = upload(admin, content)
        assert answer.status_code in (409, 422) and "alert" in answer.content.decode()
        with in_set("alpha"):
            assert not Upload.objects.exists()

    def test_too_large_a_file_is_refused(self, admin, monkeypatch):
        monkeypatch.setattr("guanxi.web.transfer.imports.MOST_BYTES", 10)
        assert "larger than" in upload(admin, GOOD).content.decode()
        monkeypatch.setattr("guanxi.web.transfer.imports.MOST_BYTES", 10_000)
        monkeypatch.setattr("guanxi.web.transfer.imports.MOST_ROWS", 1)
        assert "More than 1 rows" in upload(admin, GOOD).content.decode()

    def test_another_persons_file_is_not_there(self, admin):
        here = upload(admin, GOOD)["Location"]
        other = person("alpha", "administrator")
        assert other.client.get(here).status_code == 404
        assert other.client.post(here, {"step": "take"}).status_code == 404
        assert other.client.post(here, {"step": "undo"}).status_code == 404
        assert other.client.get(here + "errors/").status_code == 404
        assert other.client.get(here + "progress/").status_code == 404
        assert admin.client.get(here.replace("customers", "contacts")).status_code == 404

    def test_without_the_right_there_is_no_import(self, rolled_back, static_files):
        reader = person("alpha", grants={"parties.party": "view"})
        assert upload(reader, GOOD).status_code == 403
        with in_set("alpha"):
            assert not Upload.objects.exists()

    def test_what_the_form_refuses_an_import_refuses_too(self, rolled_back, static_files):
        seller = person("alpha", "salesperson")
        with in_set("alpha"):
            Party.objects.create(code="C9", name="Another's", name_sort="x")
        here = upload(seller, "编码,名称,信用额度,负责人\nC1,One,1000,\nC9,Mine now,,\nC2,Two,,admin\nC3,Three,,\n")["Location"]
        page = mapped(seller, here, **{"column.2": "credit_limit", "column.3": "owner"})
        assert "may not set credit limits" in page and "is taken" in page
        taken(seller, here, "good")
        with in_set("alpha"):
            assert list(Party.objects.order_by("code").values_list("code", "name")) == [("C3", "Three"), ("C9", "Another's")]

    def test_a_salesperson_takes_back_what_they_brought_in_though_they_may_delete_nothing(self, rolled_back, static_files):
        seller = person("alpha", "salesperson")
        here = upload(seller, "名称\n甲公司\n")["Location"]
        mapped(seller, here)
        taken(seller, here)
        assert seller.client.post(here, {"step": "undo"}).status_code == 303
        with in_set("alpha"):
            assert not Party.objects.exists()

    def test_a_name_that_is_a_path_is_only_a_name(self, admin):
        upload(admin, GOOD, name="..\\..\\etc\\passwd.csv")
        with in_set("alpha"):
            assert Upload.objects.get().name == "passwd.csv"


class TestExport:
    @pytest.fixture
    def rows(self, admin):
        with in_set("alpha"):
            Party.objects.create(code="C1", name="=HYPERLINK(1)", tier="A", phone="+86 10", credit_limit="1234.5")
            Party.objects.create(code="C2", name="Zwei", tier="B")

    def test_the_list_as_csv_has_its_filters_and_columns_and_no_formulas(self, admin, rows):
        answer = admin.client.get("/alpha/customers/export/?format=csv&columns=code,name,phone,credit_limit,is_customer&f.tier=A")
        assert answer["Content-Disposition"].startswith("attachment")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == [
            ["Code", "Name", "Telephone", "Credit limit", "Customer"], ["C1", "'=HYPERLINK(1)", "'+86 10", "1234.5", "yes"]]

    def test_the_list_as_a_workbook_keeps_figures_and_days(self, admin, rows, tmp_path):
        answer = admin.client.get("/alpha/customers/export/?format=xlsx&columns=code,name,credit_limit&sort=code")
        path = tmp_path / "a.xlsx"
        path.write_bytes(b"".join(answer.streaming_content))
        assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python() == [
            ["Code", "Name", "Credit limit"], ["C1", "'=HYPERLINK(1)", 1234.5], ["C2", "Zwei", ""]]

    def test_what_was_exported_is_taken_in_again_and_changes_nothing(self, admin, rows):
        text = b"".join(admin.client.get("/alpha/customers/export/?format=csv&columns=code,name,tier,phone,credit_limit,owner").streaming_content)
        here = upload(admin, text)["Location"]
        mapped(admin, here)
        taken(admin, here)
        with in_set("alpha"):
            report = Upload.objects.get().report
            assert [report[name] for name in ("created", "changed", "unchanged", "failed")] == [0, 0, 2, 0], report
            assert set(Party.objects.values_list("version", flat=True)) == {1}

    def test_a_long_list_is_written_by_the_worker_and_fetched_by_who_asked(self, admin, rows, monkeypatch):
        monkeypatch.setattr("guanxi.web.transfer.exports.AT_ONCE", 1)
        # A link with `download` would keep the page that says so as a file.
        assert re.search(r'/export/[^>]*format=csv">', admin.client.get("/alpha/customers/?view=all").content.decode())
        answer = admin.client.get("/alpha/customers/export/?format=csv&columns=code,name&sort=code")
        assert answer.status_code == 303 and answer["Location"] == "/alpha/customers/?columns=code%2Cname&sort=code"
        with in_set("alpha"):
            made = Download.objects.get()
        here = f"/alpha/customers/export/{made.pk}/"
        assert "still being made" in admin.client.get(here).content.decode()
        for _turn in range(2):
            make_download.run(set="alpha", member=admin.member.pk, arguments={"download": made.pk})
        text = b"".join(admin.client.get(here).streaming_content).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text)))[1:] == [["C1", "'=HYPERLINK(1)"], ["C2", "Zwei"]]
        assert person("alpha", "administrator").client.get(here).status_code == 404
        with in_set("alpha"):
            told = Notification.objects.get(kind="export_made")
            assert (told.member_id, told.arguments["count"], told.arguments["page"]) == (admin.member.pk, "2", f"customers/export/{made.pk}/")

    def test_columns_that_one_may_not_see_are_left_out_and_rows_too(self, admin):
        with in_set("alpha"):
            Product.objects.create(code="P1", name={"en": "Bolt"}, unit=Unit.objects.get(code="pc"), tax_id=_tax(), standard_cost="5")
        everyone = person("alpha", grants={"catalog.product": "view"})
        shown = b"".join(everyone.client.get("/alpha/products/export/?format=csv").streaming_content).decode("utf-8-sig")
        assert "P1" in shown and "Standard cost" not in shown
        assert everyone.client.get("/alpha/products/export/?format=csv&columns=code,standard_cost").status_code == 409
        assert everyone.client.get("/alpha/customers/export/").status_code == 403
        assert admin.client.get("/alpha/products/export/?format=pdf").status_code == 409


def _tax() -> int:
    from guanxi.shared.catalog.models import Tax

    return Tax.objects.get(is_default=True).pk
