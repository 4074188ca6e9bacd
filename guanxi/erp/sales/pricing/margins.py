"""Margin from the journal: what was invoiced and taken back, and what the goods cost, by whatever it concerns (X3, M14.8).

Every figure is the sum of journal lines on the accounts used for revenue and for the cost of sales, so that each opens down to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Round, TruncMonth
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.erp.finance.models import AccountUse, InvoiceLine, JournalLine
from guanxi.erp.inventory.models import DeliveryLine, GoodsReceiptLine
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.records.models import Link
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.currencies import digits_of
from guanxi.shared.parties.models import Party

DIMENSIONS: dict[str, Any] = {
    "customer": _("Customer"), "channel": _("Sales channel"), "salesperson": _("Salesperson"), "product": _("Product"), "order": _("Order"),
    "category": _("Product category"), "region": _("Region"), "month": pgettext_lazy("of the year", "Month"),
}
MOST = 200
COSTS = ("cost_of_sales", "scrap")
"""Goods that came back and were scrapped are no cost of sales any more, and lost all the same."""


@dataclass(frozen=True)
class Margin:
    """In the books' currency, with the sign by which each counts: what was taken back and what goods cost is negative."""

    sold: Decimal = ZERO
    credited: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO
    scrapped: Decimal = ZERO

    @property
    def revenue(self) -> Decimal:
        return self.sold + self.credited

    @property
    def cost(self) -> Decimal:
        return self.delivered + self.returned + self.scrapped

    @property
    def margin(self) -> Decimal:
        return self.revenue + self.cost

    @property
    def rate(self) -> Decimal | None:
        """A fraction of the revenue; None without any."""
        return self.margin / self.revenue if self.revenue else None


@dataclass(frozen=True)
class Part:
    """One customer, salesperson, … with its margin; `key` is its id (or the first day of a month), None where the line names none."""

    key: Any
    margin: Margin


@dataclass(frozen=True)
class Scope:
    """Which lines are asked for: days (both included), the books' currency, and what they concern."""

    currency: str
    since: date | None = None
    until: date | None = None
    customer: int | None = None
    salesperson: int | None = None
    product: int | None = None
    order: int | None = None
    channel: int | None = None


def lines_in(scope: Scope, actor: Any) -> QuerySet[JournalLine]:
    """The journal lines of revenue and cost in a scope, of customers whom the actor may see."""
    uses = AccountUse.objects.filter(use__in=("revenue", *COSTS)).values("account_id")
    lines = JournalLine.objects.filter(account_id__in=uses, entity__currency=scope.currency)
    if actor.row_filter("view", Party) is not True:
        lines = lines.filter(party__in=Party.objects.visible_to(actor).order_by())
    if scope.since:
        lines = lines.filter(entry__posted_on__gte=scope.since)
    if scope.until:
        lines = lines.filter(entry__posted_on__lte=scope.until)
    named = {"party_id": scope.customer, "salesperson_id": scope.salesperson, "product_id": scope.product}
    lines = lines.filter(**{name: pk for name, pk in named.items() if pk is not None})
    if scope.channel is not None:
        by_channel: Any = _by_channel(lines)
        lines = by_channel.filter(_key=scope.channel)
    return lines.filter(of_order(scope.order)) if scope.order is not None else lines


def of_order(order: int) -> Q:
    """Journal lines whose source is an invoice line, a delivery line or a line of returned goods that an order became."""
    lines = OrderLine.objects.filter(order_id=order).values("pk")
    billed = Link.objects.filter(from_model=OrderLine.label(), from_id__in=lines, kind="invoice").values("to_id")
    delivered = Link.objects.filter(from_model=OrderLine.label(), from_id__in=lines, kind="delivery").values("to_id")
    back = Link.objects.filter(from_model=DeliveryLine.label(), from_id__in=delivered, kind="return").values("to_id")
    # Not three conditions with OR: no index answers those, and every line of the books would be looked at.
    sources = ((InvoiceLine, billed), (DeliveryLine, delivered), (GoodsReceiptLine, back))
    first, *others = (
        JournalLine.objects.order_by().filter(source_model=model.label(), source_id__in=ids).values("pk") for model, ids in sources
    )
    return Q(pk__in=first.union(*others, all=True))


