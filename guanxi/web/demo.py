"""What people set up for themselves: views of their lists, and a rule by which a large quotation waits for the director."""

from guanxi.crm.leads.models import Lead
from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import send_quotation
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.likeness.declared import DECLARED
from guanxi.kernel.likeness.scanning import scan
from guanxi.kernel.views.operations import pin_view, save_view, share_view
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Contact, Party

THRESHOLD = 3000
TWICE = {
    "customer": "恒川液压股份有限公司", "again": "常州恒川液压有限责任公司", "by": "chen", "tender": "恒传液压股份公司",
    "asks": "询问丝杠交期", "seller": "wang",
}
SHARED = [
    ("sales/orders", "pivot", "季度订单（按状态）", "rows=ordered_on.quarter,ordered_on.month&across=status&measures=count,total.sum"),
    ("sales/orders", "chart", "各区域月度订单", "rows=ordered_on.month&across=customer__region&measures=total.sum&chart=stacked"),
    ("sales/orders", "list", "按负责人分组的订单", "group=owner,status&sort=-ordered_on"),
    ("sales/order-lines", "pivot", "各产品线季度销售", "rows=product__category&across=order__ordered_on.quarter&measures=net_amount.sum"),
    ("opportunities", "funnel", "销售漏斗", ""),
    ("opportunities", "calendar", "预计成交日历", "f.status=open&by=expected_on"),
    ("customers", "regions", "客户区域分布", "f.is_customer=yes"),
]
"""Seen in other shapes than a plain list: where, as what, called what, showing what."""


def prepare(demo: Demo) -> None:
    director, seller, admin = (demo.acting(who, demo.today) for who in ("zhang", "li", "admin"))
    due = "f.status=confirmed&f.owner=my_team&sort=promised_on"
    late = save_view(actor=director, screen="sales/orders", name="团队待交货订单", query=due, is_pinned=True)
    share_view(late, actor=director, sharing="everybody")
    for screen, shape, name, query in SHARED:
        share_view(save_view(actor=director, screen=screen, name=name, query=query, shown_as=shape), actor=director, sharing="everybody")
    save_view(actor=seller, screen="sales/quotations", name="本月我的报价", query="f.owner=me&f.quoted_on=this_month&sort=-total", is_pinned=True)
    pin_view(actor=seller, screen="activities", view="open")
    rule = {
        "name": {"en": "Large or much reduced quotations", "zh-hans": "大额或高折扣报价"}, "operation": "sales.send_quotation",
        "condition": f"total > {THRESHOLD} or largest_discount > 15%", "approvers": Role.objects.get(key="sales_manager").pk,
    }
    create_record(ApprovalRule, rule, actor=admin)
    create_record(ApprovalRule, {**rule, "name": {"en": "Thin margin", "zh-hans": "毛利过低"}, "condition": "margin_rate < 22%"}, actor=admin)
    below = {"name": {"en": "Orders below cost", "zh-hans": "低于成本的订单"}, "operation": "sales.confirm_order", "condition": "margin_rate < 0%"}
    create_record(ApprovalRule, {**rule, **below}, actor=admin)
    waiting = Quotation.objects.filter(status="draft", owner_id=seller.member_id, total__gt=THRESHOLD).order_by("-pk").first()
    if waiting is not None:
        perform(send_quotation, waiting.pk, actor=seller, raw={})
    enter_twice(demo, TWICE)


def enter_twice(demo: Demo, words: dict[str, str]) -> None:
    """A customer under a second name, somebody there once more, and a lead of a company that is a customer already."""
    customer = Party.objects.get(name=words["customer"])
    person = customer.contacts.order_by("pk").first()
    again = {"name": words["again"], "phone": customer.phone, "website": customer.website, "region": customer.region}
    create_record(Party, again, actor=demo.acting(words["by"], demo.today))
    owner = demo.acting(demo.company.administrator, demo.today)
    create_record(Contact, {"party": customer.pk, "name": person.name, "mobile": person.mobile}, actor=owner)
    lead = {"name": words["asks"], "company": words["tender"], "person": person.name, "phone": person.mobile}
    create_record(Lead, lead, actor=demo.acting(words["seller"], demo.today))
    for declared in DECLARED.values():
        scan(declared)
