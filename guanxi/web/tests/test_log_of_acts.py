"""Who did what: a list for those who may see it, with what was refused, and without what is secret or personal (M22.1)."""

from __future__ import annotations

import csv
import io
import json

import pytest

from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.models import Act

AUDITOR = {"acts.act": "view", "access.team": "view", "access.member": "view"}


@pytest.fixture
def auditor(visitor):
    return visitor(grants=AUDITOR)


def table(page) -> str:
    text = page.content.decode()
    return text[text.index("<tbody"):text.index("</tbody>")] if "<tbody" in text else ""


class TestTheList:
    def test_it_says_who_did_what_to_which_record(self, admin, team, auditor):
        shown = table(auditor.get("setup/acts/"))
        assert "Team: create" in shown and ">page<" in shown
        admin.post(f"setup/teams/{team.pk}/edit/", {"name": "Northern", "version": team.version})
        shown = table(auditor.get(f"setup/acts/?f.target=access.team:{team.pk}"))
        assert f'<a class="ref" href="/alpha/setup/teams/{team.pk}/">Team Northern</a>' in shown
        assert shown.count("<tr") == 2 and "Team: change" in shown and "Team: create" in shown

    def test_a_record_out_of_sight_has_neither_name_nor_address(self, admin, team, visitor):
        admin.post(f"setup/teams/{team.pk}/edit/", {"name": "Northern", "version": team.version})
        shown = table(visitor(grants={"acts.act": "view"}).get("setup/acts/"))
        assert f"Team #{team.pk}" in shown and "Northern" not in shown and f"/setup/teams/{team.pk}/" not in shown

    def test_it_is_filtered_by_member_operation_period_and_result(self, admin, team, auditor):
        assert "Team: create" in table(auditor.get(f"setup/acts/?f.member={admin.member_id}&f.operation=access.team.add&f.at=today&f.result=done"))
        for none in (f"f.member={auditor.member_id}", "f.operation=access.team.delete", "f.at=last_year", "f.result=refused", "f.channel=api"):
            assert table(auditor.get(f"setup/acts/?{none}")) == "", none

    def test_the_export_is_that_of_every_list(self, admin, team, auditor):
        sent = b"".join(auditor.get("setup/acts/export/?format=csv&f.operation=access.team.add").streaming_content).decode("utf-8-sig")
        head, row = csv.reader(io.StringIO(sent))
        named = dict(zip(head, row, strict=True))
        assert named["Operation"] == "Team: create" and named["Result"] == "done" and named["Came by"] == "page"

    def test_without_the_right_there_is_no_log(self, visitor, team):
        blind = visitor(grants={"access.team": "view"})
        assert blind.get("setup/acts/").status_code == 403
        assert "setup/acts" not in blind.get(f"setup/teams/{team.pk}/?tab=history").content.decode()

    def test_the_history_of_a_record_leads_to_its_acts(self, team, auditor, inside):
        page = auditor.get(f"setup/teams/{team.pk}/?tab=history").content.decode()
        with inside():
            act = Act.objects.get(operation="access.team.add")
        assert f"/alpha/setup/acts/?f.target=access.team:{team.pk}" in page and f"/alpha/setup/acts/{act.pk}/" in page


class TestWhatWasEntered:
    def test_secret_personal_and_hidden_values_are_masked(self, admin, auditor, inside):
        with inside():
            member = Member.objects.get(pk=admin.member_id)
            values = {"name": "Ada", "email": "ada@secret.example", "phone": "13812348000", "new_password": "hunter2"}
            act = Act.objects.create(member=member, operation="access.member.add", arguments=values, at="2026-11-24T09:00:00Z", outcome={})
        page = auditor.get(f"setup/acts/{act.pk}/").content.decode()
        assert "Ada" in page and page.count("•••") == 3
        assert not any(word in page for word in ("ada@secret", "13812348000", "hunter2"))

    def test_neither_the_api_nor_a_filter_gives_it(self, admin, team, auditor, inside):
        with inside():
            _row, token = make_key(Member.objects.get(pk=auditor.member_id), "audit")
        headers = {"Authorization": f"Bearer {token}"}
        [row] = auditor.client.get("/api/alpha/setup/acts?f.operation=access.team.add", headers=headers).json()["rows"]
        assert set(row) == {"id", "version", "at", "member", "operation", "target", "result", "channel", "done_by"}
        one = auditor.client.get(f"/api/alpha/setup/acts/{row['id']}", headers=headers).json()
        assert not {"arguments", "outcome", "key", "digest"} & set(one)
        for name in ("arguments", "outcome", "key"):
            assert auditor.client.get(f"/api/alpha/setup/acts?f.{name}=x", headers=headers).status_code == 400

    def test_what_the_act_wrote_is_named_and_linked(self, team, auditor, inside):
        with inside():
            act = Act.objects.get(operation="access.team.add")
        page = auditor.get(f"setup/acts/{act.pk}/").content.decode()
        assert f'<a class="ref" href="/alpha/setup/teams/{team.pk}/">Team North</a> <span class="faint">created</span>' in page


class TestRefusals:
    def test_what_a_member_had_no_right_to_is_in_the_log_once_a_minute(self, visitor, auditor, team, inside):
        nosy = visitor(grants={"access.team": "view"})
        for _again in range(3):
            assert nosy.post(f"setup/teams/{team.pk}/edit/", {"name": "Mine", "version": 1}).status_code == 403
        with inside():
            [act] = Act.objects.filter(result="refused")
            assert (act.member_id, act.operation, act.channel) == (nosy.member_id, "access.team.change", "page")
            assert act.arguments == {"address": f"/alpha/setup/teams/{team.pk}/edit/"}
            assert Team.objects.get(pk=team.pk).name == "North"
        assert "Team: change" in table(auditor.get("setup/acts/?f.result=refused"))
        assert "You may not" in auditor.get(f"setup/acts/{act.pk}/").content.decode()

    def test_what_no_log_could_hold_is_refused_all_the_same(self, visitor, team, inside):
        outsider = visitor(grants={})
        assert outsider.get("setup/teams/1/act/%00/").status_code == 403
        assert outsider.get(f"setup/teams/{2**64}/").status_code in (403, 404)

    def test_so_is_what_a_key_had_no_right_to(self, visitor, team, inside):
        nosy = visitor(grants={"access.team": "view"})
        with inside():
            row, token = make_key(Member.objects.get(pk=nosy.member_id), "nosy")
        answer = nosy.client.post(
            "/api/alpha/setup/teams", json.dumps({"name": "Mine"}), content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"},
        )
        assert answer.status_code == 403
        with inside():
            [act] = Act.objects.filter(result="refused")
            assert (act.operation, act.channel, act.access_key_id) == ("access.team.add", "api", row.pk)
