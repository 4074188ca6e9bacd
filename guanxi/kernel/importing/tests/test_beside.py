"""Entries of the search that are made beside the import: whatever becomes of a batch, in the end every record has its own."""

import pytest
from django.db import connection

from guanxi.kernel.importing import importer
from guanxi.kernel.importing.tests.conftest import messages
from guanxi.kernel.importing.tests.test_writing import WITH_CONTACT
from guanxi.kernel.search import beside, found_in, index
from guanxi.kernel.search.models import SearchEntry
from guanxi.shared.parties.models import Contact, Party


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """What is left to others for many rows is left to them for a few."""
    monkeypatch.setattr(importer, "BATCH", 10)
    monkeypatch.setattr(index, "MANY", 2)
    monkeypatch.setattr(beside, "EVERY", 15)


def people(count: int) -> str:
    return "Code,Name,Who,Mobile\n" + "".join(f"C{n:03},Company {n:03},Person {n:03},138{n:08}\n" for n in range(count))


def without_entry() -> dict[str, list[int]]:
    """Records without an entry and entries without a record, by kind."""
    found = {}
    for model in (Party, Contact):
        entered = list(SearchEntry.objects.filter(model=model._meta.label_lower).values_list("object_id", flat=True))
        assert len(entered) == len(set(entered))
        found[model.__name__] = sorted(set(entered) ^ set(model.objects.values_list("pk", flat=True)))
    return found


@pytest.mark.parametrize("mode", ["all", "good"])
def test_every_record_has_its_entry_and_its_words_are_merged(alpha, take, mode):
    report = take(alpha, people(47), WITH_CONTACT, mode=mode)
    assert (report.created, report.also) == (47, 47), messages(report)
    assert without_entry() == {"Party": [], "Contact": []}
    assert {one.name for one in found_in(Contact.objects.all(), "13800000031", alpha)} == {"Person 031"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT merge_search_words()")
        assert cursor.fetchone() == (0,)


def test_a_batch_that_is_rolled_back_takes_the_entries_of_none_before_it_along(alpha, take):
    """In the third of five batches a contact is refused when the entries of its customers are being made already."""
    take(alpha, "Code,Name,Who,Mobile\nB,Another company,Chief,1380\n", WITH_CONTACT)
    chief = Contact.objects.get(name="Chief").code
    text = "\n".join(line.rpartition(",")[0] + (f",{chief}" if "C024" in line else ",") for line in people(47).splitlines()[1:])
    also = WITH_CONTACT["also"] | {"columns": {"name": "Who", "reports_to": "Above"}}
    report = take(alpha, f"Code,Name,Who,Above\n{text}\n", WITH_CONTACT | {"also": also}, mode="good")
    assert (report.created, report.also, report.failed) == (46, 46, 1), messages(report)
    assert "belongs to another company" in messages(report)[26]
    assert without_entry() == {"Party": [], "Contact": []}


def test_what_a_later_row_changes_is_found_as_it_is_then(alpha, take):
    """The contact that the second row changes was made by the batch before, and its entry was still waiting."""
    again = people(10) + "C001,Company 001,Person 001,13999999999\n" + people(12).partition("C010")[1] + ",Company 010,Person 010,1380\n"
    report = take(alpha, again, WITH_CONTACT)
    assert (report.created, report.failed) == (11, 0), messages(report)
    assert Contact.objects.get(name="Person 001").mobile == "13999999999"
    assert without_entry() == {"Party": [], "Contact": []}
    assert [one.name for one in found_in(Contact.objects.all(), "13999", alpha)] == ["Person 001"]
    assert not found_in(Contact.objects.all(), "13800000001", alpha).exists()