JournalLine.behind[Order.label()] = of_order


def margin_of(lines: QuerySet[JournalLine]) -> Margin:
    """All of them together."""
    return _margin(lines.order_by().aggregate(**_sums()))


def margins_by(lines: QuerySet[JournalLine], dimension: str) -> list[Part]:
    """The largest margins first, months in their order; KeyError for a dimension that there is not."""
    keyed: Any = _keyed(lines.order_by(), dimension)
    rows = keyed.values("_key").annotate(**_sums())
    rows = rows.order_by("_key") if dimension == "month" else rows.order_by(F("_margin").desc(), "_key")
    return [Part(row["_key"], _margin(row)) for row in rows[:MOST]]


def discount_of(lines: QuerySet[JournalLine], currency: str) -> Decimal:
    """What the discounts on the invoice lines behind these come to, in the books' currency; not negative where none was given."""
    billed = lines.filter(source_model=InvoiceLine.label(), credit__gt=0).order_by().values("source_id")
    digits = digits_of(currency)
    full = Round(F("quantity") * F("unit_price") * F("invoice__rate"), digits) - Round(F("net") * F("invoice__rate"), digits)
    rows = InvoiceLine.objects.filter(pk__in=billed, discount__gt=0, net__gt=0)
    return rows.aggregate(total=Sum(full))["total"] or ZERO


def _sums() -> dict[str, Any]:
    amount = F("credit") - F("debit")
    revenue, cost, scrap = (Q(account_id__in=AccountUse.objects.filter(use=use).values("account_id")) for use in ("revenue", *COSTS))
    up, down = Q(credit__gt=0) | Q(debit__lt=0), Q(debit__gt=0) | Q(credit__lt=0)
    kinds = {"_sold": revenue & up, "_credited": revenue & down, "_delivered": cost & down, "_returned": cost & up, "_scrapped": scrap}
    return {name: Sum(amount, filter=condition) for name, condition in kinds.items()} | {"_margin": Sum(amount)}


def _margin(row: dict[str, Any]) -> Margin:
    return Margin(*(row[name] or ZERO for name in ("_sold", "_credited", "_delivered", "_returned", "_scrapped")))


def _keyed(lines: QuerySet[JournalLine], dimension: str) -> QuerySet[JournalLine]:
    if dimension == "order":
        return _by_origin(lines, "order_id")
    if dimension == "channel":
        return _by_channel(lines)
    return lines.annotate(_key=TruncMonth("entry__posted_on") if dimension == "month" else F(_PATHS[dimension]))


_PATHS = {
    "customer": "party_id", "salesperson": "salesperson_id", "product": "product_id", "category": "product__category_id",
    "region": "party__region_id",
}


def _by_channel(lines: QuerySet[JournalLine]) -> QuerySet[JournalLine]:
    """That of the order; the customer's where there is no order, or it names none."""
    return _by_origin(lines, "order__channel_id", F("party__channel_id"))


def _by_origin(lines: QuerySet[JournalLine], column: str, *otherwise: Any) -> QuerySet[JournalLine]:
    """With a column of the order line that each line's source came from."""
    back = Link.objects.filter(to_model=GoodsReceiptLine.label(), to_id=OuterRef("source_id"), kind="return").order_by().values("from_id")[:1]
    lines = lines.annotate(
        _billed=Case(When(source_model=InvoiceLine.label(), then=F("source_id"))),
        _moved=Case(
            When(source_model=DeliveryLine.label(), then=F("source_id")), When(source_model=GoodsReceiptLine.label(), then=Subquery(back)),
        ),
    )
    origins = _origin(InvoiceLine.label(), "_billed", column), _origin(DeliveryLine.label(), "_moved", column)
    return lines.annotate(_key=Coalesce(*origins, *otherwise, output_field=BigIntegerField()))


def _origin(model: str, at: str, column: str) -> Subquery:
    links = Link.objects.filter(to_model=model, to_id=OuterRef(OuterRef(at)), from_model=OrderLine.label()).order_by()
    return Subquery(OrderLine.objects.filter(pk__in=links.values("from_id")).order_by().values(column)[:1])
