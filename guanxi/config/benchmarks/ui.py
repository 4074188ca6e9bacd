"""Pages over very many rows, asked of a real server by one client and by eight, beside the same questions as bare SQL.

The time of a page is that of the server: from the moment the request reached the process until the answer was ready.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import re
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from guanxi.config.benchmarks.filling import owner_connection
from guanxi.config.benchmarks.instance import server
from guanxi.config.benchmarks.people import LOOKING, session_cookie
from guanxi.config.benchmarks.questions import QUESTIONS, Question
from guanxi.config.prepare import collect_static
from guanxi.config.terminal import Quit, say

TABLES = ("parties_party", "parties_contact", "leads_opportunity", "activities_activity", "leads_lead", "search_searchentry")
WARM = 12
Answer = tuple[float, float, float, int]
"""Milliseconds of the server, of these its own work, of these the database, and statements."""
_TIMING = re.compile(r'total;dur=([\d.]+), cpu;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+)"')


@dataclass
class Figures:
    """What the server said of the answers to one question."""

    totals: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    in_database: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)

    def summary(self) -> dict[str, Any]:
        return {
            **spread(self.totals), "cpu_p50": round(statistics.median(self.worked), 1), "database_p50": round(statistics.median(self.in_database), 1),
            "queries": sorted(self.queries), "n": len(self.totals),
        }

    def note(self, answer: Answer) -> None:
        total, worked, in_database, queries = answer
        self.totals.append(total)
        self.worked.append(worked)
        self.in_database.append(in_database)
        self.queries.add(queries)


@dataclass
class Place:
    """What stands in the addresses: one of the rows that this person sees."""

    member: int
    region: int
    customers: list[int]
    opportunities: list[int]

    def filled(self, text: str, turn: int) -> str:
        given = {"id": self.customers, "opportunity": self.opportunities}
        values = {name: rows[turn % len(rows)] for name, rows in given.items()} | {"member": self.member, "region": self.region}
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text)


class Client:
    """One connection that stays open, as one of the people."""

    def __init__(self, url: str, key: str, cookie: str):
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=120)
        self.key, self.headers = key, {"Cookie": cookie, "Accept-Encoding": "gzip"}

    def get(self, address: str) -> Answer:
        answer = self._answer(address)
        answer.read()
        found = _TIMING.search(answer.headers.get("Server-Timing", ""))
        if answer.status != 200 or found is None:
            raise Quit(f"{address}: {answer.status}" + ("" if found else ", and the server does not say how long it took (GUANXI_SERVER_TIMING=1)"))
        return float(found[1]), float(found[2]), float(found[3]), int(found[4])

    def _answer(self, address: str) -> http.client.HTTPResponse:
        for is_last in (False, True):
            try:
                self.connection.request("GET", f"/{self.key}/{address}", headers=self.headers)
                return self.connection.getresponse()
            except http.client.RemoteDisconnected:
                # The server closes connections that say nothing for a while.
                self.connection.close()
                if is_last:
                    raise
        raise AssertionError


def run(given: argparse.Namespace) -> int:
    """p50 and p95 of each page for three people; then the mix, by one client and by eight."""
    from guanxi.kernel.sets.lifecycle import list_sets

    if not any(account_set.key == given.key for account_set in list_sets()):
        raise Quit(f"There is no account set “{given.key}”: fill one with `guanxi bench data --set {given.key}`.")
    collect_static()
    os.environ["GUANXI_SERVER_TIMING"] = "1"
    cookies = {role: session_cookie(role) for role in LOOKING}
    places, counts = _places(given.key), _counts(given.key)
    load = os.getloadavg()[0]
    with server() as url:
        clients = {role: Client(url, given.key, cookie) for role, cookie in cookies.items()}
        pages = {q.name: _asked(q, clients, places, given) for q in QUESTIONS if not given.only or given.only in q.name}
        mixes = [] if given.only else [_mixed(url, given, cookies, places, number) for number in (1, given.clients)]
    result = {
        "rows": counts, "pages_ms": pages, "mix_ms": mixes, "times": given.times,
        "machine": {
            "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform(),
            "load_before": round(load, 1), "load_after": round(os.getloadavg()[0], 1),
        },
    }
    if given.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0


def _asked(question: Question, clients: dict[str, Client], places: dict[str, Place], given: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for role in question.people:
        times = given.times if question.kind == "page" else max(3, given.times // 6)
        figures = Figures()
        for turn in range(times + WARM):
            answer = clients[role].get(places[role].filled(question.address, turn))
            if turn >= WARM:
                figures.note(answer)
        mine = found[role] = figures.summary()
        mine["bare_p50"] = _bare(given.key, question, role, places[role], times)
        mine["ratio"] = round(mine["p50"] / mine["bare_p50"], 1) if mine["bare_p50"] else None
    say(f"{question.name:<28}" + "   ".join(
        f"{role[:8]}: p50 {m['p50']:.1f} p95 {m['p95']:.1f} cpu {m['cpu_p50']:.1f} db {m['database_p50']:.1f} ms, "
        f"{'/'.join(map(str, m['queries']))} q, bare {m['bare_p50']:.1f}"
        for role, m in found.items()
    ))
    return found


def _mixed(url: str, given: argparse.Namespace, cookies: dict[str, str], places: dict[str, Place], number: int) -> dict[str, Any]:
    """So many people at once, each asking for a page by the weights, looking at it for a while, and asking for the next; noted is the second
    half of their time, when the connections that serve them know the questions."""
    asked: dict[str, Figures] = defaultdict(Figures)
    pages = [question for question in QUESTIONS if question.weight]
    noted, lock = time.monotonic() + given.seconds, threading.Lock()
    until = noted + given.seconds

    def person(seat: int) -> None:
        random, role = Random(seat), LOOKING[::-1][seat % len(LOOKING)]
        client = Client(url, given.key, cookies[role])
        mine = [question for question in pages if role in question.people]
        time.sleep(random.uniform(0, given.pause))
        while time.monotonic() < until:
            [question] = random.choices(mine, [one.weight for one in mine])
            answer = client.get(places[role].filled(question.address, random.randrange(1000)))
            if time.monotonic() > noted:
                with lock:
                    asked[question.name].note(answer)
            time.sleep(random.uniform(0.5, 1.5) * given.pause)

    seats = [threading.Thread(target=person, args=(seat,)) for seat in range(number)]
    for seat in seats:
        seat.start()
    for seat in seats:
        seat.join()
    totals = [total for figures in asked.values() for total in figures.totals]
    mix = {
        "clients": number, "pause_s": given.pause, "seconds": given.seconds, "pages": len(totals), **spread(totals),
        "by_page": {name: figures.summary() for name, figures in sorted(asked.items())},
    }
    say(f"{number} clients, {given.pause} s of looking between pages: {len(totals)} pages, p50 {mix['p50']:.1f} p95 {mix['p95']:.1f} ms")
    return mix


def spread(taken: Sequence[float]) -> dict[str, float]:
    found = sorted(taken) or [0.0]
    return {"p50": round(statistics.median(found), 1), "p95": round(found[min(len(found) - 1, int(len(found) * 0.95))], 1)}


def _bare(key: str, question: Question, role: str, place: Place, times: int) -> float:
    """The same of the statements, as the tables' owner: no rights, no wall, no page."""
    taken = []
    with owner_connection(key) as connection:
        for turn in range(max(3, times // 3) + WARM):
            began = time.perf_counter()
            for statement in question.bare(role, place.member):
                connection.execute(place.filled(statement, turn)).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken[WARM:]), 2)


