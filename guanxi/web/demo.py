"""What people set up for themselves: views of their lists, and a rule by which a large quotation waits for the director."""

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import send_quotation
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.demo import Demo
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.views.operations import pin_view, save_view, share_view

THRESHOLD = 3000


def prepare(demo: Demo) -> None:
    director, seller, admin = (demo.acting(who, demo.today) for who in ("zhang", "li", "admin"))
    due = "f.status=confirmed&f.owner=my_team&sort=promised_on"
    late = save_view(actor=director, screen="sales/orders", name="团队待交货订单", query=due, is_pinned=True)
    share_view(late, actor=director, sharing="everybody")
    save_view(actor=seller, screen="sales/quotations", name="本月我的报价", query="f.owner=me&f.quoted_on=this_month&sort=-total", is_pinned=True)
    pin_view(actor=seller, screen="activities", view="open")
    rule = {
        "name": {"en": "Large or much reduced quotations", "zh-hans": "大额或高折扣报价"}, "operation": "sales.send_quotation",
        "condition": f"total > {THRESHOLD} or largest_discount > 15%", "approvers": Role.objects.get(key="sales_manager").pk,
    }
    create_record(ApprovalRule, rule, actor=admin)
    waiting = Quotation.objects.filter(status="draft", owner_id=seller.member_id, total__gt=THRESHOLD).order_by("-pk").first()
    if waiting is not None:
        perform(send_quotation, waiting.pk, actor=seller, raw={})
