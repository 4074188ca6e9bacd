"""The life of a contract: drawn up, approved, sent, signed, amended, ended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts import events
from guanxi.erp.contracts.collecting import note_event, require_planned, take_over_plan
from guanxi.erp.contracts.completion import complete_contracts
from guanxi.erp.contracts.models import CALL_OFF, Contract, ContractLine, DocumentTemplate, Signature
from guanxi.erp.contracts.wording import filled_in
from guanxi.erp.sales.models import Order, Quotation, SalesDocument
from guanxi.erp.sales.ports import agreed_steps, require_looked_at, rules_met_again, why_held, why_still_looked_at
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.database.known import known
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused

_LABELS = {
    "template": gettext_lazy("Document template"), "kind": gettext_lazy("Kind"), "single": gettext_lazy("Single contract"),
    "framework": gettext_lazy("Framework contract"), "valid_from": gettext_lazy("Valid from"), "valid_until": gettext_lazy("Valid until"),
    "signed_on": gettext_lazy("Signed on"), "our_name": gettext_lazy("Signed for us"), "our_position": gettext_lazy("Our position"),
    "their_name": gettext_lazy("Signed for the customer"), "their_position": gettext_lazy("Their position"), "place": gettext_lazy("Place"),
    "means": gettext_lazy("Means"), "paper": gettext_lazy("On paper"), "seal": gettext_lazy("With seals on paper"),
    "electronic": gettext_lazy("Electronically"), "file": gettext_lazy("Signed file"), "reason": gettext_lazy("Reason"),
    "ended_on": gettext_lazy("Ended on"),
}
ONE = Decimal(1)
_TERMS = ("customer", "contact", "owner", "entity", "channel", "currency", "payment_term", "note")
_AGREED = ("section", "product", "configuration", "description", "quantity", "unit", "unit_price", "discount", "tax")
_HEAD = ("title", "kind", "valid_from", "valid_until", "renewal", "notice_days", "tolerance", "quotation", "template", "language", "wording")


@operation(
    label=gettext_lazy("Make contract"), states=("draft", "sent", "change_asked", "accepted", "ordered"), icon="file-certificate", labels=_LABELS,
    again=rules_met_again, unless=why_still_looked_at,
)
def contract_quotation(
    quotation: Quotation, *, actor: Actor, template: DocumentTemplate | None = None, kind: Literal["single", "framework"] = "single",
    valid_from: date | None = None, valid_until: date | None = None,
) -> Contract:
    """A draft contract with its lines at its prices, in a template's words; of what was never sent only where no rule on sending asks."""
    require_looked_at(quotation, actor)
    given = {"quotation": quotation, "template": template, "kind": kind, "valid_from": valid_from, "valid_until": valid_until}
    return _drawn_up(quotation, list(quotation.lines.exclude(inclusion="optional").order_by("position")), given, actor)


def _why_not_contracted(order: Order) -> str:
    contract = contract_of(order)
    return _("%(order)s belongs to contract %(contract)s already.") % {"order": order, "contract": contract} if contract else ""


@operation(
    label=gettext_lazy("Make contract"), states=("draft", "confirmed"), icon="file-certificate", labels=_LABELS, unless=_why_not_contracted
)
def contract_order(order: Order, *, actor: Actor, template: DocumentTemplate | None = None) -> Contract:
    """A draft contract over what was ordered; the order counts as called off from it."""
    contract = _drawn_up(order, list(order.lines.order_by("position")), {"template": template, "kind": "single"}, actor)
    link_lines(CALL_OFF, [(contract, order, ONE)], posted_on=order.ordered_on)
    return contract


def contract_of(order: Order) -> Contract | None:
    """The contract from which the order was called off."""
    return next(iter(_contracts_of(order.pk)), None)


@known
def _contracts_of(order_id: int) -> Any:
    links = Link.objects.filter(to_model="sales.order", to_id=order_id, kind=CALL_OFF, from_model="contracts.contract")
    return Contract.objects.filter(pk__in=links.values("from_id")).exclude(status="cancelled").order_by("-pk")[:1]


