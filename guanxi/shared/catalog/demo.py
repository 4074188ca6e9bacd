"""What 华启精密 makes and sells: parts for linear motion."""

from decimal import Decimal

from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import Category, PriceList, PriceListItem, Product, Unit
from guanxi.shared.demo import Demo

CATEGORIES = (
    ("SCREW", "滚珠丝杠", "Ball screws"), ("GUIDE", "直线导轨", "Linear guides"), ("SUPPORT", "支撑单元", "Support units"),
    ("COUPLING", "联轴器", "Couplings"), ("BEARING", "轴承", "Bearings"), ("MODULE", "直线模组", "Linear modules"),
    ("CARE", "润滑与保养", "Lubrication and care"), ("SERVICE", "服务", "Services"),
)
# code, category, Chinese, English, specification, unit, price, cost
PRODUCTS = (
    ("SFU1605", "SCREW", "滚珠丝杠 SFU1605", "Ball screw SFU1605", "Ø16 × 5，L=500", "set", "268", "172"),
    ("SFU2005", "SCREW", "滚珠丝杠 SFU2005", "Ball screw SFU2005", "Ø20 × 5，L=800", "set", "385", "251"),
    ("SFU2510", "SCREW", "滚珠丝杠 SFU2510", "Ball screw SFU2510", "Ø25 × 10，L=1000", "set", "660", "437"),
    ("SFU3210", "SCREW", "滚珠丝杠 SFU3210", "Ball screw SFU3210", "Ø32 × 10，L=1200", "set", "980", "668"),
    ("SFU4010", "SCREW", "滚珠丝杠 SFU4010", "Ball screw SFU4010", "Ø40 × 10，L=1500", "set", "1560", "1098"),
    ("HGR15", "GUIDE", "直线导轨 HGR15", "Linear guide HGR15", "L=1000", "pc", "156", "98"),
    ("HGR20", "GUIDE", "直线导轨 HGR20", "Linear guide HGR20", "L=1000", "pc", "208", "134"),
    ("HGR25", "GUIDE", "直线导轨 HGR25", "Linear guide HGR25", "L=1500", "pc", "352", "231"),
    ("HGH20CA", "GUIDE", "滑块 HGH20CA", "Carriage HGH20CA", "方形", "pc", "118", "71"),
    ("HGH25CA", "GUIDE", "滑块 HGH25CA", "Carriage HGH25CA", "方形", "pc", "152", "96"),
    ("BK12", "SUPPORT", "支撑座 BK12", "Support unit BK12", "固定侧", "pc", "36", "19.5"),
    ("BF12", "SUPPORT", "支撑座 BF12", "Support unit BF12", "支撑侧", "pc", "28", "15.2"),
    ("BK20", "SUPPORT", "支撑座 BK20", "Support unit BK20", "固定侧", "pc", "48", "27.8"),
    ("BF20", "SUPPORT", "支撑座 BF20", "Support unit BF20", "支撑侧", "pc", "39", "22.1"),
    ("GF25", "COUPLING", "梅花联轴器 GF25", "Jaw coupling GF25", "8 × 10", "pc", "26", "13.6"),
    ("GS40", "COUPLING", "膜片联轴器 GS40", "Disc coupling GS40", "14 × 19", "pc", "88", "52"),
    ("7203C", "BEARING", "角接触轴承 7203C", "Angular contact bearing 7203C", "P5", "pc", "74", "49"),
    ("7205C", "BEARING", "角接触轴承 7205C", "Angular contact bearing 7205C", "P5", "pc", "96", "65"),
    ("KK60", "MODULE", "直线模组 KK60", "Linear module KK60", "行程 300", "set", "2380", "1590"),
    ("KK86", "MODULE", "直线模组 KK86", "Linear module KK86", "行程 500", "set", "3650", "2480"),
    ("LG2", "CARE", "润滑脂 LG2", "Grease LG2", "400 g", "barrel", "320", "248"),
    ("WIPER", "CARE", "刮屑片", "Wiper", "通用", "pc", "6.5", "2.4"),
    ("INSTALL", "SERVICE", "上门安装调试", "Installation on site", "每人天", "day", "1200", "0"),
)
SUPPLY_UNITS = (("barrel", "桶", "barrel"),)


def prepare(demo: Demo) -> None:
    """Categories, products and the price list for the best customers, entered by the sales director."""
    admin = demo.acting(demo.company.administrator, demo.first_on)
    units = {unit.code: unit for unit in Unit.objects.all()}
    for code, zh, en in SUPPLY_UNITS:
        if code not in units:
            units[code] = create_record(Unit, {"code": code, "name": {"zh-hans": zh, "en": en}}, actor=admin).result
    categories = {
        code: create_record(Category, {"code": code, "name": {"zh-hans": zh, "en": en}}, actor=admin).result
        for code, zh, en in CATEGORIES
    }
    products: list[Product] = [
        create_record(
            Product,
            {
                "code": code, "category": categories[category], "name": {"zh-hans": zh, "en": en}, "specification": text,
                "unit": units[unit], "list_price": price, "standard_cost": cost,
                "kind": "service" if category == "SERVICE" else "goods", "tax": "VAT6" if category == "SERVICE" else "VAT13",
                "reorder_level": "0" if category == "SERVICE" else "60",
            },
            actor=admin,
        ).result
        for code, category, zh, en, text, unit, price, cost in PRODUCTS
    ]
    demo.made["products"] = {product.code: product for product in products}
    prices = create_record(
        PriceList,
        {"code": "A-CUSTOMERS", "name": Translated({"zh-hans": "A 类客户价", "en": "Tier A prices"}), "currency": "CNY", "tier": "A",
         "priority": 10, "valid_from": demo.first_on},
        actor=admin,
    ).result
    for product in products:
        if product.kind == "goods":
            price = (product.list_price * Decimal("0.92")).quantize(Decimal("0.1"))
            create_record(
                PriceListItem, {"price_list": prices.pk, "product": product, "min_quantity": "50", "price": price}, actor=admin
            )
