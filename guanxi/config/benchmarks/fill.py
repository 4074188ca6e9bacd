"""An account set with very many rows, by COPY through the application's role: constraints, history and guards stay on."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.config.benchmarks.activities import fill_activities
from guanxi.config.benchmarks.filling import CHUNK, Filling, next_ids, tidy, write
from guanxi.config.benchmarks.people import owners_of
from guanxi.config.terminal import say

TABLES = (
    "parties_party", "parties_contact", "sales_order", "sales_orderline", "finance_journalline", "activities_activity", "leads_lead",
    "leads_opportunity", "search_searchentry",
)
FAMILY, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华玉萍红"
PLACES = ("常州", "上海", "深圳", "杭州", "宁波", "苏州", "武汉", "成都", "天津", "青岛", "厦门", "长沙")
TRADES = ("液压", "电气", "汽车部件", "机床", "传动", "自动化", "注塑", "电梯", "激光", "包装机械", "仪器", "轴承")


def fill(given: argparse.Namespace) -> int:
    """Customers, contacts, orders with lines, journal entries and activities; the balances follow, so `guanxi check` holds."""
    from guanxi.kernel.database import in_set
    from guanxi.kernel.sets.lifecycle import create_set, list_sets

    if not any(account_set.key == given.key for account_set in list_sets()):
        create_set(given.key, "Many rows", language="zh-hans")
    work = Filling(given.key, not given.no_search)
    with in_set(given.key):
        products = _products(work.actor)
    owners = owners_of(given.key, given.customers)
    with work.without_search_index():
        customers = _customers(work, given.customers, owners)
        _contacts(work, given.contacts, customers)
        _orders(work, given.orders, given.lines, customers, owners, products)
        _journal(work, given.orders, customers)
        _opportunities(work, given.opportunities, customers, owners)
        fill_activities(work, given.activities, customers)
        _leads(work, given.leads, owners)
    tidy(given.key)
    with in_set(given.key), connections["default"].cursor() as cursor:
        for table in TABLES:
            cursor.execute("SELECT count(*) FROM " + table)  # names of our own tables
            say(f"{cursor.fetchone()[0]:>12,} {table}")
    return 0


def _products(actor: Any) -> list[Any]:
    from guanxi.kernel.acts.writer import create_record
    from guanxi.shared.catalog.models import Product

    found = list(Product.objects.filter(code__startswith="MANY-").order_by("pk"))
    for number in range(len(found), 100):
        values = {
            "code": f"MANY-{number:03}", "name": f"Part {number}", "unit": "pc", "list_price": str(10 + number),
            "standard_cost": str(6 + number),
        }
        found.append(create_record(Product, values, actor=actor).result)
    return found


def _customers(work: Filling, count: int, owners: list[int]) -> list[int]:
    from guanxi.kernel.database import in_set
    from guanxi.kernel.numbers.series import next_numbers
    from guanxi.kernel.search.text import sort_key
    from guanxi.shared.parties.models import PARTY_SERIES, Party, Region

    with in_set(work.key):
        codes = next_numbers(PARTY_SERIES, count, on=work.actor.today, entity_id=work.actor.entity_id)
        regions = list(Region.objects.values_list("pk", flat=True))

    def make(place: int, _row: int) -> dict[str, Any]:
        name = f"{work.rng.choice(PLACES)}{work.rng.choice(FAMILY)}{work.rng.choice(GIVEN)}{work.rng.choice(TRADES)}{place}号有限公司"
        return {
            "code": codes[place], "name": name, "name_sort": sort_key(name)[:120], "short_name": name[:4], "owner_id": owners[place % len(owners)],
            "tier": "ABC"[place % 3], "region_id": regions[place % len(regions)] if regions else None, "currency": work.actor.currency,
        }

    ids = work.copy(Party, count, make)
    work.enter(Party, ids)
    return ids


def _contacts(work: Filling, count: int, customers: list[int]) -> None:
    from guanxi.kernel.search.text import sort_key
    from guanxi.shared.parties.models import Contact

    def make(place: int, row: int) -> dict[str, Any]:
        name = work.rng.choice(FAMILY) + work.rng.choice(GIVEN) + work.rng.choice(GIVEN)
        return {"code": f"MANY-{row}", "party_id": customers[place * len(customers) // count], "name": name, "name_sort": sort_key(name)[:120],
                "mobile": f"138{place % 100_000_000:08}"}

    work.enter(Contact, work.copy(Contact, count if customers else 0, make))


def _orders(work: Filling, count: int, lines: int, customers: list[int], owners: list[int], products: list[Any]) -> None:
    from guanxi.erp.inventory.models import Warehouse
    from guanxi.erp.sales.models import ORDER_SERIES, Order, OrderLine
    from guanxi.kernel.database import in_set
    from guanxi.kernel.numbers.series import next_numbers

    with in_set(work.key):
        numbers = next_numbers(ORDER_SERIES, count, on=work.actor.today, entity_id=work.actor.entity_id) if count else []
        warehouse = Warehouse.objects.values_list("pk", flat=True).first()

    def order(place: int, _row: int) -> dict[str, Any]:
        at = work.rng.randrange(len(customers))
        return {
            "number": numbers[place], "customer_id": customers[at], "owner_id": owners[at % len(owners)],
            "entity_id": work.actor.entity_id, "currency": work.actor.currency, "warehouse_id": warehouse, "status": "cancelled",
            "ordered_on": work.actor.today - timedelta(days=work.rng.randrange(365)), "net": Decimal(lines * 100), "total": Decimal(lines * 100),
        }

    orders = work.copy(Order, count, order)

    def line(place: int, _row: int) -> dict[str, Any]:
        product = products[work.rng.randrange(len(products))]
        return {
            "order_id": orders[place // lines], "position": place % lines + 1, "product_id": product.pk, "description": f"Part {product.pk}",
            "quantity": Decimal(10), "unit_id": product.unit_id, "unit_price": Decimal(10), "discount": Decimal(0), "tax_id": product.tax_id,
            "net": Decimal(100), "total": Decimal(100),
        }

    work.copy(OrderLine, count * lines, line)


_BALANCES = """
INSERT INTO finance_accountbalance AS b (version, entity_id, account_id, period_id, debit, credit)
SELECT 1, l.entity_id, l.account_id, e.period_id, sum(l.debit), sum(l.credit)
FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id WHERE e.id = ANY(%s) GROUP BY 2, 3, 4
ON CONFLICT (account_id, period_id) DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit, version = b.version + 1
"""
_TURNOVER = """
INSERT INTO finance_partyturnover AS b (version, entity_id, party_id, account_id, year, debit, credit)
SELECT 1, l.entity_id, l.party_id, l.account_id, extract(year FROM e.posted_on), sum(l.debit), sum(l.credit)
FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id WHERE e.id = ANY(%s) GROUP BY 2, 3, 4, 5
ON CONFLICT (party_id, account_id, year) DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit, version = b.version + 1
"""


def _journal(work: Filling, count: int, customers: list[int]) -> None:
    """An entry of two lines for each order: bank against revenue."""
    from guanxi.erp.finance.models import JournalEntry, JournalLine
    from guanxi.erp.finance.models.ledger import ENTRY_SERIES
    from guanxi.erp.finance.operations.periods import books_at
    from guanxi.kernel.database import in_set
    from guanxi.kernel.numbers.series import next_numbers

    started = time.monotonic()
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        with in_set(work.key, member=work.actor.member_id):
            books = books_at(work.actor.entity_id, work.actor.today, work.actor)
            numbers = next_numbers(ENTRY_SERIES, size, on=work.actor.today, entity_id=work.actor.entity_id)
            entries = next_ids("finance_journalentry", size)
            shared = {"entity_id": work.actor.entity_id}
            entry = {
                **shared, "posted_on": work.actor.today, "period_id": books.period_id, "kind": "manual", "total": Decimal(100),
                "line_count": 2, "member_id": work.actor.member_id, "at": datetime.now(UTC),
            }
            write(JournalEntry, ({**entry, "number": number} for number in numbers), entries)
            lines = next_ids("finance_journalline", size * 2)
            write(JournalLine, (row for made in entries for row in _entry(made, shared, books, work, customers)), lines)
            with connections["default"].cursor() as cursor:
                cursor.execute(_BALANCES, [entries])
                cursor.execute(_TURNOVER, [entries])
    seconds = time.monotonic() - started
    say(f"{count * 2:>10,} finance.JournalLine  {seconds:6.1f} s  {count * 2 / max(seconds, 0.001):,.0f} a second")


def _entry(entry: int, shared: dict[str, Any], books: Any, work: Filling, customers: list[int]) -> Iterator[dict[str, Any]]:
    party = customers[work.rng.randrange(len(customers))]
    base = {**shared, "entry_id": entry, "currency": books.currency, "party_id": party}
    yield {**base, "position": 1, "account_id": books.uses["bank"], "debit": Decimal(100), "amount": Decimal(100)}
    yield {**base, "position": 2, "account_id": books.uses["revenue"], "credit": Decimal(100), "amount": Decimal(-100)}


def _leads(work: Filling, count: int, owners: list[int]) -> None:
    from guanxi.crm.leads.models import LEAD_SERIES, Lead
    from guanxi.kernel.database import in_set
    from guanxi.kernel.numbers.series import next_numbers

    with in_set(work.key):
        numbers = next_numbers(LEAD_SERIES, count, on=work.actor.today, entity_id=work.actor.entity_id) if count else []

    def make(place: int, _row: int) -> dict[str, Any]:
        company = f"{work.rng.choice(PLACES)}{work.rng.choice(TRADES)}{place}号有限公司"
        return {
            "number": numbers[place], "name": f"询价：{company}", "company": company, "person": work.rng.choice(FAMILY) + work.rng.choice(GIVEN),
            "phone": f"139{place % 100_000_000:08}", "source": ("website", "exhibition", "referral")[place % 3],
            "status": ("new", "working", "qualified", "disqualified")[place // 7 % 4],
            "owner_id": None if place % 50 == 0 else owners[place % len(owners)],
            "received_on": work.actor.today - timedelta(days=place % 365),
        }

    work.enter(Lead, work.copy(Lead, count, make))


def _opportunities(work: Filling, count: int, customers: list[int], owners: list[int]) -> None:
    from guanxi.crm.leads.models import OPPORTUNITY_SERIES, Opportunity, Stage
    from guanxi.kernel.database import in_set
    from guanxi.kernel.numbers.series import next_numbers

    count = count if customers else 0
    with in_set(work.key):
        stages = list(Stage.objects.filter(pipeline__is_default=True).order_by("position"))
        numbers = next_numbers(OPPORTUNITY_SERIES, count, on=work.actor.today, entity_id=work.actor.entity_id) if count else []
    now = datetime.now(UTC)

    def make(place: int, _row: int) -> dict[str, Any]:
        stage = stages[place // 11 % len(stages)]
        return {
            "number": numbers[place], "name": f"{work.rng.choice(TRADES)}改造", "customer_id": customers[place % len(customers)],
            "pipeline_id": stage.pipeline_id, "stage_id": stage.pk, "status": stage.kind, "entered_at": now - timedelta(days=place % 90),
            "amount": Decimal(1000 + place % 90_000), "currency": work.actor.currency, "chance": stage.chance,
            "owner_id": owners[place % len(customers) % len(owners)],
            "expected_on": work.actor.today + timedelta(days=place % 200 - 60), "next_on": work.actor.today + timedelta(days=place % 30 - 10),
        }

    work.enter(Opportunity, work.copy(Opportunity, count, make))
