"""What the description says is true."""

import json
import re

import pytest

from guanxi.kernel.api.problems import Problem
from guanxi.kernel.api.tests.conftest import program_for
from guanxi.kernel.openapi.answers import codes, kinds_of_refusal
from guanxi.kernel.openapi.document import document
from tests.architecture.tree import PACKAGE

NEEDS_MORE = {
    "/finance/exchange-rates", "/inventory/deliveries", "/inventory/receipts", "/relations", "/sales/orders", "/sales/quotations",
    "/sales/contracts", "/setup/locations", "/setup/numbers", "/setup/role-assignments",
}
"""What needs products, a warehouse, a second company or a member without the role, which this set does not have."""


@pytest.fixture
def program(alpha):
    return program_for(alpha.member_id)


@pytest.fixture
def described(alpha):
    return document(alpha, "alpha")


def each(described):
    for path, item in described["paths"].items():
        for verb in ("get", "post", "patch", "delete"):
            if verb in item:
                yield path, verb, item[verb]


class TestErrors:
    def test_every_code_that_is_answered_is_in_the_list_and_every_one_in_the_list_is_answered(self):
        source = "".join(path.read_text() for folder in ("api", "records", "files") for path in (PACKAGE / "kernel" / folder).glob("*.py"))
        used = set(re.findall(r'Problem\(\s*\d+, "(\w+)"', source)) | set(re.findall(r'^    code = "(\w+)"', source, re.M))
        assert used == {code for code in codes() if code not in {one.code for one in kinds_of_refusal() if one.meaning}}

    def test_a_refusal_of_a_module_has_its_code_in_the_list(self):
        own = {one.code: one for one in kinds_of_refusal() if ".kernel." not in one.__module__}
        assert {"order_on_hold", "nothing_changed", "credit_exceeded"} <= set(own)
        assert {code: one.status for code, one in own.items()} == {code: int(codes()[code][0]) for code in own}

    def test_statuses_in_the_list_are_those_answered(self):
        source = "".join(path.read_text() for path in (PACKAGE / "kernel" / "api").glob("*.py"))
        for status, code in re.findall(r'Problem\(\s*(\d+), "(\w+)"', source):
            assert codes()[code][0] == status, code
        assert Problem(429, "too_many_requests", "x").answer().status_code == 429

    def test_meanings_are_there_in_both_languages_and_codes_are_the_same(self, program):
        english = program.get("openapi.json").json()["x-error-codes"]
        program.language = "zh-Hans"
        chinese = program.get("openapi.json").json()["x-error-codes"]
        assert list(english) == list(chinese)
        assert all(english[code]["meaning"] != chinese[code]["meaning"] for code in english)
        assert chinese["forbidden"] == {"status": 403, "meaning": "没有权限"}

    def test_each_status_of_an_answer_is_described_with_an_example(self, described):
        for path, verb, what in each(described):
            for status, answer in what["responses"].items():
                if status < "400":
                    continue
                found = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                assert found["content"]["application/json"]["examples"], (path, verb, status)
            assert {"401", "403", "429", "503"} <= set(what["responses"]), (path, verb)


class TestExamples:
    def test_every_body_has_one_and_it_names_only_what_may_be_sent(self, described):
        schemas = described["components"]["schemas"]
        for path, verb, what in each(described):
            for kind, content in what.get("requestBody", {}).get("content", {}).items():
                if kind != "application/json":
                    continue
                examples = [one["value"] for one in content.get("examples", {}).values()] or [content.get("example")]
                assert examples[0] is not None, f"{verb} {path}"
                schema = content["schema"]
                while "$ref" in schema or "anyOf" in schema:
                    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
                assert set(examples[0]) <= set(schema["properties"]), (path, verb)

    def test_examples_of_new_records_are_taken_as_they_stand(self, program, alpha):
        program.post("customers", {"code": "ACME", "name": "Acme"})
        described = document(alpha, "alpha")
        taken, refused = [], {}
        for path, _verb, what in each(described):
            if not what["operationId"].endswith(".create"):
                continue
            example = what["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
            needed = described["components"]["schemas"][f"{path.removeprefix('/').replace('/', '.')}.new"].get("required", ())
            if not set(needed) <= set(example) or {} in example.get("lines", ()) or path in NEEDS_MORE:
                continue  # There is nothing yet in this set that it could refer to.
            answer = program.post(path.removeprefix("/"), example)
            if answer.status_code == 201:
                taken.append(path)
            else:
                refused[path] = answer.json()["error"]["fields"]
        assert not refused, json.dumps(refused, ensure_ascii=False, indent=1)
        assert {"/customers", "/contacts", "/leads"} <= set(taken) and len(taken) > 25

    def test_a_reader_without_sight_of_rows_gets_no_name_of_theirs(self, program, member):
        program.post("customers", {"code": "SECRET-1", "name": "Hidden"})
        mine = program_for(member("salesperson").member_id)
        assert "SECRET-1" in program.get("openapi.json").content.decode()
        assert "SECRET-1" not in mine.get("openapi.json").content.decode()
