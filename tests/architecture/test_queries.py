"""A page of twenty rows asks the database no more often than a page of two, and no page asks too often."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.database import in_set
from guanxi.kernel.screens.panels import panels_of
from guanxi.kernel.screens.screen import SCREENS
from tests.access.rows import Rows
from tests.access.world import Person, filled, person, undone, words
from tests.architecture.test_pages import first_of, pages_of
from tests.architecture.tree import report

# Both tests look at the same two counts, which take long to make.
pytestmark = pytest.mark.xdist_group("queries")
FEW, MANY = 2, 20
LIST, PAGE = 25, 60
"""Most queries of a list and of any other page, with those of the session and the transaction."""
Counted = dict[str, tuple[int, list[str]]]


@pytest.fixture(scope="module")
def counted(database, static_files) -> Iterator[tuple[Counted, Counted]]:
    """By page: the queries with two rows of everything, and with twenty; half of them refer to the first row of each kind."""
    with undone():
        admin = person("alpha", "administrator")
        both = []
        for size in (FEW, MANY):
            with undone():
                both.append(count(admin, filled("alpha", size)))
        yield both[0], both[1]


def count(admin: Person, rows: Rows) -> Counted:
    found = {}
    for screen in SCREENS.values():
        if ".tests." in screen.__module__:
            continue
        first = first_of(screen, rows)
        pages = {f"{screen.path} {name}": address for name, address in pages_of(screen, rows).items() if name not in ("why", "pivot")}
        with in_set("alpha"):
            panels = panels_of(first, actor_of(admin.member.pk))
        pages |= {f"{screen.path} panel {declared.key}": screen.url("alpha", first.pk, f"?tab={declared.key}") for declared in panels}
        for name, address in pages.items():
            found[name] = queries(lambda address=address: admin.client.get(address))
        found[f"{screen.path} API list"] = queries(lambda screen=screen: admin.api("GET", f"alpha/{screen.path}?limit=500"))
        found[f"{screen.path} API record"] = queries(lambda screen=screen, pk=first.pk: admin.api("GET", f"alpha/{screen.path}/{pk}"))
    return found


def queries(ask: Callable[[], Any]) -> tuple[int, list[str]]:
    # The first time fills caches, so that few rows may cost more than many, never fewer.
    connections["default"].queries_log.clear()
    with CaptureQueriesContext(connections["default"]) as captured:
        answer = ask()
    assert answer.status_code == 200, words(answer)
    # Whether the set is open is asked every few seconds, not by every call.
    texts = [query["sql"] for query in captured.captured_queries if '"sets_accountset"."stamp" AS' not in query["sql"]]
    return len(texts), texts


def test_they_do_not_grow_with_the_rows(counted):
    few, many = counted
    grown = [f"{name}: {few[name][0]} → {many[name][0]} queries{extra(few[name], many[name])}" for name in few if many[name][0] > few[name][0]]
    assert not grown, report(grown)


def test_no_page_asks_too_often(counted):
    _few, many = counted
    over = [
        f"{name}: {number} queries" for name, (number, _texts) in many.items() if number > (LIST if name.endswith((" list", "API record")) else PAGE)
    ]
    assert not over, report(over)


def extra(few: tuple[int, list[str]], many: tuple[int, list[str]]) -> str:
    """The statement that was asked most often more."""

    def shapes(texts: list[str]) -> Counter[str]:
        return Counter(re.sub(r"\d+|'[^']*'", "?", text)[:160] for text in texts)

    more = shapes(many[1]) - shapes(few[1])
    return f"; {more.most_common(1)[0][1]} times more: {more.most_common(1)[0][0]}" if more else ""
