"""What the people of Harbour & Vale set up for themselves."""

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import send_quotation
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.views.operations import save_view, share_view
from guanxi.shared.demo import Demo
from guanxi.web.demo import enter_twice

THRESHOLD = 2000
TWICE = {
    "customer": "Larkspur Hotels Ltd", "again": "Larkspur Hotels Limited", "by": "harry", "tender": "Larkspur Hotel Group",
    "asks": "Beans for a new house", "seller": "lotte",
}
SHARED = [
    ("sales/orders", "pivot", "Orders by quarter and currency", "rows=ordered_on.quarter,ordered_on.month&across=currency&measures=count,total.sum"),
    ("sales/orders", "chart", "Orders by month and owner", "rows=ordered_on.month&across=owner&measures=total.sum&chart=stacked"),
    ("sales/orders", "list", "Orders by customer", "group=customer&closed=%2A&sort=-ordered_on"),
    ("sales/order-lines", "pivot", "Product lines by quarter", "rows=product__category&across=order__ordered_on.quarter&measures=net_amount.sum"),
    ("opportunities", "funnel", "Sales funnel", ""),
    ("opportunities", "calendar", "Expected closings", "f.status=open&by=expected_on"),
    ("customers", "regions", "Where our customers are", "f.is_customer=yes"),
]
"""Seen in other shapes than a plain list: where, as what, called what, showing what."""


def prepare(demo: Demo) -> None:
    """Shared views, and a rule by which a large quotation waits for the director."""
    director, admin = (demo.acting(who, demo.today) for who in (demo.company.director, demo.company.administrator))
    due = "f.status=confirmed&f.owner=my_team&sort=promised_on"
    late = save_view(actor=director, screen="sales/orders", name="Open orders of my team", query=due, is_pinned=True)
    share_view(late, actor=director, sharing="everybody")
    for screen, shape, name, query in SHARED:
        share_view(save_view(actor=director, screen=screen, name=name, query=query, shown_as=shape), actor=director, sharing="everybody")
    rule = {
        "name": {"en": "Large or much reduced quotations"}, "operation": "sales.send_quotation",
        "condition": f"total > {THRESHOLD} or largest_discount > 15%", "approvers": Role.objects.get(key="sales_manager").pk,
    }
    create_record(ApprovalRule, rule, actor=admin)
    create_record(ApprovalRule, {**rule, "name": {"en": "Thin margin"}, "condition": "margin_rate < 22%"}, actor=admin)
    below = {"name": {"en": "Orders below cost"}, "operation": "sales.confirm_order", "condition": "margin_rate < 0%"}
    create_record(ApprovalRule, {**rule, **below}, actor=admin)
    sellers = {demo.actors[name].member_id: demo.acting(name, demo.today) for name in demo.company.sellers}
    drafts = Quotation.objects.filter(status="draft", owner_id__in=sellers, total__gt=THRESHOLD)
    waiting = drafts.order_by("-pk").first()
    if waiting is not None:
        perform(send_quotation, waiting.pk, actor=sellers[waiting.owner_id], raw={})
    enter_twice(demo, TWICE)
