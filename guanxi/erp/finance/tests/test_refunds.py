"""Money paid back: never more than is free, in its own currency, booked to the cent and taken back the same way (M18.2, M14.6)."""

from datetime import date
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import JournalEntry, JournalLine, PartyBalance, Receipt, Refund
from guanxi.erp.finance.operations import (
    CreditedLine,
    credit_invoice,
    left_to_refund,
    record_receipt,
    refund_credit_note,
    refund_customer,
    refund_receipt,
    reverse_invoice,
    reverse_receipt,
    reverse_refund,
)
from guanxi.erp.finance.plaintext import write_books
from guanxi.erp.finance.queries import receivables_ageing
from guanxi.erp.finance.statements import may_state
from guanxi.erp.finance.tests.world import balances, bill, customer, line, proved
from guanxi.kernel.access.models import Entity
from guanxi.kernel.events.models import Event
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from tests.support.paper import pages_of

D = Decimal
BILLED, PAID, CREDITED, BACK = date(2026, 1, 10), date(2026, 1, 20), date(2026, 2, 10), date(2026, 3, 5)


def sides(row):
    """What its entry says: use of the account → signed amount."""
    entry = JournalEntry.objects.get(source_model=row.label(), source_id=row.pk)
    lines = JournalLine.objects.filter(entry=entry).order_by("position").values_list("account__uses__use", "debit", "credit")
    return [(use, debit - credit) for use, debit, credit in lines]


@pytest.fixture
def credited(alpha):
    """113.00 billed and paid; two of ten pieces, 22.60, came back and are credited."""
    party = customer(alpha)
    sold = bill(alpha, party, line("100", "13", quantity=D(10), unit_price=D(10), tax_rate=D("0.13")), issued_on=BILLED)
    record_receipt(party, actor=alpha, amount=D("113"), received_on=PAID)
    return credit_invoice(sold, actor=alpha, lines=[CreditedLine(sold.lines.get(), D(2))], credited_on=CREDITED)


class TestOnPaper:
    def test_it_says_to_whom_how_and_out_of_which_money_in_both_languages(self, alpha, credited):
        receipt = Receipt.objects.get()
        refund = refund_credit_note(credited, actor=alpha, paid_on=BACK, reference="B-7", note="Two pieces back")
        page = "\n".join(pages_of(print_document(refund, actor=alpha, language="en").pdf))
        for text in ("RefundRF-2026-00001", "Paidto", "Paidby", "5March2026", "MethodBank", "B-7", credited.number, credited.credits.number,
                     f"{receipt.number}20January2026113.0022.60", "Paidback¥22.60", "Twopiecesback"):
            assert text in page, text
        assert "Moneyreceivedby" not in page, "no signature for what a bank pays"
        page = "\n".join(pages_of(print_document(refund, actor=alpha, language="zh-hans").pdf))
        for text in ("退款单", "收款方", "付款方", "2026年3月5日", "付款方式银行", "113.0022.60", "人民币贰拾贰元陆角", "¥22.60"):
            assert text in page, text

    def test_cash_is_signed_for_and_what_was_taken_back_says_so(self, alpha, credited):
        refund = refund_credit_note(credited, actor=alpha, paid_on=BACK, method="cash")
        opposite = reverse_refund(refund, actor=alpha, reversed_on=BACK)
        refund.refresh_from_db()
        page = "\n".join(pages_of(print_document(refund, actor=alpha, language="en").pdf))
        assert "Moneyreceivedby" in page and "REVERSED" in page
        page = "\n".join(pages_of(print_document(opposite, actor=alpha, language="en").pdf))
        assert "-¥22.60" in page and f"Reverses{refund.number}" in page and "REVERSED" not in page


