"""Affected lines as tabs on products and on the documents that they stand in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.models import Order, Quotation
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import Screen, screen_of
from guanxi.shared.catalog.models import Product


@panel(Product, _("Affected lines"), order=45, key="affected")
def affected_lines_of_product(product: Product, actor: Any) -> Panel:
    columns = ("number", "kind", "customer", "reason", "quantity", "margin", "margin_now", "status")
    return Panel(_screen(), AffectedLine.objects.filter(product=product.pk), columns, sort="-id", query=f"f.product={product.pk}")


@panel(Quotation, _("Affected lines"), order=40, key="affected")
def affected_lines_of_quotation(quotation: Quotation, actor: Any) -> Panel:
    return affected_lines_of(quotation)


@panel(Order, _("Affected lines"), order=55, key="affected")
def affected_lines_of_order(order: Order, actor: Any) -> Panel:
    return affected_lines_of(order)


def affected_lines_of(document: Any) -> Panel:
    """A tab on any kind of document in which lines are affected."""
    rows = AffectedLine.objects.filter(document_model=document.label(), document_id=document.pk)
    columns = ("description", "reason", "quantity", "price", "price_now", "unit_cost", "cost_now", "margin", "margin_now", "status")
    return Panel(_screen(), rows, columns, sort="id", query=f"f.document={document.label()}:{document.pk}")


def _screen() -> type[Screen]:
    screen = screen_of(AffectedLine)
    assert screen is not None
    return screen