def _drawn_up(source: SalesDocument, lines: list, given: dict, actor: Actor) -> Contract:
    if not lines:
        raise Refused(_("There are no lines yet; enter at least one product first."))
    values = {**{name: getattr(source, name) for name in _TERMS}, **given}
    draft = Draft(0, values={name: value for name, value in values.items() if value is not None})
    draft.lines = [
        Draft(n, values={**{name: getattr(line, name) for name in _AGREED}, "price_steps": agreed_steps(line, source)})
        for n, line in enumerate(lines)
    ]
    complete_contracts([draft], actor)
    refuse_errors([draft])
    [contract] = insert(form_of(Contract), [draft], actor)
    return contract


@operation(label=gettext_lazy("Finalise"), moves=Contract.lifecycle.to("approved"), icon="circle-check", unless=why_held)
def approve_contract(contract: Contract, *, actor: Actor) -> Contract:
    """Fix what the contract says: its words are filled in and can no longer be changed. Rules say who has to look at it first."""
    if not contract.lines.exists():
        raise Refused(_("There are no lines yet; enter at least one product first."))
    if contract.valid_until and contract.valid_until < actor.today:
        raise Refused(_("Its last day is over: give it a later one."), field="valid_until")
    if not contract.wording.strip():
        raise Refused(_("It has no words yet: choose a document template, or write the wording, before you finalise it."), field="wording")
    require_planned(contract)
    contract.assign(text=filled_in(contract, contract.wording, contract.language, actor))
    publish(
        events.ContractApproved(contract.pk, contract.customer_id, contract.total, contract.currency), subject=contract,
        party_id=contract.customer_id,
    )
    return contract


@operation(label=gettext_lazy("Revise"), moves=Contract.lifecycle.to("draft"), icon="pencil")
def revise_contract(contract: Contract, *, actor: Actor) -> Contract:
    """Back to a draft, to change it; it has to be approved again."""
    contract.assign(text="", document=None, fingerprint="")
    publish(events.ContractRevised(contract.pk, contract.customer_id), subject=contract, party_id=contract.customer_id)
    return contract


@operation(label=gettext_lazy("Send to the customer"), moves=Contract.lifecycle.to("sent"), icon="send", unless=why_held)
def send_contract(contract: Contract, *, actor: Actor) -> Contract:
    """Keep the document as it is given to the customer, with its fingerprint; it lies among the contract's files."""
    _keep_document(contract, actor)
    publish(events.ContractSent(contract.pk, contract.customer_id, contract.fingerprint), subject=contract, party_id=contract.customer_id)
    return contract


def _keep_document(contract: Contract, actor: Actor) -> None:
    made = print_document(contract, actor=actor, form="contract", language=contract.language)
    content = store(BytesIO(made.pdf), made.name)
    attach(contract, content, made.name, actor)
    contract.assign(document=content, fingerprint=content.sha256)


@operation(label=gettext_lazy("Record signatures"), moves=Contract.lifecycle.to("signed"), icon="signature", labels=_LABELS, unless=why_held)
def sign_contract(
    contract: Contract, *, actor: Actor, signed_on: date, their_name: str, our_name: str, their_position: str = "", our_position: str = "",
    place: str = "", means: Literal["paper", "seal", "electronic"] = "seal", file: Attachment | None = None,
) -> Contract:
    """Who signed on each side, when and how; from then on nothing of the contract changes but by an amendment."""
    if signed_on > actor.today:
        raise Invalid({"signed_on": [_("This day is still to come.")]})
    if file is not None and (file.target_model, file.target_id) != contract.ref():
        raise Invalid({"file": [_("This file lies at another record; put the signed one among the contract's files first.")]})
    if contract.document_id is None:
        _keep_document(contract, actor)
    former = contract.amends
    if former is not None:
        if former.status != "signed":
            raise Refused(_("%(contract)s, which this one amends, is no longer in force.") % {"contract": former})
        former.assign(status="replaced", ended_on=signed_on)
        former.flush()
        _take_over(former, contract)
    insert_rows([Signature(
        contract=contract, signed_on=signed_on, our_name=our_name[:120], our_position=our_position[:120], their_name=their_name[:120],
        their_position=their_position[:120], place=place[:120], means=means, file=file.content if file else None,
        file_name=file.name[:200] if file else "", file_hash=file.content.sha256 if file else "", fingerprint=contract.fingerprint,
        recorded_by_id=actor.member_id, at=actor.now,
    )])
    contract.assign(signed_on=signed_on, valid_from=contract.valid_from or signed_on)
    note_event("signing", signed_on, contract_ids=[contract.pk])
    publish(
        events.ContractSigned(contract.pk, contract.customer_id, signed_on, contract.total, contract.currency), subject=contract,
        party_id=contract.customer_id,
    )
    return contract


