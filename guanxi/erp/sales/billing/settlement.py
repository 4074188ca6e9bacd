"""Order settlement (M14.8): what of an order is billed and what of that is paid, after credit notes, in the order's currency."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Round

from guanxi.erp.finance.models import Allocation, InvoiceLine, Receipt
from guanxi.kernel.records.models import Link

_AMOUNT = DecimalField(max_digits=19, decimal_places=4)
_ZERO = Value(Decimal(0), output_field=_AMOUNT)
_BILLED = F("invoice__total") - F("invoice__credited_amount")
_PAID = _BILLED - F("invoice__open_amount")

PREPAID = "prepayment"
"""The kind of link from an order to a receipt that was taken in against it; its quantity is the money."""


Lines = Callable[[], Any]
"""The order lines of what is asked about, which is the row three questions further out."""


def _of_the_order() -> Any:
    from guanxi.erp.sales.models import OrderLine

    return OrderLine.objects.filter(order_id=OuterRef(OuterRef(OuterRef("pk"))))


def billed(lines: Lines = _of_the_order) -> Any:
    return _share_of_invoices(_BILLED, lines)


def paid(lines: Lines = _of_the_order) -> Any:
    return _share_of_invoices(_PAID, lines)


def received() -> Any:
    """What came in for an order: paid on its invoices, and in advance without having paid one of them yet."""
    return paid() + prepaid()


def open_of(total: str) -> Callable[[], Any]:
    """What of the order's total did not come in yet: not billed, or billed and open."""
    return lambda: F(total) - received()


def prepaid() -> Any:
    """Of each receipt that stands, what is bound to the order and has not paid one of its invoices."""
    from guanxi.erp.sales.models import OrderLine

    mine = {"from_model": "sales.order", "kind": PREPAID, "to_model": "finance.receipt"}
    bound = Link.objects.filter(**mine, from_id=OuterRef(OuterRef("pk")), to_id=OuterRef("pk")).order_by().values("to_id")
    lines = OrderLine.objects.filter(order_id=OuterRef(OuterRef(OuterRef(OuterRef(OuterRef("pk")))))).order_by().values("pk")
    bills = Link.objects.filter(kind="invoice", from_model="sales.orderline", from_id__in=lines).order_by().values("to_id")
    invoices = InvoiceLine.objects.filter(pk__in=bills).order_by().values("invoice_id")
    spent = Allocation.objects.filter(receipt_id=OuterRef("pk"), invoice_id__in=invoices).order_by().values("receipt_id")
    left = _sum_of(bound, "quantity") - _sum_of(spent, "amount")
    receipts = Receipt.objects.filter(
        pk__in=Link.objects.filter(**mine, from_id=OuterRef(OuterRef("pk"))).order_by().values("to_id"), status="posted", reverses__isnull=True,
    ).order_by()
    total = receipts.annotate(_one=Value(1), _left=Greatest(left, _ZERO, output_field=_AMOUNT)).values("_one").annotate(_sum=Sum("_left"))
    return Coalesce(Subquery(total.values("_sum"), output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)


def _sum_of(rows: Any, name: str) -> Any:
    return Coalesce(Subquery(rows.annotate(_sum=Sum(name)).values("_sum"), output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)


def _share_of_invoices(amount: Any, lines_asked: Lines) -> Any:
    """Of each invoice as much as the order's lines are of it: an invoice may bill several orders. Credit notes stand in their invoices."""
    bills = Link.objects.filter(kind="invoice", from_model="sales.orderline", from_id__in=lines_asked().order_by().values("pk")).order_by()
    lines = InvoiceLine.objects.filter(pk__in=bills.values("to_id"), invoice__total__gt=0, invoice__status="posted").order_by()
    share = Sum(F("total") * amount / F("invoice__total"), output_field=_AMOUNT)
    total = lines.annotate(_one=Value(1)).values("_one").annotate(_sum=Round(share, 2, output_field=_AMOUNT)).values("_sum")
    return Coalesce(Subquery(total, output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)
