"""What the system adds to entered servers, templates and drafts, and what it refuses beyond the columns' own rules."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.messaging.addresses import read_addresses, require_some, written
from guanxi.shared.messaging.merge import BadText, Names, fields_of
from guanxi.shared.messaging.models import MailServer


def complete_servers(drafts: Sequence[Draft], actor: Actor) -> None:
    """The first server is the default; one that sends needs a host, and a secret way to it for a password."""
    is_first = not MailServer.objects.filter(is_default=True).exists()
    for number, draft in enumerate(drafts):
        if draft.get("kind", "smtp") == "smtp":
            if not draft.get("host"):
                draft.add_error("host", _("This is needed."))
            elif not all(sign.isalnum() or sign in ".-:[]_" for sign in draft.get("host")):
                draft.add_error("host", _("Write the name or address of the server alone, such as smtp.example.com."))
            if not 0 < (draft.get("port", 587) or 0) < 65536:
                draft.add_error("port", _("A port is a number from 1 to 65535."))
            if draft.get("username") and draft.get("security", "starttls") == "none":
                draft.add_error("security", _("Without encryption anybody on the way could read the password: choose STARTTLS or TLS."))
        if draft.instance is None:
            draft.values["is_default"] = is_first and number == 0 and draft.get("is_active", True) is not False


def complete_templates(drafts: Sequence[Draft], actor: Actor) -> None:
    """Every merge field of every language must be readable, and the subject one line."""
    for draft in drafts:
        label = draft.get("target_model")
        names = Names.of(model_named(label) if label else None)
        for field in ("subject", "body"):
            texts = draft.get(field) or {}
            if not any(texts.values()):
                draft.add_error(field, _("This is needed."))
            for text in texts.values():
                try:
                    list(fields_of(text, names))
                except BadText as error:
                    draft.add_error(field, error)
        if "subject" in draft.values and draft.values["subject"]:
            draft.values["subject"] = type(draft.values["subject"])({code: " ".join(text.split()) for code, text in draft.values["subject"].items()})
        if not draft.get("name"):
            draft.add_error("name", _("This is needed."))


def complete_messages(drafts: Sequence[Draft], actor: Actor) -> None:
    """Addresses that are addresses, each once."""
    for draft in drafts:
        found = {}
        for field in ("to", "cc", "bcc"):
            try:
                found[field] = read_addresses(draft.get(field) or "", field)
                if field in draft.values:
                    draft.values[field] = written(found[field])
            except Refused as refused:
                draft.add_error(field, refused)
        if len(found) == 3:
            try:
                require_some(found["to"], found["cc"], found["bcc"])
            except Refused as refused:
                draft.add_error("to", refused)

