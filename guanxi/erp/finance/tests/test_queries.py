"""What the books answer: trial balance, ageing as of a day, what a customer owes (M18.2, M18.6)."""

from datetime import date
from decimal import Decimal

from guanxi.erp.finance.models import Invoice
from guanxi.erp.finance.operations import record_receipt, reverse_invoice
from guanxi.erp.finance.queries import overdue_of, receivables_ageing, receivables_of, trial_balance
from guanxi.erp.finance.screens import AccountScreen, InvoiceScreen
from guanxi.erp.finance.tests.world import balances, bill, charge, customer, entry, line
from guanxi.kernel.lists.query import ListQuery
from guanxi.shared.parties.models import Party


class TestTrialBalance:
    def test_it_is_true_on_every_day_not_only_at_the_end_of_a_month(self, alpha):
        for day, amount in ((date(2026, 1, 10), "100"), (date(2026, 1, 20), "10"), (date(2026, 2, 10), "1")):
            entry(alpha, day, ("1002", amount), ("3001", f"-{amount}"))
        days = [date(2026, 1, 9), date(2026, 1, 10), date(2026, 1, 19), date(2026, 1, 31), date(2026, 2, 28)]
        assert [balances(alpha, day).get("bank", 0) for day in days] == [0, 100, 100, 110, 111]
        assert balances(alpha)["bank"] == 111

    def test_a_row_names_its_account_in_both_languages(self, alpha):
        entry(alpha, date(2026, 1, 10), ("1002", "1"), ("3001", "-1"))
        [bank, capital] = trial_balance(alpha.entity_id)
        assert (bank.code, bank.name["zh-hans"], bank.kind, bank.balance, capital.use) == ("1002", "银行存款", "asset", Decimal(1), None)


class TestAgeing:
    def test_what_is_owed_stands_under_the_days_it_is_late(self, alpha):
        party, day = customer(alpha), date(2026, 6, 30)
        due_days = [date(2026, 6, 30), date(2026, 6, 29), date(2026, 5, 20), date(2026, 4, 15), date(2026, 3, 1)]
        for amount, due in zip(("1", "10", "100", "1000", "10000"), due_days, strict=True):
            bill(alpha, party, line(amount), issued_on=date(2026, 2, 1), due_on=due)
        [row] = receivables_ageing(day)
        assert (row.not_due, row.until_30, row.until_60, row.until_90, row.over_90) == (1, 10, 100, 1000, 10000)
        assert (row.overdue, row.balance) == (11110, 11111)

    def test_it_is_told_as_it_was_on_that_day(self, alpha):
        party = customer(alpha)
        paid = bill(alpha, party, line("100"), issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31))
        wrong = bill(alpha, party, line("50"), issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31))
        record_receipt(party, actor=alpha, amount=Decimal("130"), received_on=date(2026, 3, 1), invoices=[paid])
        reverse_invoice(wrong, actor=alpha, reversed_on=date(2026, 4, 1))
        told = {}
        for day in (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)):
            told[day] = [(row.not_due, row.overdue, row.unallocated) for row in receivables_ageing(day)]
        assert list(told.values()) == [[], [(150, 0, 0)], [(0, 150, 0)], [(0, 50, 30)], [(0, 0, 30)]]

    def test_currencies_are_not_added_up(self, alpha):
        party = customer(alpha)
        bill(alpha, party, line("100"))
        bill(alpha, party, line("100"), currency="USD", rate=Decimal("7"))
        assert [(row.currency, row.balance) for row in receivables_ageing(alpha.today)] == [("CNY", 100), ("USD", 100)]
        assert receivables_of([party.pk], alpha.entity_id) == {party.pk: Decimal(800)}


class TestFigures:
    def test_a_customer_s_receivable_and_overdue_stand_on_its_page(self, alpha):
        party = customer(alpha)
        bill(alpha, party, line("100"), issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31))
        bill(alpha, party, line("10"))
        query = ListQuery(_party_screen(), alpha, {"columns": "name,receivable,overdue"})
        [row] = [row for row in _rows(query) if row["name"].value == "Hengchuan"]
        assert (row["receivable"].value, row["overdue"].value) == (110, 100)
        assert overdue_of([party.pk], alpha.entity_id, alpha.today) == {party.pk: Decimal(100)}

    def test_days_overdue_can_be_filtered_and_end_with_payment(self, alpha):
        party = customer(alpha)
        late = bill(alpha, party, line("100"), issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31))
        bill(alpha, party, line("10"))
        query = ListQuery(InvoiceScreen, alpha, {"f.days_overdue": "1..", "columns": "number,days_overdue"})
        assert [(row["number"].value, row["days_overdue"].value) for row in _rows(query)] == [(late.number, (alpha.today - late.due_on).days)]
        record_receipt(party, actor=alpha, amount=Decimal("100"))
        assert not _rows(ListQuery(InvoiceScreen, alpha, {"f.days_overdue": "1.."}))

    def test_the_chart_shows_the_balance_of_each_account(self, alpha):
        charge(alpha, customer(alpha), "100")
        rows = {row["code"].value: row["balance"].value for row in _rows(ListQuery(AccountScreen, alpha, {"f.balance": "1.."}))}
        assert rows == {"1122": Decimal(113)}

    def test_who_may_not_see_receivables_can_neither_show_nor_sort_by_them(self, alpha, member):
        available = _party_screen().available(member("storekeeper"))
        assert "receivable" not in available and "overdue" not in available
        assert {"receivable", "overdue"} <= set(_party_screen().available(member("accountant")))

    def test_a_salesperson_sees_the_invoices_of_their_own_customers(self, alpha, member):
        seller, other = member("salesperson"), member("salesperson")
        mine, theirs = customer(alpha, "Mine", owner=seller.member_id), customer(alpha, "Theirs", owner=other.member_id)
        invoices = [charge(alpha, party, "10") for party in (mine, theirs)]
        assert list(Invoice.objects.visible_to(seller)) == invoices[:1]
        assert not seller.may("finance.reverse_invoice") and member("accountant").may("finance.reverse_invoice")


def _party_screen():
    from guanxi.kernel.screens.screen import screen_of

    screen = screen_of(Party)
    assert screen is not None
    return screen


def _rows(query):
    from guanxi.kernel.screens.cells import rows_of

    return rows_of(query.ordered[:50], query.columns, query.actor, "alpha")
