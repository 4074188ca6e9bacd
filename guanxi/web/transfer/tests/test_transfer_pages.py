"""Import and export in the browser's terms: upload, columns, trial, done; and lists as files."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from guanxi.kernel.database import in_set
from guanxi.kernel.transfer.models import Upload
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party
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


class TestImport:
    def test_a_file_is_uploaded_its_columns_are_guessed_tried_and_taken(self, admin):
        answer = upload(admin, GOOD)
        assert answer.status_code == 303, words(answer)
        here = answer["Location"]
        page = admin.client.get(here).content.decode()
        given = choices(page)
        assert [given[f"column.{n}"] for n in range(4)] == ["code", "name", "tier", "phone"]
        assert "北京启明贸易有限公司" in page and "UTF-8" in page
        assert admin.client.post(here, {**given, "mode": "all", "step": "check"}).status_code == 303
        assert "What the import would do" in admin.client.get(here).content.decode()
        with in_set("alpha"):
            assert not Party.objects.exists()
        for _click in range(2):
            assert admin.client.post(here, {**given, "mode": "all", "step": "take"}).status_code == 303
        with in_set("alpha"):
            taken = list(Party.objects.order_by("code").values_list("code", "name", "version"))
            assert taken == [("C1", "北京启明贸易有限公司", 1), ("C2", "Acme", 1)]
            assert bytes(Upload.objects.get().content) == b""
        assert "was taken in" in admin.client.get(here).content.decode()

    def test_bad_rows_are_shown_and_given_as_a_file(self, admin):
        here = upload(admin, GOOD + "C3,,A,\n=X,Formula,Q,\n")["Location"]
        given = choices(admin.client.get(here).content.decode())
        admin.client.post(here, {**given, "mode": "all", "step": "take"})
        page = admin.client.get(here).content.decode()
        assert "Nothing was written" in page and "名称: This is needed" in page
        with in_set("alpha"):
            assert not Party.objects.exists()
        admin.client.post(here, {**given, "mode": "good", "step": "take"})
        with in_set("alpha"):
            assert Party.objects.count() == 2
        errors = admin.client.get(here + "errors/")
        assert errors["Content-Disposition"].startswith("attachment")
        rows = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
        assert len(rows) == 3 and rows[0][-1] == "Problem" and rows[2][0].startswith("'=")

    def test_wrong_choices_are_refused_in_words(self, admin):
        here = upload(admin, GOOD)["Location"]
        twice = admin.client.post(here, {"column.0": "code", "column.1": "code", "step": "check"})
        assert twice.status_code == 409 and "cannot both be" in twice.content.decode()
        unknown = admin.client.post(here, {"column.0": "password", "step": "check"})
        assert unknown.status_code == 409
        without = admin.client.post(here, {"column.0": "code", "dates": "xyz", "step": "check"})
        assert without.status_code == 409

    @pytest.mark.parametrize("content", [b"", b"\n", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0old"])
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
        assert other.client.get(here + "errors/").status_code == 404
        assert admin.client.get(here.replace("customers", "contacts")).status_code == 404

    def test_without_the_right_there_is_no_import(self, rolled_back, static_files):
        reader = person("alpha", grants={"parties.party": "view"})
        assert upload(reader, GOOD).status_code == 403
        with in_set("alpha"):
            assert not Upload.objects.exists()

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
        given = choices(admin.client.get(here).content.decode())
        answer = admin.client.post(here, {**given, "mode": "all", "step": "take"})
        assert answer.status_code == 303, words(answer)
        with in_set("alpha"):
            report = Upload.objects.get().report
            assert [report[name] for name in ("created", "changed", "unchanged", "failed")] == [0, 0, 2, 0], report
            assert set(Party.objects.values_list("version", flat=True)) == {1}

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
