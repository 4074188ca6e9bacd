"""What the people of Harbour & Vale set up for themselves."""

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import send_quotation
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.demo import Demo
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.views.operations import save_view, share_view
from guanxi.web.demo import enter_twice

THRESHOLD = 2000
TWICE = {
    "customer": "Larkspur Hotels Ltd", "again": "Larkspur Hotels Limited", "by": "harry", "tender": "Larkspur Hotel Group",
    "asks": "Beans for a new house", "seller": "lotte",
}


def prepare(demo: Demo) -> None:
    """A shared view, and a rule by which a large quotation waits for the director."""
    director, admin = (demo.acting(who, demo.today) for who in (demo.company.director, demo.company.administrator))
    due = "f.status=confirmed&f.owner=my_team&sort=promised_on"
    late = save_view(actor=director, screen="sales/orders", name="Open orders of my team", query=due, is_pinned=True)
    share_view(late, actor=director, sharing="everybody")
    rule = {
        "name": {"en": "Large or much reduced quotations"}, "operation": "sales.send_quotation",
        "condition": f"total > {THRESHOLD} or largest_discount > 15%", "approvers": Role.objects.get(key="sales_manager").pk,
    }
    create_record(ApprovalRule, rule, actor=admin)
    sellers = {demo.actors[name].member_id: demo.acting(name, demo.today) for name in demo.company.sellers}
    drafts = Quotation.objects.filter(status="draft", owner_id__in=sellers, total__gt=THRESHOLD)
    waiting = drafts.order_by("-pk").first()
    if waiting is not None:
        perform(send_quotation, waiting.pk, actor=sellers[waiting.owner_id], raw={})
    enter_twice(demo, TWICE)
