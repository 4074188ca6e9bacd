"""A slice of the fuzzing that tests/fuzz/README.md describes, and the proof that it finds what is wrong."""

from __future__ import annotations

import json
import random

import pytest

from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member
from guanxi.kernel.openapi.document import document
from tests.fuzz.asking import Fuzz
from tests.fuzz.inside import Inside

SEED = 20
ADDRESSES = 30


@pytest.fixture
def fuzz(alpha):
    _row, token = make_key(Member.objects.get(pk=alpha.member_id), "fuzz")
    described = json.loads(json.dumps(document(alpha, "alpha"), default=str))
    described["servers"] = [{"url": "http://testserver/api/alpha"}]
    return Fuzz(described, Inside(token), SEED)


def test_no_answer_is_a_fault_or_not_in_the_description(fuzz):
    chosen = {one.label for one in random.Random(SEED).sample(fuzz.operations, ADDRESSES)}
    found = fuzz.run(2, only=lambda one: one.label in chosen or one.path.startswith("/customers"))
    assert not found.problems, "\n".join(f"{what}\n    {how}" for what, how in found.problems.items())
    assert found.calls > 150
    assert found.statuses[200] > 5 and found.statuses[422] > 5, found.statuses


def test_a_fault_and_an_answer_that_nobody_described_are_found(fuzz, monkeypatch):
    from guanxi.kernel.api import reading
    from guanxi.kernel.api.problems import json_answer

    monkeypatch.setattr(reading, "listed", lambda call, screen: 1 / 0)
    monkeypatch.setattr(reading, "shown", lambda call, screen, row_id: json_answer({"id": "x"}, 218))
    found = fuzz.run(2, only=lambda one: one.path in ("/customers", "/customers/{id}") and one.method == "get")
    assert {what.split(":")[0] for what in found.problems} >= {"500 GET /customers", "UndefinedStatusCode 218 GET /customers/{id}"}
