"""What customers owe and will owe, in the books' currency: one question for all of them, whatever they ordered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _

from guanxi.erp.finance.queries import books_currency, rates_into_books
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.parties.models import Party

PARTS: dict[str, Any] = {"invoiced": _("Open invoices"), "prepaid": _("Paid in advance")}
"""Of what an exposure consists, in the order of its bar."""
DEDUCTED = frozenset({"prepaid"})
_MORE: list[str] = []


def exposure_part(statement: str, **labels: Any) -> None:
    """More parts, said by a module that stands above: a SELECT over `given` (party_id, currency) that gives rows
    (party_id, part, entity_id, currency, amount, since) in the currencies of its documents."""
    PARTS.update(labels)
    _MORE.append(statement)


@dataclass(frozen=True)
class Exposure:
    """Of one customer: amounts by part, what of the open invoices is overdue, and since when."""

    party_id: int
    currency: str
    parts: dict[str, Decimal] = field(default_factory=dict)
    overdue: Decimal = ZERO
    overdue_since: date | None = None
    uncounted: tuple[str, ...] = ()
    """Currencies of documents that could not be counted, since no rate of theirs is known."""

    @property
    def total(self) -> Decimal:
        """What is owed and promised, less what was paid in advance."""
        return sum((-amount if part in DEDUCTED else amount for part, amount in self.parts.items()), ZERO)

    def overdue_days(self, today: date) -> int:
        """How late the oldest open invoice is; 0 when none is."""
        return max(0, (today - self.overdue_since).days) if self.overdue_since else 0


# Invoices and money in hand are kept in the books' currency by finance; orders come in their own.
_FINANCE = """
WITH given AS (SELECT * FROM unnest(%(parties)s::bigint[], %(currencies)s::text[]) AS g (party_id, currency))
SELECT g.party_id, x.part, e.id, e.currency, x.amount, x.since
FROM given g
CROSS JOIN LATERAL (
  SELECT i.entity_id, 'invoiced' AS part, sum(i.open_base) AS amount, NULL::date AS since
  FROM finance_invoice i WHERE i.customer_id = g.party_id AND i.open_amount <> 0 GROUP BY i.entity_id
  UNION ALL
  SELECT i.entity_id, 'overdue', sum(i.open_base), min(i.due_on)
  FROM finance_invoice i WHERE i.customer_id = g.party_id AND i.open_amount <> 0 AND i.due_on < %(today)s GROUP BY i.entity_id
  UNION ALL
  SELECT r.entity_id, 'prepaid', sum(r.unallocated_base), NULL
  FROM finance_receipt r WHERE r.customer_id = g.party_id AND r.unallocated > 0 GROUP BY r.entity_id
) x JOIN access_entity e ON e.id = x.entity_id AND e.currency = g.currency
"""


def exposures_of(parties: Sequence[Party], actor: Actor) -> dict[int, Exposure]:
    """By party id. Amounts are in the books' currency of each (`books_currency`); what other books hold is not added to it."""
    wanted = {party.pk: books_currency(party.currency, actor) for party in parties}
    statement = "\nUNION ALL\n".join((_FINANCE, *_MORE))
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, {"parties": list(wanted), "currencies": list(wanted.values()), "today": actor.today})
        rows = cursor.fetchall()
    foreign = {(entity, currency) for party, _part, entity, currency, _amount, _since in rows if currency != wanted[party]}
    rates = rates_into_books(foreign, actor.today)
    sums: dict[int, dict[str, Decimal]] = {party: defaultdict(Decimal) for party in wanted}
    since: dict[int, date] = {}
    uncounted: dict[int, set[str]] = defaultdict(set)
    for party, part, entity, currency, amount, day in rows:
        rate = Decimal(1) if currency == wanted[party] else rates.get((entity, currency))
        if rate is None:
            uncounted[party].add(currency)
            continue
        sums[party][part] += amount * rate
        if day is not None:
            since[party] = min(day, since.get(party, day))
    return {
        party: _exposure(party, currency, sums[party], since.get(party), sorted(uncounted[party])) for party, currency in wanted.items()
    }


def _exposure(party: int, currency: str, sums: dict[str, Decimal], since: date | None, uncounted: Iterable[str]) -> Exposure:
    rounded = {part: round_money(sums.get(part, ZERO), currency) for part in PARTS}
    return Exposure(party, currency, rounded, round_money(sums.get("overdue", ZERO), currency), since, tuple(uncounted))
