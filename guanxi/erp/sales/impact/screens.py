"""How lines whose cost changed are seen: as a list of all that is offered, and as tabs on offers and orders."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.impact.queries import OPEN_ORDERS, OPEN_QUOTATIONS, changed_lines
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.screens import OrderLineScreen
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import Screen

_COLUMNS = ("product", "quantity", "unit_price", "unit_cost", "cost_now", "cost_change", "margin_rate", "margin_change")


class QuotationLineScreen(Screen):
    model = QuotationLine
    path = "sales/quotation-lines"
    icon = "list-details"
    teaches = _("What is offered, product by product, and what a changed cost does to its margin.")
    menu = ("sales", 15)
    columns = ("quotation__quoted_on", "quotation", "quotation__customer", "quotation__status", *_COLUMNS)
    filters = (
        "quotation__quoted_on", "quotation__customer", "quotation__status", "quotation__owner", "product", "product__category", "inclusion",
        "margin_rate", "cost_change",
    )
    default_sort = "-id"
    views = {"changed": (_("Cost changed"), f"f.quotation__status={','.join(OPEN_QUOTATIONS)}&f.cost_change=!0")}
    title = "quotation"
    subtitle = ("product",)
    sections = {_("Quotation line"): ("quotation", "inclusion", "description", *_COLUMNS)}
    may_create = False
    may_edit = False


@panel(Quotation, _("Changed costs"), order=40, key="costs", when=lambda quotation: quotation.status in OPEN_QUOTATIONS)
def costs_of_quotation(quotation: Quotation, actor) -> Panel:
    return Panel(QuotationLineScreen, changed_lines(QuotationLine).filter(quotation=quotation.pk), columns=_COLUMNS, sort="id")


@panel(Order, _("Changed costs"), order=55, key="costs", when=lambda order: order.status in OPEN_ORDERS)
def costs_of_order(order: Order, actor) -> Panel:
    return Panel(OrderLineScreen, changed_lines(OrderLine).filter(order=order.pk), columns=_COLUMNS, sort="id")
