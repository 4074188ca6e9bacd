"""`guanxi set begin KEY --from OTHER`: an empty account set with the people, teams, roles and letterhead of another one.

Ledgers are append-only, so invented entries cannot be taken out of the books they stand in: the demo's set stays as it is until it
is dropped as a whole, and the company begins in a set of its own.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

from guanxi.config.terminal import Quit, say

LETTERHEAD = ("code", "name", "english_name", "tax_number", "address", "english_address", "phone", "bank_account", "currency", "country", "timezone")
PERSON = ("code", "name", "email", "phone", "title", "language", "signature", "user_id")


@dataclass
class Taken:
    """What comes along, as plain values."""

    entity: dict[str, Any] = field(default_factory=dict)
    teams: list[dict[str, Any]] = field(default_factory=list)
    roles: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    """What stays behind: rows by kind of record."""


def begin(given: argparse.Namespace) -> int:
    from guanxi.kernel.sets.lifecycle import create_set, require_free
    from guanxi.kernel.sets.models import AccountSet

    source = AccountSet.objects.filter(key=given.source).first()
    if source is None:
        raise Quit(f"There is no account set “{given.source}”: `guanxi set list` shows all.")
    require_free(given.key)
    taken = take(source.key)
    preview(given.key, source.key, taken)
    if given.yes != given.key:
        raise Quit(f"Nothing was done. If you want that, say it once more: guanxi set begin {given.key} --from {source.key} --yes {given.key}")
    create_set(
        given.key, given.name or source.name, language=source.language, currency=source.currency, country=source.country, timezone=source.timezone,
    )
    settle(given.key, taken)
    say(f"created the account set {given.key}. The other one is as it was; to delete it: guanxi set drop {source.key} --yes {source.key}")
    return 0


def take(key: str) -> Taken:
    """Everything that comes along, and a count of what does not."""
    from guanxi.kernel.access.models import Entity, Team
    from guanxi.kernel.database import in_set
    from guanxi.shared.members.beginning import left_behind, people_along, roles_along

    with in_set(key):
        taken = Taken(entity=Entity.objects.filter(is_default=True).values(*LETTERHEAD).first() or {})
        taken.teams = [*map(dict, Team.objects.order_by("path").values("name", "parent__name", "lead__code"))]
        taken.roles = [*map(dict, roles_along().values("key", "name", "grants", "sees", "home", "is_two_step_needed"))]
        for member in people_along().select_related("team", "reports_to"):
            taken.members.append({
                "values": {name: getattr(member, name) for name in PERSON}, "team": member.team.name if member.team else "",
                "reports_to": member.reports_to.code if member.reports_to else "", "roles": list(member.roles.values_list("key", flat=True)),
            })
        taken.left = left_behind(lambda model: model._base_manager.count())
    return taken


def preview(key: str, source: str, taken: Taken) -> None:
    say(f"{key} begins empty. From {source} come along: {len(taken.members)} people with their sign-ins, {len(taken.teams)} teams,")
    say(f"  {len(taken.roles)} roles of your own, and the letterhead of {taken.entity.get('name', '')}.")
    say("  Not taken: " + ", ".join(f"{number} {label.lower()}" for label, number in taken.left.items()) + "; files, own fields, rules, templates.")


def settle(key: str, taken: Taken) -> None:
    """Put into the new set what was taken, in one transaction; then everybody has a place there."""
    from guanxi.kernel.access.models import Entity, Member, Role, Team
    from guanxi.kernel.database import in_set
    from guanxi.kernel.sets.models import AccountSet, Membership

    with in_set(key):
        Entity.objects.filter(is_default=True).update(**taken.entity)
        for values in taken.roles:
            Role.objects.update_or_create(key=values["key"], defaults={name: value for name, value in values.items() if name != "key"})
        teams: dict[str, Any] = {}
        for values in taken.teams:
            teams[values["name"]] = Team.objects.create(name=values["name"], parent=teams.get(values["parent__name"] or ""))
        members: dict[str, Any] = {}
        for person in taken.members:
            made = Member.objects.create(**person["values"], team=teams.get(person["team"]))
            made.roles.set(Role.objects.filter(key__in=person["roles"]))
            members[made.code] = made
        for person in taken.members:
            if chief := members.get(person["reports_to"]):
                members[person["values"]["code"]].assign(reports_to=chief)
                members[person["values"]["code"]].flush()
        for values in taken.teams:
            if lead := members.get(values["lead__code"] or ""):
                Team.objects.filter(name=values["name"]).update(lead=lead)
    account_set = AccountSet.objects.get(key=key)
    Membership.objects.bulk_create([Membership(user_id=m.user_id, account_set=account_set, member_id=m.pk) for m in members.values()])
