"""Many rows in one call, through the API."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.models import Act
from guanxi.kernel.api.tests.conftest import Program, program_for
from guanxi.shared.parties.models import Party


@pytest.fixture
def program(alpha) -> Program:
    return program_for(alpha.member_id)


def brief(answer):
    """(outcome, code of the error) for each row."""
    return [(row["outcome"], row.get("error", {}).get("code")) for row in answer.json()["rows"]]


def codes(prefix):
    return sorted(Party.objects.filter(code__startswith=prefix).values_list("code", flat=True))


class TestCreating:
    ROWS = [{"code": "M0", "name": "One"}, {"code": "M1", "name": ""}, {"code": "M2", "name": "Three", "tier": "Z"}, {"code": "M0", "name": "Twice"}]

    def test_all_or_none_says_everything_that_is_wrong_and_writes_nothing(self, program):
        answer = program.post("customers", {"rows": self.ROWS})
        assert answer.status_code == 422
        assert set(answer.json()["error"]["fields"]) == {"rows.1.name", "rows.2.tier", "rows.3.code"}
        assert codes("M") == []

    def test_each_for_itself_writes_the_good_ones_and_answers_the_same_again(self, program):
        first = program.post("customers", {"rows": self.ROWS, "mode": "each"}, key="k")
        assert first.status_code == 207
        assert brief(first) == [("created", None), ("failed", "invalid"), ("failed", "invalid"), ("failed", "invalid")]
        assert first.json()["counts"] == {"created": 1, "failed": 3}
        assert first.json()["rows"][0] == {"index": 0, "outcome": "created", "id": Party.objects.get(code="M0").pk, "version": 1, "code": "M0"}
        assert set(first.json()["rows"][2]["error"]["fields"]) == {"tier"}
        again = program.post("customers", {"rows": self.ROWS, "mode": "each"}, key="k")
        assert again.json() == first.json() and again["Idempotency-Replayed"] == "true"
        other = program.post("customers", {"rows": [{"code": "M9", "name": "Nine"}] * 4, "mode": "each"}, key="k")
        assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
        assert codes("M") == ["M0"]

    def test_what_is_no_batch_is_refused(self, program):
        for body in ({"rows": []}, {"rows": [1]}, {"rows": {}}, {"rows": [{}], "name": "x"}, {"rows": [{}], "mode": "some"}):
            assert program.post("customers", body).status_code == 400, body
        long = program.post("customers", {"rows": [{}] * 1001})
        assert (long.status_code, long.json()["error"]["code"]) == (400, "too_many_rows")

    def test_ten_times_the_rows_cost_the_same_number_of_statements(self, program):
        counted = []
        for turn, count in enumerate((3, 30, 3, 30)):
            with CaptureQueriesContext(connections["default"]) as asked:
                program.post("customers", {"rows": [{"code": f"Q{turn}-{n}", "name": "x"} for n in range(count)], "mode": "each"})
            counted.append(len(asked))
        assert counted[2] == counted[3]


class TestTakingIn:
    def test_new_ones_are_made_others_changed_and_those_that_are_equal_left_alone(self, program):
        program.post("customers", {"rows": [{"code": "U1", "name": "One"}, {"code": "U2", "name": "Two", "tier": "A"}]})
        good = [{"code": "U1", "name": "One"}, {"code": "U2", "tier": "B"}, {"code": "U3", "name": "Three"}]
        rows = [*good, {"code": "U4"}, {"code": "U3"}, {"name": "x"}]
        answer = program.post("customers/upsert", {"rows": rows, "mode": "each"})
        assert brief(answer) == [
            ("unchanged", None), ("changed", None), ("created", None), ("failed", "invalid"), ("failed", "invalid"), ("failed", "invalid")]
        assert list(Party.objects.filter(code__startswith="U").order_by("code").values_list("code", "name", "tier", "version")) == [
            ("U1", "One", "", 1), ("U2", "Two", "B", 2), ("U3", "Three", "", 1)]
        assert program.post("customers/upsert", {"rows": rows}).status_code == 422
        again = program.post("customers/upsert", {"rows": good})
        assert (again.status_code, again.json()["counts"]) == (200, {"unchanged": 3})

    def test_without_the_right_to_add_only_what_is_there_is_changed_and_only_one_s_own(self, program, alpha, member):
        program.post("customers", {"code": "U1", "name": "One"})
        mine = program_for(member("salesperson", team=Team.objects.create(name="North")).member_id)
        answer = mine.post("customers/upsert", {"rows": [{"code": "U1", "name": "Stolen"}, {"code": "U2", "name": "Mine"}], "mode": "each"})
        assert brief(answer) == [("failed", "invalid"), ("created", None)]
        assert Party.objects.get(code="U1").name == "One"
        reader = program_for(alpha.member_id, may_write=False)
        assert reader.post("customers/upsert", {"rows": [{"code": "U1", "name": "x"}]}).status_code == 403


class TestChanging:
    @pytest.fixture
    def three(self, program):
        rows = program.post("customers", {"rows": [{"code": f"C{n}", "name": f"C {n}"} for n in range(3)]}).json()["rows"]
        return [row["id"] for row in rows]

    def test_each_row_needs_its_version_and_is_changed_for_itself(self, program, three):
        rows = [
            {"id": three[0], "version": 1, "name": "New"}, {"id": three[1], "version": 7, "name": "Stale"}, {"id": three[2], "name": "No version"},
            {"id": 987654321, "version": 1, "name": "Nobody"}, {"id": "x", "name": "x"}, {"id": three[0], "version": 1, "name": "Twice"},
        ]
        answer = program.post("customers/change", {"rows": rows, "mode": "each"})
        assert brief(answer) == [
            ("changed", None), ("failed", "changed_meanwhile"), ("failed", "invalid"), ("failed", "not_found"), ("failed", "invalid"),
            ("failed", "invalid")]
        assert [Party.objects.get(pk=pk).name for pk in three] == ["New", "C 1", "C 2"]

    def test_all_or_none_names_the_row_that_stands_in_the_way(self, program, three):
        rows = [{"id": three[0], "version": 1, "name": "New"}, {"id": three[1], "version": 7, "name": "Stale"}]
        answer = program.post("customers/change", {"rows": rows})
        assert (answer.status_code, answer.json()["error"]["code"], list(answer.json()["error"]["fields"])) == (409, "changed_meanwhile", ["rows.1"])
        assert Party.objects.get(pk=three[0]).name == "C 0"
        anyway = program.post("customers/change", {"rows": [{"id": pk, "tier": "A"} for pk in three]}, If_Match="*")
        assert (anyway.status_code, anyway.json()["counts"]) == (200, {"changed": 3})
        assert Act.objects.filter(pk=anyway.json()["act"], operation="parties.party.change").exists()


class TestDoing:
    @pytest.fixture
    def three(self, program):
        rows = program.post("customers", {"rows": [{"code": f"D{n}", "name": f"D {n}"} for n in range(3)]}).json()["rows"]
        return [row["id"] for row in rows]

    def test_an_operation_on_many_answers_for_each_and_is_done_once(self, program, three, member):
        person = member("salesperson")
        body = {"ids": [three[2], 987654321, three[0]], "arguments": {"owner": person.member_id}, "mode": "each"}
        answer = program.post("customers/assign_owner", body, key="o")
        assert brief(answer) == [("done", None), ("failed", "not_found"), ("done", None)]
        assert Party.objects.filter(owner_id=person.member_id).count() == 2
        again = program.post("customers/assign_owner", body, key="o")
        assert [row.get("act") for row in again.json()["rows"]] == [row.get("act") for row in answer.json()["rows"]]
        assert Act.objects.filter(operation="parties.assign_owner").count() == 2

    def test_all_or_none_undoes_what_was_done_before_the_refusal(self, program, three, member):
        person = member("salesperson")
        answer = program.post("customers/assign_owner", {"ids": [three[0], 987654321], "arguments": {"owner": person.member_id}})
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (404, ["rows.1"])
        assert Party.objects.filter(owner_id=person.member_id).count() == 0
        assert set(program.post("customers/assign_owner", {"ids": three}).json()["error"]["fields"]) == {"owner"}

    def test_many_are_put_away_brought_back_and_deleted(self, program, three):
        program.post("customers", {"code": "E1", "name": "Daughter", "parent": three[1]})
        assert program.post("customers/archive", {"ids": three}).json()["counts"] == {"done": 3}
        assert Party.objects.filter(pk__in=three, archived_at__isnull=False).count() == 3
        assert program.post("customers/restore", {"ids": three}).status_code == 200
        gone = program.post("customers/delete", {"ids": three, "mode": "each"}, key="gone")
        assert brief(gone) == [("done", None), ("failed", "refused"), ("done", None)]
        assert list(Party.objects.filter(pk__in=three).values_list("pk", flat=True)) == [three[1]]
        assert brief(program.post("customers/delete", {"ids": three, "mode": "each"}, key="gone")) == brief(gone)

    def test_a_key_without_the_right_changes_nothing(self, three, alpha, member):
        reader, nobody = program_for(alpha.member_id, may_write=False), program_for(member().member_id)
        for one in (reader, nobody):
            for path in ("archive", "restore", "delete", "assign_owner"):
                assert one.post(f"customers/{path}", {"ids": three}).status_code == 403, path
        some = program_for(alpha.member_id, models_only=["sales.order"])
        assert some.post("customers/assign_owner", {"ids": three, "arguments": {"owner": 1}}).status_code == 403
        assert codes("D") == ["D0", "D1", "D2"]

    def test_lists_of_ids_that_are_none_are_refused(self, program, three):
        for ids in ([], "x", [True], [0], ["1"], [three[0], three[0]], list(range(1, 202))):
            assert program.post("customers/archive", {"ids": ids}).status_code == 400, ids
