"""What is billed ahead of its delivery is a contract liability until the goods leave (M14.8, M18.2; decision 0028)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import JournalEntry
from guanxi.erp.finance.operations import CreditedLine, credit_invoice, reverse_invoice
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.sales.billing.invoicing import bill_amount
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import PartialLine, WantedLine, deliver_order, invoice_order, place_order
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margins_by
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.events.worker import deliver_all

D = Decimal


@pytest.fixture
def order(trade) -> Order:
    """Ten screws at 10.00, 113.00 with tax."""
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])


def bill(trade, order, amount):
    """So much of the order, as an instalment does."""
    body = lambda _scope: bill_amount([Order.objects.select_related("customer", "owner", "entity").get(pk=order.pk)], D(amount),  # noqa: E731
                                      issued_on=trade.actor.today, actor=trade.actor)
    return run_act("test.bill", actor=trade.actor, body=body).result


def deliver(trade, order, pieces):
    return deliver_order(order, actor=trade.actor, lines=[PartialLine(order.lines.get(), D(pieces))])


def books(trade) -> dict[str, Decimal]:
    """Revenue and liability, as amounts on their own side."""
    found = {row.use: -row.balance for row in trial_balance(trade.actor.entity_id) if row.use in ("revenue", "contract_liability", "output_tax")}
    return {name: found.get(use, D(0)) for name, use in (("revenue", "revenue"), ("ahead", "contract_liability"), ("tax", "output_tax"))}


def stand(revenue, ahead, tax):
    return {"revenue": D(revenue), "ahead": D(ahead), "tax": D(tax)}


def test_an_instalment_before_delivery_is_no_revenue_and_each_delivery_makes_its_part_one(trade, order):
    bill(trade, order, "67.80")
    assert books(trade) == stand(0, 60, "7.80")
    deliver(trade, order, 2)
    assert books(trade) == stand(20, 40, "7.80")
    [entry] = JournalEntry.objects.filter(kind="recognition")
    assert (entry.total, entry.source_model, entry.source_id, entry.description) == (20, "sales.order", order.pk, order.number)
    deliver(trade, order, 8)
    assert books(trade) == stand(60, 0, "7.80")
    invoice_order(order, actor=trade.actor)
    assert books(trade) == stand(100, 0, 13) and proved() == []
    [part] = margins_by(lines_in(Scope(trade.actor.currency), trade.actor), "order")
    assert (part.key, part.margin.sold, part.margin.credited, part.margin.revenue) == (order.pk, 100, 0, 100)


def test_what_is_delivered_already_is_revenue_at_once(trade, order):
    deliver(trade, order, 4)
    bill(trade, order, "67.80")
    assert books(trade) == stand(40, 20, "7.80")
    bill(trade, order, "45.20")
    assert books(trade) == stand(40, 60, 13) and proved() == []


def test_to_the_cent_where_prices_do_not_divide(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(7), unit_price=D("3.333333"))])
    for amount in ("10.01", "10.01"):
        bill(trade, order, amount)
    for pieces in (2, 2, 3):
        deliver(trade, order, pieces)
        assert proved() == []
    invoice_order(order, actor=trade.actor)
    assert books(trade)["revenue"] == D("23.33") and books(trade)["ahead"] == 0 and proved() == []


def test_an_invoice_taken_back_after_its_delivery_leaves_neither_revenue_nor_liability(trade, order):
    invoice = bill(trade, order, "33.90")
    deliver(trade, order, 10)
    assert books(trade) == stand(30, 0, "3.90")
    reverse_invoice(invoice, actor=trade.actor)
    assert books(trade) == stand(0, 0, 0) and proved() == []
    deliver_all("alpha")
    assert invoice_order(order, actor=trade.actor).net == 100 and books(trade) == stand(100, 0, 13)


def test_one_of_two_taken_back_leaves_what_the_other_bills_beyond_the_delivery(trade, order):
    first, _second = bill(trade, order, "33.90"), bill(trade, order, "67.80")
    deliver(trade, order, 5)
    assert books(trade) == stand(50, 40, "11.70")
    reverse_invoice(first, actor=trade.actor)
    assert books(trade) == stand(50, 10, "7.80") and proved() == []
    deliver(trade, order, 5)
    assert books(trade) == stand(60, 0, "7.80") and proved() == []


def test_a_credit_note_takes_what_is_not_delivered_first(trade, order):
    invoice = bill(trade, order, "113")
    deliver(trade, order, 5)
    assert books(trade) == stand(50, 50, 13)
    credit_invoice(invoice, actor=trade.actor, lines=[CreditedLine(invoice.lines.get(), D(4))])
    assert books(trade) == stand(50, 10, "7.80") and proved() == []


def test_in_another_currency_it_is_released_at_the_rate_at_which_it_was_billed(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(3))])
    Order.objects.filter(pk=order.pk).updated(currency="USD")
    order = Order.objects.select_related("customer", "owner", "entity").get(pk=order.pk)
    from guanxi.erp.finance.operations import InvoiceDraft, post_invoice

    line = order.lines.get()
    draft = InvoiceDraft(
        product=trade.screw, description="Screw", quantity=D(3), unit=line.unit, unit_price=line.unit_price, net=D(30), tax_amount=D("3.90"),
        tax_rate=D("0.13"), ahead=D(30), source_lines=[(line, D(3))],
    )
    post = lambda _scope: post_invoice(order.customer, lines=[draft], actor=trade.actor, currency="USD", rate=D("7.1234567"))  # noqa: E731
    run_act("test.bill", actor=trade.actor, body=post)
    assert books(trade)["ahead"] == D("213.70")
    found = []
    for _n in range(3):
        deliver(trade, order, 1)
        found.append((books(trade)["revenue"], books(trade)["ahead"]))
    assert found == [(D("71.23"), D("142.47")), (D("142.47"), D("71.23")), (D("213.70"), 0)] and proved() == []


def test_an_ordinary_order_never_meets_the_account(trade, order):
    deliver(trade, order, 5)
    invoice_order(order, actor=trade.actor)
    deliver(trade, order, 5)
    invoice_order(order, actor=trade.actor)
    assert books(trade) == stand(100, 0, 13) and not JournalEntry.objects.filter(kind="recognition").exists()
