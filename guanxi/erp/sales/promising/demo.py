"""What is short today: orders that wait, receipts that are expected, a second warehouse, substitutes, and an offer that shows it all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guanxi.erp.inventory.models import GoodsReceipt, Location, Warehouse
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.inventory.queries import default_warehouse, stock_of
from guanxi.erp.promising.models import AllocationRule, DayOff
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import PartialLine, WantedLine, place_order
from guanxi.erp.sales.promising.dropship import have_supplier_ship, supplier_shipped
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.values import round_money
from guanxi.shared.catalog.models import Product, Substitute
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

SELLER, OTHER = "li", "chen"
WAREHOUSE = ("WH2", {"zh-hans": "华南仓", "en": "South China warehouse"}, "广东省东莞市松山湖科技大道 6 号")
LEAD_DAYS = {"SFU1605": 10, "SFU2005": 10, "SFU2510": 12, "SFU3210": 15, "SFU4010": 20, "HGR20": 8, "HGR25": 8, "KK60": 25}
SUBSTITUTES = (
    ("SFU3210", "SFU4010", 1, "直径大一档，需核对安装尺寸"), ("HGR20", "HGR25", 1, "配 HGH25CA 滑块"), ("7203C", "7205C", 1, "孔径 25，须改轴"),
)
SHORT, UNDATED, ELSEWHERE = "SFU3210", "GS40", "HGR20"
DAYS_OFF = ((1, 1, "元旦"), (5, 1, "劳动节"), (10, 1, "国庆节"), (10, 2, "国庆节"))
REFERENCE = "急单"
TRACKING = "SF1390025586"


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    admin = demo.actors[demo.company.administrator].on(demo.today - timedelta(days=20), 9)
    goods = {product.code: product for product in Product.objects.all()}
    main = default_warehouse(admin.entity_id)
    other = _second_warehouse(demo, admin, goods[words.ELSEWHERE], words)
    for code, days in words.LEAD_DAYS.items():
        change_record(goods[code], {"lead_days": str(days)}, actor=admin)
    for code, instead, factor, note in words.SUBSTITUTES:
        values = {"product": goods[code].pk, "substitute": goods[instead].pk, "factor": str(factor), "note": note}
        create_record(Substitute, values, actor=admin)
    for month, day, name in words.DAYS_OFF:
        for year in (demo.today.year, demo.today.year + 1):
            create_record(DayOff, {"falls_on": date(year, month, day), "name": name}, actor=admin)
    create_record(AllocationRule, {"warehouse": main.pk, "first_by": "promised", "then_by": "tier"}, actor=admin)
    _orders(demo, goods, main, other, words)


def _second_warehouse(demo: Demo, admin: Actor, product: Product, words: Any) -> Warehouse:
    """With some of a product of which the main one has none left."""
    code, name, address = words.WAREHOUSE
    made: Warehouse = create_record(Warehouse, {"code": code, "name": name, "address": address, "transfer_days": "3"}, actor=admin).result
    create_record(Location, {"code": code, "name": name, "warehouse": made.pk}, actor=admin)
    keeper = demo.actors[next(iter(demo.company.keepers.values()))].on(demo.today - timedelta(days=18), 10)
    lines = [{"product": product.pk, "quantity": "300", "unit_cost": str(product.standard_cost)}]
    receive_goods(create_record(GoodsReceipt, {"kind": "other", "warehouse": made.pk, "lines": lines}, actor=keeper).result, actor=keeper)
    return made


def _orders(demo: Demo, goods: dict[str, Product], main: Warehouse, other: Warehouse, words: Any) -> None:
    """Three orders take more than there is; two receipts are expected, the second one not enough for a fourth."""
    yesterday = demo.today - timedelta(days=1)
    short, undated, elsewhere = goods[words.SHORT], goods[words.UNDATED], goods[words.ELSEWHERE]
    free = {pk: stock.available for pk, stock in stock_of([short.pk, undated.pk, elsewhere.pk], main.pk).items()}
    _expect(demo, short, "30", 6)
    _expect(demo, short, "40", 15)
    seller, colleague = (demo.actors[name].on(yesterday, 10) for name in (words.SELLER, words.OTHER))
    mine, theirs = _customers(seller, demo), _customers(colleague, demo)
    _order(mine[0], seller, [(short, free[short.pk] - 4), (elsewhere, free[elsewhere.pk])], 10, "")
    _order(theirs[0], colleague, [(short, Decimal(24))], 14, "")
    _order(mine[1], seller, [(short, Decimal(6)), (undated, free[undated.pk] + 2)], 3, words.REFERENCE)
    _by_the_supplier(demo, _order(mine[0], seller, [(undated, Decimal(12))], 5, ""), undated, seller, words)
    now = demo.actors[words.SELLER].on(demo.today, 9)
    lines = [{"product": short.pk, "quantity": "20"}, {"product": elsewhere.pk, "quantity": "40"}, {"product": undated.pk, "quantity": "1"}]
    wanted = demo.today + timedelta(days=5)
    create_record(Quotation, {"customer": mine[2].pk, "requested_on": wanted, "lines": lines}, actor=now)
    create_record(Order, {"customer": mine[2].pk, "requested_on": wanted, "lines": lines[:2]}, actor=now)


def _by_the_supplier(demo: Demo, order: Order, product: Product, seller: Actor, words: Any) -> None:
    """What is missing altogether the supplier sends to the customer himself; five of it have left."""
    supplier = Party.objects.filter(is_supplier=True, archived_at__isnull=True).earliest("code")
    line = order.lines.get(product=product)
    cost = round_money(product.standard_cost * Decimal("1.1"), demo.company.currency)
    expected = demo.today + timedelta(days=4)
    have_supplier_ship(order, actor=seller, line=line, supplier=supplier, unit_cost=cost, expected_on=expected)
    supplier_shipped(
        order, actor=demo.actors[words.SELLER].on(demo.today, 8), lines=[PartialLine(line=line, quantity=Decimal(5))], tracking=words.TRACKING
    )


def _customers(seller: Actor, demo: Demo) -> list[Party]:
    """Of this person, in the currency of the books; the best first."""
    rows = Party.objects.filter(owner_id=seller.member_id, is_customer=True, currency__in=("", demo.company.currency), archived_at__isnull=True)
    return list(rows.exclude(tier="").order_by("tier", "-pk"))


def _order(customer: Party, seller: Actor, lines: list[tuple[Product, Decimal]], days: int, reference: str) -> Order:
    wanted = [WantedLine(product=product, quantity=quantity) for product, quantity in lines if quantity > 0]
    return place_order(
        customer, actor=seller, lines=wanted, requested_on=seller.today + timedelta(days=days), customer_reference=reference,
    )


def _expect(demo: Demo, product: Product, quantity: str, days: int) -> None:
    keeper = demo.actors[next(iter(demo.company.keepers.values()))].on(demo.today - timedelta(days=2), 11)
    values = {
        "kind": "purchase", "received_on": demo.today + timedelta(days=days),
        "lines": [{"product": product.pk, "quantity": quantity, "unit_cost": str(product.standard_cost)}],
    }
    create_record(GoodsReceipt, values, actor=keeper)
