"""Standing in, looking, leaving and the account: pages asked as a browser asks (M22.1)."""

from __future__ import annotations

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.test import Client

from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.access.models import Deputy, Look, LookedPage, Member, Role, Team
from guanxi.kernel.database import in_set
from guanxi.kernel.records.models import History
from guanxi.shared.members.operations import invite_member, name_deputy
from guanxi.shared.parties.models import Party


class TestInTheBrowser:
    """The door of every page, asked as a browser asks."""

    @pytest.fixture
    def pair(self, visitor):
        return visitor("salesperson"), visitor("salesperson")

    def stand(self, principal, deputy):
        with in_set("alpha"):
            actor = actor_of(principal.member_id)
            return name_deputy(actor=actor, deputy=Member.objects.get(pk=deputy.member_id), valid_from=actor.today, valid_until=actor.today)

    def test_a_deputy_switches_works_and_switches_back(self, pair):
        away, here = pair
        made = self.stand(away, here)
        assert here.get("me/").content.decode().count("stand-in") == 1
        assert here.post(f"me/stand-in/{made.pk}/").status_code == 303
        page = here.get("customers/")
        assert "You work for" in page.content.decode()
        here.post("customers/new/", {"name": "Acme", "kind": "company"})
        with in_set("alpha"):
            party = Party.objects.get(name="Acme")
            step = History.objects.filter(model="parties.party", row_id=party.pk).latest("pk")
            names = {pk: Member.objects.get(pk=pk).name for pk in (away.member_id, here.member_id)}
        assert (party.owner_id, step.member_id) == (away.member_id, here.member_id)
        assert f"{names[here.member_id]} for {names[away.member_id]}" in here.get(f"customers/{party.pk}/?tab=history").content.decode()
        here.post("me/stand-down/")
        assert "You work for" not in here.get("customers/").content.decode()
        assert here.get(f"customers/{party.pk}/").status_code == 404

    def test_what_is_sent_after_the_end_is_not_done_in_one_s_own_name(self, pair):
        away, here = pair
        made = self.stand(away, here)
        here.post(f"me/stand-in/{made.pk}/")
        with in_set("alpha"):
            Deputy.objects.update(ended_at=made.valid_from.strftime("%Y-%m-%dT00:00:00Z"))
        assert here.post("customers/new/", {"name": "Late", "kind": "company"}).status_code == 403
        with in_set("alpha"):
            assert not Party.objects.filter(name="Late").exists()
        assert here.get("customers/").status_code == 200

    def test_nobody_stands_in_without_being_asked(self, pair, visitor):
        made = self.stand(*pair)
        stranger = visitor("administrator")
        assert stranger.post(f"me/stand-in/{made.pk}/").status_code == 403
        assert "You work for" not in stranger.get("customers/").content.decode()

    def test_a_look_is_read_only_and_every_page_is_written_down(self, admin, pair):
        seen, _other = pair
        begun = admin.post(f"setup/members/{seen.member_id}/act/members.see_as_member/", {"reason": "Help"})
        assert begun.status_code == 303
        page = admin.get("customers/?q=x")
        assert page.status_code == 200 and "You see what" in page.content.decode()
        assert admin.get("setup/roles/").status_code == 403
        for path in ("customers/new/", "setup/teams/new/", f"setup/members/{seen.member_id}/act/members.assign_role/"):
            assert admin.post(path, {"name": "X", "kind": "company"}).status_code == 403
        with in_set("alpha"):
            look = Look.objects.get()
            assert [p.path for p in LookedPage.objects.order_by("pk")][0] == "/alpha/customers/?q=x"
            assert (look.member_id, look.viewer_id, look.reason) == (seen.member_id, admin.member_id, "Help")
            assert not Party.objects.filter(name="X").exists()
        assert "Help" in seen.get("me/").content.decode()
        admin.post("me/stand-down/")
        assert admin.get("setup/roles/").status_code == 200
        with in_set("alpha"):
            assert Look.objects.get().ended_at is not None

    def test_even_a_page_that_writes_while_it_is_read_is_stopped_by_the_database(self, admin, pair, monkeypatch):
        from guanxi.web.pages import teams

        def careless(actor):
            Team.objects.create(name="Written")
            return []

        admin.post(f"setup/members/{pair[0].member_id}/act/members.see_as_member/", {"reason": "Help"})
        monkeypatch.setattr(teams, "team_tree", careless)
        assert admin.get("setup/team-tree/").status_code == 403
        with in_set("alpha"):
            assert not Team.objects.filter(name="Written").exists()
        admin.post("me/stand-down/")
        assert admin.get("setup/team-tree/").status_code == 200, "the control: without the look the same page writes"


class TestTwoSteps:
    def test_a_role_or_a_set_that_asks_for_two_steps_opens_nothing_before(self, visitor, inside):
        person = visitor("salesperson")
        assert person.get("customers/").status_code == 200
        with inside():
            Role.objects.filter(key="salesperson").update(is_two_step_needed=True)
        answer = person.get("customers/")
        assert answer["Location"] == "/account/two-step/?next=%2Falpha%2Fcustomers%2F"
        assert "Add a passkey" in person.client.get(answer["Location"]).content.decode()
        session = person.client.session
        session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa", "type": "totp"}]
        session.save()
        assert person.get("customers/").status_code == 200


