"""Pages of lines that a change touches: who may let the price stay, and what is told of many that are decided together (M21.2)."""

from __future__ import annotations

import html
from decimal import Decimal

from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.operations import hold_affected_line, release_affected_line
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import WantedLine, place_order
from guanxi.erp.sales.tests.conftest import product, receive
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


def test_to_a_salesperson_it_says_who_decides_that_the_price_stays(visitor, inside):
    seller, manager = visitor("salesperson"), visitor("sales_manager")
    with inside():
        screw = create_record(Product, {"code": "SCREW", "name": "Screw", "unit": "pc", "list_price": "10"}, actor=system_actor()).result
        customer = create_record(Party, {"name": "Hengchuan"}, actor=system_actor()).result
        given = {"customer": customer.pk, "lines": [{"product": "SCREW", "quantity": "1"}]}
        offer = create_record(Quotation, given, actor=system_actor()).result
        Quotation.objects.filter(pk=offer.pk).update(owner=seller.member_id)
        change_record(screw, {"list_price": "12"}, actor=system_actor())
        look_again(system_actor())
        row = AffectedLine.objects.get()
        hold_affected_line(row, actor=system_actor())
    page = html.unescape(seller.get(f"sales/quotations/{offer.pk}/").content.decode())
    assert "“Screw” is held, since its Price changed: accept it or quote it anew first" in page and "act/sales.send_quotation/" not in page
    with inside():
        release_affected_line(AffectedLine.objects.get(), actor=system_actor())
    assert "act/sales.send_quotation/" in seller.get(f"sales/quotations/{offer.pk}/").content.decode()
    said = "That the price stays is decided by: Sales manager."
    page = html.unescape(seller.get(f"sales/affected-lines/{row.pk}/").content.decode())
    assert said in page and "act/sales.accept_affected_line/" not in page
    assert said not in html.unescape(manager.get(f"sales/affected-lines/{row.pk}/").content.decode())


def test_lines_held_together_are_told_as_done_although_their_orders_gave_goods_free(admin, inside):
    with inside():
        actor = system_actor()
        screw = product(actor, "SCREW", "10", "6")
        receive(actor, [(screw, 100, 6)])
        customer = create_record(Party, {"name": "Hengchuan"}, actor=actor).result
        order = place_order(customer, actor=actor, lines=[WantedLine(product=screw, quantity=Decimal(4))])
        change_record(screw, {"list_price": "12"}, actor=actor)
        look_again(actor)
        row = AffectedLine.objects.get()
    admin.get("sales/affected-lines/")
    sent = {"ids": str(row.pk), "what": "sales.hold_affected_line", "step": "do"}
    shown = admin.get(admin.post("sales/affected-lines/bulk/", sent)["Location"].removeprefix("/alpha/")).content.decode()
    with inside():
        assert (AffectedLine.objects.get().status, Order.objects.get(pk=order.pk).hold) == ("held", "other")
    assert "Hold · 1 row done." in shown and "nothing had to be changed" not in shown and "/undo/" not in shown
