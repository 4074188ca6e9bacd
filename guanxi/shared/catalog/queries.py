"""Questions about costs, units and taxes, each answered for many products at once."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Refused
from guanxi.shared.catalog.formulas import price_formula, refuse_formula
from guanxi.shared.catalog.models import Product, ProductUnit, Substitute, Tax, Unit

__all__ = [
    "costs_of", "factor_of", "factors_of", "price_formula", "refuse_formula", "substitutes_of", "taxes_in_place",
]
ONE = Decimal(1)


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
