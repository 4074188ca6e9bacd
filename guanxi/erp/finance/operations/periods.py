"""The months of the books: made when needed, closed in order, reopened from the last."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.charts import make_books
from guanxi.erp.finance.events import PeriodClosed
from guanxi.erp.finance.models import Ledger, Period
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import CURRENCIES

ONE = Decimal(1)


@dataclass(frozen=True)
class BooksAt:
    """An entity's books on a day: the open period, and the account of each use."""

    entity: Entity
    period_id: int
    currency: str
    reversal: str
    uses: dict[str, int]


# The share lock lets entries be posted side by side, and makes the closing of the month wait for them.
_BOOKS = """
SELECT p.id, p.status, e.code, e.is_default, e.currency, b.reversal,
       (SELECT json_object_agg(u.use, u.account_id) FROM finance_accountuse u WHERE u.entity_id = e.id)
FROM finance_period p JOIN access_entity e ON e.id = p.entity_id JOIN finance_ledger b ON b.entity_id = e.id
WHERE p.entity_id = %s AND p.starts_on = %s FOR SHARE OF p
"""


def books_begin(entity_id: int) -> date | None:
    """The first day of the first month of an entity's books; None before anything was posted."""
    return Period.objects.filter(entity_id=entity_id).order_by("starts_on").values_list("starts_on", flat=True).first()


def before_the_books(on: date, begin: date) -> str:
    words = _("%(day)s lies before %(month)s, with which the books begin; only an opening balance can be earlier.")
    return words % {"day": full_date(on), "month": f"{begin:%Y-%m}"}


def books_at(entity_id: int, on: date, actor: Actor, *, is_opening: bool = False) -> BooksAt:
    """The books in which something can be posted on a day; Refused when that month is closed, has not come yet, or lies before the first:
    only with an opening balance the books begin earlier."""
    if on > actor.today:
        raise Refused(_("%(day)s has not come yet; choose a day up to %(today)s.") % {"day": full_date(on), "today": full_date(actor.today)})
    with connections["default"].cursor() as cursor:
        cursor.execute(_BOOKS, [entity_id, on.replace(day=1)])
        row = cursor.fetchone()
        if row is None:
            _make_period(entity_id, on, is_opening)
            cursor.execute(_BOOKS, [entity_id, on.replace(day=1)])
            row = cursor.fetchone()
    period_id, status, code, is_default, currency, reversal, uses = row
    if status != "open":
        raise Refused(_("The books of %(month)s are closed; choose a day in an open month, or reopen it.") % {"month": f"{on:%Y-%m}"})
    entity = Entity(pk=entity_id, code=code, is_default=is_default, currency=currency)
    return BooksAt(entity, period_id, currency, reversal, uses)


def rate_for(currency: str, books: BooksAt, rate: Decimal | None) -> Decimal:
    """The exchange rate to use; Invalid when a foreign currency comes without one."""
    if currency == books.currency:
        return ONE
    if currency not in CURRENCIES:
        raise Invalid({"currency": [_("“%(code)s” is not a currency known here.") % {"code": currency}]})
    if rate is None or rate <= 0:
        raise Invalid({"rate": [_("Enter how many %(base)s one %(currency)s is worth.") % {"base": books.currency, "currency": currency}]})
    return rate


def _make_period(entity_id: int, on: date, is_opening: bool) -> None:
    if lock_books(entity_id) is None:
        entity = Entity.objects.get(pk=entity_id)
        raise Refused(_("%(entity)s has no books yet; open them first.") % {"entity": entity})
    later = Period.objects.filter(entity_id=entity_id, status="closed", starts_on__gt=on).order_by("starts_on").first()
    if later is not None:
        raise Refused(
            _("%(month)s lies before %(closed)s, whose books are closed already.") % {"month": f"{on:%Y-%m}", "closed": later.code}
        )
    begin = books_begin(entity_id)
    if begin is not None and on < begin and not is_opening:
        raise Refused(before_the_books(on, begin))
    last = calendar.monthrange(on.year, on.month)[1]
    Period.objects.bulk_create(
        [Period(entity_id=entity_id, code=f"{on:%Y-%m}", starts_on=on.replace(day=1), ends_on=on.replace(day=last))],
        ignore_conflicts=True,
    )


def lock_books(entity_id: int) -> Ledger | None:
    """Whoever makes or closes a month, or reverses an entry, holds the books, so that no other does so at the same time."""
    return Ledger.objects.select_for_update(no_key=True).filter(entity_id=entity_id).first()


@operation(label=gettext_lazy("Close month"), moves=Period.lifecycle.to("closed"), icon="lock")
def close_period(period: Period, *, actor: Actor) -> Period:
    """Nothing more is posted into this month; the months before it have to be closed first."""
    lock_books(period.entity_id)
    earlier = Period.objects.filter(entity_id=period.entity_id, status="open", starts_on__lt=period.starts_on).order_by("starts_on").first()
    if earlier is not None:
        raise Refused(_("%(month)s is still open; months are closed in their order.") % {"month": earlier.code})
    publish(PeriodClosed(period.pk, period.entity_id, period.code), subject=period)
    return period


@operation(
    label=gettext_lazy("Reopen month"), moves=Period.lifecycle.to("open"), icon="lock-open", tone="danger",
    labels={"reason": gettext_lazy("Reason")},
)
def reopen_period(period: Period, *, actor: Actor, reason: str) -> Period:
    """Let entries into this month again; the months after it have to be reopened first. The reason stands in the log."""
    later = Period.objects.filter(entity_id=period.entity_id, status="closed", starts_on__gt=period.starts_on).order_by("-starts_on").first()
    if later is not None:
        raise Refused(_("%(month)s is closed; reopen the last closed month first.") % {"month": later.code})
    return period


@operation(
    label=gettext_lazy("Open books"), icon="book",
    labels={
        "chart": gettext_lazy("Chart of accounts"), "cn_small": gettext_lazy("Accounting standard for small enterprises (China)"),
        "international": gettext_lazy("International"),
    },
)
def open_books(entity: Entity, *, actor: Actor, chart: Literal["cn_small", "international"]) -> Ledger:
    """Give a legal entity its chart of accounts."""
    if Ledger.objects.filter(entity=entity).exists():
        raise Refused(_("%(entity)s has its books already.") % {"entity": entity})
    return make_books(entity, chart)
