"""What leads announce."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class LeadAssigned(EventBase):
    lead_id: int
    owner_id: int | None

    label = _("Lead %(title)s assigned")
    icon = "user-check"
    may_be_undone = True


@dataclass(frozen=True)
class LeadReceived(EventBase):
    lead_id: int
    form_id: int

    label = _("Lead %(title)s came through a web form")
    icon = "world"


@dataclass(frozen=True)
class LeadReclaimed(EventBase):
    lead_id: int
    owner_id: int
    """Who had it."""

    label = _("Lead %(title)s went back to the pool")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class LeadQualified(EventBase):
    lead_id: int
    customer_id: int
    opportunity_id: int | None

    label = _("Lead %(title)s qualified")
    icon = "circle-check"


@dataclass(frozen=True)
class LeadDisqualified(EventBase):
    lead_id: int

    label = _("Lead %(title)s given up")
    icon = "circle-x"


@dataclass(frozen=True)
class OpportunityMoved(EventBase):
    opportunity_id: int
    customer_id: int
    stage_id: int

    label = _("Opportunity %(title)s moved on")
    icon = "arrow-right"
    may_be_undone = True


@dataclass(frozen=True)
class OpportunityWon(EventBase):
    opportunity_id: int
    customer_id: int
    amount: Decimal
    currency: str

    label = _("Opportunity %(title)s won")
    icon = "trophy"


@dataclass(frozen=True)
class OpportunityLost(EventBase):
    opportunity_id: int
    customer_id: int
    amount: Decimal
    currency: str

    label = _("Opportunity %(title)s lost")
    icon = "circle-x"
