"""From the advance on a contract to the refund for what came back, told in the verbs of the business (M5.12, M14.3, M14.6, M18.2, X24)."""

from __future__ import annotations

from decimal import Decimal

from guanxi.erp.contracts.billing import collect_instalment, invoice_instalment
from guanxi.erp.contracts.calling import CalledLine, call_off
from guanxi.erp.contracts.collecting import PlannedInstalment, plan_contract
from guanxi.erp.contracts.models import Contract, DocumentTemplate, Instalment
from guanxi.erp.contracts.operations import approve_contract, sign_contract
from guanxi.erp.contracts.seeds import ASKED
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.finance.queries import receivables_ageing
from guanxi.erp.finance.tests.world import balances, proved
from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods, record_proof
from guanxi.erp.returns.operations import ReturnedLine, refund_return, return_goods, settle_return
from guanxi.erp.sales.credit.crediting import prepaid_for
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import cancel_order, confirm_order, deliver_order, invoice_order
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margin_of
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

D = Decimal


def stand(actor, *uses):
    found = balances(actor)
    return [found.get(use, D(0)) for use in uses]


def test_paid_in_advance_billed_ahead_delivered_returned_and_paid_back(alpha):
    ApprovalRule.objects.filter(operation=ASKED).update(is_active=False)
    values = {"code": "SFU", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "100", "standard_cost": "60"}
    screw = create_record(Product, values, actor=alpha).result
    goods = {"kind": "purchase", "lines": [{"product": screw.pk, "quantity": 20, "unit_cost": 60}]}
    receive_goods(create_record(GoodsReceipt, goods, actor=alpha).result, actor=alpha)
    customer = create_record(Party, {"name": "Hengchuan"}, actor=alpha).result
    words = {"code": "S", "name": {"en": "Contract"}, "language": "en", "opening": {"en": "Agreed."}}
    template = create_record(DocumentTemplate, words, actor=alpha).result

    # Ten screws are agreed on, 1,130.00 in two instalments; the first is paid before anything is ordered.
    given = {"customer": customer.pk, "template": template.pk, "lines": [{"product": screw.pk, "quantity": "10"}]}
    contract = create_record(Contract, given, actor=alpha).result
    parts = [("Advance", "0.3", "signing"), ("Delivery", "0.7", "delivery")]
    plan_contract(contract, actor=alpha, instalments=[PlannedInstalment(title, D(share), event=event) for title, share, event in parts])
    approve_contract(contract, actor=alpha)
    sign_contract(contract, actor=alpha, signed_on=alpha.today, their_name="Fang Min", our_name="Wei")
    advance = Instalment.objects.get(title="Advance")
    collect_instalment(advance, actor=alpha)
    assert stand(alpha, "bank", "prepayment", "revenue") == [339, -339, 0]

    # Six are called off: the advance is theirs, and its invoice is no revenue yet.
    order = call_off(Contract.objects.get(pk=contract.pk), actor=alpha, lines=[CalledLine(contract.lines.get(), D(6))])
    confirm_order(order, actor=alpha)
    assert prepaid_for([order.pk])[order.pk] == 339
    invoice_instalment(Instalment.objects.get(title="Advance"), actor=alpha)
    assert stand(alpha, "prepayment", "receivable", "contract_liability", "revenue", "output_tax") == [0, 0, -300, 0, -39]

    # They leave and arrive: what was billed becomes revenue with their cost, and the rest is billed and paid.
    delivery = deliver_order(Order.objects.get(pk=order.pk), actor=alpha)
    record_proof(delivery, actor=alpha, delivered_on=alpha.today, received_by="Gate 2")
    assert stand(alpha, "contract_liability", "revenue", "cost_of_sales") == [0, -300, 360]
    rest = invoice_order(order, actor=alpha)
    record_receipt(customer, actor=alpha, amount=rest.total, invoices=[rest])
    deliver_all("alpha")
    assert (rest.total, Order.objects.get(pk=order.pk).status) == (339, "done")

    # Two come back as new: they are credited, and paid back.
    back = return_goods(delivery, actor=alpha, lines=[ReturnedLine(delivery.lines.get(), D(2))], reason="not_wanted")
    settle_return(back, actor=alpha)
    assert [(row.balance, row.unallocated) for row in receivables_ageing(alpha.today)] == [(-226, 226)]
    refund_return(back, actor=alpha)
    deliver_all("alpha")
    assert receivables_ageing(alpha.today) == []

    # The next call is cancelled. Four were sold: nothing else is left in the books.
    second = call_off(Contract.objects.get(pk=contract.pk), actor=alpha)
    confirm_order(second, actor=alpha)
    cancel_order(second, actor=alpha)
    deliver_all("alpha")
    assert stand(alpha, "bank", "receivable", "prepayment", "contract_liability") == [452, 0, 0, 0]
    assert stand(alpha, "revenue", "output_tax", "cost_of_sales") == [-400, -52, 240]
    margin = margin_of(lines_in(Scope(alpha.currency, order=order.pk), alpha))
    assert (margin.revenue, margin.cost, margin.margin) == (400, -240, 160)
    assert proved() == []
