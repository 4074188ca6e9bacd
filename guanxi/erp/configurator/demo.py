"""A linear module that is put together by choice, and one that was chosen."""

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import CompatibilityRule, Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.erp.inventory.models import GoodsReceipt, Warehouse
from guanxi.erp.inventory.operations import receive_goods
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Category, Product, Unit
from guanxi.shared.demo import Demo

PRODUCT = "KK86"
FEATURES = (("stroke", "行程", "Stroke"), ("motor", "电机", "Motor"), ("cover", "防护", "Cover"), ("limits", "限位开关", "Limit switches"))
OPTIONS = (
    # feature, code, Chinese, English, surcharge, part of the price, work, usual, component, how many of it, working days
    ("stroke", "s500", "500 mm", "500 mm", "0", "0", "0", True, "", 1, 0),
    ("stroke", "s800", "800 mm", "800 mm", "460", "0", "310", False, "", 1, 4),
    ("stroke", "s1200", "1200 mm", "1200 mm", "980", "0", "690", False, "", 1, 5),
    ("motor", "none", "不带电机", "Without a motor", "0", "0", "0", True, "", 1, 0),
    ("motor", "w400", "伺服 400 W", "Servo 400 W", "1280", "0", "50", False, "SM400", 1, 2),
    ("motor", "w750", "伺服 750 W", "Servo 750 W", "1760", "0", "70", False, "SM750", 1, 2),
    ("cover", "strip", "钢带", "Steel strip", "0", "0", "0", True, "", 1, 0),
    ("cover", "bellows", "风琴罩", "Bellows", "0", "0.06", "140", False, "", 1, 1),
    ("limits", "none", "无", "None", "0", "0", "0", True, "", 1, 0),
    ("limits", "two", "两个", "Two", "120", "0", "16", False, "LS-PNP", 2, 1),
)
COMPONENTS = (
    # code, Chinese, English, category, unit, price, cost, how many lie in each warehouse
    ("SM400", "伺服电机 400 W", "Servo motor 400 W", "MODULE", "pc", "1290", "880", 24),
    ("SM750", "伺服电机 750 W", "Servo motor 750 W", "MODULE", "pc", "1780", "1220", 12),
    ("LS-PNP", "限位开关 PNP", "Limit switch PNP", "MODULE", "pc", "46", "24", 80),
)
RULES = (
    (
        "行程 1200 mm 需配 750 W 电机或不带电机。", "A stroke of 1200 mm takes the 750 W motor, or none.",
        'stroke = "s1200"', 'motor = "w750" or motor = "none"',
    ),
    ("带电机时必须装限位开关。", "With a motor, limit switches are needed.", 'motor <> "none"', 'limits = "two"'),
)
CHOSEN = ("s800", "w400", "strip", "two")
NAME = "装配线移载轴"


def _named(zh: str, en: str) -> dict[str, str]:
    return {"zh-hans": zh, "en": en} if zh else {"en": en}


def prepare(demo: Demo) -> None:
    """The model with its rules by the administrator, a choice by the first salesperson."""
    words = demo.words(__name__)
    admin = demo.acting(demo.company.administrator, demo.first_on)
    for place, (code, zh, en) in enumerate(words.FEATURES, start=1):
        create_record(Feature, {"code": code, "name": _named(zh, en), "position": place * 10}, actor=admin)
    parts = _components(demo, words.COMPONENTS, admin)
    lines = [
        {"feature": feature, "code": code, "name": _named(zh, en), "surcharge": surcharge, "surcharge_rate": rate, "cost": work, "is_usual": usual,
         "component": parts[part].pk if part else None, "component_quantity": str(count), "days": days}
        for feature, code, zh, en, surcharge, rate, work, usual, part, count, days in words.OPTIONS
    ]
    product = demo.made["products"][words.PRODUCT]
    model = create_record(ProductModel, {"product": product.pk, "lines": lines}, actor=admin).result
    for zh, en, when, must in words.RULES:
        values = {"model": model.pk, "name": _named(zh, en), "when": when, "must": must}
        create_record(CompatibilityRule, values, actor=admin)
    seller = demo.acting(demo.company.sellers[0], demo.first_on)
    codes = dict(zip((code for code, _zh, _en in words.FEATURES), words.CHOSEN, strict=True))
    options = [ChosenOption(option) for option in Chooser(model).chosen(codes)]
    save_configuration(model, actor=seller, choices=options, name=words.NAME)


def _components(demo: Demo, rows: tuple, admin: Actor) -> dict[str, Product]:
    """What is built in by choice lies in the warehouses beside what is sold as it is."""
    made = {}
    for code, zh, en, category, unit, price, cost, count in rows:
        values = {"code": code, "name": _named(zh, en), "category": Category.objects.get(code=category), "unit": Unit.objects.get(code=unit),
                  "list_price": price, "standard_cost": cost, "kind": "goods", "lead_days": 15}
        made[code] = create_record(Product, values, actor=admin).result
        _lay_in(demo, made[code], count)
    return made


def _lay_in(demo: Demo, product: Product, count: int) -> None:
    rates = demo.words("guanxi.erp.inventory.demo").RATES
    for warehouse in Warehouse.objects.select_related("entity").order_by("pk"):
        keeper = demo.acting(demo.company.keepers[warehouse.entity.code], demo.first_on)
        cost = (product.standard_cost * rates[warehouse.entity.currency]).quantize(product.standard_cost)
        line = {"product": product, "quantity": str(count), "unit_cost": str(cost)}
        values = {"kind": "opening", "received_on": demo.first_on, "warehouse": warehouse, "lines": [line]}
        receive_goods(create_record(GoodsReceipt, values, actor=keeper).result, actor=keeper)
