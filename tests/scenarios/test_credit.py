"""Credit that guides, told in the verbs of the business (M14.3, M14.7, M14.8, X8): from the offer to the money, with a limit in between."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.credit.crediting import OnHold, check_of
from guanxi.erp.sales.credit.holds import ask_prepayment
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order, OrderChange, Quotation
from guanxi.erp.sales.operations import confirm_order, deliver_order, invoice_order, order_quotation
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.operations import set_credit_limit


def test_an_order_beyond_the_limit_goes_on_when_part_of_it_is_paid_in_advance(alpha):
    d = Decimal
    values = {"code": "SFU", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "100", "standard_cost": "60"}
    screw = create_record(Product, values, actor=alpha).result
    goods = {"kind": "purchase", "lines": [{"product": screw.pk, "quantity": 100, "unit_cost": 60}]}
    receive_goods(create_record(GoodsReceipt, goods, actor=alpha).result, actor=alpha)
    customer = create_record(Party, {"name": "Hengchuan"}, actor=alpha).result
    set_credit_limit(customer, actor=alpha, limit=d(5000))
    create_record(CreditPolicy, {"name": {"en": "Usual"}, "days_overdue": 30}, actor=alpha)

    # Offered: the quotation warns, and says up to how much it could be.
    lines = [{"product": "SFU", "quantity": "60"}]
    quotation = create_record(Quotation, {"customer": customer.pk, "lines": lines}, actor=alpha).result
    check = check_of(quotation, alpha)
    assert (check.adds, check.excess, check.most, check.action) == (d("6780.00"), d("1780.00"), d("5000"), "warn")

    # Ordered: confirmed, but on hold; nothing leaves.
    order = order_quotation(quotation, actor=alpha)
    confirm_order(order, actor=alpha)
    assert (order.status, order.hold) == ("confirmed", "credit")
    with pytest.raises(OnHold):
        deliver_order(order, actor=alpha)

    # The way out: what is too much is paid in advance.
    ask_prepayment(order, actor=alpha)
    assert order.prepayment == d("1780.00")
    receive_prepayment(order, actor=alpha, amount=d("1780.00"))
    order = Order.objects.get(pk=order.pk)
    assert order.hold == "" and order.lines.get().reserved_quantity == 60

    # The customer takes fewer; the change is kept, and the goods are free again.
    change_order(order, actor=alpha, lines=[ChangedLine(line=order.lines.get(), quantity=d(50))], reason="One machine less")
    order = Order.objects.get(pk=order.pk)
    assert (order.total, order.lines.get().reserved_quantity) == (d("5650.00"), 50)
    assert OrderChange.objects.get(order=order).changes == [{"kind": "quantity", "line": "Screw", "before": "60", "after": "50"}]

    # Delivered and invoiced: the prepayment settles its part of the invoice, and the books agree.
    deliver_order(order, actor=alpha)
    invoice = invoice_order(order, actor=alpha)
    invoice.refresh_from_db()
    assert (invoice.total, invoice.open_amount) == (d("5650.00"), d("3870.00"))
    deliver_all("alpha")
    assert Order.objects.get(pk=order.pk).status == "done"
    assert proved() == []
