"""What is announced about parties."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class PartyTransferred(EventBase):
    """Another member looks after the party, its people and what is open with it."""

    label = _("%(title)s was handed over")
    icon = "arrows-exchange"

    party_id: int
    from_member_id: int | None
    to_member_id: int
