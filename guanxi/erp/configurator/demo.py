"""A linear module that is put together by choice, and one that was chosen."""

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import CompatibilityRule, Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo

PRODUCT = "KK86"
FEATURES = (("stroke", "行程", "Stroke"), ("motor", "电机", "Motor"), ("cover", "防护", "Cover"), ("limits", "限位开关", "Limit switches"))
OPTIONS = (
    # feature, code, Chinese, English, surcharge, part of the price, cost, usual
    ("stroke", "s500", "500 mm", "500 mm", "0", "0", "0", True),
    ("stroke", "s800", "800 mm", "800 mm", "460", "0", "310", False),
    ("stroke", "s1200", "1200 mm", "1200 mm", "980", "0", "690", False),
    ("motor", "none", "不带电机", "Without a motor", "0", "0", "0", True),
    ("motor", "w400", "伺服 400 W", "Servo 400 W", "1280", "0", "930", False),
    ("motor", "w750", "伺服 750 W", "Servo 750 W", "1760", "0", "1290", False),
    ("cover", "strip", "钢带", "Steel strip", "0", "0", "0", True),
    ("cover", "bellows", "风琴罩", "Bellows", "0", "0.06", "140", False),
    ("limits", "none", "无", "None", "0", "0", "0", True),
    ("limits", "two", "两个", "Two", "120", "0", "64", False),
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
    lines = [
        {"feature": feature, "code": code, "name": _named(zh, en), "surcharge": surcharge, "surcharge_rate": rate, "cost": cost,
         "is_usual": usual}
        for feature, code, zh, en, surcharge, rate, cost, usual in words.OPTIONS
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
