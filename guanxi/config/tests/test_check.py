"""`guanxi check` proves the books and the walls, and names what somebody tampered with (M22.2)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal

import psycopg
import pytest
from django.conf import settings

from guanxi.config.census import census, census_of
from guanxi.config.check import check, lines_of, main
from guanxi.config.stamp import PACKAGE
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.finance.tests.world import bill, line
from guanxi.erp.inventory.operations import ship_delivery
from guanxi.erp.inventory.tests.world import customer, deliver, product, receive, reserve, sources
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.database import in_set
from guanxi.kernel.database.checks import MOST_PROBLEMS, Proof, run_ledger_checks
from guanxi.kernel.database.session import path_of

Tampering = tuple[str, str]
BOOKS: list[Tampering] = [
    ("UPDATE finance_journalline SET debit = debit + 5 WHERE debit > 0 AND position = 1 AND entry_id = (SELECT min(id) FROM finance_journalentry)",
     "000001 over 50.0000 has debits of 55.0000"),
    ("DELETE FROM finance_journalline WHERE id = (SELECT min(id) FROM finance_journalline)", "of 2 lines"),
    ("UPDATE finance_journalentry SET posted_on = posted_on - 400 WHERE kind = 'invoice'", "lies outside its period"),
    ("UPDATE finance_accountbalance SET debit = debit + 1", "but its lines add up to"),
    ("UPDATE finance_partyturnover SET credit = credit + 1 WHERE account_id = (SELECT account_id FROM finance_accountuse WHERE use = 'revenue')",
     "keeps 0.0000 / 151.0000, but its lines add up to 0.0000 / 150.0000"),
    ("UPDATE finance_partybalance SET receivable = 1", "Customer C-00001 Hengchuan keeps ¥1.00, but owes ¥50.00"),
    ("UPDATE finance_invoice SET open_amount = 0, open_base = 0", "receivables account ¥50.00, open invoices ¥0.00"),
    ("UPDATE finance_invoice SET open_amount = 0", "is open by ¥0.00, but its allocations leave ¥50.00"),
    ("UPDATE finance_invoiceline SET net = 1, total = 1", "has lines over ¥1.00"),
    ("UPDATE finance_receipt SET unallocated = 1", "has ¥1.00 left, but its allocations leave ¥0.00"),
    ("DELETE FROM finance_allocation", "its allocations leave ¥150.00"),
    ("UPDATE numbers_numberseries SET next_number = 9 WHERE key = 'finance.invoice'", "-00008 is missing"),
    ("UPDATE finance_invoice SET number = 'INV-X'", "INV-X was never given out"),
]
STOCK: list[Tampering] = [
    ("UPDATE inventory_stockbalance SET on_hand = on_hand + 1", "SFU in WH1: 9 on hand, but its moves leave 8"),
    ("UPDATE inventory_stockmove SET quantity = quantity + 1 WHERE value = 50", "on hand, but its moves leave"),
    ("DELETE FROM inventory_reservation", "3 of 8 reserved, but reservations hold 0"),
    ("UPDATE inventory_stockcost SET value = value + 1", "8 worth ¥41.00 are kept"),
    ("UPDATE inventory_stockmove SET value = value + 1 WHERE value = 50", "the moves leave ¥41.00"),
    ("UPDATE inventory_deliveryline SET cost = 0", "2 at 0"),
    ("DELETE FROM records_link WHERE kind = 'delivery'", "2 delivered, but 0 linked"),
]
WALLS: list[Tampering] = [
    ("ALTER TABLE finance_journalline DISABLE TRIGGER append_only", "The trigger append_only of finance_journalline is switched off"),
    ("DROP TRIGGER entry_balances ON finance_journalentry", "finance_journalentry has lost its trigger entry_balances"),
    ("DROP TRIGGER history_changed ON parties_party", "parties_party has lost its trigger history_changed"),
    ("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
     "The function refuse_change is not the one of this version"),
    ("GRANT UPDATE ON finance_journalline TO guanxi_set_alpha", "finance_journalline: guanxi_set_alpha has INSERT, SELECT, UPDATE"),
    ("GRANT SELECT ON parties_party TO guanxi_set_beta", "parties_party: guanxi_set_beta has SELECT, but should have nothing"),
    ("GRANT SELECT ON parties_party TO PUBLIC", "parties_party: PUBLIC has SELECT"),
    ("GRANT UPDATE (name) ON parties_party TO guanxi_app", "parties_party: guanxi_app has column name"),
    ("REVOKE SELECT ON parties_party FROM guanxi_read", "parties_party: guanxi_read has nothing, but should have SELECT"),
    ("CREATE TABLE stray (id int)", "The table stray belongs to no module"),
    ("GRANT USAGE ON SCHEMA set_beta TO guanxi_set_alpha", "The role guanxi_set_alpha may enter set_beta"),
    ("GRANT SELECT ON guanxi.sets_user TO guanxi_set_alpha", "The role guanxi_set_alpha may use the global table sets_user"),
    ("GRANT CREATE ON SCHEMA set_alpha TO guanxi_set_alpha", "The role guanxi_set_alpha may create something in set_alpha"),
    ("CREATE TABLE guanxi.customers (name text)", "The global table customers is not on the list"),
    ("CREATE SCHEMA elsewhere CREATE TABLE copy (id int)", "The table elsewhere.copy is in no account set"),
    ("GRANT guanxi_set_alpha TO guanxi_read", "The role guanxi_read belongs to guanxi_set_alpha"),
    ("ALTER ROLE guanxi_set_alpha CREATEROLE", "The role guanxi_set_alpha has powers"),
    ("ALTER ROLE guanxi_set_alpha LOGIN", "The role guanxi_set_alpha may sign in"),
    ("ALTER ROLE guanxi_app INHERIT", "The role guanxi_app inherits"),
    ("GRANT guanxi_app TO guanxi; CREATE SCHEMA gift AUTHORIZATION guanxi_app", "The role guanxi_app owns schema gift"),
]


def business() -> None:
    """A little of everything that the checks look at."""
    actor = system_actor()
    screw, party, [source] = product(actor), customer(actor), sources()
    receive(actor, (screw, "10", "5"))
    reserve(actor, (source, screw, "5"))
    ship_delivery(deliver(actor, party, (screw, "2"), of=[source]), actor=actor)
    bill(actor, party, line("150"))
    record_receipt(party, actor=actor, amount=Decimal(100))


def problems_after(statement: str, connection, cursor) -> list[str]:
    cursor.execute("SELECT set_config('search_path', %s, true)", [path_of("alpha")])
    try:
        cursor.execute(statement)
        parts = [*census(cursor, ["alpha", "beta"]), *census_of(cursor, "alpha"), *run_ledger_checks(cursor)]
        return [problem for _label, proofs in parts for proof in proofs for problem in proof.problems]
    finally:
        connection.rollback()


class TestTheCommand:
    def test_a_sound_installation_is_proved_with_figures(self, fresh_database, capsys):
        with in_set("alpha"):
            business()
        assert main([]) == 0
        said = capsys.readouterr().out
        assert "Account set alpha: Alpha" in said and "Account set beta: Beta" in said and "✗" not in said
        assert "MAIN: debits ¥310.00 equal credits ¥310.00 in 8 lines." in said
        assert "open invoices ¥50.00 less free money ¥0.00 are the receivables account, ¥50.00." in said
        assert "MAIN: the stock is worth ¥40.00, as its account says." in said
        assert "Everything holds" in said

    def test_a_row_tampered_with_as_the_owner_fails_it_in_words(self, fresh_database):
        with in_set("alpha"):
            business()
        with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner"), autocommit=True) as connection:
            connection.execute("ALTER TABLE set_alpha.finance_journalline DISABLE TRIGGER append_only")
            connection.execute("UPDATE set_alpha.finance_journalline SET debit = debit + 1 WHERE debit = 50")
        told = subprocess.run(
            [sys.executable, "-m", "guanxi.config.command", "check", "alpha"], env=fresh_database.environment, cwd=PACKAGE.parent,
            capture_output=True, text=True, check=False,
        )
        assert told.returncode == 1, told.stderr
        assert "The trigger append_only of finance_journalline is switched off" in told.stdout
        assert "debits are ¥311.00, but credits ¥310.00" in told.stdout
        assert "has debits of 51.0000, credits of 50.0000" in told.stdout
        assert "problems were found" in told.stdout and "Account set beta" not in told.stdout

    def test_an_unknown_set_and_one_that_is_behind_are_said(self, fresh_database, capsys):
        from guanxi.kernel.sets.models import AccountSet

        AccountSet.objects.filter(key="beta").update(stamp="old")
        assert main(["beta", "gamma"]) == 1
        said = capsys.readouterr().out
        assert "guanxi set migrate beta" in said and "There is no account set “gamma”" in said

    def test_it_reads_as_the_role_that_can_only_read(self, fresh_database):
        assert all(not proof.problems for _title, parts in check() for _label, proofs in parts for proof in proofs)

    def test_a_long_list_of_problems_is_cut_short(self):
        lines = list(lines_of(Proof("", [f"problem {n}" for n in range(MOST_PROBLEMS + 5)])))
        assert len(lines) == MOST_PROBLEMS + 1 and "5 more" in lines[-1]


@pytest.fixture
def committed(fresh_database) -> Iterator[Callable[[str], list[str]]]:
    with in_set("alpha"):
        business()
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as connection, connection.cursor() as cursor:
        yield lambda statement: problems_after(statement, connection, cursor)


def test_every_kind_of_tampering_is_named(committed):
    assert committed("SELECT 1") == []
    unseen = []
    for statement, words in [*BOOKS, *STOCK, *WALLS]:
        loud = f"ALTER TABLE {_table(statement)} DISABLE TRIGGER USER; {statement}; ALTER TABLE {_table(statement)} ENABLE TRIGGER USER"
        found = committed(loud if statement.split()[0] in ("UPDATE", "DELETE") else statement)
        if not any(words in problem for problem in found):
            unseen.append(f"{statement}: {words!r} is not among {found}")
    assert not unseen, "\n".join(unseen)


def _table(statement: str) -> str:
    return statement.replace("DELETE FROM", "DELETE").split()[1]
