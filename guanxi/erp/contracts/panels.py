"""Tabs of contracts, and what contracts show on customers, quotations and orders."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DateField, F, Func, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from guanxi.erp.contracts.figures import plans_of_orders
from guanxi.erp.contracts.models import CALL_OFF, Contract, Instalment, Proposal, Signature
from guanxi.erp.contracts.screens import ContractScreen, InstalmentScreen, ProposalScreen, SignatureScreen
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.ports import affected_lines_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.registry import fact
from guanxi.kernel.records.models import Link
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import screen_of
from guanxi.shared.parties.models import Party

_CONTRACT = ("number", "title", "status", "kind", "valid_from", "valid_until", "total", "owner")
_INSTALMENT = ("position", "title", "due_on", "status", "amount", "invoiced", "collected", "open_amount", "days_late")


def _days_late(actor: Actor) -> Case:
    late = Func(Value(actor.today, DateField()), F("due_on"), arg_joiner=" - ", template="(%(expressions)s)", output_field=IntegerField())
    return Case(When(~Q(status="collected"), due_on__lt=actor.today, then=late), default=None, output_field=IntegerField())


fact(Instalment, "days_late", _("Days late"), "integer", _days_late, kept=True, tones={"positive": "red"})


@panel(Contract, _("Collection plan"), order=10, key="instalments")
def instalments_of_contract(contract: Contract, actor: Actor) -> Panel:
    return Panel(InstalmentScreen, Instalment.objects.filter(contract=contract), _INSTALMENT, sort="position")


@panel(Contract, _("Orders"), order=15, key="orders")
def orders_of_contract(contract: Contract, actor: Actor) -> Panel:
    links = Link.objects.filter(from_model=Contract.label(), from_id=contract.pk, kind=CALL_OFF, to_model=Order.label()).values("to_id")
    columns = ("number", "status", "ordered_on", "promised_on", "net", "total", "owner")
    screen = screen_of(Order)
    assert screen is not None
    return Panel(screen, Order.objects.filter(pk__in=links), columns, sort="-ordered_on")


@panel(Contract, _("Signatures"), order=20, key="signatures")
def signatures_of_contract(contract: Contract, actor: Actor) -> Panel:
    columns = ("signed_on", "their_name", "their_position", "our_name", "means", "place", "file_name", "fingerprint")
    return Panel(SignatureScreen, Signature.objects.filter(contract=contract), columns)


@panel(Contract, _("Amendments"), order=25, key="amendments")
def amendments_of_contract(contract: Contract, actor: Actor) -> Panel:
    return Panel(ContractScreen, Contract.objects.filter(amends=contract), _CONTRACT, sort="-drawn_on")


@panel(Contract, _("Affected lines"), order=40, key="affected", when=lambda contract: contract.status in ("draft", "approved", "sent", "signed"))
def affected_lines_of_contract(contract: Contract, actor: Actor) -> Panel:
    return affected_lines_of(contract)


@panel(Order, _("Collection plan"), order=22, key="instalments")
def instalments_of_order(order: Order, actor: Actor) -> Panel:
    return Panel(InstalmentScreen, Instalment.objects.filter(plans_of_orders([order.pk])), _INSTALMENT, sort="position")


@panel(Order, _("Contracts"), order=23, key="contracts")
def contracts_of_order(order: Order, actor: Actor) -> Panel:
    links = Link.objects.filter(to_model=Order.label(), to_id=order.pk, kind=CALL_OFF, from_model=Contract.label()).values("from_id")
    return Panel(ContractScreen, Contract.objects.filter(pk__in=links), _CONTRACT, sort="-drawn_on")


@panel(Quotation, _("Contracts"), order=35, key="contracts")
def contracts_of_quotation(quotation: Quotation, actor: Actor) -> Panel:
    return Panel(ContractScreen, Contract.objects.filter(quotation=quotation), _CONTRACT, sort="-drawn_on")


@panel(Quotation, _("Proposals"), order=34, key="proposals")
def proposals_of_quotation(quotation: Quotation, actor: Actor) -> Panel:
    columns = ("number", "title", "status", "drawn_on", "owner")
    return Panel(ProposalScreen, Proposal.objects.filter(quotation=quotation), columns, new={"quotation": quotation.pk}, sort="-drawn_on")


def _is_customer(party: Any) -> bool:
    return bool(party.is_customer)


@panel(Party, _("Contracts"), order=22, key="contracts", when=_is_customer)
def contracts_of_party(party: Party, actor: Actor) -> Panel:
    return Panel(ContractScreen, Contract.objects.filter(customer=party), _CONTRACT, new={"customer": party.pk}, sort="-drawn_on")


@panel(Party, _("Collection plan"), order=32, key="instalments", when=_is_customer)
def instalments_of_party(party: Party, actor: Actor) -> Panel:
    columns = ("due_on", "title", "contract", "order", "status", "amount", "invoiced", "collected", "open_amount", "days_late")
    return Panel(InstalmentScreen, Instalment.objects.filter(customer=party), columns, sort="due_on")
