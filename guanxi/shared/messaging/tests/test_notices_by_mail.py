"""What a member is told comes by mail too, as each wants it, in their language, and never more than they may see (M22.7, M4.9)."""

from __future__ import annotations

import pytest

from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.discussion.operations import add_comment
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.jobs import announce_digests
from guanxi.kernel.notices.operations import choose_notices, read_notifications
from guanxi.kernel.outbox.worker import send_due
from guanxi.shared.messaging.models import Message
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.operations import assign_owner


@pytest.fixture
def li(alpha, member):
    """A salesperson whose pages are Chinese, with an address."""
    made = member("salesperson", name="Li")
    Member.objects.filter(pk=made.member_id).update(email="li@hengchuan.example", language="zh-hans")
    return made


def customer_of(owner, alpha):
    return create_record(Party, {"name": "Taishan", "owner": owner.member_id}, actor=alpha, by_id=True).result


def give(customer, owner, alpha):
    customer.refresh_from_db()
    assign_owner(customer, actor=alpha, owner=Member.objects.get(pk=owner.member_id))


def mails(mailbox):
    deliver_all("alpha")
    send_due("alpha")
    return mailbox.mails


def test_who_is_given_a_record_has_one_mail_with_its_address(alpha, server, mailbox, li, settings):
    settings.GUANXI_PUBLIC_URL = "https://crm.example"
    customer = customer_of(li, alpha)
    [mail] = mails(mailbox)
    assert (mail["To"], mail["Auto-Submitted"]) == ("li@hengchuan.example", "auto-generated")
    assert mail["Subject"] == f"{alpha.name} 把Taishan分配给了你"
    body = mail.get_body(("plain",)).get_content()
    assert f"https://crm.example/alpha/customers/{customer.pk}/" in body and "https://crm.example/alpha/bell/settings/" in body
    assert len(mails(mailbox)) == 1


def test_a_day_of_comments_is_one_mail(alpha, server, mailbox, li):
    choose_notices(actor=li, comment="digest", assigned="off")
    customer = customer_of(li, alpha)
    label, pk = customer.ref()
    for body in ("first", "second"):
        add_comment(actor=alpha, target_model=label, target_id=pk, body=body)
    assert mails(mailbox) == []
    assert announce_digests(alpha) == 1
    [mail] = mails(mailbox)
    assert mail["Subject"] == "Guanxi 的 2 条通知"
    assert "first" in mail.get_body(("plain",)).get_content() and "second" in mail.get_body(("plain",)).get_content()


def test_what_was_read_or_may_not_be_seen_any_more_is_not_mailed(alpha, server, mailbox, li, member):
    choose_notices(actor=li, comment="digest", assigned="off")
    customer = customer_of(li, alpha)
    label, pk = customer.ref()
    add_comment(actor=alpha, target_model=label, target_id=pk, body="hidden soon")
    deliver_all("alpha")
    announce_digests(alpha)
    give(customer, alpha, alpha)
    assert mails(mailbox) == []
    give(customer, li, alpha)
    add_comment(actor=alpha, target_model=label, target_id=pk, body="read at once")
    deliver_all("alpha")
    read_notifications(actor=li)
    announce_digests(alpha)
    assert mails(mailbox) == []


def test_nobody_is_mailed_without_an_address_or_a_server(alpha, mailbox, li, member):
    customer_of(li, alpha)
    customer_of(member("salesperson", name="Wang"), alpha)
    deliver_all("alpha")
    assert not Message.objects.exists()
