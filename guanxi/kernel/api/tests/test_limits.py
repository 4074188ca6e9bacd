"""How often a key may ask."""

import pytest
from django.db import connections

from guanxi.kernel.access.models import Member
from guanxi.kernel.api import admission
from guanxi.kernel.api.tests.conftest import Program, program_for
from guanxi.kernel.database import in_set


@pytest.fixture
def two_keys(rolled_back, settings):
    settings.GUANXI_API_PER_KEY, settings.GUANXI_API_PER_MEMBER = 3, 5
    with in_set("alpha"):
        member_id = Member.objects.get(code="admin").pk
        return program_for(member_id), program_for(member_id)


class TestLimits:
    def test_the_headers_say_what_is_left_and_the_one_too_many_is_429_until_the_window_ends(self, two_keys):
        first, second = two_keys
        for left in (2, 1, 0):
            answer = first.get("nowhere")
            assert answer.status_code == 404
            assert answer["RateLimit-Policy"] == '"key";q=3;w=60, "member";q=5;w=60'
            assert answer["RateLimit"].split(";t=")[0] == f'"key";r={left}'
        refused = first.get("customers")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert refused["RateLimit"].startswith('"key";r=0;t=')
        assert second.get("customers").status_code == 200
        assert second.get("customers").status_code == 429
        with connections["default"].cursor() as cursor:
            cursor.execute("UPDATE guanxi.cache SET expires = clock_timestamp() WHERE cache_key LIKE 'limit:%'")
        assert first.get("customers").status_code == 200

    def test_a_refused_write_was_not_done_and_consumed_no_key(self, two_keys):
        first, _second = two_keys
        for _turn in range(3):
            first.get("nowhere")
        assert first.post("customers", {"name": "Late"}, key="late").status_code == 429
        with connections["default"].cursor() as cursor:
            cursor.execute("DELETE FROM guanxi.cache WHERE cache_key LIKE 'limit:%'")
        assert first.post("customers", {"name": "Late"}, key="late").status_code == 201

    def test_guessing_keys_is_stopped_by_address_and_makes_no_counter_of_its_own(self, rolled_back, settings, monkeypatch):
        monkeypatch.setattr(admission, "KNOCKS", admission.Limit("address", 2))
        answers = [Program(f"gx_alpha_{number:064x}").get("customers").status_code for number in range(3)]
        assert answers == [401, 401, 429]
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM guanxi.cache WHERE cache_key LIKE 'limit:%'")
            assert cursor.fetchone() == (1,)

    def test_no_limit_says_nothing_of_limits(self, two_keys, settings):
        settings.GUANXI_API_PER_KEY = settings.GUANXI_API_PER_MEMBER = 0
        assert "RateLimit" not in two_keys[0].get("customers")
