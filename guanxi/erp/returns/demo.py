"""Returns of the last weeks, one in each state, an exchange among them, and some of the year before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from guanxi.erp.inventory.models import Delivery
from guanxi.erp.returns.models import CustomerReturn
from guanxi.erp.returns.operations import (
    InspectedLine,
    ReturnedLine,
    announce_return,
    cancel_return,
    inspect_return,
    receive_return,
    refund_return,
    settle_return,
)
from guanxi.erp.returns.queries import credit_notes_of, returnable, to_pay_back
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import complete_order
from guanxi.kernel.values import round_money
from guanxi.shared.demo import Demo

STORIES = (
    # (days ago, how far, reason, wish, back into stock, scrapped, sent back, note, finding)
    (150, "settled", "damaged", "credit", 1, 1, 0, "外箱破损，两件退回", "一件完好，一件磕碰报废"),
    (60, "settled", "wrong_item", "credit", 2, 0, 0, "型号发错", "未使用，包装完好"),
    (21, "settled", "defective", "exchange", 0, 2, 0, "回程间隙超差，要求换新", "复检确认超差，报废"),
    (12, "settled", "defective", "credit", 0, 0, 1, "反映噪音大", "检验合格，退还客户"),
    (8, "inspected", "damaged", "credit", 1, 1, 0, "运输途中淋雨", "一件锈蚀报废"),
    (5, "received", "not_wanted", "credit", 0, 0, 0, "多订了，未拆封", ""),
    (3, "announced", "defective", "exchange", 0, 0, 0, "安装后发现滑块卡滞", ""),
    (4, "cancelled", "not_wanted", "credit", 0, 0, 0, "规格记错", ""),
)
KEPT = "客户决定留用"


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    used: set[int] = set()
    for days, state, reason, wish, good, scrapped, sent_back, note, finding in words.STORIES:
        day = demo.today - timedelta(days=days)
        pieces = max(1, good + scrapped + sent_back)
        delivery = _delivery(demo, day, pieces, used)
        if delivery is None:
            continue
        used.add(delivery.pk)
        line = next(line for line, left in returnable(delivery) if left > pieces)
        seller = demo.acting(demo.owner_of(delivery), day)
        made = announce_return(
            delivery, actor=seller, lines=[ReturnedLine(line, Decimal(pieces))], reason=reason, wish=wish, note=note, announced_on=day
        )
        if state == "cancelled":
            cancel_return(made, actor=demo.acting(demo.owner_of(delivery), day + timedelta(days=1)), note=words.KEPT)
        elif state != "announced":
            _go_on(demo, made, state, day, (good, scrapped, sent_back), finding)


def _delivery(demo: Demo, day: date, pieces: int, used: set[int]) -> Delivery | None:
    """The latest one before the day, of an order that is delivered and billed, of which so much may come back."""
    rows: Any = Delivery.objects.filter(status="shipped", shipped_on__lte=day - timedelta(days=2)).exclude(pk__in=used)
    for delivery in rows.select_related("customer", "entity", "warehouse").order_by("-shipped_on", "-pk")[:60]:
        sources = delivery.lines.filter(source_model=OrderLine.label()).values("source_id")
        order = Order.objects.filter(lines__in=sources, status__in=("confirmed", "done")).first()
        if order is None or not _is_billed(order) or not any(left > pieces for _line, left in returnable(delivery)):
            continue
        if order.status == "confirmed":
            # As a reaction will find it, when the year's events are heard.
            complete_order(order, actor=demo.acting(demo.company.director, day - timedelta(days=1)))
        return delivery
    return None


def _is_billed(order: Order) -> bool:
    lines = OrderLine.objects.filter(order=order).annotate(done=OrderLine.delivered_quantity.sql(), billed=OrderLine.invoiced_quantity.sql())
    return not lines.filter(Q(product__kind="goods", done__lt=F("quantity")) | Q(billed__lt=F("quantity"))).exists()


def _go_on(demo: Demo, made: CustomerReturn, state: str, day: date, verdict: tuple[int, int, int], finding: str) -> None:
    keeper = demo.company.keepers[made.entity.code]

    def later(days: int) -> date:
        return min(day + timedelta(days=days), demo.today)

    receive_return(made, actor=demo.acting(keeper, later(1)), received_on=later(1))
    if state == "received":
        return
    good, scrapped, sent_back = map(Decimal, verdict)
    inspect_return(
        made, actor=demo.acting(keeper, later(2)), inspected_on=later(2),
        lines=[InspectedLine(made.lines.get(), good, scrapped, sent_back, finding)],
    )
    if state == "settled":
        settle_return(made, actor=demo.acting(demo.company.accountant, later(4)), settled_on=later(4))
        if owed := to_pay_back(made):
            # Of what is longer ago a half is still to be paid back.
            part = owed if day > demo.today - timedelta(days=100) else round_money(owed / 2, credit_notes_of(made)[0].currency)
            refund_return(made, actor=demo.acting(demo.company.accountant, demo.today - timedelta(days=1)), amount=part)
