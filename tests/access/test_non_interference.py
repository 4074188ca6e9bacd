"""What somebody may not see changes nothing of what they see: not a byte, a count, a sum, an order or a hit (trust rule 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from guanxi.kernel.access.models import Member
from guanxi.kernel.access.scopes import access_path, rights_model
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.database import in_set
from guanxi.kernel.screens.screen import SCREENS, Screen
from tests.access.hostile import everything
from tests.access.rows import MARK, Rows, a_member
from tests.access.world import Person, filled, person, undone
from tests.architecture.tree import report

SIZE = 3
# Tokens made anew for every page: of forms, of acts, of the protection against forged requests.
TOKENS = re.compile(r"\b[0-9a-f]{32}\b|[A-Za-z0-9]{64}|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
screens = [screen for screen in SCREENS.values() if ".tests." not in screen.__module__]


@pytest.fixture(autouse=True)
def _apart(database, static_files) -> Iterator[None]:
    with undone():
        yield


def addresses(screen: type[Screen], pk: int | None) -> list[str]:
    total = next((name for name, column in columns_of(screen.model).items() if column.summable), "id")
    found = [f"api alpha/{screen.path}?sort=-id", f"api alpha/{screen.path}?q={MARK}", f"api alpha/{screen.path}?sort={total}&f.id=1.."]
    found += [screen.url("alpha"), screen.url("alpha", rest=f"?q={MARK}")]
    return [*found, screen.url("alpha", pk), f"api alpha/{screen.path}/{pk}"] if pk else found


def seen(who: Person, asked: list[str]) -> dict[str, tuple[int, str]]:
    """Status and text of each address, without tokens."""
    found = {}
    for address in asked:
        answer = who.api("GET", address.removeprefix("api ")) if address.startswith("api ") else who.client.get(address)
        found[address] = (answer.status_code, TOKENS.sub("…", answer.content.decode()))
    return found


def differences(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> list[str]:
    found = []
    for address, (status, text) in before.items():
        if after[address] != (status, text):
            at = next((n for n, (a, b) in enumerate(zip(text, after[address][1], strict=False)) if a != b), min(len(text), len(after[address][1])))
            found.append(
                f"{address}: {status} {text[max(0, at - 60) : at + 60]!r} → {after[address][0]} {after[address][1][max(0, at - 60) : at + 60]!r}"
            )
    return found


def test_another_set_s_rows_change_nothing_here():
    admin = person("alpha", "administrator")
    rows = filled("alpha", SIZE)
    firsts = {screen: rows.by_model[screen.model][0].pk if rows.by_model.get(screen.model) else None for screen in screens}
    asked = [address for screen in screens for address in addresses(screen, firsts[screen])]
    asked += [f"/alpha/search/?q={MARK}", "/alpha/counts/", "/alpha/choices/parties.party/?q=", "api alpha/openapi.json"]
    seen(admin, asked[:1])
    before = seen(admin, asked)
    filled("beta", SIZE * 3)
    changed = differences(before, seen(admin, asked))
    assert not changed, report(changed)


def own_path(screen: type[Screen]) -> str:
    governing, prefix = rights_model(screen.model)
    return f"{prefix}{access_path(governing, 'own')}"


def test_other_members_rows_change_nothing_for_one_who_sees_only_their_own():
    own = {name: " ".join(f"{verb}:own" for verb in text.split()) if "company" not in text else "own" for name, text in everything().items()}
    limited = [screen for screen in screens if access_path(rights_model(screen.model)[0], "own") is not None]
    # What belongs to nobody is seen by all who may see it at all, and is no secret here.
    shared = {rights_model(s.model)[0]._meta.label_lower: "view" for s in screens if s not in limited}
    me = person("alpha", grants={**own, **shared}, sees=("*",))
    asked = [address for screen in limited for address in addresses(screen, None)]
    asked += [f"/alpha/choices/{screen.model._meta.label_lower}/?q={MARK}" for screen in limited] + ["/alpha/counts/"]
    with in_set("alpha"):
        assert not any(screen.model.objects.filter(**{own_path(screen): me.member}).exists() for screen in limited)
    before = seen(me, asked)
    with in_set("alpha"):
        others = Rows(SIZE)
        others.by_model[Member] = [a_member(f"other{number}") for number in range(SIZE)]
        others.fill()
    changed = differences(before, seen(me, asked))
    assert not changed, report(changed)


def test_the_comparison_would_notice_a_single_row():
    admin = person("alpha", "administrator")
    asked = addresses(next(screen for screen in screens if screen.path == "customers"), None)
    before = seen(admin, asked)
    filled("alpha", 1)
    assert len(differences(before, seen(admin, asked))) == len(asked)
