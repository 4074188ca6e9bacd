"""Visits, calls, notes and tasks of a year."""

from datetime import date, timedelta

from guanxi.kernel.acts.demo import Demo
from guanxi.shared.activities.operations import add_note, add_task, log_call, log_visit

CALLS = ("确认交期，客户要求本周内到货", "询问新机型的丝杠规格，已发样本", "催收逾期货款，承诺下周付款", "客户反馈导轨安装顺利", "介绍年度框架价格")
VISITS = (
    "现场查看新产线，预计下季度扩产，需直线模组 20 套", "与设备部讨论替换进口导轨的方案", "季度回访，客户满意，提出缩短交期",
    "陪同技术部测量安装尺寸",
)
NOTES = ("付款习惯良好", "采购流程需三方比价", "年底前有备件计划", "对手报价低 3%，交期较长")
TASKS = ("回访报价", "寄送样品", "准备年度合同", "安排技术交流", "核对对账单")


def happen(demo: Demo, days: list[date]) -> None:
    """A few contacts a day, by whoever looks after the customer."""
    for day in days:
        for _ in range(demo.rng.choice((0, 1, 2))):
            customer = demo.rng.choice(demo.made["customers"])
            who = next((name for name, actor in demo.actors.items() if actor.member_id == customer.owner_id), "zhang")
            actor = demo.acting(who, day)
            kind = demo.rng.random()
            if kind < 0.45:
                log_call(actor=actor, target_model="parties.party", target_id=customer.pk, body=demo.rng.choice(CALLS))
            elif kind < 0.7:
                log_visit(actor=actor, target_model="parties.party", target_id=customer.pk, body=demo.rng.choice(VISITS))
            elif kind < 0.85:
                add_note(actor=actor, target_model="parties.party", target_id=customer.pk, body=demo.rng.choice(NOTES))
            elif (demo.today - day).days < 60:
                due_on = demo.today + timedelta(days=demo.rng.randrange(-3, 12))
                add_task(actor=actor, target_model="parties.party", target_id=customer.pk, body=demo.rng.choice(TASKS), due_on=due_on)
