"""Inviting, joining, and what a link does not tell (M22.1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.outbox.worker import send_due
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.sets.models import Membership
from guanxi.shared.members.models import Invitation
from guanxi.shared.members.operations import invite_member, renew_invitation, withdraw_invitation
from guanxi.shared.members.operations.invitations import digest_of
from guanxi.shared.messaging.models import MailServer, Message

PASSWORD = "a-long-enough-1"


def admin():
    return actor_of(Member.objects.get(code="admin").pk, language="en")


def invited(email="new@corp.example", name="Wu Na", roles=("salesperson",), **more):
    """The link's address, as the inviter sees it once."""
    with in_set("alpha"):
        found = list(Role.objects.filter(key__in=roles))
        return invite_member(actor=admin(), email=email, name=name, roles=found, language="en", **more).shown_once


@pytest.fixture
def outside(rolled_back, static_files):
    """A browser of somebody who is not signed in."""
    return Client()


class TestInviting:
    def test_a_place_waits_that_opens_nothing_yet(self, alpha):
        made = invite_member(actor=alpha, email=" New@Corp.example ", name="Wu Na", roles=[Role.objects.get(key="salesperson")])
        member = made.invitation.member
        assert (made.invitation.email, member.code, member.is_active, member.user_id) == ("new@corp.example", "new", False, None)
        assert [role.key for role in member.roles.all()] == ["salesperson"]
        assert actor_of(member.pk) is None
        assert made.invitation.expires_at - made.invitation.invited_at == timedelta(days=7)

    def test_only_the_hash_of_the_secret_is_kept(self, alpha):
        made = invite_member(actor=alpha, email="new@corp.example", name="Wu Na", roles=[])
        secret = made.shown_once.split("/")[-2]
        assert made.shown_once == f"/invitations/alpha/{secret}/" and len(secret) == 43
        assert made.invitation.digest == digest_of(secret) and secret not in str(vars(made.invitation))

    def test_nobody_is_invited_to_more_than_the_inviter_has(self, alpha, member):
        Role.objects.create(key="clerk", name={"en": "Clerk"}, grants={"members.invite_member": "company", "access.role": "view"})
        with pytest.raises(Forbidden, match="rights that you have not"):
            invite_member(actor=member("clerk"), email="x@corp.example", name="X", roles=[Role.objects.get(key="administrator")])

    @pytest.mark.parametrize("email", ["", "no address", "a@b", "x@corp.example\nBcc: y@corp.example"])
    def test_what_is_no_address_is_refused(self, alpha, email):
        with pytest.raises(Refused, match="not an e-mail address"):
            invite_member(actor=alpha, email=email, name="X", roles=[])

    def test_who_is_here_or_awaited_is_not_invited_again(self, alpha):
        Member.objects.create(code="here", name="Here", email="here@corp.example")
        with pytest.raises(Refused, match="a place here already"):
            invite_member(actor=alpha, email="HERE@corp.example", name="X", roles=[])
        invite_member(actor=alpha, email="new@corp.example", name="X", roles=[])
        with pytest.raises(Refused, match="send that invitation again"):
            invite_member(actor=alpha, email="new@corp.example", name="X", roles=[])

    def test_who_left_comes_back_as_the_same_member(self, alpha):
        left = Member.objects.create(code="left", name="Left", email="left@corp.example", is_active=False, left_on=alpha.today)
        assert invite_member(actor=alpha, email="left@corp.example", name="Left", roles=[]).invitation.member_id == left.pk


class TestANewPerson:
    def test_sets_name_and_password_and_is_in(self, outside):
        link = invited()
        page = outside.get(link).content.decode()
        assert "Wu Na" in page and "new@corp.example" not in page
        done = outside.post(link, {"name": "Wu Na", "password1": PASSWORD, "password2": PASSWORD})
        assert done.status_code == 200
        username = re.search(r'value="(new-\d{4})"', done.content.decode())[1]
        user = get_user_model().objects.get(username=username)
        assert user.check_password(PASSWORD) and user.language == "en" and user.email.endswith("@localhost.invalid")
        assert outside.get("/alpha/")["Location"] == "/alpha/today/"
        with in_set("alpha"):
            member = Member.objects.get(user_id=user.pk)
            assert member.is_active and actor_of(member.pk).may("sales.confirm_order")
            assert Invitation.objects.get().status == "accepted"
        assert Membership.objects.get(user=user).member_id == member.pk

    def test_the_link_works_once(self, outside):
        link = invited()
        outside.post(link, {"name": "Wu Na", "password1": PASSWORD, "password2": PASSWORD})
        again = Client().get(link)
        assert again.status_code == 410 and "has been used" in again.content.decode()
        assert Client().post(link, {"name": "Y", "password1": PASSWORD, "password2": PASSWORD}).status_code == 410

    @pytest.mark.parametrize(
        ("first", "second"), [("short", "short"), ("1234567890", "1234567890"), (PASSWORD, PASSWORD + "x"), ("Wu Na Wu Na", "Wu Na Wu Na")]
    )
    def test_a_weak_or_mistyped_password_is_told_and_nothing_is_made(self, outside, first, second):
        before = get_user_model().objects.count()
        answer = outside.post(invited(name="Wu Na Wu Na"), {"name": "Wu Na Wu Na", "password1": first, "password2": second})
        assert answer.status_code == 422 and 'class="error"' in answer.content.decode()
        assert get_user_model().objects.count() == before

    def test_the_page_speaks_chinese_to_a_chinese_browser(self, outside):
        page = outside.get(invited(), headers={"Accept-Language": "zh-CN"}).content.decode()
        assert "加入" in page and "设置密码并加入" in page


