"""The journal: balanced, sealed, only added to, and closed by months (M18.1)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from guanxi.erp.finance.models import AccountBalance, JournalEntry, JournalLine, Ledger, Period
from guanxi.erp.finance.operations import (
    EntryDraft,
    EntryLine,
    JournalInput,
    close_period,
    post_entry,
    post_journal,
    reopen_period,
    reverse_entry,
)
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.finance.tests.world import account, balances, entry, period, proved, used
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.database import in_set
from guanxi.kernel.records.refusals import Invalid, Refused

JANUARY, FEBRUARY, MARCH = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)


def _sides(made):
    return [(row.account.code, row.debit, row.credit) for row in made.lines.order_by("position")]


class TestByHand:
    def test_a_balanced_entry_is_posted_with_a_number_and_kept_in_the_balances(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "5000"), ("3001", "-5000"), description="Paid in")
        assert (made.number, made.total, made.line_count, made.period.code) == ("JV-2026-000001", Decimal(5000), 2, "2026-01")
        assert _sides(made) == [("1002", Decimal(5000), 0), ("3001", 0, Decimal(5000))]
        kept = AccountBalance.objects.get(account=account("1002"), period__code="2026-01")
        assert (kept.debit, kept.credit) == (Decimal(5000), 0)
        assert proved() == []

    def test_what_does_not_balance_is_refused_with_the_difference(self, alpha):
        with pytest.raises(Invalid, match="differ by 0.01"):
            entry(alpha, JANUARY, ("1002", "5000"), ("3001", "-4999.99"))

    def test_one_line_is_no_entry(self, alpha):
        with pytest.raises(Invalid, match="at least two lines"):
            entry(alpha, JANUARY, ("1002", "5000"))

    def test_a_line_has_one_side(self, alpha):
        both = JournalInput(account("1002"), debit=Decimal(1), credit=Decimal(1))
        with pytest.raises(Invalid, match="either a debit or a credit"):
            post_journal(period(alpha, JANUARY), actor=alpha, lines=[both, both], description="x", posted_on=JANUARY)

    def test_receivables_and_stock_are_posted_by_their_documents_only(self, alpha):
        with pytest.raises(Invalid, match="1122 is posted by invoices"):
            entry(alpha, JANUARY, ("1122", "10"), ("3001", "-10"))
        with pytest.raises(Invalid, match="1405 is posted by invoices"):
            entry(alpha, JANUARY, ("1405", "10"), ("3001", "-10"))

    def test_an_account_above_others_and_an_amount_too_fine_are_refused(self, alpha):
        with pytest.raises(Invalid, match="2221 takes no entries"):
            entry(alpha, JANUARY, ("1002", "10"), ("2221", "-10"))
        with pytest.raises(Invalid, match="more decimal places than CNY"):
            entry(alpha, JANUARY, ("1002", "10.001"), ("3001", "-10.001"))

    def test_the_day_lies_in_the_month_at_hand(self, alpha):
        lines = [JournalInput(account("1002"), debit=Decimal(1)), JournalInput(account("3001"), credit=Decimal(1))]
        with pytest.raises(Invalid, match=r"^\d+ \w{3} 20\d\d does not lie in 2026-01\.$"):
            post_journal(period(alpha, JANUARY), actor=alpha, lines=lines, description="x", posted_on=FEBRUARY)

    def test_numbers_follow_each_other_through_the_year_of_the_entry(self, alpha):
        numbers = [entry(alpha, day, ("1002", "1"), ("3001", "-1")).number for day in (date(2025, 12, 31), MARCH, JANUARY)]
        assert numbers == ["JV-2025-000001", "JV-2026-000001", "JV-2026-000002"]


class TestTaking:
    def test_a_chinese_reversal_is_written_in_red_on_the_same_side(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))
        back = reverse_entry(made, actor=alpha, reversed_on=FEBRUARY)
        assert _sides(back) == [("1002", Decimal(-100), 0), ("3001", 0, Decimal(-100))]
        assert (back.reverses, back.total) == (made, Decimal(-100))
        [bank] = [row for row in trial_balance(alpha.entity_id) if row.use == "bank"]
        assert (bank.debit, bank.credit) == (0, 0)
        assert proved() == []

    def test_elsewhere_it_takes_the_opposite_side(self, alpha):
        Ledger.objects.update(reversal="opposite")
        back = reverse_entry(entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100")), actor=alpha, reversed_on=FEBRUARY)
        assert _sides(back) == [("1002", 0, Decimal(100)), ("3001", Decimal(100), 0)]

    def test_a_reversal_taken_back_restores_the_entry(self, alpha):
        back = reverse_entry(entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100")), actor=alpha, reversed_on=JANUARY)
        again = reverse_entry(back, actor=alpha, reversed_on=JANUARY)
        assert _sides(again) == [("1002", Decimal(100), 0), ("3001", 0, Decimal(100))]
        assert balances(alpha) == {"bank": Decimal(100)}

    def test_nothing_is_reversed_twice_or_before_its_day(self, alpha):
        made = entry(alpha, FEBRUARY, ("1002", "100"), ("3001", "-100"))
        with pytest.raises(Invalid, match="before the day"):
            reverse_entry(made, actor=alpha, reversed_on=JANUARY)
        reverse_entry(made, actor=alpha, reversed_on=FEBRUARY)
        with pytest.raises(Refused, match="already"):
            reverse_entry(made, actor=alpha, reversed_on=FEBRUARY)

    def test_what_is_posted_cannot_be_undone_but_only_reversed(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))
        with pytest.raises(Refused, match="ledger"):
            undo_act(Act.objects.get(pk=made.act_id), actor=alpha)


class TestMonths:
    def test_a_closed_month_takes_nothing_until_it_is_reopened(self, alpha):
        entry(alpha, JANUARY, ("1002", "1"), ("3001", "-1"))
        january = close_period(period(alpha, JANUARY), actor=alpha)
        with pytest.raises(Refused, match="2026-01 are closed"):
            entry(alpha, JANUARY, ("1002", "1"), ("3001", "-1"))
        reopen_period(january, actor=alpha, reason="A late voucher")
        entry(alpha, JANUARY, ("1002", "1"), ("3001", "-1"))
        assert JournalEntry.objects.count() == 2

    def test_months_are_closed_in_their_order_and_reopened_from_the_last(self, alpha):
        january, february = period(alpha, JANUARY), period(alpha, FEBRUARY)
        with pytest.raises(Refused, match="2026-01 is still open"):
            close_period(february, actor=alpha)
        close_period(january, actor=alpha)
        close_period(february, actor=alpha)
        with pytest.raises(Refused, match="2026-02 is closed"):
            reopen_period(january, actor=alpha, reason="x")

    def test_no_month_appears_before_a_closed_one(self, alpha):
        close_period(period(alpha, FEBRUARY), actor=alpha)
        with pytest.raises(Refused, match="2026-01 lies before 2026-02"):
            entry(alpha, JANUARY, ("1002", "1"), ("3001", "-1"))

    def test_a_day_to_come_is_refused(self, alpha):
        with pytest.raises(Refused, match="has not come yet"):
            entry(alpha.on(JANUARY), FEBRUARY, ("1002", "1"), ("3001", "-1"))

    def test_an_entity_without_books_takes_nothing(self, alpha):
        other = Entity.objects.create(code="X", name="Other")
        with pytest.raises(Refused, match="Other has no books yet"):
            post_entry(EntryDraft(other.pk, JANUARY, "manual", []), actor=alpha)


class TestTheDatabaseItself:
    """What no code can do, however wrong it is."""

    def _refused(self, work, match):
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            work()
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_an_entry_that_does_not_balance_is_not_committed(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))

        def work():
            row = JournalEntry(
                entity_id=alpha.entity_id, number="X", posted_on=JANUARY, period=made.period, kind="manual", total=Decimal(5), line_count=2,
                at=alpha.now,
            )
            row.save()
            for amount in ({"debit": 5}, {"credit": 4}):
                JournalLine.objects.create(entry=row, entity_id=alpha.entity_id, account=account("1002"), currency="CNY", **amount)

        self._refused(work, "journal entry X does not balance")

    def test_an_entry_without_lines_is_not_committed(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))
        row = JournalEntry(
            entity_id=alpha.entity_id, number="X", posted_on=JANUARY, period=made.period, kind="manual", total=0, line_count=0, at=alpha.now
        )
        self._refused(row.save, "does not balance")

    def test_lines_added_to_a_posted_entry_are_not_committed_even_when_they_balance(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))

        def work():
            for amount in ({"debit": 5}, {"credit": 5}):
                JournalLine.objects.create(entry=made, entity_id=alpha.entity_id, account=account("1002"), currency="CNY", **amount)

        self._refused(work, "4 of 2 lines")

    def test_a_line_with_both_sides_is_not_written(self, alpha):
        made = entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))
        both = JournalLine(entry=made, entity_id=alpha.entity_id, account=account("1002"), currency="CNY", debit=1, credit=1)
        self._refused(both.save, "debit_or_credit")

    @pytest.mark.parametrize("statement", ["UPDATE finance_journalline SET debit = debit + 1", "DELETE FROM finance_journalentry"])
    def test_the_application_may_only_add_to_the_journal(self, alpha, statement):
        entry(alpha, JANUARY, ("1002", "100"), ("3001", "-100"))
        self._refused(lambda: connection.cursor().execute(statement), "permission denied")

    def test_the_deferred_check_runs_at_the_end_of_the_transaction_in_the_set(self, alpha):
        draft = EntryDraft(alpha.entity_id, JANUARY, "manual", [EntryLine("bank", Decimal(7)), EntryLine("cash", Decimal(-7))])
        with in_set("alpha"):
            made = post_entry(draft, actor=alpha)
        assert made is not None and made.total == 7

    def test_an_entry_of_nothing_is_not_written(self, alpha):
        assert post_entry(EntryDraft(alpha.entity_id, JANUARY, "manual", [EntryLine("bank", Decimal(0))]), actor=alpha) is None
        assert not JournalEntry.objects.exists() and Period.objects.get().code == "2026-01"

    def test_a_programming_error_is_not_a_refusal(self, alpha):
        with pytest.raises(ValueError, match="does not balance"):
            post_entry(EntryDraft(alpha.entity_id, JANUARY, "manual", [EntryLine("bank", Decimal(1))]), actor=alpha)
        with pytest.raises(ValueError, match="not rounded"):
            post_entry(EntryDraft(alpha.entity_id, JANUARY, "manual", [EntryLine("bank", Decimal("0.001"))]), actor=alpha)
        assert used("bank").code == "1002"
