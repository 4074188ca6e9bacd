"""How mail, its servers and its templates are seen and entered."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.screens.screen import Screen
from guanxi.shared.messaging.completion import complete_messages, complete_servers, complete_templates
from guanxi.shared.messaging.models import MailServer, Message, MessageTemplate


class MessageScreen(Screen):
    model = Message
    path = "messages"
    icon = "mail"
    teaches = _("E-mail and other messages with customers; each stands on the time line of its customer as well.")
    menu = ("customers", 40)
    record_template = "pages/message.html"
    columns = ("subject", "to", "status", "party", "sender", "at", "sent_at")
    filters = ("status", "party", "contact", "sender", "at", "sent_at", "template", "language", "error")
    search = ("subject", "to", "party__name")
    default_sort = "-at"
    sorts = ("at",)
    subtitle = ("party", "sender", "at")
    sections = {
        _("E-mail message"): ("subject", "to", "cc", "bcc", "body"),
        _("With whom"): ("party", "contact", "sender", "template", "language"),
        pgettext_lazy("mail", "Delivery"): ("server", "message_id", "at", "sent_at", "error"),
    }
    peek = ("to", "cc", "at", "sent_at", "error", "body")
    operations = ("send_draft", "resend_message", "cancel_message", "note_bounce")
    complete = complete_messages
    may_create = False


class MailServerScreen(Screen):
    model = MailServer
    path = "setup/mail-servers"
    example = {"host": "smtp.example.com", "sender": "sales@example.com"}
    icon = "server-2"
    menu = ("setup", 62)
    columns = ("name", "kind", "host", "security", "from_address", "is_active", "is_default")
    filters = ("kind", "is_active")
    search = ("name", "host", "from_address")
    sections = {
        _("Mail server"): ("name", "kind", "host", "port", "security", "is_active", "is_default"),
        _("Sign-in"): ("username", "has_password"),
        _("Sender"): ("from_address", "from_name", "bounce_address"),
    }
    operations = ("test_mail_server", "set_mail_password", "choose_mail_server")
    complete = complete_servers


class MessageTemplateScreen(Screen):
    model = MessageTemplate
    path = "setup/message-templates"
    icon = "mail-forward"
    menu = ("setup", 64)
    columns = ("name", "code", "target_model", "subject", "is_active")
    filters = ("target_model", "is_active")
    search = ("code", "name")
    default_sort = "code"
    subtitle = ("code", "target_model")
    sections = {_("Message template"): ("name", "code", "target_model", "is_active"), _("Text"): ("subject", "body")}
    complete = complete_templates
