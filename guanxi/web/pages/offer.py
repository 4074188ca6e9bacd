"""The customer's page of an offer, without a sign-in: look, choose options, ask, comment, accept; and its PDF (M5.11)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.utils.crypto import get_random_string
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import override as in_language

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.answering import VISITOR_GRANTS, accept_offer, ask_change, comment_offer, open_offer
from guanxi.erp.sales.offers.models import OfferLink
from guanxi.erp.sales.offers.shown import own_answers, shown_offer
from guanxi.erp.sales.sharing.links import count_view
from guanxi.erp.sales.sharing.tokens import fingerprint
from guanxi.kernel.acts.operation import Operation, perform
from guanxi.kernel.limits.counters import Limit
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.visit import Visit, page, public_page
from guanxi.web.pages.visiting import guarded, is_fetched_ahead, language_for, link_in, narrowed
from guanxi.web.views.records import record_of

READS, POSTS, PAPERS = Limit("offer-reads", 240, 600), Limit("offer-posts", 30, 600), Limit("offer-papers", 30, 600)
"""Of one address in ten minutes: looks, answers, PDFs."""
STAMP_HOLDS = 24 * 3600
ACTS: dict[str, Operation[Any, Any]] = {"accept": accept_offer, "comment": comment_offer, "change": ask_change}
_FIELDS = {"accept": ("name", "position", "signature"), "comment": ("name", "text"), "change": ("name", "text")}


def _link(visit: Visit, token: str) -> OfferLink:
    return link_in(OfferLink, visit, token)


def _language(visit: Visit, link: OfferLink) -> str:
    """The one asked for, else the customer's."""
    return language_for(visit, link.quotation.customer.written_language)


def draw_again(visit: Visit, token: str, is_staff: bool) -> HttpResponse:
    """Refused: the page as it is now, with everything that was typed."""
    link = _link(visit, token)
    with in_language(_language(visit, link)):
        return _draw(visit, link, is_staff, status=visit.refused.status if visit.refused else 200)


@public_page(VISITOR_GRANTS, on_refused=draw_again)
def _offer(visit: Visit, token: str, is_staff: bool) -> HttpResponse:
    link = _link(visit, token)
    with in_language(_language(visit, link)):
        if visit.request.method == "POST" and visit.request.POST.get("act") != "show":
            if is_staff:
                raise Refused(_("You are signed in as a member of the company, so this is only a preview: nothing was sent."))
            return _take(visit, link)
        if visit.request.method == "GET" and not is_staff and "done" not in visit.request.GET:
            _note_view(visit, link)
        return _draw(visit, link, is_staff)


def _note_view(visit: Visit, link: OfferLink) -> None:
    if is_fetched_ahead(visit):
        return
    if link.first_seen_at is None:
        perform(open_offer, link, actor=visit.actor)
    else:
        count_view(link, visit.actor)


def _take(visit: Visit, link: OfferLink) -> HttpResponse:
    """One answer, once: the stamp of the page is its key."""
    sent, act = visit.request.POST, visit.request.POST.get("act", "")
    found = ACTS.get(act)
    key = _read_stamp(link, sent.get("stamp", ""))
    if found is None or key is None:
        raise Refused(_("This page was open for too long. Please look it over, and send it again."))
    raw: dict[str, Any] = {name: sent.get(name, "").strip() for name in _FIELDS[act]}
    raw["origin"] = fingerprint(get_adapter().get_client_ip(visit.request))
    if "edition" in found.parameters:
        raw["edition"] = sent.get("edition", "")
    if act == "accept":
        raw["options"] = ",".join(sent.getlist("option"))[:2000]
        _require_seen_total(visit, link)
    perform(found, link, actor=visit.actor, key=f"offer:{link.pk}:{key}", raw=raw)
    more = {"language": visit.request.GET["language"]} if visit.request.GET.get("language") in dict(settings.LANGUAGES) else {}
    return visit.redirect(f"{visit.request.path}?{urlencode({**more, 'done': act})}")


