"""The margin page: a waterfall and its parts, for whoever may see margins (X3, M14.8)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from guanxi.kernel.access.actor import actor_of


@pytest.fixture(params=[True], ids=["invoiced"])
def sold(admin, inside, request):
    """Five screws at 10.00 less 10 %, cost 6.00 each, delivered to Hengchuan and, if so asked, invoiced."""
    from guanxi.erp.inventory.models import GoodsReceipt
    from guanxi.erp.inventory.operations import receive_goods
    from guanxi.erp.sales.operations import WantedLine, deliver_order, invoice_order, place_order
    from guanxi.kernel.acts.writer import create_record
    from guanxi.shared.catalog.models import Product
    from guanxi.shared.parties.models import Party

    with inside():
        actor = actor_of(admin.member_id)
        screw = create_record(
            Product, {"code": "SCREW", "name": "Screw", "unit": "pc", "list_price": "10", "standard_cost": "6", "kind": "goods"}, actor=actor
        ).result
        stock = create_record(
            GoodsReceipt, {"kind": "opening", "lines": [{"product": screw.pk, "quantity": "9", "unit_cost": "6"}]}, actor=actor
        ).result
        receive_goods(stock, actor=actor)
        customer = create_record(Party, {"name": "Hengchuan"}, actor=actor).result
        order = place_order(customer, actor=actor, lines=[WantedLine(product=screw, quantity=Decimal(5), discount=Decimal("0.1"))])
        deliver_order(order, actor=actor)
        if request.param:
            invoice_order(order, actor=actor)
    return customer.pk, order.pk


def test_from_the_full_price_to_the_margin_and_on_to_the_journal(admin, sold):
    customer, order = sold
    text = admin.get("sales/margin/").content.decode()
    for label, amount in (("At full price", "50.00"), ("Discounts", "-¥5.00"), ("Invoiced", "45.00"), ("Cost of what was delivered", "-¥30.00")):
        assert label in text and amount in text, label
    assert "33.3" in text and f"customer={customer}" in text
    narrowed = admin.get(f"sales/margin/?customer={customer}").content.decode()
    assert "Screw" in narrowed and f"f.party={customer}" in narrowed
    page = admin.get(f"sales/orders/{order}/?tab=journal").content.decode()
    assert f"/alpha/sales/margin/?order={order}" in page and "15.00" in page


@pytest.mark.parametrize("sold", [False], ids=["not invoiced yet"], indirect=True)
def test_goods_that_are_not_billed_yet_are_no_loss(admin, sold):
    page = admin.get(f"sales/orders/{sold[1]}/").content.decode()
    assert "Cost so far" in page and "¥30.00" in page and "-¥30.00" not in page
    assert ">Description<" not in page and ">Discount<" in page, "a description that repeats the product takes no room, a discount does"
    [main] = re.findall(r'class="btn primary[^"]*" href="[^"]*/act/sales\.(\w+)/', page)
    assert main == "invoice_order", "all is delivered: the next step is the invoice"


def test_what_is_invoiced_already_is_not_offered_to_be_invoiced(admin, sold, inside):
    from guanxi.erp.inventory.models import DeliveryLine
    from guanxi.erp.returns.operations import ReturnedLine, return_goods

    assert "act/sales.invoice_order/" not in admin.get(f"sales/orders/{sold[1]}/").content.decode()
    with inside():
        line = DeliveryLine.objects.get()
        return_goods(line.delivery, actor=actor_of(admin.member_id), lines=[ReturnedLine(line=line, quantity=Decimal(2))])
    page = admin.get(f"sales/orders/{sold[1]}/").content.decode()
    assert "act/sales.invoice_order/" not in page and "act/sales.share_order/" in page


@pytest.mark.parametrize("narrowed", ["", "?order={}"], ids=["of all", "of one order"])
def test_every_bar_opens_the_lines_that_it_adds_up(admin, sold, narrowed):
    from html import unescape

    text = admin.get("sales/margin/" + narrowed.format(sold[1])).content.decode()
    links = [unescape(link) for link in re.findall(r'href="(/alpha/finance/lines/[^"]+)"', text)]
    assert len(links) == 2
    shown = [admin.get(link.removeprefix("/alpha/")).content.decode() for link in links]
    assert [set(re.findall(r">([0-9]+\.00)<", page)) - {"0.00"} for page in shown] == [{"45.00"}, {"30.00"}]
    assert all((f"f.document=sales.order%3A{sold[1]}" in link) is bool(narrowed) for link in links)


def test_what_cannot_be_read_or_seen_is_said(admin, sold):
    assert admin.get("sales/margin/?customer=999999").status_code == 404
    assert admin.get("sales/margin/?order=³").status_code == 404
    assert admin.get("sales/margin/?by=nonsense&period=never").status_code == 200


def test_nobody_sees_it_without_the_right(visitor, sold):
    answer = visitor(grants={"parties.party": "view"}).get("sales/margin/")
    assert answer.status_code == 403 and "Ask an administrator" in answer.content.decode()


def test_an_empty_period_says_what_belongs_there(admin):
    assert "Nothing was sold here yet" in admin.get("sales/margin/").content.decode()


def test_books_in_another_currency_are_one_press_away_and_never_added_up(admin, sold, inside):
    assert "Books kept in" not in admin.get("sales/margin/").content.decode()
    with inside():
        from guanxi.erp.finance.operations import open_books
        from guanxi.kernel.access.models import Entity
        from guanxi.kernel.acts.writer import create_record

        given = {"code": "NL", "name": "Harbour B.V.", "currency": "EUR", "country": "NL", "timezone": "Europe/Amsterdam"}
        actor = actor_of(admin.member_id)
        open_books(create_record(Entity, given, actor=actor).result, actor=actor, chart="international")
    own = admin.get("sales/margin/").content.decode()
    assert re.findall(r'href="([^"]*)"( aria-current="true")?>(CNY|EUR)<', own) == [
        ("?by=customer&amp;period=this_year&amp;currency=CNY", ' aria-current="true"', "CNY"),
        ("?by=customer&amp;period=this_year&amp;currency=EUR", "", "EUR"),
    ]
    other = admin.get("sales/margin/?currency=EUR").content.decode()
    assert "45.00" in own and "45.00" not in other and "Nothing was sold here yet" in other
    assert ">EUR<" not in admin.get(f"sales/margin/?order={sold[1]}").content.decode()
