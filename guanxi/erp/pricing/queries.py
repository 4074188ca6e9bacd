"""What others ask of pricing: prices and their steps; who is to read a policy."""

from __future__ import annotations

from django.db.models import Q

from guanxi.erp.pricing.coupons import codes_of
from guanxi.erp.pricing.engine import AskedLine, PricedLine, PricedLines, PriceRequest, price_documents, price_lines
from guanxi.erp.pricing.models import SalesPolicy
from guanxi.erp.pricing.rules import Gift
from guanxi.erp.pricing.steps import DISCOUNT, PRICE, Step, agreed_quantity, decided, gift_of, is_agreed, promotions_in, said, spent, step
from guanxi.kernel.access.actor import actors_of
from guanxi.kernel.access.models import Member

__all__ = [
    "DISCOUNT", "PRICE", "AskedLine", "Gift", "PriceRequest", "PricedLine", "PricedLines", "Step", "agreed_quantity", "codes_of", "decided",
    "gift_of", "is_agreed", "price_documents", "price_lines", "promotions_in", "readers_of", "said", "spent", "step",
]


def readers_of(policy: SalesPolicy) -> list[int]:
    """Members that a policy is written for and who may see policies: those of its teams and of the teams below, or everyone."""
    inside = Q()
    for path in policy.readers.values_list("path", flat=True):
        inside |= Q(team__path__startswith=path)
    ids = Member.objects.filter(inside, kind="staff", is_active=True).order_by("pk").values_list("pk", flat=True)
    return [one.member_id for one in actors_of(list(ids)) if one.may("view", SalesPolicy)]
