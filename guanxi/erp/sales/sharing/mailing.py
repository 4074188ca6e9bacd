"""Quotations and orders sent to the customer by mail, and the texts they begin with."""

from typing import Literal

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.offers.operations import make_link
from guanxi.erp.sales.offers.validity import why_still_looked_at
from guanxi.erp.sales.operations import require_looked_at, send_quotation
from guanxi.erp.sales.sharing.invitations import ORDER_PLACE, fill_in_link, has_place, with_place
from guanxi.erp.sales.tracking.operations import make_order_link
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.approval import end_waiting
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.shared.messaging.models import Message, MessageAttachment, MessageTemplate
from guanxi.shared.messaging.operations import MAIL_LABELS, printed_pdf, queue_message, written_about
from guanxi.shared.messaging.ports import FILLED_IN, mailed_by, ready_text
from guanxi.shared.parties.models import Contact


@operation(label=_("Send by e-mail"), icon="mail", labels=MAIL_LABELS, unless=why_still_looked_at)
def mail_quotation(
    quotation: Quotation, *, actor: Actor, to: str = "", contacts: list[Contact] | None = None, subject: str = "", body: LongText = "",
    cc: str = "", bcc: str = "", language: Literal["zh-hans", "en"] | None = None, template: MessageTemplate | None = None,
    attachments: list[MessageAttachment] | None = None,
) -> Message:
    """Send the offer to the customer by e-mail; a draft counts as sent from then on."""
    if quotation.status == "draft":
        require_looked_at(quotation, actor)
        send_quotation(quotation, actor=actor)
        end_waiting(send_quotation, quotation, actor)
    written = written_about(
        quotation, actor=actor, enclosed=[printed_pdf(quotation, actor, language)], to=to, contacts=contacts, subject=subject, body=body,
        cc=cc, bcc=bcc, language=language, template=template, attachments=attachments,
    )
    if not quotation.edition:
        return queue_message(**written)
    message = queue_message(**{**written, "body": with_place(written["body"], written["language"])})
    make_link(quotation, message.to, actor, message)
    return message


@operation(label=_("Confirm by e-mail"), states=("confirmed", "done"), icon="mail", labels=MAIL_LABELS)
def mail_order(
    order: Order, *, actor: Actor, to: str = "", contacts: list[Contact] | None = None, subject: str = "", body: LongText = "",
    cc: str = "", bcc: str = "", language: Literal["zh-hans", "en"] | None = None, template: MessageTemplate | None = None,
    attachments: list[MessageAttachment] | None = None,
) -> Message:
    """Send the confirmation of the order by e-mail; with a link to follow it, where the text has a place for one."""
    written = written_about(
        order, actor=actor, enclosed=[printed_pdf(order, actor, language)], to=to, contacts=contacts, subject=subject, body=body,
        cc=cc, bcc=bcc, language=language, template=template, attachments=attachments,
    )
    message = queue_message(**written)
    if has_place(written["body"], ORDER_PLACE):
        make_order_link(order, message.to, actor, message)
    return message


FILLED_IN.append(fill_in_link)
mailed_by(Quotation, mail_quotation, template="quotation", enclosed=_("The quotation as PDF"))
mailed_by(Order, mail_order, template="order", enclosed=_("The order as PDF"))

ready_text(
    "quotation", Quotation, name=_("Quotation"), subject=_("Quotation {{ number }} from {{ company.name }}"),
    body=_(
        "Dear {{ coalesce(contact.name, customer.name) }},\n\n"
        "thank you for your interest. Attached you find our quotation {{ number }} of {{ quoted_on }}. It amounts to {{ total }} including tax"
        '{{ if(is_blank(text(valid_until)), "", " and is valid until ") }}{{ valid_until }}.\n\n'
        "Here you can look at it, ask about it and accept it on line:\n[link to the offer]\n\n"
        "Please write or call me with any question.\n\n"
        "Kind regards\n{{ sender.name }}\n{{ company.name }}\n{{ sender.phone }}"
    ),
)
ready_text(
    "order", Order, name=_("Order confirmation"), subject=_("Your order {{ customer_reference }}, our number {{ number }}"),
    body=_(
        "Dear {{ coalesce(contact.name, customer.name) }},\n\n"
        "thank you for your order, which we have entered under the number {{ number }}; a copy is attached. It amounts to {{ total }} including tax"
        '{{ if(is_blank(text(promised_on)), "", "; we deliver on ") }}{{ promised_on }}.\n\n'
        "Here you can see at any time where it stands:\n[link to the order]\n\n"
        "Kind regards\n{{ sender.name }}\n{{ company.name }}\n{{ sender.phone }}"
    ),
)
