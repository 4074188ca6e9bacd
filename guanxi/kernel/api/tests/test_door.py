"""Who comes in, and how every failure is told."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import AccessKey, Member
from guanxi.kernel.api.operations import end_access_key, make_access_key
from guanxi.kernel.api.tests.conftest import Program, program_for
from guanxi.kernel.database import in_set
from guanxi.kernel.records.refusals import Refused


def code(answer):
    return answer.json()["error"]["code"]


class TestKeys:
    def test_without_a_key_nothing_is_told(self, alpha):
        for token in ("", "x", "gx_alpha_" + "0" * 64, "gx_beta_" + "0" * 64, "gx_nowhere_" + "0" * 64):
            answer = Program(token).get("customers")
            assert (answer.status_code, code(answer)) == (401, "unauthorized")
            assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_a_key_of_another_set_gives_the_same_answer_as_no_key(self, rolled_back):
        with in_set("alpha"):
            program = program_for(Member.objects.get(code="admin").pk)
        assert program.get("customers").status_code == 200
        other = Program(program.token, "beta").get("customers")
        unknown = Program("gx_beta_" + "0" * 64, "beta").get("customers")
        nowhere = Program(program.token, "nowhere").get("customers")
        assert other.status_code == unknown.status_code == nowhere.status_code == 401
        assert other.content == unknown.content == nowhere.content

    def test_an_ended_key_and_an_inactive_member_open_nothing_from_then_on(self, program, alpha, member):
        person = member("salesperson")
        mine = program_for(person.member_id)
        assert mine.get("customers").status_code == 200
        AccessKey.objects.filter(member_id=person.member_id).update(is_active=False)
        assert mine.get("customers").status_code == 401
        AccessKey.objects.filter(member_id=person.member_id).update(is_active=True)
        Member.objects.filter(pk=person.member_id).update(is_active=False)
        assert mine.get("customers").status_code == 401

    def test_a_reading_key_reads_and_writes_nothing(self, alpha):
        reader = program_for(alpha.member_id, may_write=False)
        assert reader.get("customers").status_code == 200
        assert reader.post("customers", {"name": "A"}).status_code == 403
        assert reader.get("customers?q=A&total=no").json()["rows"] == []

    def test_a_key_for_some_records_reaches_no_others(self, alpha):
        some = program_for(alpha.member_id, models_only=["parties.party"])
        assert some.get("customers").status_code == 200
        assert some.get("contacts").status_code == 403
        assert some.post("setup/members/1/make_access_key", {"name": "more"}).status_code == 403

    def test_an_administrator_makes_and_ends_keys(self, program, alpha):
        made = program.post(f"setup/members/{alpha.member_id}/make_access_key", {"name": "scanner", "read_only": True}).json()["result"]
        assert set(made["key"]) >= {"id", "name"}
        scanner = Program(made["token"])
        assert scanner.get("customers").status_code == 200
        assert scanner.post("customers", {"name": "A"}).status_code == 403
        assert program.post(f"setup/keys/{made['key']['id']}/end_access_key").status_code == 200
        assert scanner.get("customers").status_code == 401
        assert made["token"] not in program.get("setup/keys").content.decode()

    def test_a_key_with_a_day_in_the_past_or_for_unknown_records_is_refused(self, alpha):
        person = Member.objects.get(pk=alpha.member_id)
        with pytest.raises(Refused, match="past"):
            make_access_key(person, actor=alpha, name="a", expires_on=alpha.today.replace(year=2000))
        with pytest.raises(Refused, match="nonsense"):
            make_access_key(person, actor=alpha, name="a", models_only="nonsense")
        made = make_access_key(person, actor=alpha, name="a", expires_on=alpha.today, models_only="parties.party")
        end_access_key(made.key, actor=alpha)
        with pytest.raises(Refused, match="already"):
            end_access_key(made.key, actor=alpha)


class TestAnswers:
    def test_an_address_without_anything_is_404(self, program):
        rows = ("99999999", "0", "x", "1/x", "1/archive/x", "99999999999999999999")
        for path in ("nowhere", *(f"customers/{row}" for row in rows)):
            answer = program.get(path)
            assert answer.status_code in (404, 405), path
        assert program.post("customers/99999999/archive").status_code == 404
        assert program.post("customers/nothing_like_this").status_code == 404

    def test_a_method_that_is_not_possible_is_405_with_those_that_are(self, program):
        answer = program.send("PUT", "customers", {})
        assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")
        assert program.send("OPTIONS", "customers")["Allow"] == "GET, POST"
        assert program.send("HEAD", "customers").status_code == 200

    def test_what_is_no_json_is_told_so(self, program):
        for body in (b"{", b"[]", b"\xff", b"[" * 5000, b'{"name": 1e999}', b'{"name": "a\\u0000b"}'):
            answer = program.post("customers", body)
            assert (answer.status_code, code(answer)) == (400, "bad_request"), body
        assert program.post("customers", b"name=A", Content_Type="application/x-www-form-urlencoded").status_code == 415
        assert program.post("customers", b"x" * (11 * 1024 * 1024)).status_code == 413

    def test_a_write_needs_an_idempotency_key(self, program):
        answer = program.post("customers", {"name": "A"}, key=None)
        assert (answer.status_code, code(answer)) == (400, "idempotency_key_missing")
        assert program.post("customers", {"name": "A"}, key="x" * 101).status_code == 400

    def test_words_come_in_the_language_asked_for(self, program):
        assert "need" in program.post("customers", {"name": ""}).json()["error"]["fields"]["name"][0]
        program.language = "zh-CN,zh;q=0.9"
        answer = program.get("nowhere")
        assert answer["Content-Language"] == "zh-hans"
        assert answer.json()["error"]["message"] != "There is nothing at this address."

    def test_a_parameter_that_is_not_known_is_refused(self, program):
        unknown = ("limitt=5", "f.nothing=1", "sort=nothing", "fields=nothing")
        outside = ("limit=0", "limit=501", "limit=x", "page=0", "f.tier=Z", "f.name=%00", "page=99999&limit=500")
        for query in (*unknown, *outside):
            answer = program.get(f"customers?{query}")
            assert (answer.status_code, answer.json()["error"]["code"]) in ((400, "bad_query"), (400, "bad_request")), query

    def test_answers_are_kept_by_nobody_and_run_nowhere(self, program):
        answer = program.get("customers")
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert not answer.cookies

    def test_two_statements_read_the_key_and_the_rows_and_nothing_else_is_asked(self, program):
        program.get("customers?limit=1")
        with CaptureQueriesContext(connections["default"]) as asked:
            program.get("customers?limit=1&total=no&fields=code")
        assert [q["sql"].count("parties_party") > 0 for q in asked if " FROM " in q["sql"].replace("\n", " ")] == [False, True]


class TestBadValuesNeverBreakIt:
    VALUES = [None, True, 5, -1, 1.5, 10**30, "", "x" * 5000, "\u202e", [], [[]], {}, {"id": {}}, [1, "a", None, {}], {"en": 1}]

    @pytest.mark.parametrize("value", VALUES)
    def test_any_value_in_any_column_is_taken_or_refused_in_words(self, program, value):
        from guanxi.kernel.columns.forms import form_of
        from guanxi.shared.parties.models import Party

        for name in form_of(Party).columns:
            answer = program.post("customers", {"name": "A", name: value}, Prefer="return=minimal")
            assert answer.status_code in (201, 409, 422), (name, value, answer.content)
            if answer.status_code == 422:
                assert answer.json()["error"]["fields"]
