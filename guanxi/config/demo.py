"""`guanxi demo`: a believable year of an invented manufacturer, made by calling the operations that people call.

Its passwords are known to everybody, so it is made only where the server listens on this machine alone.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, datetime
from importlib import import_module

from guanxi.config.configuration import configuration
from guanxi.config.terminal import Quit, say

KEY = "demo"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PASSWORD = "guanxi-demo-2026"
COMPANY = {"name": "华启精密", "language": "zh-hans", "currency": "CNY", "country": "CN", "timezone": "Asia/Shanghai"}
# user name, name, job title, team, roles, language
PEOPLE = (
    ("admin", "罗怡", "系统管理员", "总部", ("administrator",), "zh-hans"),
    ("zhang", "张伟", "销售总监", "销售部", ("sales_manager", "salesperson"), "zh-hans"),
    ("li", "李敏", "高级销售", "华东组", ("salesperson",), "zh-hans"),
    ("wang", "王强", "销售", "华南组", ("salesperson",), "zh-hans"),
    ("chen", "陈静", "销售", "华东组", ("salesperson",), "zh-hans"),
    ("zhao", "赵磊", "仓库主管", "仓储部", ("storekeeper",), "zh-hans"),
    ("sun", "孙芳", "主管会计", "财务部", ("accountant",), "zh-hans"),
    ("emma", "Emma Reed", "Export sales", "海外组", ("salesperson",), "en"),
)
TEAMS = (("总部", None), ("销售部", "总部"), ("华东组", "销售部"), ("华南组", "销售部"), ("海外组", "销售部"), ("仓储部", "总部"), ("财务部", "总部"))
CHAPTERS = (
    "guanxi.kernel.webhooks.demo",
    "guanxi.shared.catalog.demo", "guanxi.shared.parties.demo", "guanxi.shared.messaging.demo", "guanxi.erp.inventory.demo", "guanxi.erp.sales.demo",
    "guanxi.crm.leads.demo", "guanxi.crm.needs.demo", "guanxi.web.pages.demo", "guanxi.shared.activities.demo", "guanxi.kernel.files.demo",
    "guanxi.shared.members.demo", "guanxi.web.demo",
)


def main(rest: list[str] | None = None) -> int:
    """Make the account set `demo` where it is not there yet, and print the sign-ins."""
    argparse.ArgumentParser(prog="guanxi demo").parse_args(rest or [])
    from guanxi.kernel.sets.lifecycle import drop_set
    from guanxi.kernel.sets.models import AccountSet

    if configuration().host not in LOOPBACK:
        raise Quit("The demo's passwords are public: it runs on 127.0.0.1 only.")
    found = AccountSet.objects.filter(key=KEY).first()
    if found is not None and not found.memberships.exists():
        say("the demo was interrupted while it was made: making it anew")
        drop_set(KEY)
        found = None
    if found is None:
        build(datetime.now().astimezone().date())
    print_sign_ins()
    return 0


def print_sign_ins() -> None:
    say("")
    say(f"Sign in with one of these names and the password  {PASSWORD}")
    for username, name, title, _team, roles, _language in PEOPLE:
        say(f"  {username:<8} {name}  {title}  ({', '.join(roles)})")
    say("")


def build(today: date) -> None:
    """The whole year. People get their places last: a set without any was interrupted, and is made anew."""
    from django.utils.translation import override

    from guanxi.kernel.events.worker import deliver_all
    from guanxi.kernel.outbox.worker import send_due
    from guanxi.kernel.sets.lifecycle import create_set, drop_set

    started = time.monotonic()
    say("making the account set demo, a year of an invented manufacturer (about a minute)")
    create_set(KEY, **COMPANY)
    try:
        with override("zh-hans"):
            demo = people(today)
            for chapter in CHAPTERS:
                tell(chapter, demo)
            deliver_all(KEY)
            send_due(KEY)
        give_places(demo)
    except BaseException:
        drop_set(KEY)
        raise
    say(f"made in {time.monotonic() - started:.0f} s")


def people(today: date):
    """Users, members, teams; the actors of the story."""
    from django.contrib.auth import get_user_model

    from guanxi.kernel.access.actor import actor_of
    from guanxi.kernel.access.models import Entity, Member, Role, Team
    from guanxi.kernel.acts.demo import Demo
    from guanxi.kernel.database import in_set

    users = {}
    for username, name, _title, _team, _roles, language in PEOPLE:
        user, created = get_user_model().objects.get_or_create(
            username=username, defaults={"name": name, "email": f"{username}@huaqi.example", "language": language, "last_set": KEY}
        )
        if created:
            user.set_password(PASSWORD)
            user.save()
        users[username] = user
    members = {}
    with in_set(KEY):
        Entity.objects.filter(is_default=True).update(
            code="HQ", name="华启精密机械股份有限公司", address="江苏省常州市武进区创新大道 88 号", phone="0519-5550 1000",
            tax_number="91320412MA1HQJM88X", bank_account="江南银行常州武进支行 6200 5550 1000 88",
            english_name="Huaqi Precision Machinery Co., Ltd.", english_address="88 Chuangxin Avenue, Wujin, Changzhou, Jiangsu, China",
        )
        teams: dict[str, Team] = {}
        for name, parent in TEAMS:
            teams[name] = Team.objects.create(name=name, parent=teams.get(parent) if parent else None)
        for username, name, title, team, roles, language in PEOPLE:
            member = Member.objects.create(
                code=username, name=name, title=title, team=teams[team], user_id=users[username].pk, email=users[username].email, language=language
            )
            member.roles.set(Role.objects.filter(key__in=roles))
            members[username] = member.pk
        actors = {username: actor_of(pk, language=users[username].language) for username, pk in members.items()}
    return Demo(actors={username: actor for username, actor in actors.items() if actor}, today=today)


def give_places(demo) -> None:
    from guanxi.kernel.sets.models import AccountSet, Membership

    account_set = AccountSet.objects.get(key=KEY)
    Membership.objects.bulk_create(
        [Membership(user_id=actor.user_id, account_set=account_set, member_id=actor.member_id) for actor in demo.actors.values()]
    )


def tell(chapter: str, demo) -> None:
    """One module's part: `prepare(demo)` before the year, or `happen(demo, days)` month by month."""
    from guanxi.kernel.database import in_set

    module = import_module(chapter)
    if hasattr(module, "prepare"):
        with in_set(KEY):
            module.prepare(demo)
    if hasattr(module, "happen"):
        days = demo.days()
        months = sorted({(day.year, day.month) for day in days})
        for year, month in months:
            with in_set(KEY):
                module.happen(demo, [day for day in days if (day.year, day.month) == (year, month)])

