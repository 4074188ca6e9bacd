"""Posting to the journal: the one way in which debits and credits come into the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter

from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.models import Account, JournalEntry, JournalLine, Period
from guanxi.erp.finance.models.ledger import ENTRY_SERIES
from guanxi.erp.finance.operations.periods import ONE, BooksAt, books_at, lock_books
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.columns.column import Money
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

CONTROL_USES = ("receivable", "stock")


@dataclass
class EntryLine:
    """One line to post. `account` is a use ("receivable") or an account's id; a positive `amount` is a debit."""

    account: str | int
    amount: Decimal
    """In the books' currency, rounded to its digits."""
    party_id: int | None = None
    product_id: int | None = None
    salesperson_id: int | None = None
    source: tuple[str, int] | tuple[()] = ()
    currency: str = ""
    """Empty: the books' own."""
    foreign: Decimal | None = None
    """The amount in `currency`."""
    rate: Decimal = ONE
    description: str = ""


@dataclass
class EntryDraft:
    """A voucher to post. `is_red` writes reversed amounts with the minus sign on their own side."""

    entity_id: int
    posted_on: date
    kind: str
    lines: list[EntryLine]
    description: str = ""
    source: tuple[str, int] | tuple[()] = ()
    reverses_id: int | None = None
    is_red: bool = False
    books: BooksAt | None = field(default=None, repr=False)
    id: int | None = None
    """A key taken with the document's own by `next_ids`."""


# One statement for all that a voucher adds to. Balances of customers, turnover of partners, then the accounts, which are the busiest rows of
# all: what stands in WITH and is not asked for is done after the rest, in its order.
_ADD_SUMS = """
WITH turnover AS (
  INSERT INTO finance_partyturnover AS b (version, entity_id, party_id, account_id, year, debit, credit)
  SELECT 1, %(entity)s, t.party_id, t.account_id, %(year)s, t.debit, t.credit
  FROM unnest(%(turnover_party)s::bigint[], %(turnover_account)s::bigint[], %(turnover_debit)s::numeric[], %(turnover_credit)s::numeric[])
    AS t (party_id, account_id, debit, credit)
  ORDER BY t.party_id, t.account_id
  ON CONFLICT (party_id, account_id, year) DO UPDATE
  SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit, version = b.version + 1
), accounts AS (
  INSERT INTO finance_accountbalance AS b (version, entity_id, account_id, period_id, debit, credit)
  SELECT 1, %(entity)s, t.account_id, %(period)s, t.debit, t.credit
  FROM unnest(%(account)s::bigint[], %(debit)s::numeric[], %(credit)s::numeric[]) AS t (account_id, debit, credit) ORDER BY t.account_id
  ON CONFLICT (account_id, period_id) DO UPDATE
  SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit, version = b.version + 1
)
INSERT INTO finance_partybalance AS b (version, entity_id, party_id, currency, receivable, receivable_base)
SELECT 1, %(entity)s, t.party_id, t.currency, t.amount, t.base
FROM unnest(%(owing)s::bigint[], %(owed_in)s::text[], %(owed)s::numeric[], %(owed_base)s::numeric[]) AS t (party_id, currency, amount, base)
ORDER BY t.party_id, t.currency
ON CONFLICT (party_id, entity_id, currency) DO UPDATE
SET receivable = b.receivable + excluded.receivable, receivable_base = b.receivable_base + excluded.receivable_base,
    version = b.version + 1
"""


_ADD_LINES = """
WITH entry AS MATERIALIZED (SELECT coalesce(%s::bigint, nextval(pg_get_serial_sequence('finance_journalentry', 'id'))) AS id)
INSERT INTO finance_journalline (version, entry_id, entity_id, position, account_id, debit, credit, currency, amount, rate, description,
                                 party_id, product_id, salesperson_id, source_model, source_id)
SELECT 1, entry.id, %s, t.* FROM entry, unnest(
  %s::int[], %s::bigint[], %s::numeric[], %s::numeric[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::bigint[], %s::bigint[],
  %s::bigint[], %s::text[], %s::bigint[]) AS t
RETURNING entry_id
"""
_LINE_COLUMNS = attrgetter(
    "position", "account_id", "debit", "credit", "currency", "amount", "rate", "description", "party_id", "product_id", "salesperson_id",
    "source_model", "source_id",
)