def _take_over(former: Contract, contract: Contract) -> None:
    """Orders called off from the former version count for the new one, and its collection plan goes over."""
    rows = Link.objects.filter(from_model=Contract.label(), from_id=former.pk, kind=CALL_OFF)
    for order_id, day in rows.values_list("to_id", "posted_on"):
        link_lines(CALL_OFF, [(contract, Order(pk=order_id), ONE)], posted_on=day)
    contract.assign(period_from=former.period_from, next_from=former.next_from)
    take_over_plan(former, contract)


@known
def _amendments_of(contract_id: int) -> Any:
    return Contract.objects.filter(amends=contract_id).exclude(status="cancelled").order_by("-pk")[:1]


def _why_not_amended(contract: Contract) -> str:
    return " ".join(_("There is an amendment already: %(contract)s.") % {"contract": one} for one in _amendments_of(contract.pk))


@operation(label=gettext_lazy("Amend"), states=("signed",), icon="file-diff", labels=_LABELS, unless=_why_not_amended)
def amend_contract(contract: Contract, *, actor: Actor) -> Contract:
    """A new version as a draft, linked to this one, which stays in force until the new one is signed."""
    root, _sign, count = contract.number.partition("-A")
    values = {name: getattr(contract, name) for name in (*_TERMS, *_HEAD) if getattr(contract, name) is not None}
    draft = Draft(0, values={**values, "amends": contract, "number": f"{root}-A{int(count or 0) + contract.amendments.count() + 1}"})
    draft.lines = [
        Draft(n, values={name: getattr(line, name) for name in (*_AGREED, "price_steps")})
        for n, line in enumerate(ContractLine.objects.filter(contract=contract).order_by("position"))
    ]
    complete_contracts([draft], actor)
    refuse_errors([draft])
    [made] = insert(form_of(Contract), [draft], actor)
    return made


@operation(label=gettext_lazy("End the contract"), moves=Contract.lifecycle.to("ended"), icon="calendar-off", labels=_LABELS)
def end_contract(contract: Contract, *, actor: Actor, ended_on: date | None = None) -> Contract:
    """All of it is done, or its time is over: nothing more is called off."""
    return _ended(contract, ended_on or actor.today, "", actor)


@operation(label=gettext_lazy("Terminate"), moves=Contract.lifecycle.to("terminated"), icon="x", tone="danger", labels=_LABELS)
def terminate_contract(contract: Contract, *, actor: Actor, reason: LongText, ended_on: date | None = None) -> Contract:
    """One side ends it before its time, and why."""
    return _ended(contract, ended_on or actor.today, reason, actor)


def _ended(contract: Contract, day: date, reason: str, actor: Actor) -> Contract:
    if contract.signed_on and day < contract.signed_on:
        raise Invalid({"ended_on": [_("This is before the day on which it was signed.")]})
    contract.assign(ended_on=day, ended_because=reason[:300])
    publish(events.ContractEnded(contract.pk, contract.customer_id, reason), subject=contract, party_id=contract.customer_id)
    return contract


@operation(label=gettext_lazy("Cancel"), moves=Contract.lifecycle.to("cancelled"), icon="x", tone="danger", labels=_LABELS)
def cancel_contract(contract: Contract, *, actor: Actor, reason: LongText = "") -> Contract:
    """It will not come about; what was drawn up stays to be read, what was planned to be collected goes."""
    contract.assign(ended_because=reason[:300])
    contract.instalments.filter(invoiced=0, collected=0).delete()
    return contract
