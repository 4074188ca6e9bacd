"""Whether a document may be taken on credit: figures, words, and the ways out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.erp.credit.models import OTHERS, CreditPolicy
from guanxi.erp.credit.queries.exposure import Exposure, exposures_of
from guanxi.erp.finance.queries import rates_into_books
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database.known import known
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_money
from guanxi.shared.parties.models import Party

STEPS = ("quotation", "order", "release", "shipment")
WAYS = ("prepay", "approval", "hold", "less")


class CreditStopped(Refused):
    """A customer's credit stands in the way."""

    code = "credit_exceeded"
    meaning = gettext_lazy("The customer's credit stands in the way; the message says what helps.")


@dataclass(frozen=True)
class Asked:
    """A document to be looked at: what it would add to the exposure, and what of it is paid already, in the books' currency."""

    party: Party
    adds: Decimal = ZERO
    total: Decimal = ZERO
    paid: Callable[[], Decimal] = Decimal
    unknown_rate: str = ""
    """The document's currency, when no rate of it is known: then it adds nothing that could be counted."""


@dataclass(frozen=True)
class Check:
    """What the credit of a customer says to a document at one step."""

    step: str
    action: str
    """What the policy wants where it is not passed: none, warn, hold or stop."""
    exposure: Exposure
    limit: Decimal | None
    """In the books' currency; None when there is none."""
    allowed: Decimal | None
    """The limit with the tolerance."""
    adds: Decimal
    overdue_days: int
    tolerated_days: int | None
    prepay: Decimal
    """What has to be paid before delivery and is not yet paid."""
    uncounted: tuple[str, ...] = ()
    payable: Callable[[], Decimal] | None = None
    """What of the document can still be paid in advance; None where no document with an amount is looked at."""

    @property
    def currency(self) -> str:
        return self.exposure.currency

    @property
    def total(self) -> Decimal:
        """The exposure with the document."""
        return self.exposure.total + self.adds

    @property
    def free(self) -> Decimal | None:
        """What is left of the limit before the document."""
        return None if self.limit is None else self.limit - self.exposure.total

    @property
    def excess(self) -> Decimal:
        """By how much the document passes the limit and its tolerance."""
        return ZERO if self.allowed is None else max(ZERO, self.total - self.allowed)

    @property
    def is_over(self) -> bool:
        return self.excess > 0

    @property
    def is_late(self) -> bool:
        return self.tolerated_days is not None and self.overdue_days > self.tolerated_days

    @property
    def is_passed(self) -> bool:
        return not (self.is_over or self.is_late or self.prepay > 0)

    @property
    def reason(self) -> str:
        """Why an order is held: credit before prepayment; empty when all is well."""
        return "credit" if self.is_over or self.is_late else "prepayment" if self.prepay > 0 else ""

    @property
    def most(self) -> Decimal | None:
        """To how much the document may come without passing the limit."""
        return None if self.allowed is None else max(ZERO, self.allowed - self.exposure.total)

    @property
    def late(self) -> Decimal:
        """What of it has to be paid on invoices: all that is overdue, where something is too long. No prepayment settles them."""
        return self.exposure.overdue if self.is_late else ZERO

    @property
    def to_prepay(self) -> Decimal:
        """What has to be paid in advance for the document to pass, once what is late is paid, which frees as much of the limit."""
        return max(self.excess - self.late, self.prepay, ZERO)

    @property
    def is_beyond_prepayment(self) -> bool:
        """Even all of the document paid in advance would not let it pass."""
        return self.payable is not None and bool(self.to_prepay) and self.to_prepay > self.payable()

    @property
    def to_pay(self) -> Decimal:
        """All that has to come in for the document to pass."""
        return self.to_prepay + self.late

    @property
    def ways(self) -> tuple[str, ...]:
        """What may be done about it."""
        if self.is_passed:
            return ()
        less = self.is_over and not self.is_late and self.step in ("quotation", "order") and bool(self.most)
        gone = {way for way, is_open in (("less", less), ("prepay", not self.is_beyond_prepayment)) if not is_open}
        return tuple(way for way in WAYS if way not in gone)

    def sentences(self, *, with_figures: bool = True) -> list[str]:
        """What is wrong, in words; without figures for who may not see what customers owe."""
        said = []
        if self.is_over and with_figures and self.allowed is not None and self.limit is not None:
            figures = {
                "total": self.money(self.total), "limit": self.money(self.limit), "excess": self.money(self.excess), "adds": self.money(self.adds),
            }
            if self.allowed != self.limit:
                figures["limit"] = _("%(limit)s, with its tolerance %(allowed)s") % {**figures, "allowed": self.money(self.allowed)}
            if self.adds:
                said.append(_("With %(adds)s more the customer would owe %(total)s; the limit is %(limit)s, passed by %(excess)s.") % figures)
            else:
                said.append(_("The customer owes %(total)s; the limit is %(limit)s, passed by %(excess)s.") % figures)
        elif self.is_over:
            said.append(_("The customer's credit limit is passed."))
        if self.is_late and with_figures:
            words = ngettext(
                "%(amount)s are overdue, the oldest by %(days)s day; tolerated are %(tolerated)s.",
                "%(amount)s are overdue, the oldest by %(days)s days; tolerated are %(tolerated)s.", self.overdue_days,
            )
            figures = {"amount": self.money(self.exposure.overdue), "days": str(self.overdue_days), "tolerated": str(self.tolerated_days)}
            said.append(words % figures)
        elif self.is_late:
            said.append(_("Invoices of the customer are overdue."))
        if self.prepay > 0:
            said.append(
                _("%(amount)s have to be paid before delivery.") % {"amount": self.money(self.prepay)}
                if with_figures else _("A part has to be paid before delivery.")
            )
        return said

    def ways_in_words(self) -> list[str]:
        ways = self.ways
        release = _("ask whoever keeps the accounts to release it, as even all of it paid in advance would not be enough")
        words = {
            "prepay": self._prepayment_in_words(),
            "approval": _("ask whoever keeps the accounts") if "prepay" in ways else release, "hold": _("confirm it on hold"),
            "less": _("take no more than %(amount)s") % {"amount": self.money(self.most or ZERO)},
        }
        return [words[way] for way in ways]

    def _prepayment_in_words(self) -> str:
        figures = {"amount": self.money(self.to_prepay), "late": self.money(self.late)}
        if not self.late:
            return _("ask for a prepayment of %(amount)s") % figures
        if not self.to_prepay:
            return _("ask for the overdue %(late)s") % figures
        return _("ask for the overdue %(late)s and a prepayment of %(amount)s") % figures

    def money(self, amount: Decimal) -> str:
        return format_money(amount, self.currency)


