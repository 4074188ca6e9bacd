"""Credit in the demo: policies, a customer whose order waits on hold for a decision, one that pays in advance, an order that was changed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.credit.queries import exposures_of
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.credit.holds import ask_prepayment, ask_release
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, place_order
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.operations import set_credit_limit

SELLER = "li"
POLICIES = (
    ({"zh-hans": "一般客户", "en": "Usual customers"}, {"tier": "other", "days_overdue": 60, "at_shipment": "none"}),
    ({"zh-hans": "重点客户", "en": "Key customers"}, {"tier": "A", "days_overdue": 90, "tolerance": "10%", "at_shipment": "none"}),
)
LARGE, SMALL = ("SFU1605", 40), ("BK12", 12)
ASKED = "客户承诺本周五付清上月货款，请先放行。"
CHANGED = "客户现场改造，数量增加"
REFERENCE = "预付款 30%"


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    accountant = demo.actors[demo.company.accountant]
    for name, values in words.POLICIES:
        create_record(CreditPolicy, {"name": name, **values}, actor=accountant.on(demo.today - timedelta(days=20)))
    seller = demo.actors[words.SELLER]
    mine = Party.objects.filter(owner_id=seller.member_id, is_customer=True, currency__in=("", demo.company.currency), archived_at__isnull=True)
    known = list(mine.exclude(tier="A").order_by("pk"))
    owing = exposures_of(known, seller)
    known.sort(key=lambda one: (-owing[one.pk].total, one.pk))
    _over_the_limit(demo, known[0], owing[known[0].pk].total, seller, accountant, words)
    _in_advance(demo, known[-1], seller, accountant, words)
    _changed(demo, known[-2], seller, words)


def _order(demo: Demo, customer: Party, what: tuple[str, int], actor: Actor) -> Order:
    code, quantity = what
    return place_order(customer, actor=actor, lines=[WantedLine(product=demo.made["products"][code], quantity=Decimal(quantity))])


def _over_the_limit(demo: Demo, customer: Party, owing: Decimal, seller: Actor, accountant: Actor, words: Any) -> None:
    """The limit was lowered to what the customer owes, rounded up; the next order waits, and its release is asked for."""
    limit = (owing // 1000 + 1) * 1000
    set_credit_limit(customer, actor=accountant.on(demo.today - timedelta(days=12), 10), limit=limit)
    order = _order(demo, customer, words.LARGE, seller.on(demo.today - timedelta(days=2), 15))
    perform(ask_release, order.pk, actor=seller.on(demo.today - timedelta(days=1), 9), raw={"reason": words.ASKED})


def _in_advance(demo: Demo, customer: Party, seller: Actor, accountant: Actor, words: Any) -> None:
    """One order that the money released, one that still waits for it."""
    for days, is_paid in ((9, True), (3, False)):
        order = _order(demo, customer, words.SMALL, seller.on(demo.today - timedelta(days=days), 11))
        share = (order.total * Decimal("0.3")).quantize(Decimal("0.01"))
        ask_prepayment(order, actor=seller.on(demo.today - timedelta(days=days), 12), amount=share)
        if is_paid:
            day = demo.today - timedelta(days=days - 4)
            receive_prepayment(order, actor=accountant.on(day, 16), amount=share, received_on=day, reference=words.REFERENCE)


def _changed(demo: Demo, customer: Party, seller: Actor, words: Any) -> None:
    order = _order(demo, customer, words.SMALL, seller.on(demo.today - timedelta(days=5), 10))
    line = order.lines.get()
    change_order(
        order, actor=seller.on(demo.today - timedelta(days=4), 15), lines=[ChangedLine(line=line, quantity=line.quantity + 8)], reason=words.CHANGED
    )
