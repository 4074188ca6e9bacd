"""What the invented company keeps beside what the program asks: fields of its own on customers, products and opportunities."""

from __future__ import annotations

from typing import Any

from guanxi.crm.leads.models import Opportunity
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import change_record, change_records, create_record
from guanxi.kernel.custom.models import CustomField
from guanxi.shared.catalog.models import Product
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

CUSTOMER, PRODUCT, OPPORTUNITY = "parties.party", "catalog.product", "leads.opportunity"
CONTRACT = {"zh-hans": "合作约定", "en": "Framework agreement"}
LANGUAGES = ("zh", "中文", "Chinese", "green"), ("en", "英文", "English", "blue"), ("de", "德文", "German", "orange")
CERTIFICATES = ("ce", "CE", "CE", "blue"), ("ccc", "CCC", "CCC", "green"), ("iso9001", "ISO 9001", "ISO 9001", "grey"), ("ul", "UL", "UL", "orange")
BUDGETS = {"A": "3000000", "B": "1200000", "C": "400000"}


def prepare(demo: Demo) -> None:
    admin = demo.acting("admin", demo.first_on)
    for values in _fields():
        create_record(CustomField, values, actor=admin)
    _customers(demo, admin)
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    change_records(Product, products[::2], {"x_certificates": ["ce", "iso9001"]}, actor=admin)
    change_records(Product, products[1::4], {"x_certificates": ["ccc"]}, actor=admin)
    for number, opportunity in enumerate(Opportunity.objects.filter(status="open").order_by("-pk")[:6], start=1):
        change_record(opportunity, {"x_tender": f"ZB-{demo.today.year}-{number:03}"}, actor=admin)


def _fields() -> list[dict[str, Any]]:
    return [
        {"record_kind": CUSTOMER, "code": "contract", "name": {"zh-hans": "合同编号", "en": "Contract number"}, "kind": "text", "section": CONTRACT,
         "is_unique": True, "hint": {"zh-hans": "年度框架合同的编号", "en": "Of the yearly framework agreement"}},
        {"record_kind": CUSTOMER, "code": "budget", "name": {"zh-hans": "年度预算", "en": "Annual budget"}, "kind": "money", "section": CONTRACT},
        {"record_kind": CUSTOMER, "code": "budget_used", "name": {"zh-hans": "预算使用率", "en": "Budget used"}, "kind": "formula",
         "formula": "sales_of_year / x_budget", "shown_as": "percent", "section": CONTRACT},
        {"record_kind": CUSTOMER, "code": "language", "name": {"zh-hans": "沟通语言", "en": "Preferred language"}, "kind": "choice",
         "section": {"zh-hans": "联系方式", "en": "Reached by"}, "default_value": "zh", "lines": _choices(LANGUAGES)},
        {"record_kind": PRODUCT, "code": "certificates", "name": {"zh-hans": "认证", "en": "Certificates"}, "kind": "choices",
         "is_listed": True, "lines": _choices(CERTIFICATES)},
        {"record_kind": OPPORTUNITY, "code": "tender", "name": {"zh-hans": "招标编号", "en": "Tender number"}, "kind": "text"},
    ]


def _choices(rows: tuple[tuple[str, str, str, str], ...]) -> list[dict[str, Any]]:
    return [{"code": code, "name": {"zh-hans": chinese, "en": english}, "tone": tone} for code, chinese, english, tone in rows]


def _customers(demo: Demo, admin: Actor) -> None:
    customers = list(Party.objects.filter(is_customer=True).order_by("pk"))
    for tier, budget in BUDGETS.items():
        change_records(Party, [one.pk for one in customers if one.tier == tier], {"x_budget": budget, "x_language": "zh"}, actor=admin)
    change_records(Party, [one.pk for one in customers if one.name.isascii()], {"x_language": "en"}, actor=admin)
    for number, one in enumerate((one for one in customers if one.tier == "A"), start=1):
        change_record(one, {"x_contract": f"HT-{demo.today.year}-{number:03}"}, actor=admin)
