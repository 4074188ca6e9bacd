"""Under a list nothing is summed that is unlike, or whose sum says nothing (M20.2)."""

from __future__ import annotations

from decimal import Decimal

from guanxi.erp.pricing.models import Promotion
from guanxi.erp.pricing.screens import PromotionScreen
from guanxi.erp.sales.operations import WantedLine, place_order
from guanxi.erp.sales.screens import OrderLineScreen
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product
from guanxi.shared.catalog.screens import PriceListItemScreen

D = Decimal


def sums(screen, actor) -> list[tuple[str, Decimal]]:
    return [(cell.column.name, cell.value) for cell in ListQuery(screen, actor, {}).sums()]


def test_quantities_are_summed_while_all_are_of_one_unit(trade):
    wanted = [WantedLine(product=trade.screw, quantity=D(2)), WantedLine(product=trade.nut, quantity=D(3))]
    place_order(trade.customer, actor=trade.actor, lines=wanted)
    assert sums(OrderLineScreen, trade.actor) == [("quantity", D(5)), ("net_amount", D("26.00"))]
    oil = create_record(Product, {"code": "OIL", "name": "Oil", "unit": "kg", "tax": "VAT13", "list_price": "4"}, actor=trade.actor).result
    place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=oil, quantity=D(1))])
    assert sums(OrderLineScreen, trade.actor) == [("net_amount", D("30.00"))]


def test_budgets_of_promotions_and_least_quantities_of_prices_are_not_summed(trade):
    for code, currency in (("A", "CNY"), ("B", "EUR")):
        given = {"code": code, "name": code, "kind": "percent", "share": "5%", "budget": "100", "currency": currency}
        create_record(Promotion, given, actor=trade.actor)
    assert Promotion.objects.count() == 2 and sums(PromotionScreen, trade.actor) == []
    listed = create_record(PriceList, {"code": "L", "name": "List", "currency": "CNY"}, actor=trade.actor).result
    for least in ("1", "10"):
        given = {"price_list": listed.pk, "product": trade.screw.pk, "min_quantity": least, "price": "9"}
        create_record(PriceListItem, given, actor=trade.actor, by_id=True)
    assert PriceListItem.objects.count() == 2 and sums(PriceListItemScreen, trade.actor) == []
