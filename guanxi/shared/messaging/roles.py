"""Who writes mail: everybody about what they see. Who keeps the texts to begin with: those who lead."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_WRITE = {"messaging.messagetemplate": "view", "messaging.send_message": "company"}
_AFTERWARDS = ("send_draft", "resend_message", "cancel_message", "note_bounce")


def _messages(scope: str) -> dict[str, str]:
    return {
        "messaging.message": " ".join(f"{verb}:{scope}" for verb in ("view", "change", "delete")),
        "messaging.messageattachment": "view:own",
        **{f"messaging.{name}": scope for name in _AFTERWARDS}, **_WRITE,
    }


role("salesperson", _("Salesperson"), _messages("own"))
role("sales_manager", _("Sales manager"), {**_messages("team"), "messaging.messagetemplate": "view add change"})
role("storekeeper", _("Storekeeper"), _messages("own"))
role("accountant", _("Accountant"), _messages("own"))
