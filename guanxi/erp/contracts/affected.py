"""Lines of contracts among those that a change of price, cost or model touches (X5, M21.2): what can still be called off at what was agreed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import DecimalField, F, Q
from django.db.models.functions import Greatest, Round
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts.models import Contract, ContractLine
from guanxi.erp.contracts.operations import amend_contract, revise_contract
from guanxi.erp.sales.ports import Affair, Kind, affects, take_price
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO

_QUANTITY = DecimalField(max_digits=19, decimal_places=6)


def _open_contracts(on: date) -> Q:
    """Until it is over: what is not signed yet, and what is in force."""
    in_time = Q(contract__valid_until__isnull=True) | Q(contract__valid_until__gte=on) | Q(contract__renewal="automatic")
    return in_time & Q(contract__status__in=("draft", "approved", "sent", "signed"))


def _rest() -> Any:
    """What of a line is not called off yet."""
    return Greatest(Round(F("quantity") - ContractLine.called_quantity.sql(), 6, output_field=_QUANTITY), ZERO, output_field=_QUANTITY)


def _hold(affair: Affair, reason: str) -> None:
    """Nothing is to be done at the contract: what it takes to come into force, and calling off, ask whether a line is held."""


def _why_settled(contracts: Collection[Contract]) -> dict[int, str]:
    """A draft may wait for approval as it is; of what is signed, one amendment at a time is written, and takes prices while it is a draft."""
    waiting = ApprovalRequest.objects.filter(target_model=Contract.label(), target_id__in=[one.pk for one in contracts], status="waiting")
    amendments = Contract.objects.filter(amends__in=[one.pk for one in contracts if one.status == "signed"])
    words, asked = _("There is an amendment already: %(contract)s."), _("It waits for approval as it is: withdraw the request before you change it.")
    found: dict[int, str] = {}
    for one in amendments.exclude(status__in=("draft", "cancelled")).order_by("-pk"):
        found[one.amends_id or 0] = words % {"contract": one}
    return found | dict.fromkeys(waiting.values_list("target_id", flat=True), asked)


def _requote(affair: Affair, keep: str) -> Contract:
    """A draft gets the price. What has been approved or given out becomes a draft again, and what is signed is amended: the amendment has the new
    price, and what was agreed holds until both sides have signed it."""
    contract: Contract = affair.document
    if contract.status in ("approved", "sent"):
        revise_contract(contract, actor=affair.actor)
        contract.refresh_from_db()
    if contract.status == "draft":
        take_price(affair, keep)
        return contract
    amendment = contract.amendments.filter(status="draft").order_by("-pk").select_for_update(no_key=True).first()
    amendment = amendment or amend_contract(contract, actor=affair.actor)
    line = amendment.lines.select_related("product", "unit", "tax").filter(product=affair.line.product_id).first()
    if line is None:
        raise Refused(_("“%(line)s” is no longer in the amendment %(contract)s.") % {"line": affair.line, "contract": amendment})
    take_price(affair, keep, amendment, line)
    return amendment


affects(Kind("contract", gettext_lazy("Contract"), lambda: ContractLine, "contract", _open_contracts, _rest, _hold, _requote, _why_settled))
