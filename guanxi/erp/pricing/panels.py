"""Receipts on the page of a policy; coupons and uses on that of a promotion."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.erp.pricing.models import Coupon, PolicyReading, Promotion, PromotionUse, SalesPolicy
from guanxi.erp.pricing.screens import CouponScreen, PolicyReadingScreen, PromotionUseScreen
from guanxi.kernel.screens.panels import Panel, panel


@panel(SalesPolicy, _("Read receipts"), order=10, key="receipts")
def receipts_of_policy(policy: SalesPolicy, actor: Any) -> Panel:
    return Panel(PolicyReadingScreen, PolicyReading.objects.filter(policy=policy), columns=("member", "read_at"), sort="read_at")


@panel(Promotion, _("Coupons"), order=10, key="coupons")
def coupons_of_promotion(promotion: Promotion, actor: Any) -> Panel:
    columns = ("code", "customer", "max_uses", "used_count", "valid_until")
    return Panel(CouponScreen, Coupon.objects.filter(promotion=promotion), columns, new={"promotion": promotion.pk})


@panel(Promotion, _("Used by"), order=20, key="uses")
def uses_of_promotion(promotion: Promotion, actor: Any) -> Panel:
    columns = ("source", "coupon", "amount", "used_at", "given_back_at")
    return Panel(PromotionUseScreen, PromotionUse.objects.filter(promotion=promotion), columns, sort="-used_at")
