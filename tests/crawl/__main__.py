"""`python -m tests.crawl [--url URL]`: opens every screen of the demo and writes down what is wrong with it."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

RESULT = Path(__file__).with_name("results.json")
ADMINISTRATOR = "admin"
ROLES = {"admin": "administrator", "zhang": "sales manager", "li": "salesperson", "zhao": "storekeeper", "sun": "accountant"}
SET = "demo"
FIRST_ROW = re.compile(r'<a class="open" href="([^"?]+)"')
KINDS = ("axe", "policy", "outside", "script", "console", "sideways", "status", "crawler")
SAMPLE = "as the administrator {faces} of the eight combinations of language, size and theme for each page, in turn; as others one"
OUTSIDE = ("/?all=1", "/account/", "/account/sessions/", "/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/")
PROGRESS = 50
STRANGER = ("/accounts/login/", "/accounts/password/reset/")


def combinations() -> list[tuple[str, str, str]]:
    from tests.support.demo import LANGUAGES, SIZES, THEMES

    return list(itertools.product(LANGUAGES, SIZES, THEMES))


def screens() -> Iterator[tuple[str, Any]]:
    from guanxi.kernel.screens.screen import SCREENS

    yield from ((path, screen) for path, screen in SCREENS.items() if ".tests." not in screen.__module__)


def addresses(page: Page) -> Iterator[str]:
    """Pages that this person may open, found as a person finds them: the list, its first row, and what leads on from there."""
    from guanxi.web.pages import teams

    yield from (f"/{SET}/{rest}" for rest in ("", "today/", "me/", "bell/", "bell/settings/", f"{teams.PATH}/"))
    for path, screen in screens():
        address = f"/{SET}/{path}/"
        answer = page.request.get(f"{address}?view=all")
        if answer.status != 200:
            continue
        yield address
        first = FIRST_ROW.search(answer.text())
        record = first[1] if first else None
        if screen.board:
            yield f"{address}board/"
        if screen.may_create and page.request.get(f"{address}new/").status == 200:
            yield f"{address}new/"
        if record is None:
            continue
        yield record
        yield f"{record}?tab=history"
        if screen.may_edit and page.request.get(f"{record}edit/").status == 200:
            yield f"{record}edit/"
    yield from OUTSIDE


def open_page(context: BrowserContext, watch: Any, address: str, expected: int = 200) -> list[dict[str, Any]]:
    from tests.crawl.looks import faults

    page = context.pages[0] if context.pages else context.new_page()
    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    return faults(page, watch, status=answer.status if answer else 0, expected=expected)


def _entry(address: str, role: str, combination: tuple[str, str, str], faults: list[dict[str, Any]]) -> dict[str, Any]:
    language, size, theme = combination
    return {"address": address, "role": role, "language": language, "size": size, "theme": theme, "faults": faults}


def begin_to_end() -> list[int]:
    """What is filled when someone ends it by `kill`: no more pages are opened, and what was seen is written down."""
    over: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: over.append(number))
    return over


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crawl", description=__doc__)
    parser.add_argument("--url", default="", help="a running demo; without it one is made")
    parser.add_argument("--roles", default=",".join(ROLES), help="sign-ins of the demo, with commas")
    parser.add_argument("--only", default="", help="addresses that contain this")
    parser.add_argument("--minutes", type=float, default=1_000, help="open no more pages after so long; how many were left out is written down")
    parser.add_argument("--faces", type=int, default=2, help="in how many of the eight combinations the administrator sees a page; 8 takes hours")
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
    django.setup()
    from tests.crawl.looks import Watch
    from tests.support.demo import Visitors, chromium, demo

    begun, over = time.time(), begin_to_end()
    pages, wrong, opened, left, unseen = Counter[str](), [], 0, 0, []
    with demo(given.url) as url, chromium() as browser:
        visitors = Visitors(browser, url)
        every = combinations()
        for role in given.roles.split(","):
            if over:
                unseen.append(ROLES.get(role, role))
                continue
            contexts = {}
            for combination in every:
                contexts[combination] = visitors.context(role, *combination)
            watches = {combination: Watch(context, url) for combination, context in contexts.items()}
            looking = contexts[every[0]].new_page()
            found = [address for address in dict.fromkeys(addresses(looking)) if given.only in address]
            looking.close()
            for watch in watches.values():
                watch.taken()
            pages[role] = len(found)
            # Who has set a language last has set it for all their sessions: pages of one language come after each other.
            plan: list[tuple[tuple[str, str, str], str]] = []
            for number, address in enumerate(found):
                faces = given.faces if role == ADMINISTRATOR else 1
                plan += [(every[(number + turn * 5) % 8], address) for turn in range(faces)]
            spoken = ""
            for combination, address in sorted(plan, key=lambda one: one[0][0]):
                if over or time.time() - begun > 60 * given.minutes:
                    left += 1
                    continue
                if combination[0] != spoken:
                    from tests.support.demo import speak

                    spoken = combination[0]
                    speak(contexts[combination].new_page(), spoken)
                    watches[combination].taken()
                opened += 1
                if opened % PROGRESS == 0:
                    print(f"{opened} pages opened, as {role} now, {round(time.time() - begun)} s", file=sys.stderr, flush=True)
                try:
                    faults = open_page(contexts[combination], watches[combination], address)
                except Exception as error:
                    faults = [{"kind": "crawler", "text": str(error)[:300]}]
                if faults:
                    wrong.append(_entry(address, ROLES.get(role, role), combination, faults))
                    print(address, role, *combination, json.dumps(faults, ensure_ascii=False)[:400], flush=True)
            for context in contexts.values():
                context.close()
        for combination in every:
            context = visitors.context("", *combination)
            watch = Watch(context, url)
            for address, expected in (*((one, 200) for one in STRANGER), ("/nothing/here/", 404)):
                if given.only in address:
                    opened += 1
                    if faults := open_page(context, watch, address, expected):
                        wrong.append(_entry(address, "nobody", combination, faults))
            context.close()
    kinds = Counter(fault["kind"] for one in wrong for fault in one["faults"])
    result = {
        "on": time.strftime("%Y-%m-%d"), "seconds": round(time.time() - begun), "sample": SAMPLE.format(faces=given.faces), "addresses": dict(pages),
        "pages_opened": opened, "pages_left_out": left, "roles_left_out": unseen,
        "faults": {kind: kinds.get(kind, 0) for kind in KINDS}, "wrong": wrong,
    }
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    print(json.dumps({name: value for name, value in result.items() if name != "wrong"}, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