class TestACreditNote:
    def test_what_it_freed_is_paid_back_and_the_books_are_even(self, alpha, credited):
        refund = refund_credit_note(credited, actor=alpha, paid_on=BACK, reference="B-7")
        assert (refund.number, refund.amount, refund.credit_note, refund.status) == ("RF-2026-00001", D("22.60"), credited, "posted")
        assert sides(refund) == [("receivable", D("22.60")), ("bank", D("-22.60"))]
        receipt = Receipt.objects.get()
        assert (receipt.unallocated, receipt.refunded_amount, receipt.amount - receipt.refunded_amount) == (0, D("22.60"), D("90.40"))
        assert balances(alpha) == {"bank": D("90.40"), "revenue": D(-80), "output_tax": D("-10.40")}
        assert PartyBalance.objects.get().receivable == 0 and proved() == []
        assert Event.objects.get(name="CustomerRefunded").payload["receipt_ids"] == [receipt.pk]

    def test_in_parts_no_more_than_it_freed(self, alpha, credited):
        refund_credit_note(credited, actor=alpha, amount=D("20"))
        assert left_to_refund(credited) == D("2.60")
        with pytest.raises(Invalid, match="Only .*2.60 are free"):
            refund_credit_note(credited, actor=alpha, amount=D("2.61"))
        refund_credit_note(credited, actor=alpha)
        with pytest.raises(Refused, match="freed no money"):
            refund_credit_note(credited, actor=alpha)
        assert proved() == []

    def test_other_money_of_the_customer_is_not_paid_back_for_it(self, alpha):
        party = customer(alpha)
        sold = bill(alpha, party, line("100"), issued_on=BILLED)
        note = reverse_invoice(sold, actor=alpha, reversed_on=CREDITED)
        record_receipt(party, actor=alpha, amount=D("40"))
        with pytest.raises(Refused, match="its invoice was not paid"):
            refund_credit_note(note, actor=alpha)
        with pytest.raises(Refused, match="no credit note"):
            refund_credit_note(bill(alpha, party, line("5")), actor=alpha)

    def test_not_before_its_day_nor_before_the_money_was_free(self, alpha, credited):
        with pytest.raises(Invalid, match="before the day of the credit note"):
            refund_credit_note(credited, actor=alpha, paid_on=PAID)
        with pytest.raises(Invalid, match="free since"):
            refund_receipt(Receipt.objects.get(), actor=alpha, paid_on=PAID)

    def test_what_is_owed_is_right_on_every_day(self, alpha, credited):
        refund_credit_note(credited, actor=alpha, paid_on=BACK)
        told = [receivables_ageing(day) for day in (CREDITED, date(2026, 3, 4), BACK)]
        assert [[(row.balance, row.unallocated) for row in rows] for rows in told] == [[(D("-22.60"), D("22.60"))], [(D("-22.60"), D("22.60"))], []]


class TestACustomer:
    def test_an_overpayment_goes_back_the_oldest_money_first_and_prepayments_last(self, alpha):
        party = customer(alpha)
        ahead = record_receipt(party, actor=alpha, amount=D("50"), received_on=BILLED, is_prepayment=True)
        paid = record_receipt(party, actor=alpha, amount=D("80"), received_on=PAID, method="cash")
        refund = refund_customer(party, actor=alpha, amount=D("100"), paid_on=BACK)
        assert sides(refund) == [("receivable", D(80)), ("prepayment", D(20)), ("bank", D(-100))]
        assert [(line.receipt, line.amount) for line in refund.lines.all()] == [(paid, D(80)), (ahead, D(20))]
        assert balances(alpha) == {"cash": D(80), "bank": D(-50), "prepayment": D(-30)} and proved() == []

    def test_of_the_receipts_that_are_named(self, alpha):
        party = customer(alpha)
        [first, second] = [record_receipt(party, actor=alpha, amount=D("50"), received_on=PAID) for _ in range(2)]
        with pytest.raises(Invalid, match="Only .*50.00 are free"):
            refund_customer(party, actor=alpha, amount=D("51"), receipts=[second])
        refund_customer(party, actor=alpha, amount=D("30"), receipts=[second], method="cash")
        assert [Receipt.objects.get(pk=row.pk).unallocated for row in (first, second)] == [D(50), D(20)]

    @pytest.mark.parametrize(("amount", "words"), [("0", "more than zero"), ("-5", "more than zero"), ("1.001", "decimal places"), ("80.01", "Only")])
    def test_an_impossible_amount_is_refused_and_changes_nothing(self, alpha, amount, words):
        party = customer(alpha)
        record_receipt(party, actor=alpha, amount=D("80"))
        with pytest.raises(Invalid, match=words):
            refund_customer(party, actor=alpha, amount=D(amount))
        assert not Refund.objects.exists() and Receipt.objects.get().unallocated == D(80)

    def test_without_free_money_there_is_nothing_to_pay_back(self, alpha):
        party = customer(alpha)
        bill(alpha, party, line("80"))
        record_receipt(party, actor=alpha, amount=D("80"))
        with pytest.raises(Refused, match="Nothing of what"):
            refund_customer(party, actor=alpha, amount=D("1"))

    def test_only_who_keeps_the_books_may_and_a_salesperson_sees_their_own(self, alpha, member):
        party = customer(alpha)
        record_receipt(party, actor=alpha, amount=D("80"))
        seller, accountant = member("salesperson"), member("accountant")
        with pytest.raises(Forbidden):
            refund_customer(party, actor=seller, amount=D("1"))
        refund_customer(party, actor=accountant, amount=D("1"))
        assert Refund.objects.visible_to(accountant).count() == 1 and Refund.objects.visible_to(seller).count() == 0
        assert may_state(accountant, party)


