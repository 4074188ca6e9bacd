"""How affected lines are seen as a list."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.kernel.screens.screen import Screen


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
        "number", "status", "customer", "product", "reason", "price", "price_now", "margin", "margin_now", "margin_requoted",
    )
    filters = (
        "status", "kind", "reason", "product", "customer", "owner", "document", "margin_change", "rate_now", "cost_change", "product__category",
        "customer__tier", "currency", "decided_by", "decided_at", "seen_on",
    )
    search = ("number", "description", "customer__name")
    default_filters = "f.status=open,held"
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
        _("What changed"): ("reason", "misfit", "price", "price_now", "unit_cost", "cost_now", "cost_change"),
        _("Margin of what is open"): ("margin", "margin_now", "margin_change", "rate_now", "margin_requoted"),
        _("Decision"): ("status", "decided_by", "decided_at", "outcome"),
    }
    primary = ("accept_affected_line", "requote_affected_line", "hold_affected_line")
    may_create = False
    may_edit = False
