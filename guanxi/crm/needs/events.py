"""What needs and interests announce."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class NeedPassed(EventBase):
    need_id: int
    team_id: int

    label = _("Need %(title)s passed on")
    icon = "arrow-right"


@dataclass(frozen=True)
class NeedAnswered(EventBase):
    need_id: int
    status: str

    label = _("Need %(title)s answered")
    icon = "message-check"


@dataclass(frozen=True)
class InterestPursued(EventBase):
    """Whoever keeps opportunities makes one of it."""

    interest_id: int
    customer_id: int
    contact_id: int | None
    owner_id: int
    product_id: int
    name: str
    quantity: Decimal
    price_idea: Decimal | None
    currency: str
    wanted_on: str
    """The day as ISO text, or nothing."""
    source: str
    note: str

    label = _("Interest in %(title)s pursued")
    icon = "target"
