"""Rows as records: created, changed, left alone."""

import pytest

from guanxi.kernel.acts.models import Act
from guanxi.kernel.importing.tests.conftest import CUSTOMERS, messages
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Forbidden
from guanxi.kernel.search import find, found_in
from guanxi.shared.parties.credit_codes import check_sign
from guanxi.shared.parties.models import Contact, Party

THREE = "Code,Name,Tier,Limit\nC1,One,A,1000\nC2,Two,B,\nC3,Three,,20.5\n"


def counts(report):
    return report.created, report.changed, report.unchanged, report.failed


class TestUpsert:
    def test_new_rows_are_created_in_one_act(self, alpha, take):
        report = take(alpha, THREE)
        assert counts(report) == (3, 0, 0, 0)
        assert report.written and len(report.acts) == 1
        assert list(Party.objects.order_by("code").values_list("code", "name", "tier", "owner_id")) == [
            ("C1", "One", "A", alpha.member_id), ("C2", "Two", "B", alpha.member_id), ("C3", "Three", "", alpha.member_id)]
        assert Act.objects.get(pk=report.acts[0]).operation == "parties.party.import"

    def test_again_it_changes_nothing_at_all(self, alpha, take):
        take(alpha, THREE)
        before = (list(Party.objects.values_list("pk", "version")), History.objects.count(), Act.objects.count())
        assert counts(take(alpha, THREE)) == (0, 0, 3, 0)
        assert (list(Party.objects.values_list("pk", "version")), History.objects.count(), Act.objects.count()) == before

    def test_only_what_differs_is_written(self, alpha, take):
        take(alpha, THREE)
        assert counts(take(alpha, THREE.replace("Two", "Second"))) == (0, 1, 2, 0)
        assert list(Party.objects.order_by("code").values_list("name", "version")) == [("One", 1), ("Second", 2), ("Three", 1)]

    def test_an_empty_cell_keeps_what_is_there_unless_it_is_to_clear(self, alpha, take):
        take(alpha, THREE)
        emptied = THREE.replace("C1,One,A,1000", "C1,One,,")
        assert counts(take(alpha, emptied)) == (0, 0, 3, 0)
        report = take(alpha, emptied, CUSTOMERS | {"empty": "clear"})
        assert counts(report) == (0, 1, 2, 0), messages(report)
        assert Party.objects.get(code="C1").tier == ""
        assert Party.objects.get(code="C1").credit_limit is None

    def test_another_spelling_of_the_same_value_is_no_change(self, alpha, take):
        mapping = {"screen": "customers", "columns": {"code": "Code", "name": "Name", "credit_code": "Credit"}}
        body = "91110108MA01ABCD5"
        text = f"Code,Name,Credit\nC1,One,{body.lower()}{check_sign(body)}\n"
        assert counts(take(alpha, text, mapping)) == (1, 0, 0, 0)
        assert counts(take(alpha, text, mapping)) == (0, 0, 1, 0)
        assert Party.objects.get().version == 1

    def test_a_row_named_by_two_columns_is_found_by_both(self, alpha, take):
        take(alpha, THREE)
        mapping = {"screen": "contacts", "key": ["party", "name"], "columns": {"party": "Company", "name": "Who", "email": "Mail"}}
        text = "Company,Who,Mail\nC1,Ann,ann@example.com\nC2,Ann,\n"
        assert counts(take(alpha, text, mapping)) == (2, 0, 0, 0)
        assert counts(take(alpha, text.replace("C2,Ann,", "C2,Ann,a@b.example"), mapping)) == (0, 1, 1, 0)
        assert Contact.objects.count() == 2

    def test_without_a_key_every_row_is_new(self, alpha, take):
        mapping = {"screen": "contacts", "key": [], "columns": {"party": "Company", "name": "Who"}}
        take(alpha, THREE)
        for _turn in range(2):
            take(alpha, "Company,Who\nC1,Ann\n", mapping)
        assert Contact.objects.count() == 2


