"""How lines whose cost changed are seen: as a list of all that is offered, and as tabs on offers and orders."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.queries import OPEN_ORDERS, OPEN_QUOTATIONS, changed_lines
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.screens import OrderLineScreen
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import Screen
from guanxi.shared.catalog.models import Product

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


class AffectedLineScreen(Screen):
    model = AffectedLine
    path = "sales/affected-lines"
    icon = "trending-up"
    teaches = _(
        "Open lines of offers, orders and contracts whose price, cost or product model has changed, with the margin before and after: "
        "accept, hold or quote anew, one by one or all that a filter finds."
    )
    menu = ("sales", 16)
    badge = "f.status=open"
    columns = (
        "number", "customer", "description", "reason", "quantity", "price", "price_now", "margin", "margin_now", "margin_requoted", "status",
    )
    filters = (
        "status", "kind", "reason", "product", "customer", "owner", "margin_change", "product__category", "customer__tier", "currency",
        "decided_by", "decided_at", "seen_on",
    )
    search = ("number", "description", "customer__name")
    default_sort = "-id"
    views = {
        "open": (_("To be decided"), "f.status=open&sort=margin_change"), "held": (_("Held"), "f.status=held"),
        "misfit": (_("No longer allowed"), "f.status=open,held&f.reason=misfit"),
        "mine": (_("Mine"), "f.status=open,held&f.owner=me&sort=margin_change"),
        "decided": (_("Decided"), "f.status=accepted,requoted&sort=-decided_at"),
    }
    title = "number"
    subtitle = ("kind", "customer", "owner")
    facts = ("margin", "margin_now", "margin_change", "margin_requoted")
    sections = {
        _("Line"): ("document", "customer", "owner", "product", "description", "quantity", "seen_on"),
        _("What changed"): ("reason", "misfit", "price", "price_now", "unit_cost", "cost_now"),
        _("Margin of what is open"): ("margin", "margin_now", "margin_change", "margin_requoted"),
        _("Decision"): ("status", "decided_by", "decided_at", "outcome"),
    }
    primary = ("accept_affected_line", "requote_affected_line", "hold_affected_line")
    may_create = False
    may_edit = False


@panel(Product, _("Affected lines"), order=45, key="affected")
def affected_lines_of_product(product: Product, actor) -> Panel:
    rows = AffectedLine.objects.filter(product=product.pk)
    return Panel(AffectedLineScreen, rows, columns=("number", "kind", "customer", "reason", "quantity", "margin", "margin_now", "status"), sort="-id")