def _places(key: str) -> dict[str, Place]:
    from django.contrib.auth import get_user_model

    from guanxi.kernel.sets.models import Membership

    users = {role: get_user_model().objects.get(username=f"bench-{role}") for role in LOOKING}
    members = {role: Membership.objects.get(user=user, account_set__key=key).member_id for role, user in users.items()}
    with owner_connection(key) as connection:
        [owner] = connection.execute("SELECT owner_id FROM parties_party WHERE owner_id = %s LIMIT 1", [members["salesperson"]]).fetchone() or (None,)
        if owner is None:
            raise Quit("The salesperson who looks owns no customer: fill the set with this version's `guanxi bench data`.")
        [region] = connection.execute("SELECT min(id) FROM parties_region").fetchone()
        customers, opportunities = (
            _some(connection.execute(f"SELECT id FROM {table} WHERE owner_id = %s ORDER BY id", [owner]).fetchall())
            for table in ("parties_party", "leads_opportunity")
        )
    # The salesperson's rows are seen by all three.
    return {role: Place(member, region, customers, opportunities) for role, member in members.items()}


def _some(rows: Iterable[tuple[int]]) -> list[int]:
    ids = [row[0] for row in rows]
    return Random(3).sample(ids, min(len(ids), 200))


def _counts(key: str) -> dict[str, int]:
    with owner_connection(key) as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
