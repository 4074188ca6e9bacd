"""A customer, a few products, and short ways of doing business with them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.erp.finance.models import Account, AccountUse, Invoice, Period
from guanxi.erp.finance.operations import InvoiceDraft, JournalInput, issue_invoice, post_invoice, post_journal
from guanxi.erp.finance.operations.invoices import InvoiceInput
from guanxi.erp.finance.queries import trial_balance
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database.checks import run_ledger_checks
from guanxi.shared.catalog.models import Product, Tax
from guanxi.shared.parties.models import Party

VAT13 = Decimal("0.13")


def customer(actor: Any, name: str = "Hengchuan", **values: Any) -> Party:
    return create_record(Party, {"name": name, **values}, actor=actor).result


def product(actor: Any, code: str = "SFU", **values: Any) -> Product:
    return create_record(Product, {"code": code, "name": code, "unit": "pc", "tax": "VAT13", **values}, actor=actor).result


def line(net: str, tax: str = "0", **values: Any) -> InvoiceDraft:
    """One piece for `net`, with its tax."""
    given = {"product": None, "description": "Goods", "quantity": Decimal(1), "unit": None, "unit_price": Decimal(net), **values}
    return InvoiceDraft(net=Decimal(net), tax_amount=Decimal(tax), **given)


def bill(actor: Any, party: Party, *lines: InvoiceDraft, **values: Any) -> Invoice:
    """An invoice posted as its own act, as sales does under one of its own."""
    return run_act("test.bill", actor=actor, body=lambda _scope: post_invoice(party, lines=lines, actor=actor, **values)).result


def charge(actor: Any, party: Party, price: str, quantity: str = "1", tax: str = "VAT13", **values: Any) -> Invoice:
    given = InvoiceInput(
        description="Service", quantity=Decimal(quantity), unit_price=Decimal(price), tax=Tax.objects.get(code=tax) if tax else None
    )
    return issue_invoice(party, actor=actor, lines=[given], **values)


def balances(actor: Any, until: date | None = None) -> dict[str, Decimal]:
    """Debits less credits by use; fails when the trial balance is not zero."""
    rows = trial_balance(actor.entity_id, until)
    assert sum(row.debit for row in rows) == sum(row.credit for row in rows)
    return {row.use: row.balance for row in rows if row.use and row.balance}


def account(code: str) -> Account:
    return Account.objects.get(code=code)


def used(use: str) -> Account:
    return AccountUse.objects.get(use=use).account


def period(actor: Any, day: date) -> Period:
    """The month of `day`, made by an entry in it when there is none."""
    found = Period.objects.filter(entity_id=actor.entity_id, starts_on=day.replace(day=1)).first()
    if found is None:
        run_act("test.month", actor=actor, body=lambda _scope: _month(actor, day))
        found = Period.objects.get(entity_id=actor.entity_id, starts_on=day.replace(day=1))
    return found


def _month(actor: Any, day: date) -> None:
    from guanxi.erp.finance.operations import books_at

    books_at(actor.entity_id, day, actor, is_opening=True)


def entry(actor: Any, day: date, *sides: tuple[str, str], **values: Any):
    """A journal entry by hand: (account code, signed amount)."""
    lines = [
        JournalInput(account(code), debit=Decimal(amount) if Decimal(amount) > 0 else None, credit=-Decimal(amount) if Decimal(amount) < 0 else None)
        for code, amount in sides
    ]
    return post_journal(period(actor, day), actor=actor, lines=lines, posted_on=day, description=values.pop("description", "By hand"), **values)


def proved() -> list[str]:
    """What the checks find wrong in the set at hand."""
    with connections["default"].cursor() as cursor:
        return [problem for _label, proofs in run_ledger_checks(cursor) for proof in proofs for problem in proof.problems]
