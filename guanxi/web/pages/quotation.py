"""The quotation's page: what approval it will meet, whether it still stands, its versions beside each other, the customer's page (M5.11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.api import pair_of
from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink, QuotationVersion
from guanxi.erp.sales.offers.operations import GIVEN, share_quotation
from guanxi.erp.sales.offers.queries import approvals_ahead
from guanxi.erp.sales.offers.validity import has_lapsed
from guanxi.erp.sales.offers.versions import Change, Comparison, compared, has_other_options, versions_of
from guanxi.erp.sales.operations import order_quotation, send_quotation
from guanxi.erp.sales.sharing.links import looks_at, open_links
from guanxi.erp.sales.sharing.tokens import address_of
from guanxi.kernel.acts.operation import may_perform
from guanxi.kernel.columns.text import text_of
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.values.shown import format_money, format_price, format_quantity
from guanxi.web.views.records import record_of, record_page


@dataclass(frozen=True)
class ShownChange:
    """A column's two values in words."""

    label: Any
    before: str
    after: str


@page("view")
def quotation_page(visit: Visit, pk: int) -> HttpResponse:
    """The general record page with what a salesperson has to know before and after sending."""
    quotation = record_of(visit, pk)
    return record_page.__wrapped__(visit, pk, **about_offer(quotation, visit))  # type: ignore[attr-defined]


def about_offer(quotation: Quotation, visit: Visit) -> dict[str, Any]:
    actor = visit.actor
    is_chosen = quotation.status in (*GIVEN, "accepted") and has_other_options(quotation)
    meets = quotation.status == "draft" and actor.may(send_quotation.name) or is_chosen and actor.may(order_quotation.name)
    ahead = approvals_ahead(quotation, actor) if meets else []
    link = open_links(OfferLink.objects.filter(quotation=quotation), actor).first()
    may_share = link is not None and actor.may(share_quotation.name) and may_perform(share_quotation, quotation, actor)
    seen = _seen(quotation, actor)
    return {
        "is_chosen": is_chosen, "ahead": ahead if isinstance(ahead, list) else [], "ahead_problem": ahead if isinstance(ahead, str) else "",
        "is_lapsed": quotation.status in GIVEN and has_lapsed(quotation, actor.today), "given": quotation.status in GIVEN,
        "link": link, "link_address": address_of(link) if link is not None and may_share else "", "seen": seen,
        "has_versions": quotation.edition > 1, "edition": quotation.edition,
        "may_preview": quotation.edition > 0 and actor.may("view", QuotationVersion),
    }


def _seen(quotation: Quotation, actor: Any) -> dict[str, Any] | None:
    """How often the customer looked, over all links, and what they last asked for."""
    if not quotation.edition or not actor.may("view", OfferLink):
        return None
    links = list(OfferLink.objects.visible_to(actor).filter(quotation=quotation))
    asked = None
    if quotation.status == "change_asked" and actor.may("view", OfferAnswer):
        asked = OfferAnswer.objects.visible_to(actor).filter(quotation=quotation, kind="change_asked").order_by("-at").first()
    return {"asked": asked, **looks_at(links)}


@page("view")
def compare_page(visit: Visit, pk: int) -> HttpResponse:
    """Two versions beside each other, line by line; `?from=1&to=2`."""
    quotation, actor = record_of(visit, pk), visit.actor
    before, after = pair_of(pk, visit.request.GET.get("from", ""), visit.request.GET.get("to", ""), actor)
    found = compared(before, after, actor)
    versions = list(versions_of(pk).visible_to(actor))
    return visit.render("pages/compare.html", {
        "quotation": quotation, "before": before, "after": after, "versions": versions, "url": record_url(visit.set_key, Quotation, pk),
        "head": [_shown(change, found, actor) for change in found.head],
        "lines": [(one, [_shown(change, found, actor) for change in one.changes], _figures(one.line, found, actor)) for one in found.lines],
        "kinds": {"added": _("Added"), "removed": _("Removed"), "changed": _("Changed"), "same": ""},
        "tones": {"added": "green", "removed": "red", "changed": "amber", "same": ""},
    })


def _shown(change: Change, found: Comparison, actor: Any) -> ShownChange:
    def words(value: Any) -> str:
        if change.column.kind == "reference":
            return str(value or "")
        if change.column.kind in ("choice", "status"):
            return str(change.column.label_of(value))
        return text_of(Cell(change.column, value, currency=found.after.currency), actor)

    return ShownChange(change.column.label, words(change.before) or "—", words(change.after) or "—")


def _figures(line: Any, found: Comparison, actor: Any) -> dict[str, str]:
    currency = found.after.currency
    return {
        "quantity": f"{format_quantity(line.quantity)} {line.unit}", "price": format_price(line.unit_price, currency, places=6),
        "net": format_money(line.net, currency),
    }
