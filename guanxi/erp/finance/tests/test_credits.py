"""Credit notes over a part of an invoice: never more than is left, the tax with it, the books to the cent (M14.6, M18.2)."""

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Invoice, InvoiceLine, JournalEntry, Receipt
from guanxi.erp.finance.operations import CreditedLine, credit_invoice, record_receipt, reverse_invoice
from guanxi.erp.finance.tests.world import balances, bill, customer, line, proved
from guanxi.kernel.records.refusals import Invalid, Refused

D = Decimal


def taken_off(invoice, *parts, **more):
    """A credit note over (position, quantity, net amount) of each line."""
    rows = {row.position: row for row in invoice.lines.all()}
    given = [CreditedLine(rows[at], quantity and D(quantity), amount and D(amount)) for at, quantity, amount in parts]
    return credit_invoice(invoice, actor=more.pop("actor"), lines=given, **more)


@pytest.fixture
def sold(alpha):
    """10 pieces for 100.00 and 3 for 10.00, tax 13 %."""
    party = customer(alpha)
    return bill(
        alpha, party, line("100", "13", quantity=D(10), unit_price=D(10), tax_rate=D("0.13")),
        line("10", "1.30", quantity=D(3), unit_price=D("3.333333"), tax_rate=D("0.13")),
    )


class TestByQuantity:
    def test_net_tax_and_what_is_owed_become_less_by_the_part(self, alpha, sold):
        note = taken_off(sold, (1, "2", None), actor=alpha, reason="two came back")
        assert (note.net, note.tax, note.total, note.open_amount) == (D(-20), D("-2.60"), D("-22.60"), 0)
        assert (note.credits, note.note, note.number.startswith("INV-")) == (sold, "two came back", True)
        assert (sold.open_amount, sold.credited_amount, sold.paid_amount) == (D("101.70"), D("22.60"), 0)
        assert balances(alpha) == {"receivable": D("101.70"), "revenue": D(-90), "output_tax": D("-11.70")}
        entry = JournalEntry.objects.get(source_model="finance.invoice", source_id=note.pk)
        assert entry.total == D("-22.60"), "a red-letter entry, where the books ask for it"
        assert proved() == []

    def test_parts_add_up_to_the_line_to_the_last_cent(self, alpha, sold):
        notes = [taken_off(sold, (2, "1", None), actor=alpha) for _ in range(3)]
        assert [note.net for note in notes] == [D("-3.33"), D("-3.34"), D("-3.33")]
        assert sum(note.tax for note in notes) == D("-1.30")
        with pytest.raises(Invalid, match="Between 0 and 0"):
            taken_off(sold, (2, "1", None), actor=alpha)
        taken_off(sold, (1, "10", None), actor=alpha)
        assert sold.open_amount == 0 and balances(alpha) == {} and proved() == []
        assert credit_invoice.why_not(sold) == f"All of {sold.number} is credited already."

    def test_money_that_paid_the_part_becomes_an_advance(self, alpha, sold):
        record_receipt(sold.customer, actor=alpha, amount=D("120"), received_on=alpha.today)
        note = taken_off(sold, (1, "2", None), actor=alpha)
        receipt = Receipt.objects.get()
        assert (receipt.unallocated, sold.open_amount, sold.paid_amount) == (D("18.30"), 0, D("101.70"))
        assert note.open_amount == 0 and balances(alpha)["receivable"] == D("-18.30") and proved() == []


class TestByAmount:
    def test_an_allowance_takes_its_tax_with_it_and_leaves_less_for_goods(self, alpha, sold):
        note = taken_off(sold, (1, None, "50"), actor=alpha)
        assert (note.net, note.tax, note.lines.get().quantity) == (D(-50), D("-6.50"), 0)
        note = taken_off(sold, (1, "10", None), actor=alpha)
        assert (note.net, note.tax) == (D(-50), D("-6.50")) and proved() == []

    def test_more_than_is_left_twice_the_same_line_and_nothing_are_refused(self, alpha, sold):
        other = bill(alpha, sold.customer, line("5"))
        for parts, words in (
            (((1, "11", None),), "Between 0 and 10"), (((1, None, "100.01"),), "Between 0 and"), (((1, "1", "1"),), "either a quantity"),
            (((1, "1", None), (1, "1", None)), "twice"), (((1, "-1", None),), "Between 0"), (((1, None, "0.001"),), "decimal places"),
        ):
            with pytest.raises(Invalid, match=words):
                taken_off(sold, *parts, actor=alpha)
        with pytest.raises(Invalid, match="another invoice"):
            credit_invoice(sold, actor=alpha, lines=[CreditedLine(other.lines.get(), D(1))])
        with pytest.raises(Refused, match="nothing to credit"):
            taken_off(sold, (1, "0", None), actor=alpha)


class TestForeign:
    def test_in_the_books_the_parts_come_to_what_was_posted(self, alpha):
        rate = D("7.123457")
        sold = bill(
            alpha, customer(alpha), line("10", "1.30", quantity=D(3), unit_price=D("3.333333"), tax_rate=D("0.13")), currency="USD", rate=rate
        )
        record_receipt(sold.customer, actor=alpha, amount=D(5), received_on=alpha.today, currency="USD", rate=rate)
        sold.refresh_from_db()
        for _ in range(3):
            taken_off(sold, (1, "1", None), actor=alpha)
        assert (sold.open_amount, sold.open_base) == (0, 0) and Receipt.objects.get().unallocated == 5
        assert {use: amount for use, amount in balances(alpha).items() if use in ("revenue", "output_tax")} == {}
        assert proved() == []


def test_what_is_credited_in_part_is_not_reversed_and_a_note_is_not_credited(alpha, sold):
    note = taken_off(sold, (1, "2", None), actor=alpha)
    with pytest.raises(Refused, match="is credited"):
        reverse_invoice(sold, actor=alpha)
    with pytest.raises(Refused, match="is credited"):
        reverse_invoice(note, actor=alpha)
    with pytest.raises(Refused, match="is itself a credit note"):
        credit_invoice(note, actor=alpha, lines=[CreditedLine(InvoiceLine.objects.get(invoice=note), D(1))])
    assert Invoice.objects.count() == 2 and proved() == []