def _require_seen_total(visit: Visit, link: OfferLink) -> None:
    """What is accepted comes to what stood on the page: options ticked since then are added up first."""
    sent = visit.request.POST
    offer = shown_offer(link.quotation, _language(visit, link), visit.actor.today, _ids(sent.getlist("option")))
    if offer is not None and offer.is_open and str(offer.version.edition) == sent.get("edition") and sent.get("total") != offer.sum:
        raise Refused(_("With the options you have ticked the offer comes to %(total)s. Please accept it once more.") % {"total": offer.sum})


def _draw(visit: Visit, link: OfferLink, is_staff: bool, *, status: int = 200) -> HttpResponse:
    sent, asked, refused = visit.request.POST, visit.request.GET, visit.refused
    chosen = _ids(sent.getlist("option")) if sent.get("act") in ("show", "accept") else None
    quotation = Quotation.objects.select_related(*Quotation.loaded_with).get(pk=link.quotation_id)
    errors = dict(getattr(refused, "errors", {}) or {})
    return visit.render("pages/offer.html", {
        **offer_context(visit, quotation, _language(visit, link), chosen),
        "stamp": _new_stamp(link), "is_preview": is_staff, "done": asked.get("done", "") if not sent else "",
        **_forms(sent, errors), "general": "" if refused is None or errors else str(refused), "said": own_answers(link.pk),
        "here": visit.request.path,
    }, status=status)


def _forms(sent: Any, errors: dict[str, Any]) -> dict[str, Any]:
    """What was typed, and what was wrong with it, in the form it was sent with."""
    typed = {name: sent.get(name, "") for name in ("name", "position", "signature", "text")}
    mine = "accepting" if sent.get("act") in ("accept", "show") else "asking"
    return {mine: {"typed": typed, "errors": errors}}


def offer_context(visit: Visit, quotation: Quotation, language: str, chosen: set[int] | None = None) -> dict[str, Any]:
    offer = shown_offer(quotation, language, visit.actor.today, chosen)
    if offer is None:
        raise Missing(_("Send the quotation first: the customer sees what was sent."))
    return {"offer": offer, "quotation": quotation, "language": language, "languages": settings.LANGUAGES}


@public_page(VISITOR_GRANTS)
def _paper(visit: Visit, token: str, is_staff: bool) -> HttpResponse:
    link = _link(visit, token)
    language = _language(visit, link)
    with in_language(language):
        version = link.quotation.versions.order_by("-edition").first()
        if version is None:
            raise Missing(_("This link leads nowhere, or no longer does. Please ask whoever sent it to you for a new one."))
        document = print_document(version, actor=visit.actor, language=language)
    name = content_disposition_header(True, document.name) or "attachment"
    return HttpResponse(document.pdf, content_type="application/pdf", headers={"Content-Disposition": name})


offer_page = guarded(_offer, lambda request: POSTS if request.method == "POST" else READS)
offer_paper = guarded(_paper, lambda request: POSTS if request.method == "POST" else PAPERS)


@page("view")
def offer_preview(visit: Visit, pk: int) -> HttpResponse:
    """The same page as the customer sees it, for members: nothing is counted and nothing can be answered."""
    quotation = record_of(visit, pk)
    language = language_for(visit, quotation.customer.written_language)
    with in_language(language):
        answer = visit.render("pages/offer.html", {
            **offer_context(visit, quotation, language), "stamp": "", "is_preview": True, "said": [], "here": visit.request.path,
        })
    return narrowed(answer)  # type: ignore[return-value]


def _ids(texts: list[str]) -> set[int]:
    return {int(text) for text in texts[:200] if text.isascii() and text.isdecimal() and len(text) < 19}


def _salt(link: OfferLink) -> str:
    return f"offer-stamp:{link.pk}:{link.nonce}"


def _new_stamp(link: OfferLink) -> str:
    return signing.dumps(get_random_string(16), salt=_salt(link))


def _read_stamp(link: OfferLink, stamp: str) -> str | None:
    try:
        return str(signing.loads(stamp, salt=_salt(link), max_age=STAMP_HOLDS))
    except (signing.BadSignature, ValueError):
        return None
