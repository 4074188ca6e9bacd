"""What confirmed orders take of promotions, counted under lock, and given back when they are cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.erp.pricing.models import Coupon, Promotion, PromotionUse
from guanxi.erp.pricing.steps import PROMOTION, Step
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money

_PREFIX = f"{PROMOTION}:"


def _taken(steps: Iterable[Iterable[Step]]) -> tuple[dict[int, Decimal], dict[int, str]]:
    """What lines took of each promotion, and by which coupon."""
    amounts: dict[int, Decimal] = {}
    codes: dict[int, str] = {}
    for one in (one for line in steps for one in line or ()):
        if str(one.get("rule", "")).startswith(_PREFIX):
            promotion_id = int(one["rule"].removeprefix(_PREFIX))
            amounts[promotion_id] = amounts.get(promotion_id, ZERO) + Decimal(one.get("saving") or 0)
            if one.get("coupon"):
                codes[promotion_id] = one["coupon"]
    return amounts, codes


def take_more_promotions(source: Record, added: Iterable[Iterable[Step]], currency: str, actor: Actor) -> None:
    """What lines added to a confirmed document take beside what it has taken; a coupon that it has used is not used again."""
    amounts, _codes = _taken(added)
    label, row_id = source.ref()
    uses = PromotionUse.objects.filter(source_model=label, source_id=row_id, given_back_at__isnull=True, promotion__in=amounts)
    present = {use.promotion_id: use for use in uses}
    locked = list(Promotion.objects.filter(pk__in=amounts).order_by("pk").select_for_update(no_key=True))
    for promotion in locked:
        if promotion.pk in present and promotion.currency == currency:
            _require_budget(promotion, amounts[promotion.pk], currency)
            Promotion.objects.filter(pk=promotion.pk).updated(used=F("used") + amounts[promotion.pk])
            uses.filter(promotion=promotion).updated(amount=F("amount") + amounts[promotion.pk])
    prefixes = {f"{_PREFIX}{promotion_id}" for promotion_id in present}
    take_promotions(source, ([one for one in line or () if one.get("rule") not in prefixes] for line in added), currency, actor)


def take_promotions(source: Record, steps: Iterable[Iterable[Step]], currency: str, actor: Actor) -> None:
    """Count what the lines' prices took of promotions and coupons; Refused where a budget or a coupon no longer bears it.

    Nothing is asked of an order without a promotion.
    """
    amounts, codes = _taken(steps)
    if not amounts:
        return
    promotions = list(Promotion.objects.filter(pk__in=amounts).order_by("pk").select_for_update(no_key=True))
    coupons = {coupon.code: coupon for coupon in _locked_coupons(set(codes.values()))}
    for promotion in promotions:
        _require_budget(promotion, amounts[promotion.pk], currency)
    for coupon in coupons.values():
        _require_unused(coupon)
        Coupon.objects.filter(pk=coupon.pk).updated(used_count=F("used_count") + 1)
    for promotion in promotions:
        if promotion.currency == currency:
            Promotion.objects.filter(pk=promotion.pk).updated(used=F("used") + amounts[promotion.pk])
    label, row_id = source.ref()
    PromotionUse.objects.bulk_create(
        [
            PromotionUse(
                promotion=promotion, coupon=coupons.get(codes.get(promotion.pk, "")), source_model=label, source_id=row_id,
                amount=amounts[promotion.pk] if promotion.currency == currency else ZERO, used_at=actor.now,
            )
            for promotion in promotions
        ]
    )


def require_coupons(steps: Iterable[Iterable[Step]]) -> None:
    """Refused, before anything is taken, where a coupon that lines took their prices by has been used up meanwhile."""
    _amounts, codes = _taken(steps)
    for coupon in Coupon.objects.filter(code__in=set(codes.values())).order_by("pk") if codes else ():
        _require_unused(coupon)


def _require_unused(coupon: Coupon) -> None:
    if coupon.max_uses is not None and coupon.used_count >= coupon.max_uses:
        words = _("The coupon “%(code)s” has been used meanwhile: in a draft, “Take prices again” drops it and prices without it.")
        raise Refused(words % {"code": coupon.code})


def _require_budget(promotion: Promotion, amount: Decimal, currency: str) -> None:
    if promotion.budget is None or promotion.currency != currency or promotion.used + amount <= promotion.budget:
        return
    raise Refused(
        _("The budget of the promotion “%(name)s” has %(left)s left and this order takes %(amount)s; take the prices again to go on without it.")
        % {
            "name": promotion.name, "left": format_money(max(promotion.budget - promotion.used, ZERO), currency),
            "amount": format_money(amount, currency),
        }
    )


def _locked_coupons(codes: set[str]) -> list[Coupon]:
    return list(Coupon.objects.filter(code__in=codes).order_by("pk").select_for_update(no_key=True)) if codes else []


def give_back_promotions(source: Record, actor: Actor) -> None:
    """What a document took and has not given back yet."""
    label, row_id = source.ref()
    mine = PromotionUse.objects.filter(source_model=label, source_id=row_id, given_back_at__isnull=True)
    uses = list(mine.order_by("promotion_id"))
    if not uses:
        return
    list(Promotion.objects.filter(pk__in={use.promotion_id for use in uses}).order_by("pk").select_for_update(no_key=True))
    _locked_coupons(set(Coupon.objects.filter(pk__in={use.coupon_id for use in uses if use.coupon_id}).values_list("code", flat=True)))
    for use in uses:
        Promotion.objects.filter(pk=use.promotion_id).updated(used=F("used") - use.amount)
        if use.coupon_id:
            Coupon.objects.filter(pk=use.coupon_id, used_count__gt=0).updated(used_count=F("used_count") - 1)
    mine.updated(given_back_at=actor.now)
