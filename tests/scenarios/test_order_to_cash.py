"""Order to cash, told in the verbs of the business (M14.3, M14.6, M15.3, M18.2): books that balance at every step."""

from decimal import Decimal

from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.inventory.models import GoodsReceipt, StockCost
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import PartialLine, confirm_order, deliver_order, invoice_order, order_quotation
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.worker import deliver_all
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


def _balanced(alpha):
    rows = trial_balance(alpha.entity_id)
    assert sum(row.debit for row in rows) == sum(row.credit for row in rows)
    return {row.use: row.debit - row.credit for row in rows if row.use}


def test_a_quotation_becomes_money_in_the_bank(alpha):
    screw = create_record(
        Product, {"code": "SFU", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "660", "standard_cost": "400"}, actor=alpha
    ).result
    for quantity, cost in ((10, 400), (10, 420)):
        receipt = create_record(
            GoodsReceipt, {"kind": "purchase", "lines": [{"product": screw.pk, "quantity": quantity, "unit_cost": cost}]}, actor=alpha
        ).result
        receive_goods(receipt, actor=alpha)
    assert _balanced(alpha)["stock"] == Decimal("8200")

    customer = create_record(Party, {"name": "Hengchuan"}, actor=alpha).result
    quotation = create_record(
        Quotation, {"customer": customer.pk, "lines": [{"product": "SFU", "quantity": "15", "discount": "5%"}]}, actor=alpha
    ).result
    order = order_quotation(quotation, actor=alpha)
    confirm_order(order, actor=alpha)
    line = order.lines.get()

    deliver_order(order, actor=alpha, lines=[PartialLine(line=line, quantity=Decimal(6))])
    assert _balanced(alpha)["cost_of_sales"] == Decimal("2460")  # 6 at the moving average of 410
    first = invoice_order(order, actor=alpha)
    assert (first.net, first.tax, first.total) == (Decimal("3762"), Decimal("489.06"), Decimal("4251.06"))

    deliver_order(order, actor=alpha)
    second = invoice_order(order, actor=alpha)
    assert first.net + second.net == line.net == Decimal("9405")

    record_receipt(customer, actor=alpha, amount=Decimal("5000"), received_on=alpha.today, method="bank")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.open_amount, second.open_amount) == (Decimal(0), first.total + second.total - 5000)

    books = _balanced(alpha)
    assert books["receivable"] == second.open_amount
    assert books["revenue"] == Decimal("-9405")
    assert books["cost_of_sales"] == Decimal("6150")
    assert books["stock"] == Decimal("2050") == StockCost.objects.get(product=screw).value
    assert books["bank"] == Decimal("5000")

    deliver_all("alpha")
    order = Order.objects.get(pk=order.pk)
    assert order.status == "done"
    names = list(Event.objects.filter(party_id=customer.pk).order_by("pk").values_list("name", flat=True))
    assert names.count("DeliveryShipped") == names.count("InvoicePosted") == 2 and names[-1] == "OrderCompleted"
