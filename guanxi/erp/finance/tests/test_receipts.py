"""Money received: the oldest invoices first, advances, exchange differences, and back again (M18.2)."""

from datetime import date
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Allocation, PartyBalance, Receipt
from guanxi.erp.finance.operations import (
    allocate_receipt,
    pay_invoice,
    record_receipt,
    release_receipt,
    reverse_invoice,
    reverse_receipt,
)
from guanxi.erp.finance.tests.world import balances, bill, charge, customer, line, proved
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.refusals import Invalid, Refused

DAYS = [date(2026, 1, 10), date(2026, 1, 20), date(2026, 2, 10)]


def _invoices(alpha, party, *amounts):
    return [bill(alpha, party, line(amount), issued_on=day) for amount, day in zip(amounts, DAYS, strict=False)]


def _open(*invoices):
    for invoice in invoices:
        invoice.refresh_from_db()
    return [invoice.open_amount for invoice in invoices]


class TestRecording:
    def test_it_pays_the_oldest_invoices_first(self, alpha):
        party = customer(alpha)
        invoices = _invoices(alpha, party, "100", "200", "300")
        receipt = record_receipt(party, actor=alpha, amount=Decimal("150"), received_on=date(2026, 2, 20))
        assert _open(*invoices) == [0, Decimal(150), Decimal(300)]
        assert (receipt.number, receipt.unallocated) == ("RC-2026-00001", 0)
        assert balances(alpha) == {"bank": Decimal(150), "receivable": Decimal(450), "revenue": Decimal(-600)}
        assert proved() == []

    def test_it_pays_the_invoices_that_are_named(self, alpha):
        party = customer(alpha)
        invoices = _invoices(alpha, party, "100", "200", "300")
        record_receipt(party, actor=alpha, amount=Decimal("250"), invoices=invoices[1:])
        assert _open(*invoices) == [Decimal(100), 0, Decimal(250)]

    def test_from_an_invoice_its_customer_pays_just_that_one(self, alpha):
        first, second, _third = invoices = _invoices(alpha, customer(alpha), "100", "200", "300")
        assert pay_invoice.proposes(second, alpha) == {"amount": Decimal("200")}
        receipt = perform(pay_invoice, second.pk, actor=alpha, raw={"amount": "150"}).result
        assert (_open(*invoices), receipt.customer, receipt.unallocated) == ([100, Decimal(50), 300], first.customer, 0)
        pay_invoice(second, actor=alpha, amount=Decimal("60"))
        assert (_open(*invoices), Receipt.objects.latest("pk").unallocated) == ([100, 0, 300], Decimal(10))
        assert not pay_invoice.is_possible(second)
        with pytest.raises(Refused, match=f"Nothing of {second} is open"):
            pay_invoice(second, actor=alpha, amount=Decimal("1"))
        assert proved() == []

    def test_from_an_invoice_in_another_currency_it_is_money_in_that_currency(self, alpha):
        invoice = bill(alpha, customer(alpha), line("100"), currency="USD", rate=Decimal("7.1"))
        receipt = pay_invoice(invoice, actor=alpha, amount=Decimal("100"), rate=Decimal("7.2"))
        assert (receipt.currency, receipt.rate, receipt.unallocated, _open(invoice)) == ("USD", Decimal("7.2"), 0, [0])

    def test_what_is_left_over_is_an_advance(self, alpha):
        party = customer(alpha)
        receipt = record_receipt(party, actor=alpha, amount=Decimal("80"), method="cash")
        assert receipt.unallocated == Decimal(80)
        assert balances(alpha) == {"cash": Decimal(80), "receivable": Decimal(-80)}
        assert PartyBalance.objects.get(party=party).receivable == Decimal(-80)

    def test_an_invoice_that_is_paid_is_announced(self, alpha):
        party = customer(alpha)
        invoices = _invoices(alpha, party, "100", "200")
        record_receipt(party, actor=alpha, amount=Decimal("150"))
        assert [e.subject_id for e in Event.objects.filter(name="InvoicePaid")] == [invoices[0].pk]
        assert Event.objects.get(name="ReceiptRecorded").payload["invoice_ids"] == [invoices[0].pk, invoices[1].pk]

    def test_another_customer_s_invoice_and_one_that_is_paid_are_refused_by_name(self, alpha):
        party, other = customer(alpha), customer(alpha, "Other")
        [mine], [theirs] = _invoices(alpha, party, "100"), _invoices(alpha, other, "100")
        with pytest.raises(Refused, match=f"{theirs.number} cannot be paid"):
            record_receipt(party, actor=alpha, amount=Decimal("10"), invoices=[theirs])
        record_receipt(party, actor=alpha, amount=Decimal("100"))
        with pytest.raises(Refused, match=f"{mine.number} cannot be paid"):
            record_receipt(party, actor=alpha, amount=Decimal("10"), invoices=[mine])

    @pytest.mark.parametrize(("amount", "words"), [("0", "more than zero"), ("-5", "more than zero"), ("1.001", "decimal places")])
    def test_an_impossible_amount_is_refused(self, alpha, amount, words):
        with pytest.raises(Invalid, match=words):
            record_receipt(customer(alpha), actor=alpha, amount=Decimal(amount))


