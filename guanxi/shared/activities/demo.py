"""Visits, calls, notes and tasks of a year."""

from datetime import date, timedelta
from random import Random

from guanxi.kernel.discussion.operations import add_comment, answer_comment
from guanxi.shared.activities.operations import add_note, add_task, log_call, log_visit
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Contact

TALKS_A_DAY = (0, 1, 2)
CALLS = ("确认交期，客户要求本周内到货", "询问新机型的丝杠规格，已发样本", "催收逾期货款，承诺下周付款", "客户反馈导轨安装顺利", "介绍年度框架价格")
VISITS = (
    "现场查看新产线，预计下季度扩产，需直线模组 20 套", "与设备部讨论替换进口导轨的方案", "季度回访，客户满意，提出缩短交期",
    "陪同技术部测量安装尺寸",
)
NOTES = ("付款习惯良好", "采购流程需三方比价", "年底前有备件计划", "对手报价低 3%，交期较长")
TASKS = ("回访报价", "寄送样品", "准备年度合同", "安排技术交流", "核对对账单")
CALLS_ABROAD = ("Confirmed the date of shipment", "Asked for drawings of the new guide", "Promised payment next week", "Installation went well")
VISITS_ABROAD = (
    "Saw the new line; expansion planned for next quarter", "Discussed replacing the present guides",
    "Review of the quarter: content, wants shorter delivery",
)
NOTES_ABROAD = ("Pays in time", "Three offers needed for every purchase", "Plans to buy spare parts before the end of the year")
TASKS_ABROAD = ("Call about the offer", "Send samples", "Prepare the contract of the year", "Check the statement of account")

TALK = (
    # who, when (days ago), what, and the answer
    ("emma", 3, "@张伟 They ask for a visit in spring. Will you come along?", "zhang", "Yes, any week in April."),
    ("li", 2, "@赵磊 客户催得很紧，这批货请优先安排，最迟周五发出。", "zhao", "已排在明天第一车，发出后告诉你。"),
    ("wang", 1, "@张伟 客户希望再让 2 个点，是否可以？参考 https://price.example/2026", "zhang", "可以，条件是年度框架协议本月签下来。"),
    ("chen", 1, "@孙芳 这家客户的对账单还差一张回单，麻烦查一下。", "", ""),
)


def prepare(demo: Demo) -> None:
    """Colleagues talk about customers; the bell has something to say."""
    for number, (who, days, said, answerer, answer) in enumerate(demo.words(__name__).TALK):
        day = demo.today - timedelta(days=days)
        actor = demo.actors[who].on(day, 14)
        mine = [one for one in demo.made["customers"] if one.owner_id == actor.member_id]
        customer = mine[number % len(mine)]
        comment = add_comment(actor=actor, target_model=customer.label(), target_id=customer.pk, body=said)
        if answerer:
            answer_comment(comment, actor=demo.actors[answerer].on(day, 16), body=answer)


def happen(demo: Demo, days: list[date]) -> None:
    """A few contacts a day, by whoever looks after the customer, in the customer's language."""
    own, words = Random(7), demo.words(__name__)
    people: dict[int, list[Contact]] = {}
    for person in Contact.objects.order_by("pk"):
        people.setdefault(person.party_id, []).append(person)
    for day in days:
        for _ in range(demo.rng.choice(words.TALKS_A_DAY)):
            customer = demo.rng.choice(demo.made["customers"])
            actor = demo.acting(demo.owner_of(customer), day)
            is_abroad = customer.name.isascii() and demo.company.tongue == "zh"
            target = {"target_model": "parties.party", "target_id": customer.pk}
            contact = own.choice(people.get(customer.pk) or [None])
            kind = demo.rng.random()
            if kind < 0.45:
                body = demo.rng.choice(CALLS_ABROAD if is_abroad else words.CALLS)
                log_call(actor=actor, **target, body=body, contact=contact, minutes=own.randrange(2, 25))
            elif kind < 0.7:
                body = demo.rng.choice(VISITS_ABROAD if is_abroad else words.VISITS)
                log_visit(actor=actor, **target, body=body, contact=contact, minutes=own.randrange(30, 150))
            elif kind < 0.85:
                add_note(actor=actor, **target, body=demo.rng.choice(NOTES_ABROAD if is_abroad else words.NOTES))
            elif (demo.today - day).days < 60:
                due_on = demo.today + timedelta(days=demo.rng.randrange(-3, 12))
                add_task(actor=actor, **target, body=demo.rng.choice(TASKS_ABROAD if is_abroad else words.TASKS), due_on=due_on)