class TestReversal:
    def test_the_money_is_free_again_and_the_receipt_can_bounce_only_then(self, alpha, credited):
        refund = refund_credit_note(credited, actor=alpha, paid_on=BACK)
        receipt = Receipt.objects.get()
        with pytest.raises(Refused, match="reverse that refund first"):
            reverse_receipt(receipt, actor=alpha)
        opposite = reverse_refund(refund, actor=alpha, reason="wrong account")
        refund.refresh_from_db()
        receipt.refresh_from_db()
        assert (refund.status, opposite.number, opposite.amount, opposite.reverses) == ("reversed", "RF-2026-00002", D("-22.60"), refund)
        assert (receipt.unallocated, receipt.refunded_amount, left_to_refund(credited)) == (D("22.60"), 0, D("22.60"))
        assert balances(alpha)["receivable"] == D("-22.60") and balances(alpha)["bank"] == D(113)
        for row in (refund, opposite):
            with pytest.raises(Refused):
                reverse_refund(Refund.objects.get(pk=row.pk), actor=alpha)
        reverse_receipt(receipt, actor=alpha)
        assert proved() == []


class TestForeignCurrency:
    def test_money_worth_more_than_when_it_came_is_a_loss(self, alpha):
        party = customer(alpha)
        receipt = record_receipt(party, actor=alpha, amount=D("100"), currency="USD", rate=D("7.10"), received_on=PAID)
        with pytest.raises(Invalid, match="how many CNY one USD"):
            refund_receipt(receipt, actor=alpha)
        refund = refund_receipt(receipt, actor=alpha, amount=D("33.33"), rate=D("7.25"), paid_on=BACK)
        assert sides(refund) == [("receivable", D("236.64")), ("exchange_loss", D("5.00")), ("bank", D("-241.64"))]
        refund = refund_receipt(receipt, actor=alpha, rate=D("7.00"), paid_on=BACK)
        assert sides(refund) == [("receivable", D("473.36")), ("exchange_gain", D("-6.67")), ("bank", D("-466.69"))]
        assert PartyBalance.objects.get(party=party, currency="USD").receivable_base == 0 and proved() == []

    def test_yuan_are_not_paid_back_out_of_dollars(self, alpha):
        party = customer(alpha)
        record_receipt(party, actor=alpha, amount=D("100"), currency="USD", rate=D("7"))
        with pytest.raises(Refused, match="Nothing of what"):
            refund_customer(party, actor=alpha, amount=D("1"), currency="CNY")


class TestShown:
    def test_a_statement_of_account_takes_it_from_what_was_paid(self, alpha, credited):
        refund_credit_note(credited, actor=alpha, paid_on=BACK)
        asked = {"form": "statement", "language": "en", "until": BACK}
        page = "\n".join(pages_of(print_document(credited.customer, actor=alpha, since=date(2026, 1, 1), **asked).pdf))
        for text in ("RefundRF-2026-00001-22.600.00", "Billed¥113.00", "Paidorcredited-¥113.00", "Closingbalance¥0.00"):
            assert text in page, text
        page = "\n".join(pages_of(print_document(credited.customer, actor=alpha, since=BACK, **asked).pdf))
        assert "Openingbalance-22.60" in page and "Closingbalance¥0.00" in page

    def test_exported_books_hold_it(self, alpha, credited):
        refund_credit_note(credited, actor=alpha, paid_on=BACK)
        text = "".join(write_books(Entity.objects.get(), "hledger", alpha))
        assert "RF-2026-00001" in text and "-22.60 CNY" in text