class TestAllocating:
    def test_an_advance_pays_later_invoices(self, alpha):
        party = customer(alpha)
        receipt = record_receipt(party, actor=alpha, amount=Decimal("120"), received_on=DAYS[0])
        invoices = _invoices(alpha, party, "100", "200")
        allocate_receipt(receipt, actor=alpha)
        receipt.refresh_from_db()
        assert (receipt.unallocated, _open(*invoices)) == (0, [0, Decimal(180)])
        with pytest.raises(Refused, match="allocated or paid back already"):
            allocate_receipt(receipt, actor=alpha)

    def test_so_much_of_it_as_is_said_and_the_rest_stays_free(self, alpha):
        party = customer(alpha)
        receipt = record_receipt(party, actor=alpha, amount=Decimal("120"), received_on=DAYS[0])
        invoices = _invoices(alpha, party, "100", "200")
        allocate_receipt(receipt, actor=alpha, amount=Decimal("30.50"))
        receipt.refresh_from_db()
        assert (receipt.unallocated, _open(*invoices)) == (Decimal("89.50"), [Decimal("69.50"), Decimal(200)])
        for amount in ("0", "-1", "0.001"):
            with pytest.raises(Invalid):
                allocate_receipt(receipt, actor=alpha, amount=Decimal(amount))

    def test_without_an_open_invoice_there_is_nothing_to_allocate(self, alpha):
        receipt = record_receipt(customer(alpha), actor=alpha, amount=Decimal("120"))
        with pytest.raises(Refused, match="no open invoice in CNY"):
            allocate_receipt(receipt, actor=alpha)

    def test_taken_back_the_invoices_are_open_again(self, alpha):
        party = customer(alpha)
        invoices = _invoices(alpha, party, "100", "200")
        receipt = record_receipt(party, actor=alpha, amount=Decimal("250"))
        release_receipt(receipt, actor=alpha)
        receipt.refresh_from_db()
        assert (receipt.unallocated, _open(*invoices)) == (Decimal(250), [Decimal(100), Decimal(200)])
        assert sorted(Allocation.objects.values_list("amount", flat=True)) == [Decimal(-150), Decimal(-100), Decimal(100), Decimal(150)]
        with pytest.raises(Refused, match="Nothing of"):
            release_receipt(receipt, actor=alpha)
        assert proved() == []


