"""Questions to the books: who owes what since when, and whether it all adds up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connections
from django.db.models import Case, CharField, F, OuterRef, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import In
from django.utils.translation import gettext as _

from guanxi.erp.finance.models import ExchangeRate, Invoice, PartyBalance, Receipt
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, Translated
from guanxi.kernel.values.rounding import round_half_up


@dataclass(frozen=True)
class TrialBalanceRow:
    """Turnover of one account from the beginning of its books; `use` where an automatic posting takes it."""

    account_id: int
    code: str
    name: Translated
    kind: str
    use: str | None
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


# Whole months come from the kept balances, the days of the last one from the lines.
_TRIAL_BALANCE = """
SELECT a.id, a.code, a.name::json, a.kind, (SELECT min(u.use) FROM finance_accountuse u WHERE u.account_id = a.id), sum(t.debit), sum(t.credit)
FROM (
  SELECT b.account_id, b.debit, b.credit FROM finance_accountbalance b JOIN finance_period p ON p.id = b.period_id
  WHERE b.entity_id = %(entity)s AND (%(until)s::date IS NULL OR p.ends_on <= %(until)s::date)
  UNION ALL
  SELECT l.account_id, l.debit, l.credit FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
  JOIN finance_period p ON p.id = e.period_id
  WHERE e.entity_id = %(entity)s AND %(until)s::date >= p.starts_on AND %(until)s::date < p.ends_on AND e.posted_on <= %(until)s::date
) t JOIN finance_account a ON a.id = t.account_id
GROUP BY a.id ORDER BY a.code
"""


def books_currency(currency: str, actor: Actor) -> str:
    """The currency in which figures of a customer with this currency are given: theirs where books are kept in it."""
    return currency if currency in actor.entity_currencies else actor.currency


def books_currency_sql(actor: Actor) -> Combinable | None:
    """The same for rows of parties; None where all books are kept in one currency."""
    return _books_currency(F("currency"), actor) if len(set(actor.entity_currencies)) > 1 else None


def in_books_currency(actor: Actor) -> dict[str, Combinable]:
    """A condition on rows with an entity, in a question about a party around it: only what is in one currency can be added up."""
    several = len(set(actor.entity_currencies)) > 1
    return {"entity__currency": _books_currency(OuterRef("currency"), actor)} if several else {}


def _books_currency(currency: F, actor: Actor) -> Case:
    known = sorted(set(actor.entity_currencies))
    return Case(When(In(currency, known), then=currency), default=Value(actor.currency), output_field=CharField())


def trial_balance(entity_id: int, until: date | None = None) -> list[TrialBalanceRow]:
    """Every account with entries up to a day (included), in the entity's currency; debits and credits are equal in sum."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_TRIAL_BALANCE, {"entity": entity_id, "until": until})
        return [
            TrialBalanceRow(pk, code, Translated(name), kind, use, debit, credit)
            for pk, code, name, kind, use, debit, credit in cursor.fetchall()
        ]


@dataclass(frozen=True)
class AgeingRow:
    """What one customer owed on a day in one currency, by days overdue, and the money not allocated then."""

    party_id: int
    currency: str
    not_due: Decimal
    until_30: Decimal
    until_60: Decimal
    until_90: Decimal
    over_90: Decimal
    unallocated: Decimal

    @property
    def overdue(self) -> Decimal:
        return self.until_30 + self.until_60 + self.until_90 + self.over_90

    @property
    def balance(self) -> Decimal:
        return self.not_due + self.overdue - self.unallocated


# As of the day: allocations made later do not count, and a reversed invoice is open until the day of its reversal.
_AGEING = """
WITH owed AS (
  SELECT i.customer_id AS party_id, i.currency, %(on)s::date - i.due_on AS late,
         i.total - coalesce((SELECT sum(x.amount) FROM finance_allocation x WHERE x.invoice_id = i.id AND x.allocated_on <= %(on)s), 0) AS amount
  FROM finance_invoice i WHERE i.issued_on <= %(on)s AND (%(entity)s::bigint IS NULL OR i.entity_id = %(entity)s)
    AND (%(parties)s::bigint[] IS NULL OR i.customer_id = ANY(%(parties)s))
), money AS (
  SELECT r.customer_id AS party_id, r.currency,
         r.amount - coalesce((SELECT sum(x.amount) FROM finance_allocation x WHERE x.receipt_id = r.id AND x.allocated_on <= %(on)s), 0)
         - coalesce((SELECT sum(x.amount) FROM finance_refundline x JOIN finance_refund f ON f.id = x.refund_id
                     WHERE x.receipt_id = r.id AND f.paid_on <= %(on)s), 0) AS amount
  FROM finance_receipt r WHERE NOT r.is_prepayment AND r.received_on <= %(on)s AND (%(entity)s::bigint IS NULL OR r.entity_id = %(entity)s)
    AND (%(parties)s::bigint[] IS NULL OR r.customer_id = ANY(%(parties)s))
)
SELECT party_id, currency, sum(not_due), sum(until_30), sum(until_60), sum(until_90), sum(over_90), sum(unallocated) FROM (
  SELECT party_id, currency,
         CASE WHEN late <= 0 THEN amount ELSE 0 END AS not_due, CASE WHEN late BETWEEN 1 AND 30 THEN amount ELSE 0 END AS until_30,
         CASE WHEN late BETWEEN 31 AND 60 THEN amount ELSE 0 END AS until_60,
         CASE WHEN late BETWEEN 61 AND 90 THEN amount ELSE 0 END AS until_90, CASE WHEN late > 90 THEN amount ELSE 0 END AS over_90,
         0::numeric AS unallocated
  FROM owed
  UNION ALL SELECT party_id, currency, 0, 0, 0, 0, 0, amount FROM money
) t GROUP BY party_id, currency
HAVING sum(not_due) <> 0 OR sum(until_30) <> 0 OR sum(until_60) <> 0 OR sum(until_90) <> 0 OR sum(over_90) <> 0 OR sum(unallocated) <> 0
ORDER BY party_id, currency
"""


