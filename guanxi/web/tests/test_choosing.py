"""What is offered where an act asks for a record, so that one can tell one from another; and what an order's page says of its money."""

from __future__ import annotations

import html
import re
from decimal import Decimal

from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.operations import WantedLine, place_order
from guanxi.erp.sales.tests.conftest import product, receive
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Party


def test_goods_are_taken_from_orders_that_hold_them_each_named_with_its_customer(admin, visitor, inside):
    with inside():
        actor = actor_of(admin.member_id)
        screw, nut = product(actor, "SCREW", "10", "6"), product(actor, "NUT", "2", "1")
        receive(actor, [(screw, 10, 6), (nut, 10, 1)])

        def place(customer, item, quantity):
            party = create_record(Party, {"name": customer}, actor=actor).result
            return place_order(party, actor=actor, lines=[WantedLine(product=item, quantity=Decimal(quantity))])

        giver, _other, _late = place("Hengchuan", screw, 10), place("Yutong", nut, 10), place("Mingde", screw, 4)
        waiting = WaitingLine.objects.get()
    page = html.unescape(admin.get(f"inventory/waiting/{waiting.pk}/act/sales.reallocate_stock/").content.decode())
    [address] = set(re.findall(r"/alpha/(choices/sales\.order/\?[^\"' ]*)", page))
    assert admin.get(address).json()["results"] == [{"id": giver.pk, "label": giver.number, "detail": "Hengchuan"}]
    everything = admin.get("choices/sales.order/").json()["results"]
    assert sorted(one["detail"] for one in everything) == ["Hengchuan", "Mingde", "Yutong"]
    assert visitor(grants={"sales.order": "view"}).get(address).json()["results"] == []


def test_a_prepayment_is_seen_on_the_order_s_page_before_its_invoice(admin, inside):
    with inside():
        actor = actor_of(admin.member_id)
        party = create_record(Party, {"name": "Hengchuan"}, actor=actor).result
        lines = [WantedLine(product=product(actor, "SCREW", "10", "6"), quantity=Decimal(10))]
        order = place_order(party, actor=actor, lines=lines)
        receipt = receive_prepayment(order, actor=actor, amount=Decimal(80))
    page = admin.get(f"sales/orders/{order.pk}/").content.decode()
    step = re.search(r'<a[^>]*href="[^"]*\?tab=receipts"[^>]*>(.*?)</a>', page, re.S)
    assert step is not None and re.sub("<[^>]*>", " ", step[1]).split() == ["Receipt", "¥80.00"]
    assert receipt.number in admin.get(f"sales/orders/{order.pk}/?tab=receipts").content.decode()


def test_who_is_called_so_comes_before_whoever_has_a_word_of_it_and_one_firm_s_address_finds_nobody(admin, inside):
    with inside():
        actor = actor_of(admin.member_id)
        people = {"amelia": "Amelia Finch", "mara": "Mara Harding", "zoe": "Harriet Zoe", "harvey": "Zack Quill", "nora": "Nora Oharly"}
        for code, name in people.items():
            create_record(Member, {"code": code, "name": name, "email": f"{code}@harbourvale.example"}, actor=actor)

    def found(typed):
        return [one["label"] for one in admin.get(f"choices/access.member/?q={typed}").json()["results"]]

    assert found("har") == ["Harriet Zoe", "Zack Quill", "Mara Harding"]
    assert found("harding") == ["Mara Harding"]
    assert found("harbour") == []
    assert found("nora@harb") == found("nora@harbourvale.example") == found("nor") == ["Nora Oharly"]


def test_a_code_typed_whole_is_offered_before_those_that_it_begins(admin, inside):
    with inside():
        actor = actor_of(admin.member_id)
        for number in (10, 1, 100):
            product(actor, f"PUMP-{number}", "1", "1", name=f"Pump {1000 - number}")
    results = admin.get("choices/catalog.product/?q=pump-1").json()["results"]
    assert [one["detail"] for one in results] == ["PUMP-1", "PUMP-100", "PUMP-10"]