class TestReversal:
    def test_a_bounced_receipt_opens_its_invoices_again(self, alpha):
        party = customer(alpha)
        [invoice] = _invoices(alpha, party, "100")
        receipt = record_receipt(party, actor=alpha, amount=Decimal("130"), received_on=DAYS[1])
        opposite = reverse_receipt(receipt, actor=alpha, reversed_on=DAYS[2], reason="Bounced")
        receipt.refresh_from_db()
        assert (receipt.status, receipt.unallocated, opposite.amount, opposite.reverses) == ("reversed", 0, Decimal(-130), receipt)
        assert _open(invoice) == [Decimal(100)] and balances(alpha) == {"receivable": Decimal(100), "revenue": Decimal(-100)}
        assert balances(alpha, DAYS[1])["bank"] == Decimal(130)
        assert proved() == []

    def test_it_happens_once(self, alpha):
        receipt = record_receipt(customer(alpha), actor=alpha, amount=Decimal("5"))
        opposite = reverse_receipt(receipt, actor=alpha)
        for row in (receipt, opposite):
            with pytest.raises(Refused):
                reverse_receipt(Receipt.objects.get(pk=row.pk), actor=alpha)
            with pytest.raises(Refused):
                allocate_receipt(Receipt.objects.get(pk=row.pk), actor=alpha)


class TestForeignCurrency:
    """The books are in yuan; the claim and the money are in dollars, at the rate of their days."""

    def _sold(self, alpha, party):
        return bill(alpha, party, line("33.33"), line("66.67"), currency="USD", rate=Decimal("7.1234"), issued_on=DAYS[0])

    def test_each_line_is_rounded_once_and_the_claim_is_their_sum(self, alpha):
        invoice = self._sold(alpha, customer(alpha))
        assert (invoice.total, invoice.open_base) == (Decimal(100), Decimal("237.42") + Decimal("474.92"))
        assert balances(alpha) == {"receivable": Decimal("712.34"), "revenue": Decimal("-712.34")}
        assert proved() == []

    def test_money_worth_more_is_a_gain_and_money_worth_less_a_loss(self, alpha):
        party = customer(alpha)
        invoice = self._sold(alpha, party)
        record_receipt(party, actor=alpha, amount=Decimal("40"), currency="USD", rate=Decimal("7.2"), received_on=DAYS[1])
        assert balances(alpha)["exchange_gain"] == Decimal("284.94") - Decimal("288.00")
        record_receipt(party, actor=alpha, amount=Decimal("60"), currency="USD", rate=Decimal("7.0"), received_on=DAYS[2])
        assert balances(alpha)["exchange_loss"] == Decimal("427.40") - Decimal("420.00")
        assert _open(invoice) == [0] and "receivable" not in balances(alpha)
        assert PartyBalance.objects.get(party=party, currency="USD").receivable_base == 0
        assert proved() == []

    def test_taking_it_all_back_leaves_nothing(self, alpha):
        party = customer(alpha)
        invoice = self._sold(alpha, party)
        receipt = record_receipt(party, actor=alpha, amount=Decimal("100"), currency="USD", rate=Decimal("7.2"), received_on=DAYS[1])
        reverse_receipt(receipt, actor=alpha)
        reverse_invoice(invoice, actor=alpha)
        assert balances(alpha) == {} and proved() == []

    def test_dollars_do_not_pay_yuan(self, alpha):
        party = customer(alpha)
        invoice = charge(alpha, party, "100")
        receipt = record_receipt(party, actor=alpha, amount=Decimal("100"), currency="USD", rate=Decimal("7"))
        assert (receipt.unallocated, _open(invoice)) == (Decimal(100), [Decimal(113)])

    def test_a_rate_is_needed_and_the_currency_has_to_be_known(self, alpha):
        party = customer(alpha)
        with pytest.raises(Invalid, match="how many CNY one USD is worth"):
            record_receipt(party, actor=alpha, amount=Decimal("100"), currency="USD")
        with pytest.raises(Invalid, match="XXX"):
            record_receipt(party, actor=alpha, amount=Decimal("100"), currency="XXX", rate=Decimal(1))