@known
def _policies() -> Any:
    return CreditPolicy.objects.filter(is_active=True)


def has_policies() -> bool:
    """Whether anything is asked of anybody."""
    return bool(_policies())


def policy_for(party: Party) -> CreditPolicy | None:
    """The policy of the customer's tier, else the one for all others; None where nothing is asked."""
    found = {policy.tier: policy for policy in _policies()}
    return found.get(party.tier) or found.get(OTHERS) if found else None


_HOLD = "SELECT id FROM credit_creditaccount WHERE party_id = %s FOR NO KEY UPDATE"
_BEGIN = "INSERT INTO credit_creditaccount (version, party_id) VALUES (1, %s) ON CONFLICT (party_id) DO NOTHING"


def hold_account(party: Party) -> None:
    """Nobody else adds to what this customer owes until the transaction ends. Comes after the document's lock and before products'."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_HOLD, [party.pk])
        if cursor.fetchone() is None:
            cursor.execute(_BEGIN, [party.pk])
            cursor.execute(_HOLD, [party.pk])


def check_credit(asked: Asked, step: str, actor: Actor, *, is_binding: bool = False) -> Check | None:
    """What the customer's credit says at a step; None where no policy asks. `is_binding`: the document will be added if it passes."""
    party, policy = asked.party, policy_for(asked.party)
    if policy is None:
        return None
    action = getattr(policy, f"at_{step}")
    if action == "none" or not _asks(policy, party):
        return None
    if is_binding:
        hold_account(party)
    return _check(asked, step, action, policy, exposures_of([party], actor)[party.pk], actor)


def look_at(asked: Asked, actor: Actor, step: str) -> Check | None:
    """The same figures for a page, whatever is done about them at this step; None where nobody limits this customer."""
    party, policy = asked.party, policy_for(asked.party)
    if policy is None:
        if party.credit_limit is None:
            return None
        policy = CreditPolicy(at_quotation="none", at_order="none", at_release="none", at_shipment="none")
    elif not _asks(policy, party):
        return None
    return _check(asked, step, getattr(policy, f"at_{step}"), policy, exposures_of([party], actor)[party.pk], actor)


def _asks(policy: CreditPolicy, party: Party) -> bool:
    return party.credit_limit is not None or policy.days_overdue is not None or bool(policy.prepaid_share)


def _check(asked: Asked, step: str, action: str, policy: CreditPolicy, exposure: Exposure, actor: Actor) -> Check:
    limit = limit_in_books(asked.party, exposure.currency, actor)
    currency = exposure.currency
    prepay = round_money(asked.total * policy.prepaid_share, currency) - asked.paid() if policy.prepaid_share else ZERO
    allowed = None if limit is None else round_money(limit * (1 + policy.tolerance), currency)
    return Check(
        step=step, action=action, exposure=exposure, limit=limit, allowed=allowed,
        adds=asked.adds, overdue_days=exposure.overdue_days(actor.today), tolerated_days=policy.days_overdue, prepay=max(ZERO, prepay),
        uncounted=tuple(dict.fromkeys([*exposure.uncounted, *([asked.unknown_rate] if asked.unknown_rate else [])])),
        payable=(lambda: asked.total - asked.paid()) if asked.total else None,
    )


def limit_in_books(party: Party, currency: str, actor: Actor) -> Decimal | None:
    """The limit is in the customer's currency; where the books are kept in another one, by the rate of the day."""
    if party.credit_limit is None or not party.currency or party.currency == currency:
        return party.credit_limit
    rate = rates_into_books({(actor.entity_id, party.currency)}, actor.today).get((actor.entity_id, party.currency))
    return None if rate is None else round_money(party.credit_limit * rate, currency)


def in_books(amount: Decimal, currency: str, entity_id: int, books: str, actor: Actor) -> Decimal | None:
    """A document's amount in the books' currency; None where no rate of its own is known."""
    if currency == books or not amount:
        return amount
    rate = rates_into_books({(entity_id, currency)}, actor.today).get((entity_id, currency))
    return None if rate is None else round_money(amount * rate, books)
