"""Who leads which team at Harbour & Vale, who is on holiday, and who is expected next week."""

from datetime import timedelta

from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.writer import change_record
from guanxi.shared.members.operations import invite_member, name_deputy

LEADS = (("Sales", "oliver"), ("United Kingdom", "amelia"), ("Continent", "lotte"), ("Warehouses", "george"), ("Finance", "nora"))


def prepare(demo) -> None:
    admin, harry = demo.actors["grace"].on(demo.today, 9), demo.actors["harry"].on(demo.today, 9)
    members = {member.code: member for member in Member.objects.filter(code__in=list(demo.actors))}
    for team, lead in LEADS:
        change_record(Team.objects.get(name=team), {"lead": members[lead].pk}, actor=admin, by_id=True)
    name_deputy(
        actor=harry, deputy=members["amelia"], valid_from=demo.today, valid_until=demo.today + timedelta(days=14),
        reason="Walking in the hills, no telephone",
    )
    invite_member(
        actor=admin, email=f"miriam.brandt@{demo.company.domain}", name="Miriam Brandt", roles=[Role.objects.get(key="salesperson")],
        team=Team.objects.get(name="Continent"), title="Account manager, Germany", language="en",
    )
