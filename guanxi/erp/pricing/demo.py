"""How 华启精密 prices: a list for a channel, two policies, three promotions, a coupon, and rates for what goes abroad."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.pricing.models import Coupon, Promotion, SalesPolicy
from guanxi.erp.pricing.operations import publish_policy, read_policy, start_promotion
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import change_records, create_record
from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import PriceList, PriceListItem
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

RATES = (("USD", "CNY", "7.12", "7.18"), ("EUR", "CNY", "7.81", "7.95"))
EVERY = {"distributor": 5, "agent": 9, "online": 11}
"""Every so many customers are reached by this channel, the others directly."""
LIST = ("DEALERS", "经销商价", "Distributor prices", "list_price * 0.88", "0.5")
LISTED = (("SFU2510", 20, "575"), ("HGR20", 50, "178"))
READERS = ("销售部",)
POLICIES: tuple[dict[str, Any], ...] = (
    {
        "code": "ZC-01", "name": {"zh-hans": "导轨批量优惠", "en": "Linear guides in quantity"}, "effect": "discount", "share": "4%",
        "category": "GUIDE", "min_quantity": "50",
        "text": {
            "zh-hans": "直线导轨及滑块单次订货合计满 50 件，在执行价基础上优惠 4%。\n\n不同规格可以合并计算；与手工折扣不叠加，手工录入的折扣优先。",
            "en": "For 50 linear guides and carriages or more in one order, 4% off the price.\n\nSizes add up. A discount entered by hand "
            "takes its place.",
        },
    },
    {
        "code": "ZC-02", "name": {"zh-hans": "经销商季度返利", "en": "Quarterly rebate for distributors"}, "effect": "rebate", "share": "2%",
        "channel": "distributor",
        "text": {
            "zh-hans": "经销渠道客户按季度结算返利，比例为不含税销售额的 2%，以折让发票兑现。\n\n返利不计入单价，报价时请勿直接减价。",
            "en": "Distributors get 2% of their sales without tax at the end of each quarter, by credit note.\n\nIt is not in the price: please do "
            "not take it off in a quotation.",
        },
    },
)
PROMOTIONS: tuple[dict[str, Any], ...] = (
    {
        "code": "CX-01", "name": {"zh-hans": "联轴器清仓", "en": "Couplings from stock"}, "kind": "percent", "share": "8%", "category": "COUPLING",
        "budget": "20000", "priority": "10",
        "text": {"zh-hans": "库存联轴器优惠 8%，预算用完为止。", "en": "8% off couplings from stock, as long as the budget lasts."},
    },
    {
        "code": "CX-02", "name": {"zh-hans": "丝杠赠润滑脂", "en": "Grease with ball screws"}, "kind": "gift", "category": "SCREW",
        "min_quantity": "60",
        "lines": [{"product": "LG2", "quantity": "1"}],
        "text": {"zh-hans": "滚珠丝杠每订满 60 套，赠润滑脂一桶。", "en": "A barrel of grease for every 60 ball screws."},
    },
    {
        "code": "CX-03", "name": {"zh-hans": "展会优惠券", "en": "Exhibition coupon"}, "kind": "percent", "share": "5%", "is_by_coupon": True,
        "is_exclusive": True, "priority": "5",
        "text": {
            "zh-hans": "展会上发放，凭券优惠 5%，不与其他促销叠加。", "en": "Given out at the exhibition: 5% off, without other promotions.",
        },
    },
)
COUPON = ("ZHANHUI2026", "CX-03", 50)
BEGUN, ENDING = 75, 45
"""Days before and after today."""


def prepare(demo: Demo) -> None:
    """Channels, rates and the list at the beginning; policies and promotions for the last months."""
    words = demo.words(__name__)
    first, began = demo.first_on, demo.today - timedelta(days=words.BEGUN)
    admin, director = demo.actors[demo.company.administrator].on(first, 9), demo.actors[demo.company.director].on(began, 9)
    for currency, base, *rates in words.RATES:
        for day, rate in zip((first, began), rates, strict=True):
            create_record(ExchangeRate, {"currency": currency, "base": base, "valid_from": day, "rate": rate}, actor=admin)
    _channels(demo.made["customers"], words.EVERY, admin)
    _list(words, admin, first)
    until = demo.today + timedelta(days=words.ENDING)
    for values in words.POLICIES:
        readers = list(Team.objects.filter(name__in=words.READERS).values_list("pk", flat=True))
        given = {**values, "readers": readers, "valid_from": began, "valid_until": until}
        policy = publish_policy(create_record(SalesPolicy, _translated(given), actor=director).result, actor=director)
        # Some have read it, some not yet.
        for seller in demo.company.sellers[:2]:
            read_policy(policy, actor=demo.actors[seller].on(began + timedelta(days=1), 10))
    for values in words.PROMOTIONS:
        given = {**values, "valid_from": began, "valid_until": until}
        start_promotion(create_record(Promotion, _translated(given), actor=director).result, actor=director)
    code, promotion, uses = words.COUPON
    create_record(Coupon, {"code": code, "promotion": promotion, "max_uses": str(uses), "valid_until": until}, actor=director)


def _translated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: Translated(value) if name in ("name", "text") else value for name, value in values.items()}


def _channels(customers: list[Party], every: dict[str, int], admin: Any) -> None:
    places: dict[str, list[int]] = {}
    for number, customer in enumerate(customers, start=1):
        channel = next((code for code, step in every.items() if number % step == 0), "direct")
        places.setdefault(channel, []).append(customer.pk)
    for channel, ids in places.items():
        change_records(Party, ids, {"channel": channel}, actor=admin)
    for customer in customers:
        customer.refresh_from_db()


def _list(words: Any, admin: Any, first: date) -> None:
    code, zh, en, formula, rounding = words.LIST
    values = {
        "code": code, "name": Translated({"zh-hans": zh, "en": en}), "channel": "distributor", "formula": formula, "rounding": rounding,
        "priority": 5, "valid_from": first,
    }
    prices = create_record(PriceList, values, actor=admin).result
    for product, least, price in words.LISTED:
        create_record(
            PriceListItem, {"price_list": prices.pk, "product": product, "min_quantity": str(least), "price": Decimal(price)}, actor=admin
        )
