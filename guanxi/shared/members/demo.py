"""Who leads which team, who is on holiday, and who is expected next week."""

from datetime import timedelta

from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.writer import change_record
from guanxi.shared.members.operations import assign_role, copy_role, invite_member, name_deputy

LEADS = (("销售部", "zhang"), ("华东组", "li"), ("仓储部", "zhao"), ("财务部", "sun"))


def prepare(demo) -> None:
    admin, wang = demo.actors["admin"].on(demo.today, 9), demo.actors["wang"].on(demo.today, 9)
    members = {member.code: member for member in Member.objects.filter(code__in=list(demo.actors))}
    for team, lead in LEADS:
        change_record(Team.objects.get(name=team), {"lead": members[lead].pk}, actor=admin, by_id=True)
    name_deputy(
        actor=wang, deputy=members["chen"], valid_from=demo.today, valid_until=demo.today + timedelta(days=30), reason="年假，手机不通",
    )
    own = copy_role(Role.objects.get(key="salesperson"), actor=admin, name="高级销售")
    change_record(
        own, {"grants": {**own.grants, "sales.order": "view:team add:own change:own delete:own", "parties.party": "view:team add:own change:own"}},
        actor=admin,
    )
    assign_role(members["li"], actor=admin, role=own, valid_from=demo.today)
    invite_member(
        actor=admin, email="zhou.ting@huaqi.example", name="周婷", roles=[Role.objects.get(key="salesperson")],
        team=Team.objects.get(name="华东组"), title="销售", language="zh-hans",
    )
