"""The customer's page of an order, without a sign-in: where it stands, and where its parcels are (M14.3)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.translation import gettext as _
from django.utils.translation import override as in_language

from guanxi.erp.sales.sharing.links import count_view
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.operations import VISITOR_GRANTS, open_order_link
from guanxi.erp.sales.tracking.shown import proof_of, tracked_order, words_of_state
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.files.serving import shown
from guanxi.kernel.limits.counters import Limit
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.visit import Visit, public_page
from guanxi.web.pages.visiting import guarded, is_fetched_ahead, language_for, link_in

READS = Limit("tracking-reads", 240, 600)
"""Looks of one address in ten minutes."""
PHOTO_WIDTH = 1200


@public_page(VISITOR_GRANTS)
def _order(visit: Visit, token: str, is_staff: bool) -> HttpResponse:
    if visit.request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    link = link_in(OrderLink, visit, token)
    language = language_for(visit, link.order.customer.written_language)
    if not is_staff and not is_fetched_ahead(visit):
        if link.first_seen_at is None:
            perform(open_order_link, link, actor=visit.actor)
        else:
            count_view(link, visit.actor)
    with in_language(language):
        order = tracked_order(link.order, language)
        return visit.render("pages/tracking.html", {
            "order": order, "said": words_of_state(order.state), "language": language, "languages": settings.LANGUAGES, "is_staff": is_staff,
            "address": visit.request.path,
        })


@public_page(VISITOR_GRANTS)
def _photo(visit: Visit, token: str, is_staff: bool, delivery_id: int) -> HttpResponseBase:
    """The picture that proves a delivery of the link's order, drawn small: the file itself is not given out."""
    if visit.request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    link = link_in(OrderLink, visit, token)
    content = proof_of(link.order, delivery_id)
    if content is None:
        raise Missing(_("There is no picture of this file."))
    return shown(visit.request, content, 1, PHOTO_WIDTH)


order_photo = guarded(_photo, lambda request: READS)
order_tracking = guarded(_order, lambda request: READS)
