"""What the customer does on the page of an offer. Only visitors who came through a link may: nobody of the staff answers in their name."""

from __future__ import annotations

from contextlib import suppress

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers import events
from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink
from guanxi.erp.sales.offers.operations import GIVEN, question_quotation, take_options
from guanxi.erp.sales.operations import accept_quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.discussion.models import Follower
from guanxi.kernel.discussion.operations import add_comment
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.activities.operations import add_task

LONGEST_NAME, LONGEST_TEXT = 120, 4000
VISITOR_GRANTS = {
    "sales.offerlink": "view", "sales.quotation": "view", "sales.quotationversion": "view", "parties.party": "view",
    "sales.open_offer": "company", "sales.accept_offer": "company", "sales.comment_offer": "company", "sales.ask_change": "company",
}
"""What whoever comes through a link may do; the link says to which offer, and no page but the customer's gives these rights."""
_LABELS = {
    "name": gettext_lazy("Your name"), "position": gettext_lazy("Your position"), "signature": gettext_lazy("Your name again, as a signature"),
    "text": gettext_lazy("Text"), "options": gettext_lazy("Options chosen"), "edition": gettext_lazy("Version"),
    "origin": gettext_lazy("Address, as a fingerprint"),
}


@operation(label=gettext_lazy("Note that it was seen"), icon="eye", labels=_LABELS)
def open_offer(link: OfferLink, *, actor: Actor) -> OfferLink:
    """The customer has opened the page for the first time."""
    _require_customer(actor)
    if link.first_seen_at is None:
        link.assign(first_seen_at=actor.now, last_seen_at=actor.now, seen_count=1)
        quotation = link.quotation
        publish(
            events.QuotationOpened(quotation.pk, quotation.customer_id, link.given_to), subject=quotation, party_id=quotation.customer_id
        )
    return link


@operation(label=gettext_lazy("Accept on line"), icon="file-check", labels=_LABELS)
def accept_offer(
    link: OfferLink, *, actor: Actor, edition: int, name: str, position: str, signature: str, options: str = "", origin: str = ""
) -> OfferAnswer:
    """The customer says yes to the version seen, with the options chosen, under a name."""
    quotation = _answered(link, actor)
    if quotation.status in ("accepted", "ordered"):
        raise Refused(_("This offer has been accepted already. Thank you."))
    if quotation.status not in GIVEN:
        raise Refused(_("This offer can no longer be accepted. Please ask us for a new one."))
    if edition != quotation.edition:
        raise Refused(_("The offer was changed while you were reading. This is the new version; please look it over before you accept."))
    if quotation.valid_until is not None and quotation.valid_until < actor.today:
        raise Refused(_("The offer has expired. Ask us to renew it: write a few words below."))
    errors = _lengths(name=name, position=position, signature=signature)
    if _plain(signature) != _plain(name):
        errors["signature"] = [_("Type your name here just as above: this is your signature.")]
    if errors:
        raise Invalid(errors)
    lines = {line.pk: line for line in quotation.lines.exclude(inclusion="firm").order_by("position", "pk")}
    asked = [part for part in options.split(",") if part]
    chosen = [int(part) for part in asked if part.isascii() and part.isdecimal() and len(part) < 19]
    if len(chosen) < len(asked) or any(one not in lines for one in chosen):
        raise Refused(_("One of the options is not part of this offer. Load the page again."))
    take_options(quotation, chosen)
    answer = _answer(
        link, quotation, actor, "accepted", name, position=position, signature=signature, origin=origin, total=quotation.total,
        chosen="; ".join(lines[one].description for one in lines if one in chosen)[:400],
    )
    accept_quotation(quotation, actor=actor)
    return answer


@operation(label=gettext_lazy("Comment as the customer"), icon="message", labels=_LABELS)
def comment_offer(link: OfferLink, *, actor: Actor, name: str, text: LongText, origin: str = "") -> OfferAnswer:
    """The customer says something: it stands in the quotation's discussion, and its followers are told."""
    quotation = _answered(link, actor)
    _require_words(name, text)
    answer = _answer(link, quotation, actor, "commented", name, text=text, origin=origin)
    _discuss(quotation, f"{name}: {text}", actor)
    return answer


@operation(label=gettext_lazy("Ask for a change as the customer"), icon="message-2", labels=_LABELS)
def ask_change(link: OfferLink, *, actor: Actor, edition: int, name: str, text: LongText, origin: str = "") -> OfferAnswer:
    """The customer wants something otherwise: the quotation says so, and its owner has a task."""
    quotation = _answered(link, actor)
    _require_words(name, text)
    if quotation.status not in GIVEN:
        raise Refused(_("This offer is closed. Write a comment, and we will answer you."))
    answer = _answer(link, quotation, actor, "change_asked", name, text=text, origin=origin)
    if quotation.status == "sent":
        question_quotation(quotation, actor=actor, reason=text, name=name)
    words = _("%(name)s asks for a change of quotation %(number)s") % {"name": name, "number": quotation.number}
    # An owner who has left, or may no longer see it, gets no task; that a change is asked for stands on the quotation all the same.
    with suppress(Refused):
        add_task(
            actor=actor, target_model=quotation.label(), target_id=quotation.pk, body=f"{words}\n{_harmless(text)}", due_on=actor.today,
            owner=quotation.owner,
        )
    return answer


def _require_customer(actor: Actor) -> None:
    if actor.kind != "visitor":
        raise Refused(_("Only the customer answers here, through the link. Use “Accepted by customer” on the quotation instead."))


def _answered(link: OfferLink, actor: Actor) -> Quotation:
    """The quotation, locked after its link: two answers at once come one after the other."""
    _require_customer(actor)
    rows = Quotation.objects.filter(pk=link.quotation_id).select_related(*Quotation.loaded_with)
    return rows.select_for_update(of=("self",), no_key=True).get()


def _answer(link: OfferLink, quotation: Quotation, actor: Actor, kind: str, name: str, **values: object) -> OfferAnswer:
    return OfferAnswer.objects.create(
        quotation=quotation, link=link, kind=kind, edition=quotation.edition, at=actor.now, name=name, **values
    )


def _require_words(name: str, text: str) -> None:
    errors = _lengths(name=name)
    if not text.strip():
        errors["text"] = [_("Write at least a few words.")]
    elif len(text) > LONGEST_TEXT:
        errors["text"] = [_("Please write at most %(max)s characters.") % {"max": LONGEST_TEXT}]
    if errors:
        raise Invalid(errors)


def _lengths(**texts: str) -> dict[str, list[str]]:
    return {
        name: [_("Please write at most %(max)s characters.") % {"max": LONGEST_NAME}] for name, text in texts.items() if len(text) > LONGEST_NAME
    }


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _harmless(text: str) -> str:
    """Nobody from outside calls a member by name: an @ of theirs mentions no one."""
    return text.replace("@", "＠")


def _discuss(quotation: Quotation, text: str, actor: Actor) -> None:
    label, row_id = quotation.ref()
    # Whoever comes through a link follows nothing.
    Follower.objects.get_or_create(
        target_model=label, target_id=row_id, member_id=actor.member_id, defaults={"is_muted": True, "at": actor.now}
    )
    add_comment(actor=actor, target_model=label, target_id=row_id, body=_harmless(text))
