"""What pricing announces."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class PolicyPublished(EventBase):
    policy_id: int

    label = _("Sales policy %(title)s published")
    icon = "speakerphone"


@dataclass(frozen=True)
class PolicyWithdrawn(EventBase):
    policy_id: int

    label = _("Sales policy %(title)s withdrawn")
    icon = "speakerphone"


@dataclass(frozen=True)
class PromotionStarted(EventBase):
    promotion_id: int

    label = _("Promotion %(title)s started")
    icon = "discount"


@dataclass(frozen=True)
class PromotionEnded(EventBase):
    promotion_id: int

    label = _("Promotion %(title)s ended")
    icon = "discount"
