"""Invoices sent to the customer by mail, and the text they begin with."""

from typing import Literal

from django.utils.translation import gettext_lazy as _

from guanxi.erp.finance.models import Invoice
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.shared.messaging.models import Message, MessageAttachment, MessageTemplate
from guanxi.shared.messaging.operations import MAIL_LABELS, printed_pdf, queue_message, written_about
from guanxi.shared.messaging.ports import mailed_by, ready_text
from guanxi.shared.parties.models import Contact


@operation(label=_("Send by e-mail"), icon="mail", labels=MAIL_LABELS)
def mail_invoice(
    invoice: Invoice, *, actor: Actor, to: str = "", contacts: list[Contact] | None = None, subject: str = "", body: LongText = "",
    cc: str = "", bcc: str = "", language: Literal["zh-hans", "en"] | None = None, template: MessageTemplate | None = None,
    attachments: list[MessageAttachment] | None = None,
) -> Message:
    """Send the invoice to the customer by e-mail."""
    return queue_message(
        **written_about(
            invoice, actor=actor, enclosed=[printed_pdf(invoice, actor, language)], to=to, contacts=contacts, subject=subject, body=body,
            cc=cc, bcc=bcc, language=language, template=template, attachments=attachments,
        )
    )


mailed_by(Invoice, mail_invoice, template="invoice", enclosed=_("The invoice as PDF"))

ready_text(
    "invoice", Invoice, name=_("Invoice"), subject=_("Invoice {{ number }} from {{ company.name }}"),
    body=_(
        "Dear {{ coalesce(contact.name, customer.name) }},\n\n"
        "attached you find our invoice {{ number }} of {{ issued_on }}. It amounts to {{ total }} and is due on {{ due_on }}.\n\n"
        "Kind regards\n{{ sender.name }}\n{{ company.name }}"
    ),
)
