"""What is announced about mail."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class MessageQueued(EventBase):
    message_id: int
    target_model: str
    target_id: int | None

    label = _("wrote the e-mail “%(title)s”")
    icon = "mail"


@dataclass(frozen=True)
class MessageSent(EventBase):
    message_id: int
    target_model: str
    target_id: int | None

    label = _("The e-mail “%(title)s” was handed to the mail server")
    icon = "send"
    # That it was written stands there, and its state is the message's.
    is_told = False


@dataclass(frozen=True)
class MessageFailed(EventBase):
    message_id: int
    target_model: str
    target_id: int | None
    reason: str

    label = _("The e-mail “%(title)s” could not be sent")
    icon = "alert-circle"


@dataclass(frozen=True)
class MessageBounced(EventBase):
    message_id: int
    target_model: str
    target_id: int | None
    reason: str

    label = _("The e-mail “%(title)s” came back")
    icon = "arrow-back-up"