class TestLeavingPage:
    def test_it_shows_what_is_in_hand_and_hands_it_over(self, admin, visitor, inside):
        gone, heir = visitor("salesperson"), visitor("salesperson")
        with inside():
            Party.objects.create(code="W1", name="Acme", owner_id=gone.member_id)
        address = f"setup/members/{gone.member_id}/leaving/"
        page = admin.get(address).content.decode()
        assert 'name="to.parties.party"' in page and "Nothing is in their hands" not in page
        refused = admin.post(address, {"leaves": "yes"})
        assert refused.status_code == 409 and "Say who takes over" in refused.content.decode()
        assert gone.get("customers/").status_code == 200
        done = admin.post(address, {"leaves": "yes", "successor": str(heir.member_id)})
        assert done["Location"].endswith("?tab=hand-overs")
        assert gone.get("customers/").status_code == 403
        with inside():
            assert Party.objects.get(code="W1").owner_id == heir.member_id

    def test_without_the_right_it_is_closed(self, visitor, admin):
        assert visitor("salesperson").get(f"setup/members/{admin.member_id}/leaving/").status_code == 403


def signed_in(client, user):
    """Through the form, as people do; only then is the session listed."""
    if not user.has_usable_password() or not user.check_password("a-long-enough-1"):
        user.set_password("a-long-enough-1")
        user.save()
    client.logout()
    assert client.post("/accounts/login/", {"login": user.username, "password": "a-long-enough-1"}).status_code == 302


class TestOwnAccount:
    def test_language_and_time_zone_are_the_person_s_own(self, admin):
        answer = admin.client.post("/account/", {"name": "V", "language": "zh-hans", "timezone": "Europe/Berlin"})
        assert answer.status_code == 302
        assert "我的账户" in admin.client.get("/account/").content.decode()
        assert admin.client.post("/account/", {"name": "V", "language": "xx", "timezone": "Mars/Base"}).status_code == 422

    def test_sessions_are_listed_and_ended_one_by_one_or_all(self, admin):
        user = get_user_model().objects.get(pk=admin.client.session["_auth_user_id"])
        others = [Client(), Client()]
        for client in (admin.client, *others):
            signed_in(client, user)
        assert UserSession.objects.filter(user=user).count() == 3
        assert admin.client.get("/account/sessions/").content.decode().count('name="session"') == 5
        first = UserSession.objects.get(session_key=others[0].session.session_key)
        admin.client.post("/account/sessions/end/", {"session": str(first.pk)})
        assert [client.get("/alpha/").status_code for client in others] == [302, 303]
        admin.client.post("/account/sessions/end/", {"session": "others"})
        assert others[1].get("/alpha/").status_code == 302 and admin.get("").status_code == 303
        admin.client.post("/account/sessions/end/", {"session": "all"})
        assert admin.get("").status_code == 302

    def test_nobody_ends_another_s_session(self, admin, visitor):
        other = visitor("salesperson")
        signed_in(other.client, get_user_model().objects.get(pk=other.client.session["_auth_user_id"]))
        session = UserSession.objects.get(session_key=other.client.session.session_key)
        admin.client.post("/account/sessions/end/", {"session": str(session.pk)})
        assert other.get("").status_code == 303


class TestRolePages:
    def test_rights_are_changed_by_choices_and_what_differs_is_marked(self, admin, inside):
        with inside():
            source = Role.objects.get(key="salesperson").pk
        copy = admin.post(f"setup/roles/{source}/act/members.copy_role/", {"name": "Junior"})["Location"].removeprefix("/alpha/")
        page = admin.get(copy + "rights/").content.decode()
        assert 'name="sales.order:view"' in page
        with inside():
            role = Role.objects.get(key="junior")
        chosen = {"sales.order:view": "team", "sales.confirm_order:do": "own", "sees": "see_margin", "version": role.version}
        saved = admin.post(copy + "rights/", chosen)
        assert saved.status_code == 303
        with inside():
            role.refresh_from_db()
            assert (role.grants, role.sees) == ({"sales.order": "view:team", "sales.confirm_order": "own"}, ["see_margin"])
        assert "<s>one&#x27;s own</s>" in admin.get(copy).content.decode()
        history = admin.get(copy + "?tab=history").content.decode()
        told = re.findall(r"<dt>([^<]*)</dt><dd><del>(.*?)</del>.*?<ins>(.*?)</ins>", history)
        assert ("Make contract · Sales order", "one&#x27;s own", '<span class="none" aria-hidden="true">—</span>') in told
        assert "view:team" not in history

    def test_a_ready_made_role_is_not_changed(self, admin, inside):
        with inside():
            pk = Role.objects.get(key="salesperson").pk
        assert admin.post(f"setup/roles/{pk}/rights/", {"sales.order:view": "team"}).status_code == 409
        assert admin.get(f"setup/roles/{pk}/").content.decode().count("Change rights") == 0

    def test_a_title_that_is_an_address_leads_to_its_row(self, admin, inside):
        with inside():
            pk = invite_member(actor=system_actor(), email="new@corp.example", name="Wu Na", roles=[]).invitation.pk
        assert f'<a class="open" href="/alpha/setup/invitations/{pk}/">new@corp.example</a>' in admin.get("setup/invitations/").content.decode()
