"""Sixteen call-offs and changed orders at once never pass what a contract agreed (M5.12)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.contracts.calling import CalledLine, call_off, lines_with_calls
from guanxi.erp.contracts.models import Contract
from guanxi.erp.contracts.operations import approve_contract, sign_contract
from guanxi.erp.contracts.seeds import ASKED
from guanxi.erp.inventory.tests.test_at_once import at_once
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.tests.conftest import product
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_of_sixteen_at_once_as_many_pass_as_was_agreed():
    with in_set("alpha"):
        actor = system_actor()
        ApprovalRule.objects.filter(operation=ASKED).update(is_active=False)
        product(actor, "SCREW", "10", "6")
        customer = create_record(Party, {"name": "Hengchuan"}, actor=actor).result
        given = {"customer": customer, "wording": "At any time.", "lines": [{"product": "SCREW", "quantity": "10"}]}
        row = create_record(Contract, given, actor=actor).result
        approve_contract(row, actor=actor)
        sign_contract(row, actor=actor, signed_on=actor.today, their_name="Fang", our_name="Wei")
        first = call_off(row, actor=actor, lines=[CalledLine(line=row.lines.get(), quantity=Decimal(1))]).pk

    def call(actor):
        contract = Contract.objects.get(pk=row.pk)
        return call_off(contract, actor=actor, lines=[CalledLine(line=contract.lines.get(), quantity=Decimal(1))]).pk

    def raise_first(actor):
        order = Order.objects.get(pk=first)
        change_record(order, {"lines": [{"id": order.lines.get().pk, "quantity": "4"}]}, actor=actor)
        return order.pk

    results = at_once(*[call] * 15, raise_first)
    with in_set("alpha"):
        [line] = lines_with_calls(row.pk)
        raised = Order.objects.get(pk=first).lines.get().quantity == 4
    passed = [one for one in results if isinstance(one, int)]
    assert (line.called, len(passed)) == (10, 7 if raised else 9)
