"""Quotations, orders and invoices by mail: the text begins with a template, a draft counts as sent once (M4.9, M5.11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from guanxi.erp.finance.mailing import mail_invoice
from guanxi.erp.finance.tests.world import period
from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import confirm_order, invoice_order, order_quotation
from guanxi.erp.sales.sharing.invitations import fill_in_link
from guanxi.erp.sales.sharing.mailing import mail_order, mail_quotation
from guanxi.erp.sales.sharing.tokens import address_of
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.operations import revoke_order_link
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.outbox.worker import send_due
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.messaging.models import MailServer, Message, MessageTemplate
from guanxi.shared.parties.models import Contact


@pytest.fixture
def quotation(trade):
    trade.actor = replace(trade.actor, now=datetime(2026, 3, 2, 4, tzinfo=UTC))
    period(trade.actor, trade.actor.today)
    create_record(MailServer, {"name": "Here", "kind": "catch", "from_address": "a@b.example"}, actor=trade.actor)
    person = create_record(Contact, {"party": trade.customer.pk, "name": "Wang Fang", "email": "wang@hengchuan.example"}, actor=trade.actor).result
    lines = [{"product": "SCREW", "quantity": "10", "unit_price": "9.50"}, {"product": "FIT", "quantity": "1"}]
    given = {"customer": trade.customer.pk, "contact": person.pk, "quoted_on": "2026-03-02", "valid_until": "2026-04-01", "lines": lines}
    return create_record(Quotation, given, actor=trade.actor).result


def template(code):
    return MessageTemplate.objects.get(code=code)


def test_sending_a_draft_marks_it_sent_once_and_the_mail_says_what_it_is(trade, quotation):
    for _time in range(2):
        message = mail_quotation(quotation, actor=trade.actor, contacts=[quotation.contact], template=template("quotation"), language="en")
    assert quotation.status == "sent"
    assert Event.objects.filter(name="QuotationSent", subject_id=quotation.pk).count() == 1 and Message.objects.count() == 2
    assert message.subject.startswith(f"Quotation {quotation.number} from ")
    assert message.body.startswith(
        f"Dear Wang Fang,\n\nthank you for your interest. Attached you find our quotation {quotation.number} of 2 Mar 2026. "
        "It amounts to ¥242.95 including tax and is valid until 1 Apr 2026.\n"
    )
    pdf = message.attachments.get()
    assert (pdf.media_type, bytes(pdf.content)[:5]) == ("application/pdf", b"%PDF-") and quotation.number in pdf.name
    assert (message.target_model, message.target_id, message.party_id) == ("sales.quotation", quotation.pk, trade.customer.pk)
    assert send_due("alpha") == 2


def test_in_chinese_the_same_text_is_chinese(trade, quotation):
    message = mail_quotation(quotation, actor=trade.actor, contacts=[quotation.contact], template=template("quotation"), language="zh-hans")
    assert f"报价单 {quotation.number}，含税总价 ¥242.95，有效期至 2026年4月1日。" in message.body


def test_a_mail_that_cannot_be_sent_leaves_the_quotation_a_draft(trade, quotation):
    with pytest.raises(Refused, match="Say to whom"):
        perform(mail_quotation, quotation.pk, actor=trade.actor, raw={"subject": "A", "body": "B"})


def test_whoever_needs_approval_for_sending_needs_it_for_mailing(trade, quotation, member):
    director = Role.objects.create(key="director", name={"en": "Director"}, grants={})
    ApprovalRule.objects.create(name={"en": "All"}, operation="sales.send_quotation", condition="total > 100", approvers=director)
    seller = member("salesperson")
    Quotation.objects.filter(pk=quotation.pk).update(owner=seller.member_id)
    quotation.customer.owner_id = seller.member_id
    quotation.customer.save()
    with pytest.raises(Refused, match="needs approval first: All. Ask for it with “Send”"):
        perform(mail_quotation, quotation.pk, actor=seller, raw={"to": "x@y.example", "subject": "A", "body": "B"})
    assert not Message.objects.exists()
    quotation.refresh_from_db()
    assert quotation.status == "draft"


def test_orders_and_invoices_have_texts_of_their_own(trade, quotation):
    order = order_quotation(quotation, actor=trade.actor, customer_reference="PO-7")
    with pytest.raises(Refused, match="“Draft”"):
        mail_order(order, actor=trade.actor, to="x@y.example", template=template("order"))
    confirm_order(order, actor=trade.actor)
    message = mail_order(order, actor=trade.actor, to="x@y.example", template=template("order"), language="en")
    assert message.subject == f"Your order PO-7, our number {order.number}" and "¥242.95" in message.body
    invoice = invoice_order(order, actor=trade.actor)
    message = mail_invoice(invoice, actor=trade.actor, to="x@y.example", template=template("invoice"), language="en")
    assert invoice.number in message.subject and "is due on" in message.body


def test_a_confirmation_leads_to_the_order_where_its_text_has_a_place_for_the_link(trade, quotation):
    order = order_quotation(quotation, actor=trade.actor)
    confirm_order(order, actor=trade.actor)
    plain = mail_order(order, actor=trade.actor, contacts=[quotation.contact], subject="Yours", body="Thank you.", language="en")
    message = mail_order(order, actor=trade.actor, contacts=[quotation.contact], template=template("order"), language="en")
    link = OrderLink.objects.get()
    assert link.message == message and plain.body == "Thank you." and "[link to the order]" in message.body
    assert address_of(link) in fill_in_link(message, message.body) and "[link" not in fill_in_link(message, message.body)
    revoke_order_link(link, actor=trade.actor)
    assert "withdrawn" in fill_in_link(message, message.body)
