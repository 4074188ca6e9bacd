"""Who owns the many rows, and who looks at them: a salesperson, the lead of a team, an administrator."""

from __future__ import annotations

OWNED = 2_000
"""Customers of one salesperson."""
TEAM = 20
"""Salespeople of one team."""
LOOKING = ("administrator", "sales_manager", "salesperson")


def owners_of(key: str, customers: int) -> list[int]:
    """The members who own the customers between them, 2,000 each, in teams of 20; the first is the salesperson who looks, the
    sales manager who looks leads the first team."""
    from guanxi.kernel.access.models import Member, Team
    from guanxi.kernel.database import in_set

    looking = {role: joined(key, role) for role in LOOKING}
    count = max(1, customers // OWNED)
    with in_set(key):
        teams = [Team.objects.get_or_create(name=f"Many {n + 1}")[0] for n in range(-(-count // TEAM))]
        Team.objects.filter(pk=teams[0].pk).update(lead=looking["sales_manager"])
        Member.objects.filter(pk=looking["salesperson"]).update(team=teams[0])
        known = dict(Member.objects.filter(code__startswith="MANY-").values_list("code", "pk"))
        return [looking["salesperson"]] + [
            known.get(code := f"MANY-{n:04}") or Member.objects.create(code=code, name=f"Owner {n}", kind="staff", team=teams[n // TEAM]).pk
            for n in range(1, count)
        ]


def joined(key: str, role: str) -> int:
    """The member with this role whose pages are measured."""
    from django.contrib.auth import get_user_model

    from guanxi.config.people import join

    user, _made = get_user_model().objects.get_or_create(
        username=f"bench-{role}", defaults={"name": f"Bench {role}", "email": f"bench-{role}@localhost.invalid"}
    )
    return join(user, key, [role])


def session_cookie(role: str) -> str:
    """The cookie of that person, signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    user = get_user_model().objects.get(username=f"bench-{role}")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
