"""The page of a line that a change touches says who may let its price stay (M21.2)."""

from __future__ import annotations

import html

from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.models import Quotation
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
    said = "That the price stays is decided by: Sales manager."
    page = html.unescape(seller.get(f"sales/affected-lines/{row.pk}/").content.decode())
    assert said in page and "act/sales.accept_affected_line/" not in page
    assert said not in html.unescape(manager.get(f"sales/affected-lines/{row.pk}/").content.decode())
