"""What the system adds to entered clauses, templates, contracts and proposals, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.erp.contracts.models import Contract, DocumentTemplate, Proposal
from guanxi.erp.contracts.wording import composed, unlike, wrong_with
from guanxi.erp.sales.ports import choose_entity, complete_documents
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.values import ZERO


def complete_clauses(drafts: Sequence[Draft], actor: Actor) -> None:
    """Its words have to be readable where they are used: in contracts, or in proposals."""
    for draft in drafts:
        _refuse_unreadable(draft, "text", (Contract, Proposal))


def complete_document_templates(drafts: Sequence[Draft], actor: Actor) -> None:
    """The same for opening words, which belong to one kind of document."""
    for draft in drafts:
        _refuse_unreadable(draft, "opening", (Proposal if draft.get("kind") == "proposal" else Contract,))


def _refuse_unreadable(draft: Draft, name: str, models: tuple[Any, ...]) -> None:
    for language, text in (draft.values.get(name) or {}).items():
        wrong = [wrong_with(text, model) for model in models]
        if text and all(wrong):
            draft.add_error(name, f"{language}: {wrong[0]}")


def complete_contracts(drafts: Sequence[Draft], actor: Actor) -> None:
    """Terms, prices and amounts as of an order; the words of the template where none are given, and what differs from them."""
    waiting = _waiting([draft.instance.pk for draft in drafts if draft.instance is not None])
    for draft in drafts:
        if draft.instance is not None and draft.instance.pk in waiting:
            draft.add_error("wording", _("It waits for approval as it is: withdraw the request before you change it."))
        if draft.get("drawn_on") is None:
            draft.values["drawn_on"] = actor.today
        choose_entity(draft, actor)
        _refuse_period(draft)
        _refuse_twice(draft)
    complete_documents(drafts, actor, "drawn_on", has_promotions=False)
    for draft in drafts:
        _take_words(draft, Contract, "contract")
        template, wording = draft.get("template"), draft.get("wording") or ""
        if template is not None and not draft.errors:
            with override(_tongue(draft)):
                draft.values["changed_clauses"] = ", ".join(unlike(wording, composed(template, draft.get("language"))))[:300]
        else:
            draft.values["changed_clauses"] = ""


def _waiting(ids: list[int]) -> set[int]:
    if not ids:
        return set()
    rows = ApprovalRequest.objects.filter(target_model=Contract.label(), target_id__in=ids, status="waiting")
    return set(rows.values_list("target_id", flat=True))


def _refuse_period(draft: Draft) -> None:
    first, last, renewal = draft.get("valid_from"), draft.get("valid_until"), draft.get("renewal") or "none"
    if first and last and last < first:
        draft.add_error("valid_until", _("The last day of validity is before the first."))
    if renewal != "none" and not last:
        draft.add_error("valid_until", _("Say until when it holds: at its end it is renewed, or its owner is told."))
    if renewal == "automatic" and not first:
        draft.add_error("valid_from", _("Say from when it holds: it is renewed for as long again."))
    if not ZERO <= (draft.get("tolerance") or ZERO) <= 1:
        draft.add_error("tolerance", _("The tolerance lies between 0 and 100 %."))


def _refuse_twice(draft: Draft) -> None:
    seen: set[int] = set()
    for line in draft.lines or ():
        key = line.key("product")
        if key in seen:
            line.add_error("product", _("This product is in the contract twice: what is called off could not be told apart."))
        seen.add(key or 0)


def complete_proposals(drafts: Sequence[Draft], actor: Actor) -> None:
    """Customer, contact and legal entity of the quotation; the words of the template where none are given."""
    for draft in drafts:
        if draft.get("drawn_on") is None:
            draft.values["drawn_on"] = actor.today
        if (quotation := draft.get("quotation")) is None:
            continue
        draft.values.update(customer_id=quotation.customer_id, entity_id=quotation.entity_id)
        if draft.instance is None and draft.values.get("contact") is None:
            draft.values.pop("contact", None)
            draft.values["contact_id"] = quotation.contact_id
        elif draft.values.get("contact") is not None and draft.values["contact"].party_id != quotation.customer_id:
            draft.add_error("contact", _("This contact belongs to another customer."))
        _take_words(draft, Proposal, "proposal", quotation.customer.written_language)


def _take_words(draft: Draft, model: Any, kind: str, usual: str = "") -> None:
    template: DocumentTemplate | None = draft.get("template")
    if template is not None and template.kind != kind:
        draft.add_error("template", _("This template is for %(kind)s.") % {"kind": template.get_kind_display()})
        return
    if not draft.get("language"):
        customer = draft.get("customer")
        draft.values["language"] = (template.language if template is not None else "") or usual or (customer.written_language if customer else "")
    if template is not None and not (draft.get("wording") or "").strip():
        draft.values["wording"] = composed(template, draft.get("language"))
    if not draft.get("title"):
        with override(_tongue(draft)):
            draft.values["title"] = str(template.name if template is not None else model._meta.verbose_name)[:120]
    if wrong := wrong_with(draft.get("wording") or "", model):
        draft.add_error("wording", wrong)


def _tongue(draft: Draft) -> str:
    return "en" if draft.get("language") == "en" else "zh-hans"