def receivables_ageing(on: date, entity_id: int | None = None, party_ids: list[int] | None = None) -> list[AgeingRow]:
    """One row per customer and currency with something open on that day; of all customers, or of these."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_AGEING, {"on": on, "entity": entity_id, "parties": party_ids})
        return [AgeingRow(*row) for row in cursor.fetchall()]


def receivables_of(party_ids: list[int], entity_id: int) -> dict[int, Decimal]:
    """What each party owes, in the books' currency; the kept figure that a credit check reads."""
    rows = PartyBalance.objects.filter(party_id__in=party_ids, entity_id=entity_id).order_by().values("party_id")
    return dict.fromkeys(party_ids, ZERO) | {row["party_id"]: row["total"] for row in rows.annotate(total=Sum("receivable_base"))}


def overdue_of(party_ids: list[int], entity_id: int, on: date) -> dict[int, Decimal]:
    """What each party should have paid before that day, in the books' currency."""
    rows = Invoice.objects.filter(customer_id__in=party_ids, entity_id=entity_id, due_on__lt=on, open_amount__gt=0).order_by()
    sums = rows.values("customer_id").annotate(total=Sum("open_base"))
    return dict.fromkeys(party_ids, ZERO) | {row["customer_id"]: row["total"] for row in sums}


def exchange_rates(sources: Iterable[str], currency: str, on: date) -> dict[str, Decimal]:
    """What one unit of each currency is worth in `currency` on that day, to eight places; those without a rate are left out.

    The latest rate of the two counts, entered either way round; else one by way of a third currency. One query.
    """
    wanted = set(sources) - {currency}
    if not wanted:
        return {currency: Decimal(1)}
    rows = ExchangeRate.objects.filter(valid_from__lte=on).order_by("currency", "base", "-valid_from").distinct("currency", "base")
    latest: dict[tuple[str, str], tuple[date, Decimal]] = {}
    for first, second, since, rate in rows.values_list("currency", "base", "valid_from", "rate"):
        for pair, value in (((first, second), rate), ((second, first), 1 / rate)):
            if pair not in latest or latest[pair][0] < since:
                latest[pair] = (since, value)
    found = {currency: Decimal(1)}
    for source in wanted:
        ways = [latest[source, currency][1]] if (source, currency) in latest else [
            latest[source, third][1] * latest[third, currency][1]
            for third in sorted({second for _first, second in latest}) if (source, third) in latest and (third, currency) in latest
        ]
        if ways:
            found[source] = round_half_up(ways[0], 8)
    return found


def rates_into_books(wanted: set[tuple[int, str]], on: date) -> dict[tuple[int, str], Decimal]:
    """By (entity, currency): units of the books' currency for one. The dated rate of that day, else the one with which an invoice or a
    receipt was last posted; what has neither is left out."""
    if not wanted:
        return {}
    kept = dict(Entity.objects.filter(pk__in={entity_id for entity_id, _currency in wanted}).values_list("pk", "currency"))
    found: dict[tuple[int, str], Decimal] = {}
    for base in set(kept.values()):
        dated = exchange_rates({currency for entity_id, currency in wanted if kept[entity_id] == base}, base, on)
        found |= {(entity_id, currency): dated[currency] for entity_id, currency in wanted if kept[entity_id] == base and currency in dated}
    for entity_id, currency in sorted(wanted - set(found)):
        for rows in (Invoice.objects.order_by("-issued_on", "-pk"), Receipt.objects.order_by("-received_on", "-pk")):
            rate = rows.filter(entity_id=entity_id, currency=currency).values_list("rate", flat=True).first()
            if rate is not None:
                found[entity_id, currency] = rate
                break
    return found


def company_currency() -> str:
    """In which products, their options and their parts are priced and costed: the default legal entity's."""
    return Entity.objects.filter(is_default=True).values_list("currency", flat=True).get()


def company_rates(entity_ids: Iterable[int], on: date) -> dict[int, Decimal]:
    """By legal entity: what one unit of the company's currency is worth in its books on that day; those without a rate are left out."""
    company = company_currency()
    return {entity_id: rate for (entity_id, _currency), rate in rates_into_books({(one, company) for one in entity_ids}, on).items()}


def no_rate(currency: str) -> Refused:
    """What is said where something has to be reckoned by a rate that nobody entered."""
    return Refused(_("There is no exchange rate for %(currency)s; enter one first.") % {"currency": currency})