class TestByMail:
    def test_the_link_in_the_mail_lets_in_and_proves_no_address(self, outside, mailbox):
        with in_set("alpha"):
            given = {"name": "T", "host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "hr@corp.example"}
            create_record(MailServer, given, actor=admin())
        shown = invited()
        send_due("alpha")
        [mail] = mailbox.mails
        [link] = re.findall(r"http://127\.0\.0\.1:\d+(/invitations/alpha/\S+)", mail.get_body(("plain",)).get_content())
        assert mail["To"] == "new@corp.example" and mail["Subject"].endswith("invites you to Alpha") and shown.endswith(link)
        assert outside.post(link, {"name": "Wu Na", "password1": PASSWORD, "password2": PASSWORD}).status_code == 200
        assert get_user_model().objects.get(name="Wu Na").email.endswith("@localhost.invalid")
        with in_set("alpha"):
            kept = Message.objects.get()
            assert link.rpartition("/")[0][-20:] not in kept.body and kept.body != "" and "invites" not in kept.subject


class TestAnExistingPerson:
    def test_joins_with_the_sign_in_they_have(self, outside):
        user = get_user_model().objects.create(username="known", email="known@corp.example", name="Known", language="en")
        link = invited(email="known@corp.example")
        outside.force_login(user)
        assert "Join with this sign-in" in outside.get(link).content.decode()
        assert outside.post(link)["Location"] == "/alpha/"
        assert Membership.objects.get(user=user).account_set.key == "alpha"

    def test_whoever_has_a_place_already_takes_no_second_one(self, outside):
        link = invited()
        outside.force_login(get_user_model().objects.get(username="admin"))
        answer = outside.post(link)
        assert answer.status_code == 409 and "have a place in this company already" in answer.content.decode()

    def test_a_link_tells_nobody_whether_an_address_has_a_sign_in(self, outside):
        """The same page, the same answer, a user name of the same make, whether the address is known here or not."""
        get_user_model().objects.create(username="known", email="known@corp.example", name="Known")
        pages = []
        for email in ("known@corp.example", "other@corp.example"):
            link, client = invited(email=email), Client()
            shown = client.get(link).content.decode()
            done = client.post(link, {"name": "Wu Na", "password1": PASSWORD, "password2": PASSWORD}).content.decode()
            pages.append([re.sub(r"(known|other)-\d{4}|/invitations/[^\"]*|csrf[^>]*|data-csrf=\"[^\"]*\"", "", text) for text in (shown, done)])
        assert pages[0] == pages[1]


class TestLinksThatEnded:
    def test_an_expired_one_says_so(self, outside):
        link = invited()
        with in_set("alpha"):
            Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        answer = outside.get(link)
        assert answer.status_code == 410 and "has expired" in answer.content.decode()
        assert outside.post(link, {"name": "X", "password1": PASSWORD, "password2": PASSWORD}).status_code == 410

    def test_a_withdrawn_one_says_so_and_the_address_is_free_again(self, outside):
        link = invited()
        with in_set("alpha"):
            withdraw_invitation(Invitation.objects.get(), actor=admin())
        assert "was withdrawn" in outside.get(link).content.decode()
        assert invited() != link

    def test_sending_again_ends_the_old_link(self, outside):
        link = invited()
        with in_set("alpha"):
            renewed = perform(renew_invitation, Invitation.objects.get(), actor=admin()).result.shown_once
        assert (outside.get(link).status_code, outside.get(renewed).status_code) == (404, 200)

    @pytest.mark.parametrize("address", ["/invitations/alpha/nonsense/", "/invitations/nowhere/nonsense/", "/invitations/beta/nonsense/"])
    def test_a_link_that_never_was_is_not_there(self, outside, address):
        assert outside.get(address).status_code == 404

    def test_the_link_of_one_set_opens_no_other(self, outside):
        assert outside.get(invited().replace("/alpha/", "/beta/")).status_code == 404
