"""Reading and writing records."""

import json
import re
from datetime import date

import pytest

from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.models import Act
from guanxi.kernel.api.tests.conftest import program_for
from guanxi.kernel.records.models import History
from guanxi.shared.parties.models import Contact, Party


def fields(answer):
    assert answer.status_code == 422, answer.content
    return answer.json()["error"]["fields"]


@pytest.fixture
def acme(program):
    return program.post("customers", {"code": "ACME", "name": "Acme 有限公司", "credit_limit": "1000.5"}).json()


class TestLists:
    def test_rows_have_the_columns_of_the_screen_references_with_code_and_title_and_exact_money(self, program, acme, alpha):
        program.post("contacts", {"party": "ACME", "name": "Ann"})
        answer = program.get("customers?fields=code,name,credit_limit,owner&f.code=ACME").json()
        assert answer["rows"] == [{
            "id": acme["id"], "version": 1, "code": "ACME", "name": "Acme 有限公司", "credit_limit": "1000.50",
            "owner": {"id": alpha.member_id, "code": "admin", "title": "Admin"},
        }]
        assert (answer["page"], answer["limit"], answer["total"], answer["total_is_exact"]) == (1, 50, 1, True)
        [contact] = program.get("contacts?f.party=" + str(acme["id"])).json()["rows"]
        assert contact["party"] == {"id": acme["id"], "code": "ACME", "title": "Acme 有限公司"}

    def test_filters_search_sort_and_pages_are_those_of_the_lists(self, program):
        for number in range(5):
            program.post("customers", {"code": f"C{number}", "name": f"Customer {number}", "tier": "AB"[number % 2]})
        found = program.get("customers?f.tier=A&sort=-code&fields=code&limit=2").json()
        assert [row["code"] for row in found["rows"]] == ["C4", "C2"]
        assert found["total"] == 3
        second = program.get("customers?f.tier=A&sort=-code&fields=code&limit=2&page=2").json()
        assert [row["code"] for row in second["rows"]] == ["C0"]
        assert second["total"] == 3
        assert [row["code"] for row in program.get("customers?q=Customer 3&fields=code").json()["rows"]] == ["C3"]
        assert "total" not in program.get("customers?total=no").json()

    def test_the_exact_key_finds_one_row(self, program, acme):
        program.post("customers", {"code": "ACME2", "name": "Other"})
        assert [row["id"] for row in program.get("customers?key=ACME").json()["rows"]] == [acme["id"]]
        assert program.get("customers?key=NOBODY").json()["rows"] == []

    def test_a_person_finds_only_what_their_scope_covers(self, program, acme, alpha, member):
        team = Team.objects.create(name="North")
        mine = program_for(member("salesperson", team=team).member_id)
        own = mine.post("customers", {"name": "Mine"}).json()
        assert [row["id"] for row in mine.get("customers").json()["rows"]] == [own["id"]]
        assert mine.get(f"customers/{acme['id']}").status_code == 404
        assert mine.get("customers?key=ACME").json()["rows"] == []
        assert mine.patch(f"customers/{acme['id']}", {"name": "X", "version": 1}).status_code == 404
        assert mine.send("DELETE", f"customers/{acme['id']}").status_code in (403, 404)
        assert Party.objects.get(code="ACME").name == "Acme 有限公司"


class TestCreating:
    def test_a_new_record_comes_back_as_it_is_read(self, program):
        answer = program.post("customers", {"name": "New"})
        made = answer.json()
        assert answer.status_code == 201
        assert answer["Location"] == f"/api/alpha/customers/{made['id']}"
        assert answer["ETag"] == '"1"'
        assert made == program.get(f"customers/{made['id']}").json()
        assert "assign_owner" in {found["name"] for found in made["operations"]}

    def test_minimal_gives_what_names_it(self, program):
        made = program.post("customers", {"code": "N1", "name": "New"}, Prefer="return=minimal").json()
        assert set(made) == {"id", "version", "code"}

    def test_references_are_taken_as_id_key_or_as_answers_give_them(self, program, acme):
        for number, party in enumerate((acme["id"], "ACME", {"id": acme["id"], "code": "ACME", "title": "x"}, {"code": "ACME"})):
            assert program.post("contacts", {"party": party, "name": f"P{number}"}).status_code == 201
        assert Contact.objects.filter(party_id=acme["id"]).count() == 4

    def test_what_is_wrong_is_said_for_each_column_and_nothing_is_written(self, program):
        wrong = {"name": "", "tier": "Z", "email": "x", "owner": "nobody", "credit_limit": "abc", "colour": "red", "id": 7}
        found = fields(program.post("customers", wrong))
        assert set(found) >= {"name", "tier", "email", "owner", "credit_limit", "colour"}
        assert not Party.objects.filter(tier="Z").exists()

    def test_many_rows_are_made_at_once_or_none(self, program):
        before = Party.objects.count()
        rows = [{"code": "M1", "name": "One"}, {"code": "M2", "name": ""}, {"code": "M3", "name": "Three", "tier": "Z"}]
        found = fields(program.post("customers", {"rows": rows}))
        assert set(found) == {"rows.1.name", "rows.2.tier"}
        assert Party.objects.count() == before
        good = [{"code": f"M{n}", "name": f"Many {n}"} for n in range(3)]
        made = program.post("customers", {"rows": good}, key="many").json()
        assert [row["code"] for row in made["rows"]] == ["M0", "M1", "M2"]
        again = program.post("customers", {"rows": good}, key="many")
        assert again.json() == made
        assert again["Idempotency-Replayed"] == "true"
        for bad in ({"rows": []}, {"rows": [1]}, {"rows": good, "name": "x"}, {"rows": [{}] * 1001}):
            assert program.post("customers", bad).status_code == 400


