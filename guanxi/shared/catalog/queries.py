"""Questions about prices, costs and units, each answered for many products at once."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.models import Entity
from guanxi.kernel.database.known import known
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product, ProductUnit, Substitute, Tax, Unit
from guanxi.shared.parties.models import Party

ONE = Decimal(1)


def prices_for(
    customer: Party, wanted: Sequence[tuple[Product, Decimal]], *, on: date, currency: str, base_currency: str | None = None
) -> list[Decimal | None]:
    """The price of one base unit, without tax, for each (product, quantity in base units); two queries at most.

    Of the lists in that currency and valid on that day, those that name the customer come first, then those for the
    customer's tier, then those for everybody; within these the higher priority, then the later beginning. The first list
    with a price for the quantity counts, and in it the one for the largest quantity reached. Without any, the list price
    counts if it is in that currency (`base_currency`, or the default entity's), and there is no price (None) otherwise.
    """
    found: dict[int, list[tuple[Decimal, Decimal]]] = {}
    for product_id, least, price in _items(customer.pk, customer.tier, sorted({product.pk for product, _quantity in wanted}), on, currency):
        found.setdefault(product_id, []).append((least, price))
    prices = [next((price for least, price in found.get(product.pk, ()) if least <= quantity), None) for product, quantity in wanted]
    if None in prices:
        base_currency = base_currency or Entity.objects.filter(is_default=True).values_list("currency", flat=True).get()
    return [
        price if price is not None else (product.list_price if currency == base_currency else None)
        for price, (product, _quantity) in zip(prices, wanted, strict=True)
    ]


@known
def _items(customer_id: int, tier: str, product_ids: list[int], on: date, currency: str) -> Any:
    """(product, from quantity, price), the one to be taken first first."""
    listed = PriceList.customers.through.objects.filter(pricelist_id=OuterRef("price_list_id"))
    rows = PriceListItem.objects.filter(
        _valid("", on), _valid("price_list__", on), Q(price_list__tier="") | Q(price_list__tier=tier),
        product_id__any=product_ids, price_list__currency=currency, price_list__archived_at__isnull=True,
    ).annotate(named=Exists(listed.filter(party_id=customer_id)))
    rows = rows.filter(Q(named=True) | ~Exists(listed))
    return rows.order_by(
        "-named", "-price_list__tier", "-price_list__priority", F("price_list__valid_from").desc(nulls_last=True), "-price_list_id",
        "-min_quantity",
    ).values_list("product_id", "min_quantity", "price")


def _valid(prefix: str, on: date) -> Q:
    first, last = f"{prefix}valid_from", f"{prefix}valid_until"
    return (Q(**{f"{first}__isnull": True}) | Q(**{f"{first}__lte": on})) & (Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": on}))


def factors_of(product_ids: Iterable[int]) -> dict[tuple[int, int], Decimal]:
    """Base units in each other unit, by (product, unit), in one query."""
    rows = ProductUnit.objects.filter(product_id__in=list(product_ids)).values_list("product_id", "unit_id", "factor")
    return {(product_id, unit_id): factor for product_id, unit_id, factor in rows}


def factor_of(product: Product, unit: Unit) -> Decimal:
    """Base units in one `unit` of the product; Refused when it is not traded in that unit."""
    if unit.pk == product.unit_id:
        return ONE
    factor = factors_of([product.pk]).get((product.pk, unit.pk))
    if factor is None:
        raise Refused(
            _("%(product)s is not traded by the %(unit)s; add the unit to the product first.") % {"product": product, "unit": unit}
        )
    return factor


def taxes_in_place(entity_ids: Iterable[int]) -> dict[tuple[int, int], Tax]:
    """The taxes that legal entities take in place of those of the products, by (entity, the product's tax)."""
    rows = Tax.objects.filter(entity_id__in=list(entity_ids), stands_for__isnull=False, archived_at__isnull=True)
    return {(row.entity_id, row.stands_for_id): row for row in rows if row.entity_id and row.stands_for_id}


def costs_of(products: Iterable[Product]) -> dict[int, Decimal]:
    """What one base unit is expected to cost, by product."""
    return {product.pk: product.standard_cost for product in products}


def substitutes_of(product_ids: Iterable[int]) -> dict[int, list[Substitute]]:
    """What may replace each product, in order; archived ones are left out."""
    found: dict[int, list[Substitute]] = {}
    rows = Substitute.objects.filter(product__in=list(product_ids), substitute__archived_at__isnull=True)
    for row in rows.select_related("substitute__unit").order_by("position", "pk"):
        found.setdefault(row.product_id, []).append(row)
    return found
