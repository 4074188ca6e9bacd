"""The books of one legal entity as a file of plain-text accounting, which other programs can add up for themselves.

Amounts are signed (debit positive) and in the books' currency; what was traded in another stands beside them as data. The file ends in what
Guanxi keeps as each account's balance, as assertions: a reader that adds up something else says so.

Sources of the forms: hledger 1.25 manual, "Journal"; Beancount 3 "Language Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.utils.translation import gettext as _

from guanxi.erp.finance.models import Account, JournalEntry, JournalLine
from guanxi.erp.finance.queries import trial_balance
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.records.refusals import Forbidden
from guanxi.kernel.values.currencies import digits_of

BOOKS = ("hledger", "beancount")
CHUNK = 2_000
_ROOTS = {
    "hledger": {"asset": "assets", "cost": "assets", "liability": "liabilities", "equity": "equity", "income": "revenues", "expense": "expenses"},
    "beancount": {"asset": "Assets", "cost": "Assets", "liability": "Liabilities", "equity": "Equity", "income": "Income", "expense": "Expenses"},
}
_TYPES = {"asset": "A", "cost": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}
_NOT_IN_NAMES = re.compile(r"[^\w]+|_")


def write_books(entity: Entity, form: str, actor: Actor) -> Iterator[str]:
    """The lines of the file, `form` one of BOOKS. Forbidden when the actor does not see the whole journal: half of it would not add up."""
    if actor.row_filter("view", JournalEntry) is not True:
        raise Forbidden(_("Books can be put out only by those who may see all journal entries."))
    book = _Hledger(entity) if form == "hledger" else _Beancount(entity)
    names = _account_names(entity, form)
    entries = (
        JournalLine.objects.filter(entity=entity).select_related("entry", "account", "party", "product")
        .order_by("entry__posted_on", "entry__number", "position", "id").iterator(CHUNK)
    )
    yield from book.head(_first_day(entity), [(names[account.pk], account) for account in _accounts(entity)])
    for entry, lines in groupby(entries, attrgetter("entry")):
        yield from book.entry(entry, [_Posting(names[line.account_id], line) for line in lines])
    last = JournalEntry.objects.filter(entity=entity).order_by("-posted_on").values_list("posted_on", flat=True).first()
    if last:
        yield from book.balances(last, [(names[row.account_id], row.balance) for row in trial_balance(entity.pk)])


@dataclass(frozen=True)
class _Posting:
    account: str
    line: JournalLine

    @property
    def amount(self) -> Decimal:
        return self.line.debit - self.line.credit

    def facts(self) -> Iterator[tuple[str, str]]:
        """What else is known of it, by name."""
        line = self.line
        if line.currency != line.entry.entity.currency:
            yield "traded", f"{line.amount:.{digits_of(line.currency)}f} {line.currency}"
        if line.party:
            yield "party", f"{line.party.code} {line.party.name}"
        if line.product:
            yield "product", line.product.code
        if line.description:
            yield "text", line.description


class _Book:
    def __init__(self, entity: Entity):
        self.entity, self.currency = entity, entity.currency
        self.digits = digits_of(self.currency)

    def money(self, amount: Decimal) -> str:
        return f"{amount:.{self.digits}f} {self.currency}"

class _Hledger(_Book):
    def head(self, first: date, accounts: Iterable[tuple[str, Account]]) -> Iterator[str]:
        yield f"; {_clean(self.entity.name)}\n"
        yield "decimal-mark .\n"
        yield f"commodity {Decimal(1000):.{self.digits}f} {self.currency}\n\n"
        for name, account in accounts:
            yield f"account {name}  ; type:{_TYPES[account.kind]}\n"

    def entry(self, entry: JournalEntry, lines: list[_Posting]) -> Iterator[str]:
        yield f"\n{entry.posted_on.isoformat()} * ({_clean(entry.number)}) {_clean(entry.description) or entry.get_kind_display()}\n"
        for one in lines:
            facts = ", ".join(f"{name}:{_clean(text).replace(',', ' ')}" for name, text in one.facts())
            yield f"    {one.account}  {self.money(one.amount)}{'  ; ' + facts if facts else ''}\n"

    def balances(self, last: date, balances: Iterable[tuple[str, Decimal]]) -> Iterator[str]:
        yield f"\n{last.isoformat()} * {_('Balances as they are kept')}\n"
        for name, balance in balances:
            yield f"    {name}  {self.money(Decimal(0))} = {self.money(balance)}\n"


class _Beancount(_Book):
    def head(self, first: date, accounts: Iterable[tuple[str, Account]]) -> Iterator[str]:
        yield f'option "title" {_quoted(str(self.entity.name))}\n'
        yield f'option "operating_currency" "{self.currency}"\n\n'
        for name, _account in accounts:
            yield f"{first.isoformat()} open {name} {self.currency}\n"

    def entry(self, entry: JournalEntry, lines: list[_Posting]) -> Iterator[str]:
        yield f"\n{entry.posted_on.isoformat()} * {_quoted(entry.description or str(entry.get_kind_display()))}\n"
        yield f"  number: {_quoted(entry.number)}\n"
        for one in lines:
            yield f"  {one.account}  {self.money(one.amount)}\n"
            for name, text in one.facts():
                yield f"    {name}: {_quoted(text)}\n"

    def balances(self, last: date, balances: Iterable[tuple[str, Decimal]]) -> Iterator[str]:
        yield "\n"
        # A balance is asserted at the beginning of its day.
        for name, balance in balances:
            yield f"{(last + timedelta(days=1)).isoformat()} balance {name}  {self.money(balance)}\n"


def _first_day(entity: Entity) -> date:
    first = JournalEntry.objects.filter(entity=entity).order_by("posted_on").values_list("posted_on", flat=True).first()
    return first or date(1970, 1, 1)


def _accounts(entity: Entity) -> list[Account]:
    """Those that take entries."""
    return list(Account.objects.filter(entity=entity, is_postable=True).order_by("code"))


def _account_names(entity: Entity, form: str) -> dict[int, str]:
    """By account: its kind, those above it and itself, each as code and name. Only letters, digits and dashes, as Beancount asks."""
    accounts = {account.pk: account for account in Account.objects.filter(entity=entity)}

    def path(account: Account) -> str:
        above = path(accounts[account.parent_id]) if account.parent_id else _ROOTS[form][account.kind]
        return f"{above}:{'-'.join(filter(None, (_part(account.code), _part(str(account.name)))))}"

    return {pk: path(account) for pk, account in accounts.items()}


def _part(text: str) -> str:
    return _NOT_IN_NAMES.sub("-", text).strip("-")


def _clean(text: object) -> str:
    """On one line, without what begins a comment or ends a code."""
    return re.sub(r"[\s;()|]+", " ", str(text)).strip()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
