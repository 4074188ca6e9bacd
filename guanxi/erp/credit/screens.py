"""How credit policies are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.credit.models import CreditPolicy
from guanxi.kernel.screens.screen import Screen


class CreditPolicyScreen(Screen):
    model = CreditPolicy
    path = "setup/credit-policies"
    icon = "credit-card"
    teaches = _("What is asked of a customer's credit at each step from the offer to the shipment, by tier. Without one nothing is asked.")
    menu = ("setup", 42)
    columns = ("name", "tier", "at_quotation", "at_order", "at_release", "at_shipment", "days_overdue", "tolerance", "prepaid_share", "is_active")
    filters = ("tier", "is_active", "at_order", "at_shipment")
    default_sort = "tier"
    title = "name"
    subtitle = ("tier",)
    sections = {
        _("Policy"): ("name", "tier", "is_active"),
        _("What is done when the limit is passed or invoices are late"): ("at_quotation", "at_order", "at_release", "at_shipment"),
        _("What is tolerated and asked"): ("tolerance", "days_overdue", "prepaid_share"),
    }
