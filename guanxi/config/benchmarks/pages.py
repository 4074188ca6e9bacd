"""Pages over very many rows, asked of a real server one after another, beside the rows they show as hand-written SQL."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from random import Random

import psycopg
from django.conf import settings

from guanxi.config.benchmarks.instance import server
from guanxi.config.prepare import collect_static
from guanxi.config.terminal import Quit, say

PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "customer list": ("customers/", ("SELECT * FROM parties_party WHERE archived_at IS NULL ORDER BY name_sort, id LIMIT 50",)),
    "lead list": (
        "leads/?f.status=new,working",
        ("SELECT * FROM leads_lead WHERE status IN ('new', 'working') ORDER BY received_on DESC, id DESC LIMIT 50",),
    ),
    "board": ("opportunities/board/?f.status=open", (
        "SELECT stage_id, count(*), sum(amount), sum(amount * chance) FROM leads_opportunity WHERE status = 'open' GROUP BY stage_id",
        """SELECT o.* FROM leads_stage s, LATERAL (
             SELECT * FROM leads_opportunity WHERE stage_id = s.id AND status = 'open' ORDER BY next_on, id LIMIT 25) o""",
    )),
    "customer page": ("customers/{id}/", (
        "SELECT * FROM parties_party WHERE id = {id}",
        "SELECT * FROM activities_activity WHERE party_id = {id} ORDER BY at DESC LIMIT 20",
        "SELECT * FROM leads_opportunity WHERE customer_id = {id} AND status = 'open'",
        "SELECT count(*) FROM sales_order WHERE customer_id = {id}",
        "SELECT count(*) FROM parties_contact WHERE party_id = {id}",
    )),
}
"""By name: the address below the set, and statements that read the same rows, without rights, references or totals of the page."""


def run(given: argparse.Namespace) -> int:
    """Median and 95th percentile of each page and its statements, in milliseconds, for an administrator and for a salesperson."""
    from guanxi.kernel.sets.lifecycle import list_sets

    if not any(account_set.key == given.key for account_set in list_sets()):
        raise Quit(f"There is no account set “{given.key}”: fill one with `guanxi bench data --set {given.key}`.")
    collect_static()
    cookies = {role: _signed_in(given.key, role) for role in ("administrator", "salesperson")}
    ids = _customers(given.key, given.times + 3)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    with server() as url:
        for name, (address, statements) in PAGES.items():
            figures[name] = {
                role: _timed(ids, lambda pk, cookie=cookie, address=address: _get(f"{url}/{given.key}/{address.format(id=pk)}", cookie))
                for role, cookie in cookies.items()
            }
            figures[name]["bare SQL"] = _bare(given.key, statements, ids)
            say(f"{name:<14} " + "   ".join(f"{who}: p50 {ms['p50']:.1f} p95 {ms['p95']:.1f} ms" for who, ms in figures[name].items()))
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    if given.json:
        print(json.dumps({"pages_ms": figures, "times": given.times, "machine": machine}, indent=2))
    return 0


def _signed_in(key: str, role: str) -> str:
    """The session cookie of a member with this role, who owns nothing of what was filled in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    from guanxi.config.people import join

    user, _made = get_user_model().objects.get_or_create(
        username=f"bench-{role}", defaults={"name": f"Bench {role}", "email": f"bench-{role}@localhost.invalid"}
    )
    join(user, key, [role])
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _customers(key: str, count: int) -> list[int]:
    with _set(key) as connection:
        [[last]] = connection.execute("SELECT max(id) FROM parties_party").fetchall()
        wanted = Random(3).sample(range(1, (last or 1) + 1), min(count * 2, last or 1))
        found = [row[0] for row in connection.execute("SELECT id FROM parties_party WHERE id = ANY(%s)", [wanted]).fetchall()]
    return found[:count]


def _set(key: str) -> psycopg.Connection:
    from guanxi.kernel.database.session import path_of

    connection = psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner"), autocommit=True)
    connection.execute("SELECT set_config('search_path', %s, false)", [path_of(key)])
    return connection


def _bare(key: str, statements: Sequence[str], ids: Sequence[int]) -> dict[str, float]:
    with _set(key) as connection:
        def read(pk: int) -> None:
            for statement in statements:
                connection.execute(statement.format(id=pk)).fetchall()

        return _timed(ids, read)


def _get(address: str, cookie: str) -> None:
    request = urllib.request.Request(address, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        # Not everybody may see every customer; the answer that says so is part of the measure.
        if error.code not in (403, 404):
            raise Quit(f"{address}: {error.code}") from None


def _timed(ids: Sequence[int], do: Callable[[int], None]) -> dict[str, float]:
    """The first three are not counted."""
    taken = []
    for pk in ids:
        started = time.perf_counter()
        do(pk)
        taken.append((time.perf_counter() - started) * 1000)
    counted = sorted(taken[3:]) or taken
    return {"p50": round(statistics.median(counted), 2), "p95": round(counted[min(len(counted) - 1, int(len(counted) * 0.95))], 2)}
