"""Page after page by cursor."""

import pytest
from django.core.signing import Signer

from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.api.tests.conftest import program_for
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party


def bad(answer):
    assert answer.status_code == 400, answer.content
    return answer.json()["error"]["code"]


def pages(program, path):
    """Every row, page after page, by `next` alone."""
    found = []
    while path:
        answer = program.get(path.removeprefix("/api/alpha/")).json()
        found += answer["rows"]
        path = answer["next"]
    return found


@pytest.fixture
def seven(program):
    rows = [{"code": f"P{n}", "name": f"Customer {n}", "tier": "AB"[n % 2], **({"credit_limit": str(n // 2)} if n < 5 else {})} for n in range(7)]
    assert program.post("customers", {"rows": rows}).status_code == 201
    return "customers?f.code=^P&fields=code&limit=2"


class TestCursors:
    @pytest.mark.parametrize(
        ("sort", "codes"),
        [
            ("code", "0123456"), ("-code", "6543210"), ("tier,-code", "6420531"), ("credit_limit,code", "0123456"), ("-credit_limit,code", "4230156"),
            ("owner,-code", "6543210"),
        ],
    )
    def test_all_rows_come_once_in_order_those_with_nothing_last(self, program, seven, sort, codes):
        assert [row["code"][1:] for row in pages(program, f"{seven}&sort={sort}")] == list(codes)

    def test_a_row_added_or_gone_meanwhile_moves_no_other(self, program, seven):
        first = program.get(f"{seven}&sort=code").json()
        program.post("customers", {"code": "P00", "name": "Before"})
        Party.objects.filter(code="P1").delete()
        second = program.get(first["next"].removeprefix("/api/alpha/")).json()
        assert [row["code"] for row in second["rows"]] == ["P2", "P3"]
        assert "page" not in second and "total" not in second

    def test_the_link_stands_in_the_header_too_and_ends_with_the_rows(self, program, seven):
        answer = program.get(f"{seven}&sort=code")
        assert answer["Link"] == f'<{answer.json()["next"]}>; rel="next"'
        last = program.get("customers?f.code=^P&sort=code")
        assert last.json()["next"] is None and "Link" not in last

    def test_conditions_within_conditions_and_total_go_with_it(self, program, seven):
        asked = "customers?where=any(tier:A;code:P1)&f.code=^P&fields=code&limit=3&sort=code"
        first = program.get(asked).json()
        assert ([row["code"] for row in first["rows"]], first["total"]) == (["P0", "P1", "P2"], 5)
        second = program.get(first["next"].removeprefix("/api/alpha/") + "&total=yes").json()
        assert ([row["code"] for row in second["rows"]], second["total"]) == (["P4", "P6"], 5)

    def test_what_was_changed_made_up_or_meant_for_something_else_is_refused(self, program, seven, alpha, member):
        cursor = program.get(f"{seven}&sort=code").json()["next"].partition("after=")[2]
        other = program_for(member("salesperson").member_id)
        forged = Signer(salt="guanxi.api.after").sign_object(["P0", 1])
        assert bad(program.get(f"{seven}&sort=-code&after={cursor}")) == "bad_cursor"
        assert bad(program.get(f"contacts?sort=name&after={cursor}")) == "bad_cursor"
        assert bad(other.get(f"{seven}&sort=code&after={cursor}")) == "bad_cursor"
        for text in (forged, cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "x", ":", "%00", "é"):
            assert bad(program.get(f"{seven}&sort=code&after={text}")) in ("bad_cursor", "bad_request")
        assert bad(program.get(f"{seven}&sort=code&after={cursor}&page=1")) == "bad_query"

    def test_another_set_s_cursor_is_refused(self, rolled_back):
        with in_set("alpha"):
            mine = program_for(Member.objects.get(code="admin").pk)
        with in_set("beta"):
            theirs = program_for(Member.objects.get(code="admin").pk)
        for program in (mine, theirs):
            program.post("customers", {"rows": [{"name": "A"}, {"name": "B"}]})
        cursor = mine.get("customers?sort=name&limit=1").json()["next"].partition("after=")[2]
        assert bad(theirs.get(f"customers?sort=name&limit=1&after={cursor}")) == "bad_cursor"

    def test_after_the_right_was_lost_the_cursor_opens_nothing(self, program, seven, alpha, member):
        mine = program_for(member("salesperson").member_id)
        mine.post("customers", {"rows": [{"code": f"PM{n}", "name": "Mine"} for n in range(3)]})
        asked = mine.get(f"{seven}&sort=code").json()["next"].removeprefix("/api/alpha/")
        assert mine.get(asked).status_code == 200
        role = Role.objects.get(key="salesperson")
        Role.objects.filter(pk=role.pk).update(grants={name: grant for name, grant in role.grants.items() if name != "parties.party"})
        assert mine.get(asked).status_code == 403


class TestUnchangedRecords:
    def test_a_record_that_is_as_it_was_is_304_and_its_tag_is_a_version_too(self, program):
        made = program.post("customers", {"name": "A"}).json()
        first = program.get(f"customers/{made['id']}")
        again = program.get(f"customers/{made['id']}", If_None_Match=first["ETag"])
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        changed = program.patch(f"customers/{made['id']}", {"name": "B"}, If_Match=first["ETag"])
        assert changed.json()["version"] == 2
        assert program.get(f"customers/{made['id']}", If_None_Match=first["ETag"]).status_code == 200
        assert program.patch(f"customers/{made['id']}", {"name": "C"}, If_Match=first["ETag"]).json()["error"]["code"] == "changed_meanwhile"