class TestAllOrGood:
    BAD = THREE + "C4,,A,\nC1,Again,A,\n"

    def test_all_or_none_writes_nothing_when_a_row_is_bad(self, alpha, take):
        report = take(alpha, self.BAD)
        assert counts(report) == (0, 0, 0, 2)
        assert not report.written
        assert not Party.objects.exists()

    def test_good_rows_are_taken_and_the_others_explained(self, alpha, take):
        report = take(alpha, self.BAD, mode="good")
        assert counts(report) == (3, 0, 0, 2)
        assert "Name" in messages(report)[5] and "row 2" in messages(report)[6]

    def test_a_dry_run_says_the_same_and_writes_nothing(self, alpha, take):
        report = take(alpha, self.BAD, mode="good", dry_run=True)
        assert counts(report) == (3, 0, 0, 2)
        assert not Party.objects.exists() and not Act.objects.filter(operation="parties.party.import").exists()

    def test_a_row_that_only_the_database_refuses_is_found(self, alpha, take):
        twice = "Code,Name,Limit,Credit\n" + "".join(f"D{n},Party {n},{'-5' if n == 7 else n},\n" for n in range(20))
        report = take(alpha, twice, {"screen": "customers", "columns": {"code": "Code", "name": "Name", "credit_limit": "Limit"}}, mode="good")
        assert counts(report) == (19, 0, 0, 1), messages(report)
        assert "less than zero" in messages(report)[9]

    def test_without_the_right_nothing_is_taken(self, alpha, take, member):
        with pytest.raises(Forbidden):
            take(member(), THREE)
        report = take(member("salesperson"), THREE, mode="good")
        assert counts(report) == (1, 0, 0, 2)
        assert "may not set credit limits" in messages(report)[2]


WITH_CONTACT = CUSTOMERS | {
    "columns": {"code": "Code", "name": "Name"}, "also": {"screen": "contacts", "by": "party", "columns": {"name": "Who", "mobile": "Mobile"}}}
PEOPLE = "Code,Name,Who,Mobile\nC1,One,Ann,13800000001\nC2,Two,,\nC3,Three,Bob,13800000003\n"


class TestTwoRecordsFromOneRow:
    def test_a_row_brings_a_customer_and_their_contact(self, alpha, take):
        report = take(alpha, PEOPLE, WITH_CONTACT)
        assert (*counts(report), report.also, len(report.acts)) == (3, 0, 0, 0, 2, 1), messages(report)
        people = list(Contact.objects.order_by("code").values_list("code", "party__code", "name", "mobile", "is_main", "version"))
        assert people == [("CT-00001", "C1", "Ann", "13800000001", True, 1), ("CT-00002", "C3", "Bob", "13800000003", True, 1)]
        kinds = History.objects.filter(act_id=report.acts[0]).values_list("model", "kind")
        assert sorted(kinds) == [("parties.contact", "created")] * 2 + [("parties.party", "created")] * 3
        assert {hit.title for hit in find("138000", alpha)} == {"Ann", "Bob"}
        assert [party.code for party in found_in(Party.objects.all(), "thr", alpha)] == ["C3"]

    def test_again_it_changes_nothing_and_a_new_number_changes_the_contact(self, alpha, take):
        take(alpha, PEOPLE, WITH_CONTACT)
        assert counts(take(alpha, PEOPLE, WITH_CONTACT)) == (0, 0, 3, 0)
        trial = take(alpha, PEOPLE.replace("00003", "00009").replace("C2,Two,", "C2,Two,Cid"), WITH_CONTACT, dry_run=True)
        assert [(one.row, one.screen, one.title, one.columns) for one in trial.changes] == [
            (3, "customers", "Two", [("Contact", "", "Cid")]), (4, "contacts", "Bob", [("Mobile", "13800000003", "13800000009")])]
        report = take(alpha, PEOPLE.replace("00003", "00009"), WITH_CONTACT)
        assert report.changes == []
        assert (*counts(report), report.also) == (0, 1, 2, 0, 1)
        assert list(Contact.objects.order_by("code").values_list("mobile", "version")) == [("13800000001", 1), ("13800000009", 2)]
        assert set(Party.objects.values_list("version", flat=True)) == {1}

    def test_a_bad_contact_keeps_its_customer_out_too(self, alpha, take):
        report = take(alpha, PEOPLE.replace("13800000001", "x" * 60), WITH_CONTACT, mode="good")
        assert (*counts(report), report.also) == (2, 0, 0, 1, 1)
        assert list(report.errors[0].problems) == ["Mobile"]
        assert not Party.objects.filter(code="C1").exists()

    def test_rows_that_are_there_may_be_left_alone(self, alpha, take):
        take(alpha, THREE)
        assert counts(take(alpha, THREE.replace("Two", "Second") + "C4,Four,A,\n", CUSTOMERS | {"existing": "skip"})) == (1, 0, 3, 0)
        assert Party.objects.get(code="C2").name == "Two"