def next_ids(*tables: str) -> list[int]:
    """Keys taken beforehand, so that lines can be written before their document takes its number."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(t, 'id')) FROM unnest(%s::text[]) AS t", [list(tables)])
        return [row[0] for row in cursor.fetchall()]


def post_entry(
    draft: EntryDraft, *, actor: Actor, before_number: Callable[[EntryDraft], None] | None = None
) -> JournalEntry | None:
    """Write one balanced voucher and its balances; None when every amount is zero.

    The order keeps hot rows locked for the shortest time: lines, customers' balances, accounts' balances, then the
    document's own number and row (`before_number`), then the voucher's number. Refused in a closed month; ValueError when
    the lines do not balance, which is a programming error.
    """
    books = draft.books or books_at(draft.entity_id, draft.posted_on, actor)
    lines = [line for line in (_line(line, draft, books) for line in draft.lines) if line.debit or line.credit]
    debit, credit = sum((line.debit for line in lines), ZERO), sum((line.credit for line in lines), ZERO)
    if debit != credit:
        raise ValueError(f"the entry for {draft.source or draft.description} does not balance: debit {debit}, credit {credit}")
    if lines:
        for position, line in enumerate(lines, start=1):
            line.position = position
        # Written by hand: an entry has many lines, and the journal is the busiest table of all.
        columns = [list(column) for column in zip(*map(_LINE_COLUMNS, lines), strict=True)]
        with connections["default"].cursor() as cursor:
            cursor.execute(_ADD_LINES, [draft.id, draft.entity_id, *columns])
            [draft.id] = cursor.fetchone()
    _keep_sums(lines, draft, books)
    if before_number is not None:
        before_number(draft)
    if not lines:
        return None
    scope = act_scope()
    source_model, source_id = draft.source or ("", None)
    [number] = next_numbers(ENTRY_SERIES, on=draft.posted_on, entity=books.entity)
    entry = JournalEntry(
        id=draft.id, entity_id=draft.entity_id, number=number, posted_on=draft.posted_on, period_id=books.period_id, kind=draft.kind,
        description=draft.description[:200], total=debit, line_count=len(lines), reverses_id=draft.reverses_id,
        source_model=source_model, source_id=source_id, member_id=actor.member_id, act_id=scope.id if scope else None, at=actor.now,
    )
    insert_rows([entry])
    return entry


def _line(line: EntryLine, draft: EntryDraft, books: BooksAt) -> JournalLine:
    if line.amount != round_money(line.amount, books.currency):
        raise ValueError(f"{line.amount} is not rounded to the digits of {books.currency}")
    is_debit = (line.amount > 0) != draft.is_red
    source_model, source_id = line.source or ("", None)
    return JournalLine(
        entity_id=draft.entity_id, account_id=books.uses[line.account] if isinstance(line.account, str) else line.account,
        debit=line.amount if is_debit else ZERO, credit=ZERO if is_debit else -line.amount,
        currency=line.currency or books.currency, amount=line.amount if line.foreign is None else line.foreign, rate=line.rate,
        description=line.description[:200], party_id=line.party_id, product_id=line.product_id,
        salesperson_id=line.salesperson_id, source_model=source_model, source_id=source_id,
    )


def _keep_sums(lines: list[JournalLine], draft: EntryDraft, books: BooksAt) -> None:
    owed = _owed(draft, books)
    if not lines and not owed:
        return
    sums = {
        ("turnover_party", "turnover_account", "turnover_debit", "turnover_credit"):
            _turnover_by([line for line in lines if line.party_id], "party_id", "account_id"),
        ("account", "debit", "credit"): _turnover_by(lines, "account_id"),
        ("owing", "owed_in", "owed", "owed_base"): owed,
    }
    columns = {name: [row[at] for row in rows] for names, rows in sums.items() for at, name in enumerate(names)}
    with connections["default"].cursor() as cursor:
        cursor.execute(_ADD_SUMS, {"entity": draft.entity_id, "year": draft.posted_on.year, "period": books.period_id, **columns})


def _owed(draft: EntryDraft, books: BooksAt) -> list[tuple]:
    """What customers owe changes with every line on the receivables account, also by amounts too small for the books."""
    changes: dict[tuple[int, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for line in draft.lines:
        account = books.uses[line.account] if isinstance(line.account, str) else line.account
        if line.party_id and account == books.uses["receivable"]:
            change = changes[line.party_id, line.currency or books.currency]
            change[0] += line.amount if line.foreign is None else line.foreign
            change[1] += line.amount
    return sorted((party, currency, *change) for (party, currency), change in changes.items() if change != [ZERO, ZERO])


def _turnover_by(lines: list[JournalLine], *names: str) -> list[tuple]:
    """What the lines have in common, debits, credits: in the order in which rows are locked."""
    sums: dict[tuple, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for line in lines:
        both = sums[tuple(getattr(line, name) for name in names)]
        both[0] += line.debit
        both[1] += line.credit
    return sorted((*key, *both) for key, both in sums.items())


def reversal_of(entry: JournalEntry, on: date, actor: Actor, *, source: tuple[str, int] | tuple[()] = (), description: str = "") -> EntryDraft:
    """A draft that takes `entry` back, in the manner of its books: red-letter, or on the opposite side."""
    books = books_at(entry.entity_id, on, actor)
    lines = [
        EntryLine(
            account=line.account_id, amount=line.credit - line.debit, party_id=line.party_id, product_id=line.product_id,
            salesperson_id=line.salesperson_id, source=(line.source_model, line.source_id) if line.source_id else (),
            currency=line.currency, foreign=-line.amount, rate=line.rate, description=line.description,
        )
        for line in JournalLine.objects.filter(entry=entry).order_by("position")
    ]
    # Taking back a red-letter entry writes black ones on the same side again.
    is_red = books.reversal == "red" and not (entry.reverses_id and entry.total < 0)
    return EntryDraft(
        entity_id=entry.entity_id, posted_on=on, kind=entry.kind, lines=lines, description=description or entry.description,
        source=source, reverses_id=entry.pk, is_red=is_red, books=books,
    )


@dataclass
class JournalInput:
    """One line of an entry made by hand: an account with either a debit or a credit."""

    account: Account
    debit: Money | None = None
    credit: Money | None = None
    party: Party | None = None
    product: Product | None = None
    description: str = ""


@operation(
    label=gettext_lazy("Post entry"), icon="book",
    labels={
        "lines": gettext_lazy("Lines"), "posted_on": gettext_lazy("Date"), "description": gettext_lazy("Summary"),
        "account": gettext_lazy("Account"), "debit": gettext_lazy("Debit"), "credit": gettext_lazy("Credit"),
        "party": gettext_lazy("Business partner"), "product": gettext_lazy("Product"),
    },
)
def post_journal(
    period: Period, *, actor: Actor, lines: list[JournalInput], description: str, posted_on: date | None = None
) -> JournalEntry:
    """Enter a voucher by hand; receivables and stock are posted by their own documents only."""
    day = posted_on or min(max(actor.today, period.starts_on), period.ends_on)
    if not period.starts_on <= day <= period.ends_on:
        raise Invalid({"posted_on": [_("%(day)s does not lie in %(month)s.") % {"day": full_date(day), "month": period.code}]})
    books = books_at(period.entity_id, day, actor)
    _check_inputs(lines, books)
    entry = post_entry(
        EntryDraft(
            entity_id=period.entity_id, posted_on=day, kind="manual", description=description, books=books,
            lines=[
                EntryLine(
                    account=line.account.pk, amount=(line.debit or ZERO) - (line.credit or ZERO), description=line.description,
                    party_id=line.party.pk if line.party else None, product_id=line.product.pk if line.product else None,
                )
                for line in lines
            ],
        ),
        actor=actor,
    )
    assert entry is not None
    return entry


def _check_inputs(lines: list[JournalInput], books: BooksAt) -> None:
    errors: dict[str, list[str]] = {}
    control = {books.uses[use] for use in CONTROL_USES}
    for number, line in enumerate(lines):
        at = f"lines.{number}"
        if line.account.entity_id != books.entity.pk or not line.account.is_postable:
            errors[f"{at}.account"] = [_("%(account)s takes no entries; choose one of the accounts below it.") % {"account": line.account.code}]
        elif line.account.pk in control:
            errors[f"{at}.account"] = [
                _("%(account)s is posted by invoices, receipts and stock documents only; use one of these.") % {"account": line.account.code}
            ]
        if bool(line.debit) == bool(line.credit):
            errors[f"{at}.debit"] = [_("Enter either a debit or a credit.")]
        for name, value in (("debit", line.debit), ("credit", line.credit)):
            if value and value != round_money(value, books.currency):
                errors[f"{at}.{name}"] = [_("%(amount)s has more decimal places than %(currency)s.") % {"amount": value, "currency": books.currency}]
    if len(lines) < 2:
        errors["lines"] = [_("An entry has at least two lines.")]
    difference = sum((line.debit or ZERO) - (line.credit or ZERO) for line in lines)
    if not errors and difference:
        errors["lines"] = [_("Debits and credits differ by %(difference)s.") % {"difference": abs(difference)}]
    if errors:
        raise Invalid(errors)


@operation(
    label=gettext_lazy("Reverse"), icon="arrow-back-up", tone="danger",
    unless=lambda entry: entry.kind != "manual" and _("%(entry)s was posted by a document; reverse that instead.") % {"entry": entry.number},
    labels={"reversed_on": gettext_lazy("Reversed on"), "reason": gettext_lazy("Reason")},
)
def reverse_entry(entry: JournalEntry, *, actor: Actor, reversed_on: date | None = None, reason: str = "") -> JournalEntry:
    """Take an entry made by hand back by an opposite one; the others are taken back by their documents."""
    lock_books(entry.entity_id)
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise Refused(_("%(entry)s has been reversed already.") % {"entry": entry.number})
    day = reversed_on or max(actor.today, entry.posted_on)
    if day < entry.posted_on:
        raise Invalid({"reversed_on": [_("This is before the day of the entry.")]})
    made = post_entry(reversal_of(entry, day, actor, description=reason or entry.description), actor=actor)
    assert made is not None
    return made
