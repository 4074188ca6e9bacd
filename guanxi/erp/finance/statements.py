"""The statement of account: what a customer owed, was billed and paid in a period, and what of it is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.models import Invoice, Receipt, Refund
from guanxi.erp.finance.queries import AgeingRow, receivables_ageing
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import Pairs, Place, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.paper import Particulars, addressed, bank_of, particulars_of

Key = tuple[int, str]
"""A customer and a currency."""
LABELS = {"since": gettext_lazy("Statement from"), "until": gettext_lazy("Statement until")}


@dataclass(frozen=True)
class Movement:
    """One document of the period; `amount` is what it adds to what the customer owes. Money paid back takes from what was paid."""

    on: date
    kind: Any
    number: str
    due_on: date | None
    amount: Decimal
    is_money: bool = False


def usual_period(actor: Actor) -> dict[str, date]:
    """This year to this day."""
    return {"since": actor.today.replace(month=1, day=1), "until": actor.today}


def may_state(actor: Actor, party: Party | None) -> bool:
    """A statement lists every invoice and receipt of the customer: a part of them would be a wrong one."""
    own = party is not None and actor.party_id == party.pk
    scopes = [actor.scopes("view", model) for model in (Invoice, Receipt, Refund)]
    return (own or actor.rights.sees_right("see_receivables")) and all("company" in held or own and "party" in held for held in scopes)


@printed(
    Party, gettext_lazy("Statement of account"), shows="code name currency", speaks=lambda row: row.written_language,
    may=may_state, labels=LABELS, proposes=usual_period,
)
def statement(
    records: Sequence[Party], speeches: Sequence[Speech], actor: Actor, *, since: date | None = None, until: date | None = None,
) -> list[Sheet]:
    """One sheet for each legal entity and currency in which there was something; of this year to this day when no period is named."""
    until = until or actor.today
    since = since or until.replace(month=1, day=1)
    if until < since:
        raise Invalid({"until": [_("This is before the first day of the statement.")]})
    parties = particulars_of(records, actor)
    sheets: dict[int, list[Sheet]] = {row.pk: [] for row in records}
    own = None
    for entity in Entity.objects.order_by("-is_default", "code"):
        accounts = _accounts_of([row.pk for row in records], entity, since, until)
        own = accounts if entity.pk == actor.entity_id else own
        for row, speech in zip(records, speeches, strict=True):
            for currency in sorted(accounts.currencies[row.pk]):
                sheets[row.pk].append(_sheet(row, speech, parties[row.pk], currency, (since, until), accounts))
    for row, speech in zip(records, speeches, strict=True):
        if not sheets[row.pk] and own is not None:
            sheets[row.pk].append(_sheet(row, speech, parties[row.pk], row.currency or actor.currency, (since, until), own))
    return [sheet for row in records for sheet in sheets[row.pk]]


@dataclass(frozen=True)
class Accounts:
    """What the customers have with one legal entity."""

    entity: Entity
    opening: dict[Key, Decimal]
    moved: dict[Key, list[Movement]]
    ageing: dict[Key, AgeingRow]
    currencies: dict[int, set[str]]


def _accounts_of(ids: list[int], entity: Entity, since: date, until: date) -> Accounts:
    opening, moved = _opening(ids, entity, since), _movements(ids, entity, since, until)
    ageing = {(row.party_id, row.currency): row for row in receivables_ageing(until, entity.pk, ids)}
    currencies: dict[int, set[str]] = defaultdict(set)
    for party_id, currency in (*(key for key, amount in opening.items() if amount), *moved, *ageing):
        currencies[party_id].add(currency)
    return Accounts(entity, opening, moved, ageing, currencies)


def _opening(ids: list[int], entity: Entity, since: date) -> dict[Key, Decimal]:
    opening: dict[Key, Decimal] = defaultdict(Decimal)
    of = {"customer__in": ids, "entity": entity}
    billed = Invoice.objects.filter(**of, issued_on__lt=since).order_by().values_list("customer", "currency").annotate(Sum("total"))
    paid = Receipt.objects.filter(**of, received_on__lt=since).order_by().values_list("customer", "currency").annotate(Sum("amount"))
    back = Refund.objects.filter(**of, paid_on__lt=since).order_by().values_list("customer", "currency").annotate(Sum("amount"))
    for rows, sign in ((billed, 1), (paid, -1), (back, 1)):
        for party_id, currency, amount in rows:
            opening[party_id, currency] += sign * amount
    return opening


def _movements(ids: list[int], entity: Entity, since: date, until: date) -> dict[Key, list[Movement]]:
    """Invoices before receipts and refunds of the same day, each in the order of their numbers."""
    found: dict[Key, list[Movement]] = defaultdict(list)
    of = {"customer__in": ids, "entity": entity}
    for row in Invoice.objects.filter(**of, issued_on__range=(since, until)).order_by("issued_on", "number"):
        kind = gettext_lazy("Invoice") if row.total >= 0 else gettext_lazy("Credit note")
        found[row.customer_id, row.currency].append(Movement(row.issued_on, kind, row.number, row.due_on, row.total))
    for receipt in Receipt.objects.filter(**of, received_on__range=(since, until)).order_by("received_on", "number"):
        kind = gettext_lazy("Receipt") if receipt.amount >= 0 else gettext_lazy("Receipt taken back")
        found[receipt.customer_id, receipt.currency].append(Movement(receipt.received_on, kind, receipt.number, None, -receipt.amount, is_money=True))
    for refund in Refund.objects.filter(**of, paid_on__range=(since, until)).order_by("paid_on", "number"):
        kind = gettext_lazy("Refund") if refund.amount >= 0 else gettext_lazy("Refund taken back")
        found[refund.customer_id, refund.currency].append(Movement(refund.paid_on, kind, refund.number, None, refund.amount, is_money=True))
    for movements in found.values():
        movements.sort(key=lambda one: one.on)
    return found


def _sheet(
    row: Party, speech: Speech, party: Particulars, currency: str, period: tuple[date, date], accounts: Accounts,
) -> Sheet:
    since, until = period
    entity, opening, movements = accounts.entity, accounts.opening[row.pk, currency], accounts.moved[row.pk, currency]
    billed = sum((one.amount for one in movements if one.amount > 0 and not one.is_money), ZERO)
    credited = sum((one.amount for one in movements), ZERO) - billed
    return Sheet(
        speech, entity, speech.say(gettext_lazy("Statement of account")), row.code,
        facts=[
            (speech.say(LABELS["since"]), speech.day(since)), (speech.say(LABELS["until"]), speech.day(until)),
            (speech.say(gettext_lazy("Currency")), currency),
            (speech.say(gettext_lazy("Balance")), format_money(opening + billed + credited, currency)),
        ],
        parties=[addressed(party, speech, label=speech.say(gettext_lazy("Customer")), kinds=("billing", "office"))],
        places=[
            Place(speech.say(gettext_lazy("Date")), "day"), Place(speech.say(gettext_lazy("Document")), share=1),
            Place(speech.say(gettext_lazy("Number")), share=1), Place(speech.say(gettext_lazy("Payment due on")), "day"),
            Place(speech.say(gettext_lazy("Billed")), "number"), Place(speech.say(gettext_lazy("Paid or credited")), "number"),
            Place(speech.say(gettext_lazy("Balance")), "number"),
        ],
        rows=list(_rows(speech, currency, since, opening, movements)),
        totals=[
            (speech.say(gettext_lazy("Opening balance")), format_money(opening, currency)),
            (speech.say(gettext_lazy("Billed")), format_money(billed, currency)),
            (speech.say(gettext_lazy("Paid or credited")), format_money(credited, currency)),
            (speech.say(gettext_lazy("Closing balance")), format_money(opening + billed + credited, currency)),
        ],
        notes=_ages(speech, currency, accounts.ageing.get((row.pk, currency))), bank=bank_of(entity, speech),
    )


def _rows(speech: Speech, currency: str, since: date, opening: Decimal, movements: Iterable[Movement]) -> Iterator[list[str]]:
    def money(amount: Decimal) -> str:
        return format_money(amount, currency, symbol=False)

    yield [speech.day(since - timedelta(days=1)), speech.one(gettext_lazy("Opening balance")), "", "", "", "", money(opening)]
    balance = opening
    for one in movements:
        balance += one.amount
        sides = (money(one.amount), "") if one.amount >= 0 and not one.is_money else ("", money(-one.amount))
        yield [speech.day(one.on), speech.one(one.kind), one.number, speech.day(one.due_on), *sides, money(balance)]


def _ages(speech: Speech, currency: str, ageing: AgeingRow | None) -> Pairs:
    """What is open at the end, by days overdue."""
    if ageing is None:
        return []
    parts = (
        (gettext_lazy("Not due"), ageing.not_due), (gettext_lazy("1–30 days"), ageing.until_30), (gettext_lazy("31–60 days"), ageing.until_60),
        (gettext_lazy("61–90 days"), ageing.until_90), (gettext_lazy("Over 90 days"), ageing.over_90),
        (gettext_lazy("Not allocated"), -ageing.unallocated),
    )
    return [(speech.say(label), format_money(amount, currency)) for label, amount in parts]
