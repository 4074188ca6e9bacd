"""Tabs of a quotation: its versions, its links, what the customer answered; and the answers in its timeline."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink, QuotationVersion
from guanxi.erp.sales.offers.screens import OfferAnswerScreen, OfferLinkScreen, QuotationVersionScreen
from guanxi.kernel.about.timeline import Entry, timeline_source
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.values.shown import format_money


@panel(Quotation, gettext_lazy("Versions"), order=10, key="versions")
def versions_panel(quotation: Quotation, actor: Actor) -> Panel:
    return Panel(
        QuotationVersionScreen, QuotationVersion.objects.filter(quotation=quotation),
        columns=("number", "at", "sender", "valid_until", "net", "total", "margin_rate"), sort="-at",
    )


@panel(Quotation, gettext_lazy("Links for the customer"), order=20, key="links")
def links_panel(quotation: Quotation, actor: Actor) -> Panel:
    return Panel(
        OfferLinkScreen, OfferLink.objects.filter(quotation=quotation),
        columns=("given_to", "made_by", "at", "ends_on", "first_seen_at", "last_seen_at", "seen_count", "revoked_at"), sort="-at",
    )


@panel(Quotation, gettext_lazy("Customer's answers"), order=30, key="answers")
def answers_panel(quotation: Quotation, actor: Actor) -> Panel:
    return Panel(
        OfferAnswerScreen, OfferAnswer.objects.filter(quotation=quotation),
        columns=("name", "kind", "at", "position", "edition", "chosen", "total", "text"), sort="-at",
    )


@timeline_source
def answers_told(record: Any, actor: Actor, limit: int) -> list[Entry]:
    """What the customer said on the page; a comment stands there as a comment already."""
    if not isinstance(record, Quotation) or not actor.may("view", OfferAnswer):
        return []
    rows = OfferAnswer.objects.visible_to(actor).filter(quotation=record).exclude(kind="commented").order_by("-at", "-pk")[:limit]
    said = [
        Entry(answer.at, _sentence(answer, record.currency), _ICONS[answer.kind], detail=answer.text, tone=_TONES[answer.kind]) for answer in rows
    ]
    if not actor.may("view", OfferLink):
        return said
    links = OfferLink.objects.visible_to(actor).filter(quotation=record, first_seen_at__isnull=False).order_by("-first_seen_at")[:limit]
    seen = [(link.first_seen_at, link.given_to) for link in links if link.first_seen_at is not None]
    return said + [Entry(at, _("%(who)s looked at the offer for the first time") % {"who": who}, "eye") for at, who in seen]


_ICONS = {"accepted": "signature", "change_asked": "message-2"}
_TONES = {"accepted": "green", "change_asked": "orange"}


def _sentence(answer: OfferAnswer, currency: str) -> str:
    who = f"{answer.name} ({answer.position})" if answer.position else answer.name
    if answer.kind == "change_asked" and answer.link_id is None:
        return _("%(who)s asks for a change of version %(edition)s") % {"who": who, "edition": answer.edition}
    if answer.kind == "change_asked":
        return _("%(who)s asks on line for a change of version %(edition)s") % {"who": who, "edition": answer.edition}
    words = _("%(who)s accepted version %(edition)s on line for %(total)s, signed “%(signature)s”")
    if answer.chosen:
        words = _("%(who)s accepted version %(edition)s on line for %(total)s with %(chosen)s, signed “%(signature)s”")
    return words % {
        "who": who, "edition": answer.edition, "total": format_money(answer.total, currency), "signature": answer.signature, "chosen": answer.chosen,
    }
