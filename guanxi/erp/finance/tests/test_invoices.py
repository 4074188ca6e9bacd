"""Invoices: posted to the cent, frozen, taken back by their opposite (M18.2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from guanxi.erp.finance.models import Invoice, JournalEntry, JournalLine, PartyBalance
from guanxi.erp.finance.operations import close_period, post_invoice, record_receipt, reverse_invoice
from guanxi.erp.finance.tests.world import VAT13, balances, bill, charge, customer, line, period, product, proved
from guanxi.kernel.acts.writer import change_record, delete_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.links import linked_quantities
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.parties.models import PaymentTerm

JANUARY, FEBRUARY = date(2026, 1, 15), date(2026, 2, 15)


class TestPosting:
    def test_revenue_and_tax_are_claimed_from_the_customer(self, alpha):
        party, screw = customer(alpha), product(alpha)
        invoice = bill(
            alpha, party, line("100", "13", product=screw, tax_rate=VAT13), line("50.55", "6.57", tax_rate=VAT13), issued_on=JANUARY
        )
        assert (invoice.number, invoice.net, invoice.tax, invoice.total) == ("INV-2026-00001", Decimal("150.55"), Decimal("19.57"), Decimal("170.12"))
        assert (invoice.open_amount, invoice.open_base, invoice.status) == (Decimal("170.12"), Decimal("170.12"), "posted")
        assert balances(alpha) == {"receivable": Decimal("170.12"), "revenue": Decimal("-150.55"), "output_tax": Decimal("-19.57")}
        assert PartyBalance.objects.get(party=party).receivable == Decimal("170.12")
        assert proved() == []

    def test_each_line_of_the_entry_says_whom_and_what_it_concerns(self, alpha):
        party, screw = customer(alpha), product(alpha)
        invoice = bill(alpha, party, line("100", "13", product=screw, tax_rate=VAT13))
        entry = JournalEntry.objects.get(source_model="finance.invoice", source_id=invoice.pk)
        assert (entry.kind, entry.description) == ("invoice", f"{invoice.number} Hengchuan")
        rows = list(entry.lines.order_by("position"))
        assert [(row.account.code, row.debit, row.credit) for row in rows] == [
            ("1122", Decimal(113), 0), ("5001", 0, Decimal(100)), ("22210106", 0, Decimal(13)),
        ]
        assert {(row.party_id, row.salesperson_id) for row in rows} == {(party.pk, invoice.owner_id)}
        assert (rows[1].product, rows[1].source_model, rows[1].source_id) == (screw, "finance.invoiceline", invoice.lines.get().pk)

    def test_tax_is_posted_once_for_each_rate(self, alpha):
        rate9 = Decimal("0.09")
        invoice = bill(
            alpha, customer(alpha), line("10", "1.30", tax_rate=VAT13), line("20", "2.60", tax_rate=VAT13), line("30", "2.70", tax_rate=rate9)
        )
        credits = JournalLine.objects.filter(entry__source_id=invoice.pk, account__code="22210106").order_by("credit")
        assert [row.credit for row in credits] == [Decimal("2.70"), Decimal("3.90")]

    def test_the_term_of_payment_says_when_it_is_due(self, alpha):
        term = PaymentTerm.objects.create(code="N45", name={"en": "45 days"}, days=45)
        party = customer(alpha, payment_term=term.pk)
        assert bill(alpha, party, line("1"), issued_on=JANUARY).due_on == JANUARY + timedelta(days=45)
        assert bill(alpha, customer(alpha, "Other"), line("1"), issued_on=JANUARY).due_on == JANUARY + timedelta(days=30)
        assert bill(alpha, party, line("1"), issued_on=JANUARY, due_on=JANUARY).due_on == JANUARY

    def test_the_lines_billed_are_linked_by_their_quantities(self, alpha):
        party = customer(alpha)
        source = party  # Any record may stand as a source here.
        invoice = bill(alpha, party, line("10", source_lines=[(source, Decimal(4))]))
        assert linked_quantities("parties.party", "invoice", [party.pk]) == {party.pk: Decimal(4)}
        reverse_invoice(invoice, actor=alpha)
        assert linked_quantities("parties.party", "invoice", [party.pk]) == {party.pk: Decimal(0)}

    def test_it_is_announced_on_the_customer_s_timeline(self, alpha):
        party = customer(alpha)
        invoice = bill(alpha, party, line("10"))
        event = Event.objects.get(name="InvoicePosted")
        assert (event.party_id, event.subject_id, event.title) == (party.pk, invoice.pk, invoice.number)
        assert event.payload["line_ids"] == [invoice.lines.get().pk]

    def test_an_invoice_over_nothing_has_a_number_but_no_entry(self, alpha):
        invoice = bill(alpha, customer(alpha), line("0"))
        assert invoice.number and not JournalEntry.objects.exists()
        reverse_invoice(invoice, actor=alpha)
        assert proved() == []

    def test_amounts_finer_than_the_currency_are_a_programming_error(self, alpha):
        with pytest.raises(ValueError, match="not rounded"):
            bill(alpha, customer(alpha), line("10.001"))

    def test_a_closed_month_and_a_credit_are_refused(self, alpha):
        party = customer(alpha)
        close_period(period(alpha, JANUARY), actor=alpha)
        with pytest.raises(Refused, match="2026-01 are closed"):
            bill(alpha, party, line("10"), issued_on=JANUARY)
        with pytest.raises(Refused, match="cannot be less than zero"):
            bill(alpha, party, line("-10"), issued_on=FEBRUARY)
        with pytest.raises(Refused, match="at least one line"):
            post_invoice(party, lines=[], actor=alpha)

    @pytest.mark.parametrize("count", [50])
    def test_fifty_lines_take_as_many_statements_as_one(self, alpha, count):
        party, screw = customer(alpha), product(alpha)

        def statements(lines):
            with CaptureQueriesContext(connections["default"]) as queries:
                bill(alpha, party, *(line("10", "1.30", product=screw, tax_rate=VAT13, source_lines=[(party, Decimal(1))]) for _ in range(lines)))
            return len(queries)

        statements(1)
        assert statements(1) == statements(count) <= 20


class TestByHand:
    def test_a_service_is_billed_without_an_order(self, alpha):
        invoice = charge(alpha, customer(alpha), "33.335", quantity="3", issued_on=JANUARY)
        assert (invoice.net, invoice.tax, invoice.total) == (Decimal("100.01"), Decimal("13.00"), Decimal("113.01"))

    def test_every_wrong_figure_is_explained(self, alpha):
        party = customer(alpha)
        with pytest.raises(Invalid) as refusal:
            charge(alpha, party, "-1", quantity="0")
        assert set(refusal.value.errors) == {"lines.0.quantity", "lines.0.unit_price"}


class TestReversal:
    def test_an_opposite_invoice_takes_everything_back(self, alpha):
        party = customer(alpha)
        invoice = charge(alpha, party, "100", issued_on=JANUARY)
        opposite = reverse_invoice(invoice, actor=alpha, reversed_on=FEBRUARY, reason="Wrong price")
        invoice.refresh_from_db()
        assert (invoice.status, invoice.open_amount) == ("reversed", 0)
        assert (opposite.number, opposite.total, opposite.reverses, opposite.open_amount) == ("INV-2026-00002", Decimal(-113), invoice, 0)
        assert [row.quantity for row in opposite.lines.all()] == [Decimal(-1)]
        assert balances(alpha) == {} and balances(alpha, date(2026, 1, 31))["receivable"] == Decimal(113)
        assert PartyBalance.objects.get(party=party).receivable == 0
        assert proved() == []

    def test_the_reversal_is_red_in_china(self, alpha):
        opposite = reverse_invoice(charge(alpha, customer(alpha), "100"), actor=alpha)
        entry = JournalEntry.objects.get(source_model="finance.invoice", source_id=opposite.pk)
        assert [(row.debit, row.credit) for row in entry.lines.order_by("position")] == [(Decimal(-113), 0), (0, Decimal(-100)), (0, Decimal(-13))]

    def test_money_that_paid_it_is_free_again(self, alpha):
        party = customer(alpha)
        invoice = charge(alpha, party, "100")
        receipt = record_receipt(party, actor=alpha, amount=Decimal("60"))
        reverse_invoice(invoice, actor=alpha)
        receipt.refresh_from_db()
        assert receipt.unallocated == Decimal(60)
        assert PartyBalance.objects.get(party=party).receivable == Decimal(-60)
        assert proved() == []

    def test_it_happens_once_and_not_before_the_invoice(self, alpha):
        invoice = charge(alpha, customer(alpha), "100", issued_on=FEBRUARY)
        with pytest.raises(Invalid, match="before the day"):
            reverse_invoice(invoice, actor=alpha, reversed_on=JANUARY)
        opposite = reverse_invoice(invoice, actor=alpha)
        with pytest.raises(Refused, match="is not possible"):
            reverse_invoice(invoice, actor=alpha)
        with pytest.raises(Refused, match="itself a reversal"):
            reverse_invoice(opposite, actor=alpha)


class TestFrozen:
    def test_nobody_changes_or_deletes_a_posted_invoice(self, alpha):
        invoice = charge(alpha, customer(alpha), "100")
        with pytest.raises(Refused, match="can no longer be changed"):
            change_record(invoice, {"note": "x"}, actor=alpha)
        with pytest.raises(Refused, match="cannot be deleted"):
            delete_record(invoice, actor=alpha)

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE finance_invoice SET total = 1, open_amount = 1", "UPDATE finance_invoice SET customer_id = customer_id + 1",
         "DELETE FROM finance_invoice", "UPDATE finance_invoice SET open_amount = -1", "UPDATE finance_invoice SET open_amount = total + 1",
         "UPDATE finance_invoiceline SET net = 0", "DELETE FROM finance_invoiceline"],
    )
    def test_nor_does_any_statement_of_the_application(self, alpha, statement):
        charge(alpha, customer(alpha), "100")
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement)
        assert Invoice.objects.get().open_amount == Decimal(113)
