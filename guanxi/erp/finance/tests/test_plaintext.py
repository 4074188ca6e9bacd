"""The books as plain-text accounting: other programs read them and add up the same (M18.1, M22.2)."""

from datetime import date
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import JournalLine
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.finance.plaintext import BOOKS, write_books
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.finance.tests.world import bill, customer, line
from guanxi.kernel.access.models import Entity
from guanxi.kernel.records.refusals import Forbidden
from tests.support.books import assert_adds_up, read_by


@pytest.fixture
def traded(alpha):
    """A sale in the books' currency, one abroad that is paid at another rate, one taken back."""
    here, abroad = customer(alpha, "Hengchuan; (Ningbo)"), customer(alpha, 'North "Sea" | Ltd', currency="USD")
    bill(alpha.on(date(2026, 3, 2)), here, line("1000", "130"))
    bill(alpha.on(date(2026, 3, 3)), abroad, line("100.05"), currency="USD", rate=Decimal("7.1234"))
    record_receipt(abroad, actor=alpha.on(date(2026, 4, 1)), amount=Decimal("100.05"), rate=Decimal("7.2"))
    return alpha


def books(form, actor):
    return "".join(write_books(Entity.objects.get(is_default=True), form, actor))


@pytest.mark.parametrize("form", BOOKS)
def test_another_program_adds_up_what_we_keep(traded, form, tmp_path):
    assert_adds_up(form, books(form, traded), trial_balance(traded.entity_id), tmp_path)


@pytest.mark.parametrize("form", BOOKS)
def test_a_cent_that_is_lost_on_the_way_is_told(traded, form, tmp_path):
    whole = books(form, traded)
    assert whole.count("1130.00 CNY") == 1
    assert read_by(form, whole.replace("1130.00 CNY", "1130.01 CNY"), tmp_path).returncode != 0


@pytest.mark.parametrize("form", BOOKS)
def test_an_entry_that_is_lost_on_the_way_is_told(traded, form, tmp_path):
    """What is left balances; the balances at the end of the file do not."""
    head, *entries, end = books(form, traded).split("\n\n")
    assert read_by(form, "\n\n".join([head, *entries[:-1], end]), tmp_path).returncode != 0


def test_the_file_for_hledger_says_all_there_is_to_say(traded):
    text = books("hledger", traded)
    assert text.startswith("; ")
    sale = text[text.index("\n2026-03-03 * (JV-2026-000002)"):].split("\n\n")[0].strip().splitlines()
    assert sale[1] == '    assets:1122-Accounts-receivable  712.70 CNY  ; traded:100.05 USD, party:C-00002 North "Sea" Ltd'
    assert "account assets:1122-Accounts-receivable  ; type:A\n" in text


def test_half_of_the_books_is_refused(traded, member):
    with pytest.raises(Forbidden, match="Books can be put out only by those who may see all journal entries."):
        books("hledger", member("salesperson"))


def test_books_without_entries_are_a_file_too(alpha, tmp_path):
    assert not JournalLine.objects.exists()
    for form in BOOKS:
        assert read_by(form, books(form, alpha), tmp_path).returncode == 0
