"""Texts to begin with that every account set has from the start."""

from django.utils.translation import gettext_lazy as _

from guanxi.shared.messaging.ports import ready_text
from guanxi.shared.parties.models import Party

ready_text(
    "visit", Party, name=_("After a visit"), subject=_("Thank you for your time"),
    body=_(
        "Dear {{ coalesce(contact.name, name) }},\n\n"
        "thank you for the talk today. As agreed, I will send you what we spoke about.\n\n"
        "Kind regards\n{{ sender.name }}\n{{ company.name }}\n{{ sender.phone }}"
    ),
)
