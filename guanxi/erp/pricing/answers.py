"""What the database is asked for the prices of documents: each question once for all of them together, and only when it is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast

from guanxi.erp.finance.queries import company_currency, exchange_rates
from guanxi.erp.inventory.queries import average_costs
from guanxi.erp.pricing.models import Promotion, PromotionItem, SalesPolicy
from guanxi.kernel.database.known import known
from guanxi.kernel.values import Translated, TranslatedField
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product
from guanxi.shared.parties.models import Channel, Party

if TYPE_CHECKING:
    from guanxi.erp.pricing.engine import PriceRequest

_FOR = ("tier", "channel_id", "region_id", "_has_customers", "_customers", "_there")
_COMMON = (
    "pk", "code", "name", "priority", "min_quantity", "min_amount", "currency", "category_id", "_has_products", "_in_category", "_chosen", "share",
    *_FOR,
)
_POLICY = ("effect", "formula", "cost_basis", "markup", "payment_term_id", "payment_term__name")
_PROMOTION = ("kind", "amount", "bundle_price", "is_repeated", "is_by_coupon", "is_exclusive", "budget", "used")
_COUNTS: dict[type, str] = {SalesPolicy: "published", Promotion: "running"}
LEVELS = 4
"""So deep may regions and product categories be nested for a rule of an upper one to hold below it."""
Ids = list[int]


@dataclass(frozen=True)
class Listed:
    """One list that counts for somebody on the day: for whom, and how its prices are read."""

    pk: int
    code: str
    name: Translated
    currency: str
    has_tax: bool
    is_converted: bool
    formula: str
    rounding: str
    tier: str
    channel_id: int | None
    priority: int
    valid_from: date | None
    customers: Sequence[int] | None
    """Those asked about whom it names; None when it names nobody at all."""

    @property
    def facts(self) -> dict[str, Any]:
        return {"rule": f"catalog.pricelist:{self.pk}", "code": self.code, "name": self.name}


class Answers:
    """For documents that are priced on the same day."""

    def __init__(self, requests: Sequence[PriceRequest]):
        if len({one.on for one in requests}) != 1:
            raise ValueError("prices are asked for together for documents of one day")
        self.requests, self.on = requests, requests[0].on
        self._rates: dict[str, Mapping[str, Decimal]] = {}
        self._costs: dict[int, Mapping[int, Decimal]] = {}

    @cached_property
    def _audience(self) -> tuple[Ids, list[str], Ids]:
        """Customers, tiers and channels asked about."""
        return (
            sorted({one.customer.pk for one in self.requests}), sorted({"", *(one.customer.tier for one in self.requests)}),
            sorted({one.channel_id or 0 for one in self.requests}),
        )

    @cached_property
    def _products(self) -> Ids:
        return sorted({line.product.pk for one in self.requests for line in one.lines})

    @cached_property
    def _lists(self) -> list[Listed]:
        found = _lists(*self._audience, sorted({one.currency for one in self.requests}), self.on)
        return [Listed(*row[:-2], *(row[-1:] if row[-2] else (None,))) for row in found]

    def lists_for(self, customer_id: int, tier: str, channel_id: int, currency: str) -> list[Listed]:
        """The nearest audience first: customer, tier, channel, everybody; then the priority, the document's currency, the later beginning."""
        mine = [
            one for one in self._lists
            if one.tier in ("", tier) and one.channel_id in (None, channel_id) and (one.currency == currency or one.is_converted)
            and (one.customers is None or customer_id in one.customers)
        ]
        return sorted(mine, key=lambda one: (
            one.customers is None, one.tier == "", one.channel_id is None, -one.priority, one.currency != currency,
            -(one.valid_from or date.min).toordinal(), -one.pk,
        ))

    @cached_property
    def listed_prices(self) -> Mapping[tuple[int, int], list[tuple[Decimal, Decimal]]]:
        """By list and product: from which quantity which price, the largest quantity first."""
        found: dict[tuple[int, int], list[tuple[Decimal, Decimal]]] = defaultdict(list)
        if self._lists:
            for list_id, product_id, least, price in _items([one.pk for one in self._lists], self._products, self.on):
                found[list_id, product_id].append((least, price))
        return found

    @cached_property
    def _rules(self) -> list[dict[str, Any]]:
        rows = _rules(*self._audience, self._products, self.on)
        return [dict(zip((*_COMMON, *_POLICY, *_PROMOTION), row, strict=True)) for row in rows]

    def rules_for(self, customer_id: int, tier: str, channel_id: int) -> list[SimpleNamespace]:
        """The policies and promotions for a customer, the one that comes first first, with those of the products that each is for."""
        return [
            SimpleNamespace(**one) for one in self._rules
            if one["tier"] in ("", tier) and one["channel_id"] in (None, channel_id)
            and (one["region_id"] is None or customer_id in one["_there"])
            and (not one["_has_customers"] or customer_id in one["_customers"])
        ]

    @cached_property
    def _promoted(self) -> Mapping[int, list[PromotionItem]]:
        found: dict[int, list[PromotionItem]] = defaultdict(list)
        for item in _promoted([one["pk"] for one in self._rules if one["kind"] in ("bundle", "gift")]):
            found[item.promotion_id].append(item)
        return found

    def items_of(self, promotion: Any) -> list[PromotionItem]:
        """The goods of a bundle, or those given free of charge."""
        return self._promoted.get(promotion.pk, []) if promotion.kind in ("bundle", "gift") else []

    @cached_property
    def base_currency(self) -> str:
        """Of the products' list prices: the default legal entity's."""
        return company_currency()

    def rates_into(self, currency: str) -> Mapping[str, Decimal]:
        """What one unit of each other currency is worth in this one."""
        if currency not in self._rates:
            sources = {one.currency for one in self._lists}
            for one in self.requests:
                sources |= {one.base_currency or self.base_currency, one.entity_currency or one.currency}
            self._rates[currency] = exchange_rates(sources, currency, self.on)
        return self._rates[currency]

    def costs_in(self, entity_id: int) -> Mapping[int, Decimal]:
        """What the stock of a legal entity costs on average, by product."""
        if entity_id not in self._costs:
            self._costs[entity_id] = average_costs(self._products, entity_id)
        return self._costs[entity_id]

    @cached_property
    def channel_codes(self) -> Mapping[int, str]:
        return dict(_channels(self._audience[2]))


