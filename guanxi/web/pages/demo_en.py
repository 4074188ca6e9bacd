"""What Harbour & Vale keeps beside what the program asks: fields of its own on customers and opportunities."""

from guanxi.crm.leads.models import Opportunity
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.custom.models import CustomField
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

SITES = ("cafe", "Cafe", "green"), ("restaurant", "Restaurant", "blue"), ("office", "Office", "grey")


def prepare(demo: Demo) -> None:
    """The kind of site of a customer, and the number under which a tender runs."""
    admin = demo.acting(demo.company.administrator, demo.first_on)
    lines = [{"code": code, "name": {"en": name}, "tone": tone} for code, name, tone in SITES]
    site = {"record_kind": "parties.party", "code": "site", "name": {"en": "Kind of site"}, "kind": "choice", "is_listed": True, "lines": lines}
    tender = {"record_kind": "leads.opportunity", "code": "tender", "name": {"en": "Tender number"}, "kind": "text"}
    for values in (site, tender):
        create_record(CustomField, values, actor=admin)
    for number, customer in enumerate(Party.objects.filter(is_customer=True).order_by("pk")):
        change_record(customer, {"x_site": SITES[number % len(SITES)][0]}, actor=admin)
    for number, opportunity in enumerate(Opportunity.objects.filter(status="open").order_by("-pk")[:3], start=1):
        change_record(opportunity, {"x_tender": f"T-{demo.today.year}-{number:03}"}, actor=admin)
