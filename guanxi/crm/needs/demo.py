"""Needs that customers named, and products they think of."""

from datetime import date, timedelta
from random import Random

from guanxi.crm.needs.models import CustomerNeed, ProductInterest
from guanxi.crm.needs.operations import accept_need, decline_need, meet_need, pass_on_need, pursue_interest
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Product
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

NEEDS = (
    ("滑块噪声要更低", "quality", "should", "装在手术室设备上，希望低于 50 dB。", "导轨规格不变"),
    ("交期缩短到两周", "delivery", "must", "产线扩建，备件不能等四周。", "最小批量 200 件"),
    ("需要防锈包装", "service", "nice", "海运 40 天，到货时有锈点。", ""),
    ("丝杠加长到 3 米", "function", "must", "新机型行程加大。", "精度 C5 不变"),
    ("年度框架价格", "price", "should", "年用量约 1,200 套，希望锁价。", "季度结算"),
    ("英文检测报告", "service", "should", "最终用户在德国，要随货附英文报告。", ""),
)

MET, ACCEPTED, DECLINED = "已安排，下一批起执行。", "下季度改进。", "成本过高，已与客户说明。"
TEAM = "仓储部"


def happen(demo: Demo, days: list[date]) -> None:
    """One need every three weeks or so, one interest every two."""
    for day in days:
        rng = Random(day.toordinal() * 7)
        if rng.random() < 0.05:
            _need(demo, day, rng)
        if rng.random() < 0.08:
            _interest(demo, day, rng)


def _customer(rng: Random, member_id: int) -> Party | None:
    mine = list(Party.objects.filter(owner_id=member_id, is_customer=True, archived_at__isnull=True).order_by("pk")[:40])
    return rng.choice(mine) if mine else None


def _need(demo: Demo, day: date, rng: Random) -> None:
    words, actor = demo.words(__name__), demo.acting(rng.choice(demo.company.sellers), day)
    customer = _customer(rng, actor.member_id)
    if customer is None:
        return
    name, kind, weight, text, constraint = rng.choice(words.NEEDS)
    need = create_record(CustomerNeed, {
        "name": name, "customer": customer.pk, "kind": kind, "weight": weight, "need": text, "constraint": constraint,
        "needed_on": day + timedelta(days=rng.randrange(20, 90)), "received_on": day,
    }, actor=actor, by_id=True).result
    team = Team.objects.filter(name=words.TEAM).first()
    fate = rng.random()
    if team is not None and fate < 0.6:
        pass_on_need(need, actor=actor, team=team)
    later = demo.acting(demo.company.director, min(day + timedelta(days=9), demo.today))
    if day + timedelta(days=9) < demo.today:
        if fate < 0.35:
            meet_need(need, actor=later, answer=words.MET)
        elif fate < 0.5:
            accept_need(need, actor=later, answer=words.ACCEPTED)
        elif fate > 0.85:
            decline_need(need, actor=later, reason=words.DECLINED)


def _interest(demo: Demo, day: date, rng: Random) -> None:
    actor = demo.acting(rng.choice(demo.company.sellers), day)
    customer = _customer(rng, actor.member_id)
    products = list(Product.objects.filter(archived_at__isnull=True, kind="goods").order_by("pk")[:30])
    if customer is None or not products:
        return
    product = rng.choice(products)
    interest = create_record(ProductInterest, {
        "customer": customer.pk, "product": product.pk, "quantity": rng.choice((10, 20, 50, 100, 300)), "noted_on": day, "source": "visit",
        "wanted_on": max(day, demo.today) + timedelta(days=rng.randrange(10, 120)),
    }, actor=actor, by_id=True).result
    if rng.random() < 0.4:
        pursue_interest(interest, actor=actor)
