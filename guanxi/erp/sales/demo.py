"""A year of selling: quotations, orders, deliveries in parts, invoices, and customers who pay early, late or not yet."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from guanxi.erp.finance.models import Invoice
from guanxi.erp.finance.operations import record_receipt, reverse_invoice
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    accept_quotation,
    confirm_order,
    decline_quotation,
    deliver_order,
    invoice_order,
    order_quotation,
    place_order,
    send_quotation,
)
from guanxi.erp.sales.sharing.mailing import mail_quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.demo import Demo
from guanxi.shared.messaging.models import MessageTemplate
from guanxi.shared.parties.models import Party

WEIGHTS = {"A": 6, "B": 3, "C": 1}
QUANTITIES = {"A": (20, 60, 120), "B": (10, 24, 50), "C": (2, 6, 12)}
DEAR, SHARE = 1500, 4
"""Of what costs more than this, a part of the usual quantity is ordered."""
ORDERS_A_DAY = (0, 1, 1)
DAYS_TO_DELIVERY = (2, 9)
DECLINED = ("价格偏高", "交期太长", "项目取消", "选择了其他供应商")
CREDITED = ("价格与合同不符，冲红重开", "开票信息有误，冲红重开")
SECTIONS = ("主要设备", "备件与选配")
"""How longer offers are divided."""


def _lines(demo: Demo, customer: Party) -> list[tuple]:
    words = demo.words(__name__)
    products = list(demo.made["products"].values())
    goods = [p for p in products if p.kind == "goods"]
    chosen = [
        (p, Decimal(max(1, demo.rng.choice(QUANTITIES[customer.tier]) // (words.SHARE if p.list_price > words.DEAR else 1))))
        for p in demo.rng.sample(goods, demo.rng.choice((1, 2, 2, 3, 4)))
    ]
    if demo.rng.random() < 0.08:
        chosen.append((demo.made["products"]["INSTALL"], Decimal(demo.rng.choice((1, 2, 3)))))
    return chosen


def _send(demo: Demo, quotation: Quotation, seller: Actor) -> None:
    """Lately by mail."""
    contact = quotation.customer.contacts.exclude(email="").order_by("-is_main", "pk").first()
    if contact is None or (demo.today - quotation.quoted_on).days > 40:
        send_quotation(quotation, actor=seller)
        return
    template = MessageTemplate.objects.get(code="quotation")
    mail_quotation(quotation, actor=seller, contacts=[contact], template=template)


def happen(demo: Demo, days: list[date]) -> None:
    """One month: new business first, then what is due from earlier."""
    words, todo = demo.words(__name__), demo.made.setdefault("todo", [])
    weights = [WEIGHTS[c.tier] for c in demo.made["customers"]]
    for day in days:
        for _ in range(demo.rng.choice(words.ORDERS_A_DAY)):
            [customer] = demo.rng.choices(demo.made["customers"], weights)
            order = _quote(demo, customer, day) if demo.rng.random() < 0.3 else _order(demo, customer, day)
            if order is not None:
                todo.append((day + timedelta(days=demo.rng.randrange(*words.DAYS_TO_DELIVERY)), "deliver", order.pk))
        for step in sorted((s for s in todo if s[0] <= day), key=lambda s: (s[0], s[1], s[2])):
            todo.remove(step)
            _STEPS[step[1]](demo, step[2], day, todo)


def _order(demo: Demo, customer: Party, day: date) -> Order:
    seller = demo.acting(demo.owner_of(customer), day)
    lines = [
        WantedLine(product=p, quantity=q, discount=Decimal("0.05") if demo.rng.random() < 0.15 else None)
        for p, q in _lines(demo, customer)
    ]
    return place_order(
        customer, actor=seller, lines=lines, ordered_on=day, requested_on=day + timedelta(days=demo.rng.randrange(7, 21)),
        customer_reference=f"PO{demo.rng.randrange(10_000, 99_999)}" if demo.rng.random() < 0.6 else "",
    )


def _quote(demo: Demo, customer: Party, day: date) -> Order | None:
    """Half of the quotations win; the newest stay open."""
    seller = demo.acting(demo.owner_of(customer), day)
    lines = [{"product": p, "quantity": str(q), "discount": demo.rng.choice(("", "", "3%", "5%"))} for p, q in _lines(demo, customer)]
    if len(lines) > 2:
        for at, line in enumerate(lines):
            line["section"] = demo.words(__name__).SECTIONS[at > 1]
    quotation: Quotation = create_record(Quotation, {"customer": customer, "quoted_on": day, "lines": lines}, actor=seller).result
    if demo.rng.random() < 0.08:
        return None
    _send(demo, quotation, seller)
    answer_on = day + timedelta(days=demo.rng.randrange(2, 6))
    if answer_on >= demo.today or demo.rng.random() < 0.1:
        return None
    answering = demo.acting(demo.owner_of(customer), answer_on)
    if demo.rng.random() < 0.4:
        decline_quotation(quotation, actor=answering, reason=demo.rng.choice(demo.words(__name__).DECLINED))
        return None
    accept_quotation(quotation, actor=answering)
    order = order_quotation(quotation, actor=answering, requested_on=answer_on + timedelta(days=14))
    confirm_order(order, actor=answering)
    return order


def _deliver(demo: Demo, order_id: int, day: date, todo: list) -> None:
    """Ship what is there; a third in two parts. Missing stock is tried again a week later."""
    order = Order.objects.select_related("entity").get(pk=order_id)
    keeper = demo.acting(demo.company.keepers[order.entity.code], day)
    lines = list(order.lines.select_related("product"))
    if all(line.product.kind == "service" for line in lines):
        todo.append((day, "invoice", order_id))
        return
    in_parts = len(lines) > 1 and demo.rng.random() < 0.3 and not _delivered(order)
    parts = [
        PartialLine(line=line, quantity=max(Decimal(1), (line.quantity / 2).quantize(Decimal(1)))) for line in lines if line.product.kind == "goods"
    ] if in_parts else None
    try:
        with transaction.atomic():
            deliver_order(order, actor=keeper, lines=parts, shipped_on=day)
        if in_parts:
            todo.append((day + timedelta(days=5), "deliver", order_id))
    except Refused:
        todo.append((day + timedelta(days=7), "deliver", order_id))
        return
    todo.append((day + timedelta(days=demo.rng.randrange(0, 4)), "invoice", order_id))


def _delivered(order: Order) -> bool:
    return Link.objects.filter(from_model="sales.orderline", from_id__in=order.lines.values("pk"), kind="delivery").exists()


def _invoice(demo: Demo, order_id: int, day: date, todo: list) -> None:
    order = Order.objects.get(pk=order_id)
    try:
        with transaction.atomic():
            invoice = invoice_order(order, actor=demo.acting(demo.company.accountant, day), issued_on=day)
    except Refused:
        return
    if Random(invoice.pk).random() < 0.04:
        todo.append((day + timedelta(days=4), "credit", invoice.pk))
    habit = demo.rng.random()
    if habit < 0.92:
        late = 0 if habit < 0.7 else demo.rng.randrange(5, 40)
        paid_on = max(invoice.due_on - timedelta(days=demo.rng.randrange(0, 6)), day + timedelta(days=2)) + timedelta(days=late)
        todo.append((paid_on, "pay", invoice.pk))


def _pay(demo: Demo, invoice_id: int, day: date, todo: list) -> None:
    invoice = Invoice.objects.select_related("customer").get(pk=invoice_id)
    if invoice.status != "posted" or invoice.open_amount <= 0:
        return
    part = demo.rng.random() < 0.08 and invoice.open_amount > 1000
    amount = (invoice.open_amount / 2).quantize(Decimal("0.01")) if part else invoice.open_amount
    accountant = demo.acting(demo.company.accountant, day)
    record_receipt(invoice.customer, actor=accountant, amount=amount, received_on=day, method="bank", invoices=[invoice])


def _credit(demo: Demo, invoice_id: int, day: date, todo: list) -> None:
    """A wrong invoice is taken back, and what it billed is billed again."""
    invoice = Invoice.objects.get(pk=invoice_id)
    if invoice.status != "posted":
        return
    accountant, reasons = demo.acting(demo.company.accountant, day), demo.words(__name__).CREDITED
    line = Link.objects.filter(to_model="finance.invoiceline", to_id__in=invoice.lines.values("pk"), kind="invoice").first()
    reverse_invoice(invoice, actor=accountant, reversed_on=day, reason=reasons[invoice.pk % len(reasons)])
    if line is not None:
        order = Order.objects.get(lines=line.from_id)
        again = invoice_order(order, actor=accountant, issued_on=day)
        todo.append((again.due_on + timedelta(days=3), "pay", again.pk))


_STEPS = {"deliver": _deliver, "invoice": _invoice, "pay": _pay, "credit": _credit}
