"""`guanxi demo`: a believable year of invented companies, made by calling the operations that people call.

Its passwords are known to everybody, so it is made only where the server listens on this machine alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

from guanxi.config.configuration import configuration
from guanxi.config.demo_companies import COMPANIES
from guanxi.config.terminal import Quit, say
from guanxi.shared.demo import Company, Demo, words_of

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PASSWORD = "guanxi-demo-2026"
CHAPTERS = (
    "guanxi.shared.webhooks.demo",
    "guanxi.shared.catalog.demo", "guanxi.shared.parties.demo", "guanxi.shared.messaging.demo",
    "guanxi.erp.configurator.demo", "guanxi.erp.inventory.demo", "guanxi.erp.pricing.demo", "guanxi.erp.sales.demo",
    "guanxi.crm.leads.demo", "guanxi.crm.needs.demo", "guanxi.erp.sales.offers.demo", "guanxi.erp.sales.promising.demo",
    "guanxi.erp.sales.pricing.demo",
    "guanxi.erp.sales.credit.demo", "guanxi.erp.inventory.demo_handing_over", "guanxi.erp.sales.tracking.demo", "guanxi.erp.returns.demo",
    "guanxi.erp.contracts.demo", "guanxi.erp.sales.impact.demo",
    "guanxi.web.pages.demo", "guanxi.shared.activities.demo", "guanxi.shared.parties.demo_files",
    "guanxi.shared.members.demo", "guanxi.web.demo",
)
"""A company is told those for which there are words in its tongue."""
# Roles and grants of the whole server are written when a set is made: by one process at a time.
MAKING_LOCK = 4_711_002


def main(rest: list[str] | None = None) -> int:
    """Make the demo's account sets that are not there yet, and print the sign-ins."""
    parser = argparse.ArgumentParser(prog="guanxi demo")
    parser.add_argument("--make", choices=[company.key for company in COMPANIES], help=argparse.SUPPRESS)
    parser.add_argument("--on", type=date.fromisoformat, help=argparse.SUPPRESS)
    arguments = parser.parse_args(rest or [])
    if configuration().host not in LOOPBACK:
        raise Quit("The demo's passwords are public: it runs on 127.0.0.1 only.")
    if arguments.make:
        build(next(company for company in COMPANIES if company.key == arguments.make), arguments.on)
        return 0
    missing = [company for company in COMPANIES if not _is_whole(company)]
    if missing:
        make(missing, datetime.now().astimezone().date())
    print_sign_ins()
    return 0


def _is_whole(company: Company) -> bool:
    """People get their places last: a set without any was interrupted, and goes."""
    from guanxi.kernel.sets.lifecycle import drop_set
    from guanxi.kernel.sets.models import AccountSet

    found = AccountSet.objects.filter(key=company.key).first()
    if found is not None and not found.memberships.exists():
        say(f"the account set {company.key} was interrupted while it was made: making it anew")
        drop_set(company.key)
        return False
    return found is not None


def make(companies: Sequence[Company], today: date) -> None:
    """Every company in a process of its own, side by side."""
    started = time.monotonic()
    enter_users()
    for company in companies:
        say(f"making the account set {company.key}: a year of {company.about}")
    say("this takes about a minute")
    command = [sys.executable, "-m", "guanxi.config.command", "demo", "--no-serve", "--on", today.isoformat(), "--make"]
    makers = {company.key: subprocess.Popen([*command, company.key]) for company in companies}
    try:
        failed = [key for key, maker in makers.items() if maker.wait()]
    except BaseException:
        for maker in makers.values():
            maker.terminate()
        for maker in makers.values():
            maker.wait()
        raise
    if failed:
        raise Quit(f"The account set {' and '.join(failed)} could not be made; what it said stands above.")
    say(f"made in {time.monotonic() - started:.0f} s")


def print_sign_ins() -> None:
    say("")
    say(f"Sign in with one of these names and the password  {PASSWORD}")
    for company in COMPANIES:
        say("")
        say(f"{company.name}: {company.about}")
        for person in company.people:
            others = [other.name for other in COMPANIES if other is not company and any(p.username == person.username for p in other.people)]
            also = f"; also in {', '.join(others)}" if others else ""
            say(f"  {person.username:<8} {person.name}  {person.title}  ({', '.join(person.roles)}{also})")
    say("")


def enter_users() -> None:
    """Whoever works for two companies is one user, who comes first to the first of them."""
    from django.contrib.auth import get_user_model

    for company in COMPANIES:
        for person in company.people:
            user, created = get_user_model().objects.get_or_create(
                username=person.username,
                defaults={
                    "name": person.name, "email": f"{person.username}@{company.domain}", "language": person.language, "last_set": company.key,
                },
            )
            if created:
                user.set_password(PASSWORD)
                user.save()