class TestOnce:
    def test_the_same_key_makes_one_record_and_answers_the_same(self, program):
        first = program.post("customers", {"name": "Once"}, key="k1")
        second = program.post("customers", {"name": "Once"}, key="k1")
        assert first.json() == second.json()
        assert (first.status_code, second.status_code) == (201, 201)
        assert second["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
        assert Party.objects.filter(name="Once").count() == 1

    def test_the_same_key_with_other_values_is_refused(self, program):
        program.post("customers", {"name": "Once"}, key="k1")
        answer = program.post("customers", {"name": "Twice"}, key="k1")
        assert answer.status_code == 409
        assert "already saved" in answer.json()["error"]["message"]
        assert not Party.objects.filter(name="Twice").exists()

    def test_what_was_refused_consumed_nothing(self, program):
        assert program.post("customers", {"name": ""}, key="k1").status_code == 422
        assert program.post("customers", {"name": "Now"}, key="k1").status_code == 201

    def test_a_deletion_repeated_is_the_same_deletion(self, program, acme):
        for _turn in range(2):
            assert program.send("DELETE", f"customers/{acme['id']}", key="gone").status_code == 204
        assert program.send("DELETE", f"customers/{acme['id']}").status_code == 404


class TestChanging:
    def test_a_change_needs_the_version_that_was_read(self, program, acme):
        answer = program.patch(f"customers/{acme['id']}", {"name": "B"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (428, "version_missing")
        changed = program.patch(f"customers/{acme['id']}", {"name": "B", "version": 1})
        assert (changed.status_code, changed.json()["name"], changed.json()["version"], changed["ETag"]) == (200, "B", 2, '"2"')
        assert program.patch(f"customers/{acme['id']}", {"name": "C"}, If_Match='"2"').json()["version"] == 3
        assert program.patch(f"customers/{acme['id']}", {"name": "D"}, If_Match="*").json()["name"] == "D"

    def test_somebody_elses_change_is_a_conflict_with_both_values(self, program, acme):
        program.patch(f"customers/{acme['id']}", {"name": "Theirs", "version": 1})
        answer = program.patch(f"customers/{acme['id']}", {"name": "Mine", "version": 1})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["theirs"], error["mine"]) == (
            409, "changed_meanwhile", {"name": "Theirs"}, {"name": "Mine"})
        assert Party.objects.get(pk=acme["id"]).name == "Theirs"

    def test_a_version_that_is_none_is_refused(self, program, acme):
        for version in ("x", True, -1, 1.5, [1]):
            assert program.patch(f"customers/{acme['id']}", {"name": "B", "version": version}).status_code == 400

    def test_archived_and_restored(self, program, acme):
        assert program.post(f"customers/{acme['id']}/archive").json()["archived_at"] is not None
        assert "archived" in fields(program.post("contacts", {"party": "ACME", "name": "Late"}))["party"][0]
        assert program.post(f"customers/{acme['id']}/restore").json()["archived_at"] is None

    def test_what_others_refer_to_is_not_deleted(self, program, acme):
        program.post("customers", {"name": "Daughter", "parent": "ACME"})
        answer = program.send("DELETE", f"customers/{acme['id']}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "refused")
        assert Party.objects.filter(code="ACME").exists()

    def test_the_history_names_the_member_of_the_key(self, program, acme, alpha):
        program.patch(f"customers/{acme['id']}", {"name": "B", "version": 1})
        steps = History.objects.filter(model="parties.party", row_id=acme["id"])
        assert {step.member_id for step in steps} == {alpha.member_id}


class TestOperations:
    def test_an_operation_is_done_once_and_answers_with_its_result(self, program, acme, alpha, member):
        person = member("salesperson")
        first = program.post(f"customers/{acme['id']}/assign_owner", {"owner": person.member_id}, key="o1")
        assert first.status_code == 200, first.content
        assert first.json()["record"]["owner"]["id"] == person.member_id
        again = program.post(f"customers/{acme['id']}/assign_owner", {"owner": person.member_id}, key="o1")
        assert again.json()["act"] == first.json()["act"]
        assert Act.objects.filter(operation="parties.assign_owner", target_id=acme["id"]).count() == 1

    def test_without_the_right_nothing_changes(self, acme, member):
        mine = program_for(member().member_id)
        assert mine.post(f"customers/{acme['id']}/assign_owner", {"owner": 1}).status_code == 403
        assert mine.get("customers").status_code == 403

    def test_parameters_are_checked_like_columns(self, program, acme):
        assert set(fields(program.post(f"customers/{acme['id']}/assign_owner", {}))) == {"owner"}
        assert set(fields(program.post(f"customers/{acme['id']}/assign_owner", {"owner": 1, "x": 1}))) == {"x"}


class TestDescription:
    def test_every_address_described_is_served_and_every_reference_resolves(self, program):
        found = program.get("openapi.json").json()
        assert found["openapi"] == "3.1.0"
        text = json.dumps(found)
        names = {part.split('"')[0] for part in text.split('"#/components/')[1:]}
        for name in names:
            kind, _slash, key = name.partition("/")
            assert key in found["components"][kind], name
        operations = [item[verb]["operationId"] for item in found["paths"].values() for verb in item if verb != "parameters"]
        assert len(operations) == len(set(operations))
        for path, item in found["paths"].items():
            address = re.sub(r"\{\w+\}", "987654321", path.removeprefix("/"))
            allowed = program.send("OPTIONS", address)["Allow"].split(", ")
            assert {verb.upper() for verb in item if verb != "parameters"} <= set(allowed), path

    def test_what_one_may_not_do_is_not_described(self, acme, member):
        mine = program_for(member("salesperson").member_id).get("openapi.json").json()
        assert "/setup/roles" not in mine["paths"]
        reader = program_for(member("salesperson").member_id, may_write=False).get("openapi.json").json()
        assert not [verb for item in reader["paths"].values() for verb in item if verb in ("post", "patch", "delete")]

    def test_days_are_iso_and_moments_utc(self, program, acme):
        archived = program.post(f"customers/{acme['id']}/archive").json()["archived_at"]
        assert archived.endswith("Z")
        assert date.fromisoformat(archived[:10])


class TestPivots:
    def test_figures_are_exact_texts_with_subtotals_and_a_total(self, program):
        for code, tier, limit in (("C1", "A", "1000.5"), ("C2", "A", "20"), ("C3", "B", None)):
            program.post("customers", {"code": code, "name": code, "tier": tier, "credit_limit": limit})
        found = program.get("customers/pivot?rows=tier&across=is_supplier&measures=count,credit_limit.sum&f.code=^C").json()
        assert [axis["word"] for axis in (*found["rows"], *found["across"], *found["measures"])] == [
            "tier", "is_supplier", "count", "credit_limit.sum"]
        cells = {(*(m["value"] for m in cell["rows"]), "|", *(m["value"] for m in cell["across"])): cell["figures"] for cell in found["cells"]}
        assert cells == {
            ("|",): {"count": 3, "credit_limit.sum": {"CNY": "1020.50"}}, ("|", False): {"count": 3, "credit_limit.sum": {"CNY": "1020.50"}},
            ("A", "|"): {"count": 2, "credit_limit.sum": {"CNY": "1020.50"}}, ("B", "|"): {"count": 1, "credit_limit.sum": {}},
            ("A", "|", False): {"count": 2, "credit_limit.sum": {"CNY": "1020.50"}}, ("B", "|", False): {"count": 1, "credit_limit.sum": {}},
        }

    def test_what_cannot_be_asked_is_answered_in_words_and_all_that_can_is_described(self, program):
        for asked in ("rows=nonsense", "measures=name.sum", "f.tier=Z", "colour=red"):
            assert program.get(f"customers/pivot?{asked}").json()["error"]["code"] == "bad_query"
        described = program.get("openapi.json").json()["paths"]["/customers/pivot"]["get"]
        assert {"rows", "across", "measures", "wait", "f.tier"} <= {one.get("name") for one in described["parameters"]}