@known
def _channels(channel_ids: Ids) -> Any:
    return Channel.objects.filter(pk__any=channel_ids).values_list("pk", "code")


@known
def _lists(customer_ids: Ids, tiers: list[str], channel_ids: Ids, currencies: list[str], on: date) -> Any:
    named = PriceList.customers.through.objects.filter(pricelist_id=OuterRef("pk"))
    mine = named.filter(party_id__any=customer_ids)
    rows = PriceList.objects.filter(
        valid_on(on), Q(channel=None) | Q(channel_id__any=channel_ids), Q(currency__any=currencies) | Q(is_converted=True),
        ~Exists(named) | Exists(mine), tier__any=tiers, archived_at__isnull=True,
    ).annotate(has_named=Exists(named), named=ArraySubquery(mine.values("party_id")))
    return rows.values_list(
        "pk", "code", "name", "currency", "has_tax", "is_converted", "formula", "rounding", "tier", "channel_id", "priority", "valid_from",
        "has_named", "named",
    )


@known
def _items(list_ids: Ids, product_ids: Ids, on: date) -> Any:
    rows = PriceListItem.objects.filter(valid_on(on), price_list_id__any=list_ids, product_id__any=product_ids)
    return rows.order_by("-min_quantity").values_list("price_list_id", "product_id", "min_quantity", "price")


def valid_on(on: date) -> Q:
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=on)) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))


@known
def _rules(customer_ids: Ids, tiers: list[str], channel_ids: Ids, product_ids: Ids, on: date) -> Any:
    """One question for policies and promotions; what only the other kind has is null."""
    given = (customer_ids, tiers, channel_ids, product_ids, on)
    policies, promotions = _rows(SalesPolicy, *given), _rows(Promotion, *given)
    rows = policies.values_list(*_COMMON, *_POLICY, *(_nothing(Promotion, name) for name in _PROMOTION)).union(
        promotions.values_list(*_COMMON, *(_nothing(SalesPolicy, name) for name in _POLICY), *_PROMOTION), all=True
    )
    return rows.order_by("-priority", "code")


def _nothing(model: Any, name: str) -> Any:
    target = model._meta.get_field(name.removesuffix("__name").removesuffix("_id"))
    kind = TranslatedField() if name.endswith("__name") else BigIntegerField() if target.is_relation else target.clone()
    return Cast(Value(None), output_field=kind)


def _rows(model: Any, customer_ids: Ids, tiers: list[str], channel_ids: Ids, product_ids: Ids, on: date) -> Any:
    mine = {f"{model._meta.model_name}_id": OuterRef("pk")}
    named, chosen = model.customers.through.objects.filter(**mine), model.products.through.objects.filter(**mine)
    among = named.filter(party_id__any=customer_ids)
    there = Party.objects.filter(_within("region"), pk__any=customer_ids)
    in_category = Product.objects.filter(_within("category"), pk__any=product_ids)
    return model.objects.filter(
        valid_on(on), Q(channel=None) | Q(channel_id__any=channel_ids), Q(region=None) | Exists(there), ~Exists(named) | Exists(among),
        tier__any=tiers, status=_COUNTS[model],
    ).annotate(
        _has_customers=Exists(named), _customers=ArraySubquery(among.values("party_id")), _there=ArraySubquery(there.values("pk")),
        _has_products=Exists(chosen), _in_category=ArraySubquery(in_category.values("pk")),
        _chosen=ArraySubquery(chosen.filter(product_id__any=product_ids).values("product_id")),
    )


def _within(tree: str) -> Q:
    """Of the rule's region or category, or of one that is part of it."""
    paths = (f"{tree}{'__parent' * level}" for level in range(LEVELS))
    found = Q()
    for path in paths:
        found |= Q(**{path: OuterRef(f"{tree}_id")})
    return found


@known
def _promoted(promotion_ids: Ids) -> Any:
    return PromotionItem.objects.filter(promotion_id__any=promotion_ids).select_related("product__unit").order_by("pk")
