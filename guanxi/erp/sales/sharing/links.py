"""What every link for a customer has in common: a row from which its token is made, and what is known of its use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.records.record import Record
from guanxi.shared.messaging.models import Message


class CustomerLink(Record):
    """A way to a page about one record, without a sign-in. The token is made from the row and the installation's secret whenever it is
    needed (`tokens.py`), so that no table, backup or export holds one."""

    title_field = "given_to"
    tracked = False
    untracked_because = "each look at the page changes it; making and revoking it are acts"
    loaded_with: ClassVar[tuple[str, ...]] = ()
    place: ClassVar[str] = ""
    """The first part of the page's address."""
    purpose: ClassVar[str] = ""
    """What is signed with it: a token for one kind of page opens no other."""

    given_to = models.CharField(_("Given to"), max_length=200)
    nonce = models.CharField(max_length=32, editable=False)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, editable=False, verbose_name=_("E-mail"), related_name="+")
    made_by = models.ForeignKey(Member, models.PROTECT, editable=False, verbose_name=_("Made by"), related_name="+")
    at = models.DateTimeField(_("Made at"), editable=False)
    ends_on = models.DateField(_("Open until"), editable=False)
    revoked_at = models.DateTimeField(_("Revoked at"), null=True, editable=False)
    first_seen_at = models.DateTimeField(_("First seen"), null=True, editable=False)
    last_seen_at = models.DateTimeField(_("Last seen"), null=True, editable=False)
    seen_count = models.PositiveIntegerField(_("Times seen"), default=0, editable=False)
    unlisted: ClassVar[tuple[str, ...]] = ("nonce",)

    class Meta:
        abstract = True


@dataclass(frozen=True)
class MadeLink:
    """A link with the address that it is given out by."""

    link: CustomerLink
    address: str

    @property
    def shown_once(self) -> str:
        return self.address


def open_links(links: Any, actor: Actor) -> Any:
    """Those that the actor may see and that still open something, the newest first."""
    return links.visible_to(actor).filter(revoked_at__isnull=True, ends_on__gte=actor.today).order_by("-pk")


def count_view(link: CustomerLink, actor: Actor) -> None:
    """Another look: counted in one statement, without an act of its own."""
    type(link)._base_manager.filter(pk=link.pk).update(seen_count=F("seen_count") + 1, last_seen_at=actor.now)


def looks_at(links: Iterable[CustomerLink]) -> dict[str, Any]:
    """How often the customer looked, over all links."""
    rows = list(links)
    return {
        "links": len(rows), "times": sum(one.seen_count for one in rows),
        "first_at": min((one.first_seen_at for one in rows if one.first_seen_at), default=None),
        "last_at": max((one.last_seen_at for one in rows if one.last_seen_at), default=None),
    }