def build(company: Company, today: date) -> None:
    """The whole year of one company. People get their places last."""
    from django.utils.translation import override

    from guanxi.kernel.events.worker import deliver_all
    from guanxi.kernel.outbox.worker import send_due
    from guanxi.kernel.sets.lifecycle import drop_set

    parent = os.getppid()
    try:
        create(company)
        with override(company.language):
            demo = people(company, today)
            for chapter in CHAPTERS:
                tell(chapter, demo, parent)
            deliver_all(company.key)
            read_old_notices(demo)
            send_due(company.key)
        give_places(demo)
    except BaseException:
        drop_set(company.key)
        raise


def create(company: Company) -> None:
    from django.db import connections

    from guanxi.kernel.sets.lifecycle import create_set

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING_LOCK])
        try:
            create_set(
                company.key, name=company.name, language=company.language, currency=company.currency, country=company.country,
                timezone=company.timezone,
            )
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING_LOCK])


def people(company: Company, today: date) -> Demo:
    """Members, teams, legal entities; the actors of the story."""
    from django.contrib.auth import get_user_model

    from guanxi.kernel.access.models import Entity, Member, Role, Team
    from guanxi.kernel.acts.writer import change_record
    from guanxi.kernel.database import in_set

    users = {user.username: user for user in get_user_model().objects.filter(username__in=[p.username for p in company.people])}
    with in_set(company.key):
        teams: dict[str, Team] = {}
        for name, parent in company.teams:
            teams[name] = Team.objects.create(name=name, parent=teams.get(parent) if parent else None)
        members = {}
        for person in company.people:
            member = Member.objects.create(
                code=person.username, name=person.name, title=person.title, team=teams[person.team], user_id=users[person.username].pk,
                email=f"{person.username}@{company.domain}", language=person.language,
            )
            member.roles.set(Role.objects.filter(key__in=person.roles))
            members[person.username] = member.pk
        demo = Demo(company, _actors(company, members), today)
        admin = demo.acting(company.administrator, demo.first_on)
        change_record(Entity.objects.get(is_default=True), company.entities[0], actor=admin)
        if len(company.entities) > 1:
            _open_entities(demo, members)
            demo.actors = _actors(company, members)
    return demo


def _actors(company: Company, members: dict[str, int]) -> dict[str, Any]:
    from guanxi.kernel.access.actor import actor_of

    found = {person.username: actor_of(members[person.username], language=person.language) for person in company.people}
    return {username: actor for username, actor in found.items() if actor}


def _open_entities(demo: Demo, members: dict[str, int]) -> None:
    """Further legal entities with their books and warehouse, and whoever works for them."""
    from guanxi.erp.finance.operations import open_books
    from guanxi.erp.inventory.models import Location, Warehouse
    from guanxi.kernel.access.models import Entity, Member
    from guanxi.kernel.acts.writer import change_record, create_record

    company, admin = demo.company, demo.acting(demo.company.administrator, demo.first_on)
    for values in company.entities[1:]:
        entity = create_record(Entity, values, actor=admin).result
        open_books(entity, actor=admin, chart="international")
        name = {"en": f"Warehouse {entity.code}"}
        warehouse = create_record(Warehouse, {"code": f"WH-{entity.code}", "name": name, "entity": entity}, actor=admin).result
        create_record(Location, {"code": warehouse.code, "name": name, "warehouse": warehouse}, actor=admin)
        for person in company.people:
            if person.entity == entity.code:
                change_record(Member.objects.get(pk=members[person.username]), {"entity": entity.pk}, actor=admin, by_id=True)


def read_old_notices(demo: Demo) -> None:
    """Everybody has looked at the bell until a week ago."""
    from guanxi.kernel.database import in_set
    from guanxi.kernel.notices.models import Notification
    from guanxi.kernel.notices.operations import read_notifications

    with in_set(demo.company.key):
        for actor in demo.actors.values():
            old = Notification.objects.filter(member_id=actor.member_id, at__lt=actor.now - timedelta(days=7))
            if until := old.order_by("-pk").values_list("pk", flat=True).first():
                read_notifications(actor=actor, until=until)


def give_places(demo: Demo) -> None:
    from guanxi.kernel.sets.models import AccountSet, Membership

    account_set = AccountSet.objects.get(key=demo.company.key)
    Membership.objects.bulk_create(
        [Membership(user_id=actor.user_id, account_set=account_set, member_id=actor.member_id) for actor in demo.actors.values()]
    )


def tell(chapter: str, demo: Demo, parent: int) -> None:
    """One module's part: `prepare(demo)` before the year, or `happen(demo, days)` month by month; where the words tell it themselves, so."""
    from guanxi.kernel.database import in_set

    words = words_of(chapter, demo.company.tongue)
    if words is None:
        return
    story = words if hasattr(words, "prepare") or hasattr(words, "happen") else import_module(chapter)
    if hasattr(story, "prepare"):
        with in_set(demo.company.key):
            story.prepare(demo)
    if hasattr(story, "happen"):
        for days in _months(demo.days()):
            if os.getppid() != parent:
                raise Quit("whoever asked for the demo is gone")
            with in_set(demo.company.key):
                story.happen(demo, days)


def _months(days: Iterable[date]) -> list[list[date]]:
    months: dict[tuple[int, int], list[date]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(day)
    return list(months.values())
