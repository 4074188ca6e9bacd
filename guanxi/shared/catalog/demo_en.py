"""What Harbour & Vale trades in: coffee, tea, and what a café brews and serves them with."""

from decimal import Decimal

from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Category, PriceList, PriceListItem, Product, Tax, Unit
from guanxi.shared.demo import Demo

CATEGORIES = (
    ("COFFEE", "Coffee"), ("TEA", "Tea"), ("MACHINE", "Espresso machines"), ("GRINDER", "Grinders"), ("TABLE", "Cups and tableware"),
    ("CARE", "Cleaning and care"), ("SERVICE", "Services"),
)
# code, category, name, specification, unit, price, cost; what is eaten and drunk is free of tax in Britain
PRODUCTS = (
    ("CF-HOUSE", "COFFEE", "House blend, whole bean", "Medium roast, 1 kg", "bag", "14.80", "9.10"),
    ("CF-DARK", "COFFEE", "Quayside dark roast", "Dark roast, 1 kg", "bag", "15.60", "9.70"),
    ("CF-DECAF", "COFFEE", "Decaf, water process", "Medium roast, 1 kg", "bag", "18.40", "12.30"),
    ("CF-SINGLE", "COFFEE", "Single estate Huila", "Light roast, 1 kg", "bag", "24.50", "16.90"),
    ("TE-BREAK", "TEA", "Breakfast tea", "Loose leaf, 1 kg", "bag", "21.00", "12.60"),
    ("TE-EARL", "TEA", "Earl Grey", "Loose leaf, 1 kg", "bag", "23.50", "14.20"),
    ("EM-ONE", "MACHINE", "Espresso machine Vale One", "One group, 230 V", "pc", "1890", "1340"),
    ("EM-TWO", "MACHINE", "Espresso machine Vale Two", "Two groups, 230 V", "pc", "3480", "2560"),
    ("GR-64", "GRINDER", "Grinder G64", "Flat burrs 64 mm", "pc", "540", "372"),
    ("GR-83", "GRINDER", "Grinder G83", "Flat burrs 83 mm", "pc", "890", "631"),
    ("CUP-90", "TABLE", "Espresso cup, white", "90 ml, box of 12", "box", "31.20", "18.40"),
    ("CUP-220", "TABLE", "Cappuccino cup, white", "220 ml, box of 12", "box", "42.60", "25.90"),
    ("CL-TABS", "CARE", "Cleaning tablets", "Tub of 100", "pack", "18.90", "10.80"),
    ("DESCALER", "CARE", "Descaler", "5 litres", "pack", "26.40", "16.10"),
    ("INSTALL", "SERVICE", "Installation and barista training", "Half a day on site", "time", "240", "0"),
)
FOOD = ("COFFEE", "TEA")
# The taxes of the company on the Continent, each in place of one of the default company's.
ABROAD = (("NL21", "VAT 21% (Netherlands)", "0.21", "TAX20"), ("NL9", "VAT 9% (Netherlands)", "0.09", "TAX0"))
EURO = Decimal("1.20")


def prepare(demo: Demo) -> None:
    """Categories, products, the taxes of both legal entities, and a price list for each currency."""
    admin = demo.acting(demo.company.administrator, demo.first_on)
    units = {unit.code: unit for unit in Unit.objects.all()}
    continent = Entity.objects.get(is_default=False)
    for code, name, rate, other in ABROAD:
        values = {"code": code, "name": {"en": name}, "rate": rate, "entity": continent, "stands_for": Tax.objects.get(code=other)}
        create_record(Tax, values, actor=admin)
    categories = {code: create_record(Category, {"code": code, "name": {"en": name}}, actor=admin).result for code, name in CATEGORIES}
    products = [
        create_record(
            Product,
            {
                "code": code, "category": categories[category], "name": {"en": name}, "specification": text, "unit": units[unit],
                "list_price": price, "standard_cost": cost, "kind": "service" if category == "SERVICE" else "goods",
                "tax": "TAX0" if category in FOOD else "TAX20", "reorder_level": "0" if category in ("SERVICE", "MACHINE") else "40",
            },
            actor=admin,
        ).result
        for code, category, name, text, unit, price, cost in PRODUCTS
    ]
    demo.made["products"] = {product.code: product for product in products}
    _price(demo, admin, "TRADE-A", "Trade prices, tier A", "GBP", Decimal("0.93"), tier="A")
    _price(demo, admin, "EURO", "Prices in euro", "EUR", EURO)


def _price(demo: Demo, admin, code: str, name: str, currency: str, factor: Decimal, tier: str = "") -> None:
    values = {"code": code, "name": {"en": name}, "currency": currency, "tier": tier, "priority": 10, "valid_from": demo.first_on}
    prices = create_record(PriceList, values, actor=admin).result
    for product in demo.made["products"].values():
        price = (product.list_price * factor).quantize(Decimal("0.1"))
        create_record(PriceListItem, {"price_list": prices.pk, "product": product, "min_quantity": "1", "price": price}, actor=admin)
