"""How quotations and orders are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.changes.changing import lines_as_they_are
from guanxi.erp.sales.completion import complete_orders, complete_quotations
from guanxi.erp.sales.credit.holds import prepayment_wanted, why_held
from guanxi.erp.sales.credit.prepayments import money_wanted
from guanxi.erp.sales.models import Order, OrderChange, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.offers.queries import day_renewed, options_to_choose
from guanxi.erp.sales.pricing.repricing import reprice_order, reprice_quotation
from guanxi.erp.sales.promising.alternatives import (
    change_order_warehouse,
    change_quotation_warehouse,
    split_order_line,
    split_quotation_line,
    substitute_order_line,
    substitute_quotation_line,
)
from guanxi.erp.sales.promising.dropship import have_supplier_ship, left_with_suppliers, ship_ourselves, supplier_shipped
from guanxi.erp.sales.queries import day_promised, rest_to_deliver
from guanxi.kernel.screens.screen import Calendar, Lines, Screen

_TAKEN = tuple(
    operation.key for operation in (
        split_quotation_line, substitute_quotation_line, change_quotation_warehouse, split_order_line, substitute_order_line,
        change_order_warehouse,
    )
)
"""Alternatives to a late line: taken where they are shown, not from the row of buttons."""
HELD = (
    "f.hold=credit,prepayment,customer,terms,other&f.status=draft,confirmed&sort=held_at"
    "&columns=number,customer,status,hold,hold_note,held_at,total,prepayment,owner"
)
"""Orders that stand still, the oldest first."""
_ENTERED = "section product configuration description quantity unit unit_price discount tax"
_OFFERED = f"{_ENTERED} inclusion"
_CHOSEN = (("configuration", "product"),)


class QuotationScreen(Screen):
    model = Quotation
    path = "sales/quotations"
    icon = "file-text"
    teaches = _("Offers with prices and a last day; accepted, one becomes an order with a click.")
    menu = ("sales", 10)
    record_template = "pages/quotation.html"
    columns = ("number", "customer", "status", "quoted_on", "valid_until", "net", "total", "margin_rate", "owner", "entity")
    filters = ("status", "customer", "quoted_on", "valid_until", "owner", "channel", "entity", "total", "currency")
    search = ("number", "customer__name")
    sections = {
        _("Quotation"): ("customer", "contact", "quoted_on", "valid_until", "channel", "coupons"),
        _("Terms"): ("requested_on", "warehouse", "entity", "payment_term", "currency", "owner", "terms", "terms_text", "note"),
    }
    lines = Lines(
        QuotationLine, _OFFERED, parent="quotation", shown="promised_on margin_rate net", progress="price_steps promised_from", section="section",
        subtotal="net",
        apart=("inclusion", "optional"), inside=_CHOSEN,
    )
    value_templates = {"inclusion": "components/inclusion.html"}
    default_sort = "-quoted_on"
    sorts = ("quoted_on",)
    views = {
        "open": (_("Open"), "f.status=draft,sent,change_asked"),
        "costs": (
            _("Cost changed"),
            "f.status=draft,sent,change_asked,accepted&f.margin_change=!0&sort=margin_change&columns=number,customer,status,net,margin,margin_change,owner",
        ),
        "lapsing": (_("Lapsing this week"), "f.status=sent,change_asked&f.valid_until=next_7_days&sort=valid_until"),
    }
    title = "number"
    subtitle = ("customer", "contact", "owner")
    facts = ("total", "margin", "margin_rate")
    totals = ("margin", "margin_rate", "net", "tax", "total")
    operations = ("mail_quotation", reprice_quotation.key)
    hidden_operations = _TAKEN
    proposals = {"choose_options": options_to_choose, "renew_quotation": day_renewed}
    calendar = Calendar(("quoted_on", "valid_until"), until={"quoted_on": "valid_until"})
    funnel = ("draft", "sent", "accepted", "ordered")
    regions = ("customer__region", "customer__country")
    complete = complete_quotations
    narrowed = {"contact": "customer:party"}


class OrderScreen(Screen):
    model = Order
    path = "sales/orders"
    teaches = _("What customers have ordered; confirming one reserves the goods, promises a day and leads on to delivery and invoice.")
    record_template = "pages/order.html"
    icon = "shopping-cart"
    menu = ("sales", 20)
    columns = ("number", "customer", "status", "ordered_on", "promised_on", "net", "total", "margin_rate", "owner", "entity")
    filters = (
        "status", "customer", "ordered_on", "promised_on", "owner", "channel", "entity", "total", "warehouse", "currency", "hold", "held_at",
    )
    search = ("number", "customer__name", "customer_reference")
    sections = {
        _("Order"): ("customer", "contact", "ordered_on", "customer_reference", "channel", "coupons"),
        _("Delivery and terms"): ("requested_on", "promised_on", "entity", "warehouse", "payment_term", "currency", "freight", "owner", "note"),
    }
    lines = Lines(
        OrderLine, _ENTERED, parent="order",
        shown="margin_rate net promised_on",
        progress="price_steps promised_from supplier reserved_quantity delivered_quantity invoiced_quantity",
        section="section", subtotal="net", inside=_CHOSEN,
    )
    default_sort = "-ordered_on"
    sorts = ("ordered_on", "total")
    views = {
        "open": (_("To be delivered"), "f.status=confirmed&sort=promised_on"),
        "costs": (
            _("Cost changed"),
            "f.status=draft,confirmed&f.margin_change=!0&sort=margin_change&columns=number,customer,status,net,margin,margin_change,owner",
        ),
        "late": (_("Late"), "f.status=confirmed&f.promised_on=past&sort=promised_on"),
        "held": (_("On hold"), HELD),
        "settlement": (
            _("Settlement"),
            "f.status=confirmed,done&sort=-ordered_on&columns=number,customer,status,ordered_on,total,billed_amount,paid_amount,unpaid_amount,channel,owner",
        ),
    }
    title = "number"
    subtitle = ("customer", "contact", "owner")
    facts = ("total", "margin", "margin_rate")
    totals = ("margin", "margin_rate", "net", "tax", "total")
    operations = (
        "mail_order", "change_order", "promise_order", "release_order", "ask_release", "cancel_order", "hold_order", "ask_prepayment",
        "receive_prepayment", reprice_order.key, have_supplier_ship.key, supplier_shipped.key, ship_ourselves.key,
    )
    hidden_operations = _TAKEN
    calendar = Calendar(("promised_on", "ordered_on", "requested_on"), moves={"promised_on": "promise_order"})
    funnel = ("draft", "confirmed", "done")
    regions = ("customer__region", "customer__country")
    complete = complete_orders
    narrowed = {"contact": "customer:party"}
    primary = ("confirm_order", "ask_release", "release_order", "create_delivery", "supplier_shipped", "invoice_order")
    proposals = {
        "create_delivery": rest_to_deliver, "deliver_order": rest_to_deliver, "promise_order": day_promised, "hold_order": why_held,
        "ask_prepayment": prepayment_wanted, "receive_prepayment": money_wanted,
        "change_order": lines_as_they_are, "supplier_shipped": left_with_suppliers,
    }


class OrderLineScreen(Screen):
    model = OrderLine
    path = "sales/order-lines"
    icon = "list-details"
    teaches = _("What was ordered, product by product: for questions such as which product lines sell in which month.")
    menu = ("sales", 25)
    columns = (
        "order__ordered_on", "order", "order__customer", "order__status", "product", "product__category", "quantity", "net_amount", "margin_rate",
    )
    filters = ("order__ordered_on", "order__customer", "order__status", "product", "product__category", "order__owner", "order__channel")
    default_sort = "-id"
    title = "order"
    subtitle = ("product",)
    sections = {_("Order line"): ("order", "product", "description", "quantity", "unit", "unit_price", "discount", "net_amount")}
    may_create = False
    may_edit = False


class OrderChangeScreen(Screen):
    model = OrderChange
    path = "sales/order-changes"
    icon = "versions"
    teaches = _("What was changed in confirmed orders: by whom, when, why, and what the order came to before and after.")
    columns = ("order", "edition", "at", "member", "changes", "former_total", "total", "reason")
    filters = ("order", "at", "member", "total")
    default_sort = "-id"
    title = "edition"
    sections = {_("Order change"): ("order", "edition", "at", "member", "changes", "former_total", "total", "reason")}
    value_templates = {"changes": "components/order_changes.html"}
    may_create = False
    may_edit = False
