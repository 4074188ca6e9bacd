"""Every page of every screen opens in both languages, and what cannot be asked is answered in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.database import in_set
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.views.shapes import shapes_of
from tests.access.rows import MARK, PAYLOAD, Rows
from tests.access.world import LANGUAGES, Person, filled, person, undone, words

FEW = 2
screens = [screen for screen in SCREENS.values() if ".tests." not in screen.__module__]
every_screen = pytest.mark.parametrize("screen", screens, ids=lambda screen: screen.path)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def people(database, static_files) -> Iterator[dict[str, Person]]:
    """An administrator for each language, in a set with a few rows of everything."""
    with undone():
        yield {language: person("alpha", "administrator", language=language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def few(people) -> Rows:
    return filled("alpha", FEW)


@pytest.fixture(autouse=True)
def _apart(few) -> Iterator[None]:
    """What one test breaks, the next does not find."""
    with undone():
        yield


def first_of(screen: type[Screen], rows: Rows):
    with in_set("alpha"):
        return rows.first(screen.model)


def pages_of(screen: type[Screen], rows: Rows) -> dict[str, str]:
    """Address by name, for the first row."""
    first = first_of(screen, rows)
    found = {
        "list": screen.url("alpha"),
        "record": screen.url("alpha", first.pk),
        "history": screen.url("alpha", first.pk, "?tab=history"),
        "peek": screen.url("alpha", first.pk, "peek/"),
        "why": screen.url("alpha", first.pk, "why/"),
    }
    found |= {shape.key: screen.url("alpha", rest=shape.rest) for shape in shapes_of(screen) if shape.key not in ("list", "chart")}
    if screen.may_create:
        found["new"] = screen.url("alpha", rest="new/")
    if screen.may_edit and is_editable(first):
        found["edit"] = screen.url("alpha", first.pk, "edit/")
    return found


def is_editable(row) -> bool:
    return not hasattr(type(row), "lifecycle") or row.status in row.lifecycle.editable


@every_screen
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_pages_open_in_both_languages(screen, language, people, few):
    for name, address in pages_of(screen, few).items():
        if language != "en" and name in ("history", "peek", "why", "edit", "pivot"):
            continue
        answer = people[language].client.get(address)
        assert answer.status_code == 200, f"{name} {address}: {answer.status_code} {words(answer)}"
        text = answer.content.decode()
        assert PAYLOAD not in text and PAYLOAD[:3] not in text, f"{name} {address}: a text stands in the page as it was typed"
        if name in ("list", "new"):
            title = str(screen.plural() if name == "list" else screen.singular())
            assert CHINESE.search(text) if language == "zh-hans" else not CHINESE.search(without_values(text)), (
                f"{name}: other language than {language}"
            )
            assert title


def without_values(page: str) -> str:
    """What the program says: without rows, and without the names of languages in their own tongue."""
    main = re.sub(r"(?s)<(td|dd|option|script|svg)\b.*?</\1>", "", page)
    return re.sub(rf"简体中文|中文|\w*{MARK}[\w斑驴 ]*|(?<=value=\")[^\"]*|斑驴\d*", "", main)


@every_screen
def test_the_api_lists_and_shows_it(screen, people, few):
    admin, first = people["en"], first_of(screen, few)
    listed = admin.api("GET", f"alpha/{screen.path}?limit=100")
    assert listed.status_code == 200, words(listed)
    assert first.pk in {row["id"] for row in listed.json()["rows"]}
    shown = admin.api("GET", f"alpha/{screen.path}/{first.pk}")
    assert shown.status_code == 200, words(shown)
    assert set(screen.columns) - set(shown.json()) - {name for name in screen.columns if "__" in name} == set()


@every_screen
def test_what_cannot_be_asked_is_answered_in_words(screen, people, few):
    admin = people["en"]
    kinds = {column.kind: name for name, column in columns_of(screen.model).items() if column.filterable}
    asked = ["f.nonsense=1", "sort=nonsense", "columns=nonsense", "page=-1", "page=x"]
    asked += [f"f.{name}=%00" for name in list(kinds.values())[:1]] + [f"f.{name}=⁂" for kind, name in kinds.items() if kind not in TEXTS]
    for query in asked:
        page = admin.client.get(f"{screen.url('alpha')}?{query}")
        assert page.status_code in (200, 400), f"page ?{query}: {page.status_code}"
        if not query.startswith("page="):
            answer = admin.api("GET", f"alpha/{screen.path}?{query}")
            assert answer.status_code == 400 or "%00" in query and answer.status_code == 400, f"API ?{query}: {answer.status_code} {words(answer)}"
            assert len(words(answer)) > 20
    page = admin.client.get(f"{screen.url('alpha')}?f.nonsense=1").content.decode()
    assert re.search(r">[^<]*“nonsense”", page), "a filter that is left out has to be told"


TEXTS = {"text", "longtext", "email", "url", "phone", "translated"}


@every_screen
def test_every_column_can_be_shown_and_sorted_by_and_filtered_as_it_says(screen, people, few):
    admin = people["en"]
    known = screen.available(ALL)
    shown = [name for name, column in known.items() if column.kind != "json"]
    sorted_by = [name for name, column in known.items() if column.sortable and not column.many]
    filtered = [name for name, column in known.items() if column.filterable]
    asked = [f"{screen.url('alpha')}?columns={','.join(part)}" for part in split(shown, 30)]
    asked += [f"alpha/{screen.path}?limit=2&sort=-{',-'.join(part)}" for part in split(sorted_by, 4)]
    asked += [f"alpha/{screen.path}?" + "&".join(f"f.{name}=none" for name in part) for part in split(filtered, 30)]
    for address in asked:
        answer = admin.client.get(address) if address.startswith("/") else admin.api("GET", address)
        assert answer.status_code == 200, f"{address}: {answer.status_code} {words(answer)}"


def split(names: list[str], size: int) -> list[list[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


class _All:
    """Sees every column."""

    @staticmethod
    def sees(_column) -> bool:
        return True


ALL = _All()
