"""Policies are published, read and withdrawn; promotions start and end; coupons are made."""

from __future__ import annotations

from secrets import choice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.pricing import events
from guanxi.erp.pricing.budgets import give_back_promotions, require_coupons, take_more_promotions, take_promotions
from guanxi.erp.pricing.models import Coupon, PolicyReading, Promotion, SalesPolicy
from guanxi.erp.pricing.queries import readers_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused

__all__ = [
    "end_promotion", "give_back_promotions", "make_coupons", "publish_policy", "read_policy", "redraft_policy", "redraft_promotion",
    "require_coupons", "start_promotion", "take_more_promotions", "take_promotions", "withdraw_policy",
]

# Without those that are taken for one another.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
MOST_COUPONS = 1000


@operation(label=gettext_lazy("Publish"), moves=SalesPolicy.lifecycle.to("published"), icon="speakerphone")
def publish_policy(policy: SalesPolicy, *, actor: Actor) -> SalesPolicy:
    """From now on it is applied, and those it is written for are told and asked to read it."""
    if policy.valid_until is not None and policy.valid_until < actor.today:
        raise Refused(_("It is valid until %(day)s only; give it a later day first.") % {"day": full_date(policy.valid_until)})
    PolicyReading.objects.filter(policy=policy).delete()
    PolicyReading.objects.bulk_create([PolicyReading(policy=policy, member_id=one) for one in readers_of(policy) if one != actor.member_id])
    policy.assign(published_on=actor.today)
    publish(events.PolicyPublished(policy.pk), subject=policy)
    return policy


@operation(label=gettext_lazy("Withdraw"), moves=SalesPolicy.lifecycle.to("withdrawn"), icon="archive", tone="danger")
def withdraw_policy(policy: SalesPolicy, *, actor: Actor) -> SalesPolicy:
    """It is applied no more; documents keep the prices that they have."""
    publish(events.PolicyWithdrawn(policy.pk), subject=policy)
    return policy


@operation(label=gettext_lazy("Draft again"), moves=SalesPolicy.lifecycle.to("draft"), icon="pencil")
def redraft_policy(policy: SalesPolicy, *, actor: Actor) -> SalesPolicy:
    """To change it and publish it anew."""
    return policy


@operation(label=gettext_lazy("I have read it"), states=("published",), icon="file-check")
def read_policy(policy: SalesPolicy, *, actor: Actor) -> SalesPolicy:
    """The receipt of a reader; the first time counts."""
    if PolicyReading.objects.filter(policy=policy, member_id=actor.member_id, read_at__isnull=False).exists():
        raise Refused(_("You have said so already."))
    PolicyReading.objects.update_or_create(policy=policy, member_id=actor.member_id, defaults={"read_at": actor.now})
    return policy


@operation(label=gettext_lazy("Start"), moves=Promotion.lifecycle.to("running"), icon="player-play")
def start_promotion(promotion: Promotion, *, actor: Actor) -> Promotion:
    """From now on it counts on its days."""
    if promotion.valid_until is not None and promotion.valid_until < actor.today:
        raise Refused(_("It is valid until %(day)s only; give it a later day first.") % {"day": full_date(promotion.valid_until)})
    if promotion.kind in ("bundle", "gift") and not promotion.items.exists():
        raise Refused(_("Enter the goods of the bundle, or the gifts, first."))
    publish(events.PromotionStarted(promotion.pk), subject=promotion)
    return promotion


@operation(label=gettext_lazy("End"), moves=Promotion.lifecycle.to("ended"), icon="square", tone="danger")
def end_promotion(promotion: Promotion, *, actor: Actor) -> Promotion:
    """It counts no more; orders keep what they were given."""
    publish(events.PromotionEnded(promotion.pk), subject=promotion)
    return promotion


@operation(label=gettext_lazy("Draft again"), moves=Promotion.lifecycle.to("draft"), icon="pencil")
def redraft_promotion(promotion: Promotion, *, actor: Actor) -> Promotion:
    """To change it and start it anew; what was used stays counted."""
    return promotion


@operation(
    label=gettext_lazy("Make coupons"), states=("draft", "running"), icon="ticket",
    unless=lambda promotion: not promotion.is_by_coupon and _("It is given without a coupon."),
    labels={"count": gettext_lazy("How many"), "prefix": gettext_lazy("Begins with"), "max_uses": gettext_lazy("Uses allowed of each")},
)
def make_coupons(promotion: Promotion, *, actor: Actor, count: int, prefix: str = "", max_uses: int = 1) -> Promotion:
    """So many codes that nobody can guess, to be given to customers."""
    if not 1 <= count <= MOST_COUPONS:
        raise Invalid({"count": [_("Between 1 and %(most)s at a time.") % {"most": MOST_COUPONS}]})
    if max_uses < 1:
        raise Invalid({"max_uses": [_("At least one.")]})
    codes: set[str] = set()
    while len(codes) < count:
        codes.add(prefix.strip().upper()[:16] + "".join(choice(_LETTERS) for _place in range(8)))
    drafts = [Draft(n, values={"code": code, "promotion": promotion, "max_uses": max_uses}) for n, code in enumerate(sorted(codes))]
    insert(form_of(Coupon), drafts, actor)
    return promotion
