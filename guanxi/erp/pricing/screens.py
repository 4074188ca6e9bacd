"""How policies, promotions and coupons are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.pricing.completion import complete_coupons, complete_policies, complete_promotions
from guanxi.erp.pricing.models import Coupon, PolicyReading, Promotion, PromotionItem, PromotionUse, SalesPolicy
from guanxi.kernel.screens.screen import Calendar, Lines, Screen

_FOR_WHOM = ("tier", "channel", "region", "customers")
_FOR_WHAT = ("category", "products", "min_quantity", "min_amount", "currency")


class SalesPolicyScreen(Screen):
    model = SalesPolicy
    path = "pricing/policies"
    icon = "report"
    teaches = _("Rules of selling with their text: published, they are read by those who sell, and applied to prices.")
    menu = ("prices", 20)
    columns = ("code", "name", "status", "effect", "share", "tier", "channel", "region", "valid_from", "valid_until", "published_on")
    filters = ("status", "effect", "tier", "channel", "region", "category", "valid_from", "valid_until", "published_on")
    search = ("code", "name")
    default_sort = "code"
    subtitle = ("code", "effect")
    sections = {
        _("Text"): ("text",),
        _("Sales policy"): ("code", "name", "valid_from", "valid_until", "published_on"),
        _("Effect"): ("effect", "share", "formula", "cost_basis", "markup", "payment_term", "priority"),
        _("For whom"): _FOR_WHOM,
        _("For what"): _FOR_WHAT,
        _("Readers"): ("readers",),
    }
    shown_when = {
        "share": "effect:discount,rebate", "formula": "effect:formula", "cost_basis": "effect:cost_plus", "markup": "effect:cost_plus",
        "payment_term": "effect:payment_term",
    }
    views = {"published": (_("Published"), "f.status=published")}
    calendar = Calendar(("valid_from", "valid_until"), until={"valid_from": "valid_until"})
    record_template = "pages/sales_policy.html"
    primary = ("read_policy", "publish_policy")
    complete = complete_policies


class PolicyReadingScreen(Screen):
    model = PolicyReading
    path = "pricing/policy-readings"
    icon = "file-check"
    columns = ("policy", "member", "read_at")
    filters = ("policy", "member", "read_at")
    default_sort = "-read_at"
    title = "member"
    subtitle = ("policy",)
    sections = {_("Read receipt"): ("policy", "member", "read_at")}
    may_create = False
    may_edit = False


class PromotionScreen(Screen):
    model = Promotion
    path = "pricing/promotions"
    icon = "discount"
    teaches = _("Less to pay, or a gift, for a while and as long as the budget lasts; with a coupon or without.")
    menu = ("prices", 30)
    columns = ("code", "name", "status", "kind", "share", "valid_from", "valid_until", "budget", "used", "priority")
    filters = ("status", "kind", "tier", "channel", "region", "category", "valid_from", "valid_until", "is_by_coupon", "is_exclusive")
    search = ("code", "name")
    default_sort = "code"
    subtitle = ("code", "kind")
    facts = ("budget", "used", "left")
    # Where one budget is left open, what the others come to is no limit.
    unsummed = ("budget", "used")
    sections = {
        _("Promotion"): ("code", "name", "text", "valid_from", "valid_until"),
        _("What it gives"): ("kind", "share", "amount", "bundle_price", "is_repeated"),
        _("How it counts"): ("priority", "is_exclusive", "is_by_coupon", "budget", "used", "left"),
        _("For whom"): _FOR_WHOM,
        _("For what"): _FOR_WHAT,
    }
    lines = Lines(PromotionItem, "product quantity", parent="promotion", required=False)
    shown_when = {
        "share": "kind:percent", "amount": "kind:amount", "bundle_price": "kind:bundle", "is_repeated": "kind:bundle,gift",
        "lines": "kind:bundle,gift",
    }
    views = {"running": (_("Running"), "f.status=running")}
    calendar = Calendar(("valid_from", "valid_until"), until={"valid_from": "valid_until"})
    primary = ("start_promotion",)
    complete = complete_promotions


class CouponScreen(Screen):
    model = Coupon
    path = "pricing/coupons"
    icon = "ticket"
    teaches = _("Codes that open a promotion, each so many times.")
    menu = ("prices", 35)
    columns = ("code", "promotion", "customer", "max_uses", "used_count", "valid_until")
    filters = ("promotion", "customer", "max_uses", "used_count", "valid_until", "archived_at")
    search = ("code",)
    default_sort = "code"
    subtitle = ("promotion",)
    facts = ("used_count", "max_uses")
    sections = {_("Coupon"): ("code", "promotion", "customer", "max_uses", "valid_until")}
    complete = complete_coupons


class PromotionUseScreen(Screen):
    model = PromotionUse
    path = "pricing/promotion-uses"
    icon = "receipt-refund"
    columns = ("promotion", "source", "coupon", "amount", "used_at", "given_back_at")
    filters = ("promotion", "coupon", "amount", "used_at", "given_back_at")
    default_sort = "-used_at"
    title = "promotion"
    sections = {_("Use of a promotion"): ("promotion", "source", "coupon", "amount", "used_at", "given_back_at")}
    may_create = False
    may_edit = False
