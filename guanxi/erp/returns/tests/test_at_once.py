"""Several people take the same goods back, each in a transaction of their own, on real commits: never more than the customer has (M14.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Invoice
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.inventory.tests.test_at_once import at_once
from guanxi.erp.promising.tests.world import product, receive
from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.erp.returns.operations import ReturnedLine, return_goods, settle_return
from guanxi.erp.sales.operations import WantedLine, deliver_order, invoice_order, place_order
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.parties.models import Party

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_of_ten_pieces_ten_come_back_and_ten_are_credited_however_many_try():
    with in_set("alpha"):
        actor = system_actor()
        screw = product(actor, "SCREW")
        receive(actor, screw, 10)
        party = create_record(Party, {"name": "Hengchuan"}, actor=actor).result
        order = place_order(party, actor=actor, lines=[WantedLine(product=screw, quantity=Decimal(10), unit_price=Decimal(10))])
        delivery = deliver_order(order, actor=actor)
        invoice_order(order, actor=actor)
        line = delivery.lines.get()

    def back(actor):
        return return_goods(Delivery.objects.get(pk=delivery.pk), actor=actor, lines=[ReturnedLine(line, Decimal(3))])

    results = at_once(*[back] * 6)
    assert sorted(type(one).__name__ for one in results) == ["CustomerReturn"] * 3 + ["Invalid"] * 3
    with in_set("alpha"):
        assert sum(CustomerReturnLine.objects.values_list("restocked", flat=True)) == 9
        ids = list(CustomerReturn.objects.values_list("pk", flat=True))
    settled = at_once(*[lambda actor, pk=pk: settle_return(CustomerReturn.objects.get(pk=pk), actor=actor) for pk in ids * 2])
    assert sum(isinstance(one, Refused) for one in settled) == 3
    with in_set("alpha"):
        assert sum(Invoice.objects.filter(credits__isnull=False).values_list("net", flat=True)) == -90
