"""Run as a program, with the worked example installed: the life of a sample loan, through every face that it has."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.core.checks import run_checks  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from guanxi.kernel.access.actor import actor_of  # noqa: E402
from guanxi.kernel.acts.writer import create_record  # noqa: E402
from guanxi.kernel.database import in_set  # noqa: E402
from guanxi.kernel.importing.importer import import_file  # noqa: E402
from guanxi.kernel.records.models import History  # noqa: E402
from guanxi.kernel.transfer.mapping import mapping_of  # noqa: E402
from tests.access.world import Person, digest, person, words  # noqa: E402

REFERENCES = {"customer": "parties.party", "product": "catalog.product"}
LOAN = {"customer": "C1", "product": "P1", "lent_on": "2026-03-02", "due_on": "2026-04-01"}


def main() -> None:
    setup_test_environment()
    assert not run_checks()
    admin, li, wang = (person("alpha", role) for role in ("administrator", "salesperson", "salesperson"))
    make_what_it_refers_to(admin)
    seller = person_with_master_data(li)
    number = form_and_list(seller)
    other_faces(seller, number)
    loan = operation(seller, number)
    history(seller, loan)
    rights(wang, loan)
    languages(admin)


def make_what_it_refers_to(admin: Person) -> None:
    with in_set("alpha"):
        actor = actor_of(admin.member.pk)
        assert actor is not None
        for model, values in (
            ("parties.party", {"code": "C1", "name": "华东精密", "is_customer": True}),
            ("catalog.product", {"code": "P1", "name": {"en": "Bearing", "zh-hans": "轴承"}, **basics()}),
        ):
            create_record(apps.get_model(model), values, actor=actor)


def basics() -> dict[str, str]:
    return {"unit": first_key("catalog.unit"), "tax": first_key("catalog.tax")}


def first_key(label: str) -> str:
    model = apps.get_model(label)
    return str(model.objects.values_list(model.business_key, flat=True).order_by("pk").first())


def person_with_master_data(who: Person) -> Person:
    """A salesperson needs to see what they lend and to whom: theirs are the rights of the other modules."""
    with in_set("alpha"):
        apps.get_model("parties.party").objects.filter(code="C1").update(owner=who.member)
    return who


def form_and_list(seller: Person) -> str:
    form = seller.client.get("/alpha/samples/new/")
    assert form.status_code == 200 and "Lent on" in text(form), words(form)
    with in_set("alpha"):
        ids = {
            "customer": apps.get_model("parties.party").objects.get(code="C1").pk,
            "product": apps.get_model("catalog.product").objects.get(code="P1").pk,
        }
    saved = seller.post("/alpha/samples/new/", {**LOAN, **ids})
    assert saved.status_code == 303, words(saved)
    page = seller.client.get(saved.headers["Location"])
    assert "SL-2026-0001" in text(page) and "Take back" in text(page), words(page)
    assert "SL-2026-0001" in text(seller.client.get("/alpha/samples/?f.status=lent&sort=-due_on"))
    assert "SL-2026-0001" not in text(seller.client.get("/alpha/samples/?f.status=returned"))
    assert "/alpha/samples/" in text(seller.client.get("/alpha/samples/")), "it stands in the menu"
    return "SL-2026-0001"


def other_faces(seller: Person, number: str) -> None:
    made = seller.api("POST", "alpha/samples", LOAN)
    assert made.status_code == 201 and made.json()["number"] == "SL-2026-0002", words(made)
    wrong = seller.api("POST", "alpha/samples", {**LOAN, "product": "P9", "due_on": "soon"})
    assert wrong.status_code == 422 and set(wrong.json()["error"]["fields"]) == {"product", "due_on"}, words(wrong)
    assert "/samples/{id}/return_sample" in words_of(seller.api("GET", "alpha/openapi.json"))
    assert imported(seller) == (2, 0) and imported(seller) == (0, 2), "importing again changes nothing"
    for typed in (number, "华东", "huadong", "hdjm"):
        found = seller.client.get("/alpha/search/", {"q": typed}).json()["groups"]
        assert any(item["url"].startswith("/alpha/samples/") for group in found for item in group["items"]), f"{typed}: {found}"


def imported(seller: Person) -> tuple[int, int]:
    """(new, left as they were)"""
    columns = {"customer": "Customer", "product": "Product", "lent_on": "Lent", "due_on": "Due"}
    mapping = mapping_of({"screen": "samples", "key": ["customer", "product", "lent_on"], "columns": columns})
    with tempfile.TemporaryDirectory() as folder, in_set("alpha"):
        file = Path(folder, "loans.csv")
        file.write_text("Customer,Product,Lent,Due\nC1,P1,2026-05-04,2026-06-01\nC1,P1,2026-05-05,2026-06-02\n")
        actor = actor_of(seller.member.pk)
        assert actor is not None
        report = import_file(file, mapping, actor)
    assert not report.errors, report.errors
    return report.created, report.unchanged


def operation(seller: Person, number: str) -> int:
    with in_set("alpha"):
        loan = apps.get_model("samples.sampleloan").objects.get(number=number)
    before = digest("alpha")
    early = seller.api("POST", f"alpha/samples/{loan.pk}/return_sample", {"returned_on": "2026-03-01"})
    assert early.status_code == 409 and "cannot come back" in words(early), words(early)
    assert not digest("alpha").changed_since(before)
    done = seller.post(f"/alpha/samples/{loan.pk}/act/samples.return_sample/", {"returned_on": "2026-03-20"})
    assert done.status_code == 303, words(done)
    again = seller.api("POST", f"alpha/samples/{loan.pk}/return_sample", {})
    assert again.status_code == 409, words(again)
    with in_set("alpha"):
        loan.refresh_from_db()
        assert (loan.status, loan.returned_on, loan.owner_id) == ("returned", date(2026, 3, 20), seller.member.pk)
    return int(loan.pk)


def history(seller: Person, loan: int) -> None:
    with in_set("alpha"):
        steps = History.objects.filter(model="samples.sampleloan", row_id=loan).order_by("pk")
        assert [step.kind for step in steps] == ["created", "changed"]
        assert steps[1].changes["status"] == ["lent", "returned"] and steps[1].member_id == seller.member.pk
    assert "Returned on" in text(seller.client.get(f"/alpha/samples/{loan}/?tab=history"))


def rights(other: Person, loan: int) -> None:
    """Another salesperson sees nothing of it, on any face."""
    assert other.client.get(f"/alpha/samples/{loan}/").status_code == 404
    assert other.api("GET", f"alpha/samples/{loan}").status_code == 404
    assert other.api("GET", "alpha/samples").json()["rows"] == []
    assert other.post(f"/alpha/samples/{loan}/act/samples.return_sample/").status_code == 404
    assert other.client.get("/alpha/search/", {"q": "SL-2026"}).json()["groups"] == []
    nobody = person("alpha", grants={})
    assert nobody.client.get("/alpha/samples/").status_code == 403


def languages(admin: Person) -> None:
    chinese = person("alpha", "administrator", language="zh-hans")
    assert "样品借出" in text(chinese.client.get("/alpha/samples/")) and "借出日期" in text(chinese.client.get("/alpha/samples/new/"))
    assert "Sample loans" in text(admin.client.get("/alpha/samples/"))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, words(answer)
    return text(answer)


if __name__ == "__main__":
    main()
