"""A year of leads: from fairs, the web site and calls; some won, some lost, some waiting in the pool."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from guanxi.crm.leads.models import AssignmentRule, Competitor, Lead, LeadForm, LossReason, Opportunity, Stage
from guanxi.crm.leads.operations import (
    assign_lead,
    disqualify_lead,
    follow_lead,
    lose_opportunity,
    move_opportunity,
    qualify_lead,
    win_opportunity,
)
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Contact, Region

PLACES = (
    ("济宁", "山东"), ("洛阳", "河南"), ("柳州", "广西"), ("株洲", "湖南"), ("芜湖", "安徽"), ("襄阳", "湖北"), ("绵阳", "四川"), ("唐山", "河北"),
    ("潍坊", "山东"), ("宜昌", "湖北"), ("赣州", "江西"), ("遵义", "贵州"), ("嘉兴", "浙江"), ("南通", "江苏"), ("大连", "辽宁"), ("中山", "广东"),
)
BRANDS = ("恒达", "鑫源", "华辰", "瑞丰", "天工", "博远", "立信", "金石", "中联", "宏图", "新川", "德胜", "江海", "同创", "远景", "一诺")
TRADES = (
    ("液压", "C34"), ("数控", "C34"), ("包装机械", "C35"), ("木工机械", "C35"), ("光学仪器", "C40"), ("电机", "C38"), ("印刷设备", "C35"),
    ("纺织机械", "C35"), ("模塑", "C29"), ("机器人", "C34"), ("激光设备", "C35"), ("医疗器械", "C35"),
)
FAMILY, GIVEN = "赵钱孙李周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕", ("建国", "丽华", "志强", "秀英", "海涛", "晓明", "文静", "国庆", "玉兰", "小军")
NEEDS = (
    "想了解直线导轨的选型和价格", "新产线需要丝杠和滑块，年用量约 500 套", "现有供应商交期太长，想找替代", "展会上看过样品，要求报价",
    "设备改造，需要技术支持和样品", "询问年度框架协议的折扣",
)
SUBJECTS = ("直线导轨询价", "滚珠丝杠替换", "新产线配套", "设备改造项目", "备件年度采购", "样机试用")
SOURCES = ("exhibition", "exhibition", "website", "website", "call", "referral", "platform")
STEPS = ("电话回访", "寄送样品", "上门拜访", "提交方案", "确认技术要求")
RIVALS = (("hx", "恒信传动", "交期短", "售后弱"), ("nk", "北科精工", "价格低", "精度不稳定"), ("st", "Sterling Motion", "品牌", "价格高"))
TITLES = ("采购经理", "设备工程师", "总经理", "技术部长")
OFTEN, WON = 0.5, 0.5
AGAIN = 0.16
"""How often a day somebody who is a customer already wants something."""
AMOUNTS = (80, 1600, 10)
"""Of deals, in hundreds."""
SITE = {
    "sites": "https://www.huaqi.example",
    "name": {"zh-hans": "在线咨询", "en": "Ask us"},
    "intro": {"zh-hans": "请留下您的需求，我们将在一个工作日内与您联系。", "en": "Tell us what you need; we answer within one working day."},
    "consent": {"zh-hans": "同意华启精密就此事与我联系", "en": "You may contact me about this"},
}
RULE = {"zh-hans": "网站线索", "en": "From the web site"}


def company_of(rng: Random) -> dict[str, Any]:
    place, province = rng.choice(PLACES)
    brand, (trade, industry) = rng.choice(BRANDS), rng.choice(TRADES)
    region = next((one for one in Region.objects.all() if str(one.name.get("zh-hans", "")).startswith(province)), None)
    return {"company": f"{place}{brand}{trade}有限公司", "industry": industry, "region": region}


def person_of(rng: Random) -> str:
    return rng.choice(FAMILY) + rng.choice(GIVEN)


def phone_of(rng: Random) -> str:
    return f"139{rng.randrange(10_000_000, 99_999_999)}"


def named(name: str) -> dict[str, str]:
    return {"zh-hans": name, "en": name}


def happen(demo: Demo, days: list[date]) -> None:
    """About two leads a week; what becomes of each is decided when it comes."""
    own, words = Random(11), demo.words(__name__)
    if "rivals" not in demo.made:
        _set_up(demo)
        demo.made["rivals"] = [
            create_record(
                Competitor, {"code": code, "name": words.named(name), "strengths": good, "weaknesses": bad},
                actor=demo.actors[demo.company.director],
            ).result
            for code, name, good, bad in words.RIVALS
        ]
    for day in days:
        if demo.rng.random() < words.OFTEN:
            _lead(demo, day, Random(own.random() + day.toordinal()))
        known = Random(day.toordinal())
        if known.random() < AGAIN:
            _more(demo, day, known)


def _set_up(demo: Demo) -> None:
    """A form on the web site, and who gets what comes through it."""
    manager, words = demo.actors[demo.company.director], demo.words(__name__)
    create_record(LeadForm, {"code": "contact", **words.SITE}, actor=manager)
    create_record(AssignmentRule, {
        "name": words.RULE, "condition": 'source = "website"', "days_to_keep": 14,
        "members": [demo.actors[who].member_id for who in demo.company.sellers],
    }, actor=manager, by_id=True)


def _lead(demo: Demo, day: date, rng: Random) -> None:
    words, who = demo.words(__name__), rng.choice(demo.company.sellers)
    manager, seller = demo.acting(demo.company.director, day), demo.acting(who, day)
    person = words.person_of(rng)
    lead: Lead = create_record(Lead, {
        "name": rng.choice(words.SUBJECTS), **_asking(demo, rng), "person": person,
        "job_title": rng.choice(words.TITLES), "phone": words.phone_of(rng),
        "source": rng.choice(words.SOURCES), "need": rng.choice(words.NEEDS), "received_on": day, "owner": "",
    }, actor=manager).result
    age = (demo.today - day).days
    if age < 9 and rng.random() < 0.6:
        assign_lead(lead, actor=manager, owner=None)
        return
    assign_lead(lead, actor=manager, owner=_member(seller))
    seller = demo.acting(who, min(day + timedelta(days=1), demo.today))
    follow_lead(lead, actor=seller, next_step=rng.choice(words.STEPS), next_on=demo.today + timedelta(days=rng.randrange(-3, 10)))
    fate = rng.random()
    if age < 6 or fate < 0.1:
        return
    later = demo.acting(who, day + timedelta(days=5))
    if fate < 0.4:
        disqualify_lead(lead, actor=later, reason=_reason(rng))
        return
    amount = Decimal(rng.randrange(*words.AMOUNTS) * 100)
    expected = day + timedelta(days=rng.randrange(40, 120))
    qualify_lead(lead, actor=later, opportunity=lead.name, amount=amount, expected_on=expected)
    _advance(demo, Opportunity.objects.select_related("stage").get(lead=lead), who, day, rng)


def _more(demo: Demo, day: date, rng: Random) -> None:
    """A customer who has bought before wants something again; what is larger, the larger ones want more often."""
    words, customer = demo.words(__name__), min(rng.choices(demo.made["customers"], k=2), key=lambda one: one.tier)
    who = next((who for who in demo.company.sellers if demo.actors[who].member_id == customer.owner_id), demo.company.exporter)
    contact = Contact.objects.filter(party=customer).order_by("pk").first()
    opportunity = create_record(Opportunity, {
        "name": rng.choice(words.SUBJECTS), "customer": customer.pk, "contact": contact.pk if contact else None, "kind": "more",
        "amount": str(rng.randrange(*words.AMOUNTS) * 200), "expected_on": day + timedelta(days=rng.randrange(30, 110)),
        "source": "visit", "next_step": rng.choice(words.STEPS), "next_on": demo.today + timedelta(days=rng.randrange(-2, 12)),
    }, actor=demo.acting(who, day), by_id=True).result
    _advance(demo, Opportunity.objects.select_related("stage").get(pk=opportunity.pk), who, day, rng)


def _asking(demo: Demo, rng: Random) -> dict[str, Any]:
    """A company that has not asked before."""
    known, words = demo.made.setdefault("asking", set()), demo.words(__name__)
    found = words.company_of(rng)
    while found["company"] in known:
        found = words.company_of(rng)
    known.add(found["company"])
    return {name: value for name, value in found.items() if value is not None}


def _advance(demo: Demo, opportunity: Opportunity, who: str, day: date, rng: Random) -> None:
    """Through the stages, a week or three each, until it is won or lost, or today."""
    words = demo.words(__name__)
    opportunity.competitors.set(rng.sample(demo.made["rivals"], rng.choice((0, 1, 1, 2))))
    stages = {stage.code: stage for stage in Stage.objects.filter(pipeline_id=opportunity.pipeline_id)}
    for code in ("need", "offer", "talks", "end"):
        day += timedelta(days=rng.randrange(10, 42))
        if day >= demo.today:
            break
        actor = demo.acting(who, day)
        if day > opportunity.expected_on and rng.random() < 0.7:
            _slip(opportunity, actor, day + timedelta(days=rng.randrange(20, 60)))
        if code == "end":
            if rng.random() < words.WON:
                win_opportunity(opportunity, actor=actor)
            else:
                lose_opportunity(opportunity, actor=actor, reason=_reason(rng))
            return
        if rng.random() < 0.15:
            lose_opportunity(opportunity, actor=actor, reason=_reason(rng))
            return
        move_opportunity(opportunity, actor=actor, stage=stages[code])
    if opportunity.expected_on < demo.today and rng.random() < 0.8:
        _slip(opportunity, demo.acting(who, demo.today), demo.today + timedelta(days=rng.randrange(5, 60)))
    if rng.random() < 0.3:
        opportunity.assign(next_step="", next_on=None)
        opportunity.flush()


def _slip(opportunity: Opportunity, actor, expected_on: date) -> None:
    """The customer takes longer than hoped."""
    change_record(opportunity, {"expected_on": expected_on}, actor=actor)
    opportunity.refresh_from_db()


def _reason(rng: Random) -> LossReason:
    return rng.choice(list(LossReason.objects.order_by("pk")))


def _member(actor):
    from guanxi.kernel.access.models import Member

    return Member.objects.get(pk=actor.member_id)
