"""A hostile member calls every address, every API address and every operation without the right: refused, and nothing changed.

Generated from the URLconf and the registry. What is "nothing" is read again from the database: the rows and a hash of every table
of the set, the log of acts among them, are the same before and after.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.models import Max

from guanxi.kernel.access.grants import VERBS
from guanxi.kernel.access.scopes import access_path, rights_model
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.database import in_set
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.shared.parties.models import Contact, Party
from tests.access.hostile import MEMBER, Attempt, attempts, everything, is_refused, own_operations
from tests.access.particulars import SEEDED
from tests.access.rows import GIVEN, MARK, Rows
from tests.access.world import Digest, Person, digest, filled, person, undone, words
from tests.architecture.test_pages import pages_of
from tests.architecture.tree import report

SIZE = 3
screens = [screen for screen in SCREENS.values() if ".tests." not in screen.__module__]
OWN_FILE = re.compile(r"/import/|/export/\d+/")
"""Files on their way, which only who brought or asked for them reaches."""
every_screen = pytest.mark.parametrize("screen", screens, ids=lambda screen: screen.path)


UNUSABLE = {
    "acts.approve_request": "only a holder of the rule's role may",
    "acts.decline_request": "only a holder of the rule's role may",
    "acts.withdraw_request": "only who asked may",
    "discussion.edit_comment": "only who said it may",
    "finance.reverse_receipt": "the receipts made here have no voucher",
    "finance.reverse_refund": "nor have the refunds",
}
"""Operations that an administrator cannot perform on the rows made here, and why."""


class World:
    """Two filled sets, and the people who try."""

    def __init__(self) -> None:
        self.admin = person("alpha", "administrator")
        self.nobody = person("alpha", grants={})
        self.almost = person("alpha", grants={})
        self.stranger = person("beta", "administrator")
        self.alpha: Rows = filled("alpha", SIZE)
        far = self.last_ids("alpha")
        self.number_from("beta", max(far.values()) + 1)
        self.beta: Rows = filled("beta", SIZE)
        with in_set("beta"):
            for screen, last in self.last_ids("beta").items():
                if last <= far[screen]:
                    self.beta.of(screen.model, len(self.beta.by_model[screen.model]) + 1)
        self.strange = self.last_ids("beta")
        """By screen the id of a row of the other set that has no like in this one."""
        assert all(self.strange[screen] > far[screen] for screen in far)
        self.attempts = attempts("alpha", self.alpha)

    @staticmethod
    def last_ids(key: str) -> dict[type[Screen], int]:
        made = [screen for screen in screens if screen.model not in GIVEN and screen.model._meta.label_lower not in SEEDED]
        with in_set(key):
            return {screen: screen.model._base_manager.aggregate(last=Max("pk"))["last"] for screen in made}

    @staticmethod
    def number_from(key: str, first: int) -> None:
        """The ids of what is made in this set from now on; ids already given by other tests do not matter then."""
        with in_set(key), connection.cursor() as cursor:
            for table in {screen.model._meta.db_table for screen in screens}:
                cursor.execute(f"SELECT count(nextval(pg_get_serial_sequence('{table}', 'id'))) FROM generate_series(1, %s)", [first])

    def on(self, screen: type[Screen]) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.screen is screen]


@pytest.fixture(scope="module")
def world(database, static_files) -> Iterator[World]:
    with undone():
        made = World()
        _before.update({key: digest(key) for key in ("alpha", "beta")})
        yield made
        _before.clear()


_before: dict[str, Digest] = {}
"""What the sets hold when a test begins, which is the same each time: every test is undone. Only the role of the one who tries
differs, so what was written by then is read anew."""


@pytest.fixture(autouse=True)
def _apart(world) -> Iterator[None]:
    with undone():
        yield


@contextmanager
def nothing_changes(*keys: str) -> Iterator[None]:
    before = {}
    for key in keys or ("alpha",):
        now = digest(key, since=_before[key])
        before[key] = Digest({**_before[key].tables, **now.tables}, now.writes)
    yield
    for key, was in before.items():
        assert not (changed := digest(key, since=was).changed_since(was)), f"{key} has changed: {changed}"


def tried(who: Person, tries: Iterable[Attempt]) -> list[str]:
    """The attempts that were not refused, with what was answered."""
    return [f"{attempt.name}: {answer.status_code} {words(answer)[:160]}" for attempt in tries if not is_refused(answer := attempt.by(who))]


def test_there_is_something_to_try(world):
    assert len(world.attempts) > 20 * len(screens)
    faces = {(attempt.face, attempt.method) for attempt in world.attempts}
    assert faces >= {("page", "GET"), ("page", "POST"), ("API", "GET"), ("API", "POST"), ("API", "PATCH"), ("API", "DELETE")}


def test_what_is_written_is_noticed_and_what_is_taken_back_is_not(world):
    """The control of "nothing has changed"."""
    party = world.alpha.of(Party)[0]
    for write in (lambda: Party.objects.filter(pk=party.pk).update(name="x"), lambda: Contact.objects.create(code="x", name="x", party=party)):
        with undone(), pytest.raises(AssertionError, match="alpha has changed"), nothing_changes(), in_set("alpha"):
            write()
        with nothing_changes(), undone(), in_set("alpha"):
            write()


@every_screen
def test_with_the_right_the_same_requests_are_heard(screen, world):
    """The control: an administrator is not refused, so that the refusals below are not for another reason. That the pages which are there
    to be read open, and the API's lists and records, is shown by `tests/architecture/test_pages.py`."""
    wrong = []
    opened = set(pages_of(screen, world.alpha).values())
    for attempt in world.on(screen):
        if is_closed_to_all(attempt) or attempt.operation in UNUSABLE or OWN_FILE.search(attempt.address):
            continue
        if attempt.method == "GET" and (attempt.face == "API" or attempt.address in opened):
            continue
        with undone():
            answer = attempt.by(world.admin)
            if is_refused(answer) or answer.status_code >= 500:
                wrong.append(f"{attempt.name}: {answer.status_code} {words(answer)[:200]}")
    assert not wrong, report(wrong)


def is_closed_to_all(attempt: Attempt) -> bool:
    """Rows that come from operations alone: nobody enters or changes them by hand."""
    screen = attempt.screen
    assert screen is not None
    if attempt.address == screen.url("alpha"):
        return False
    by_hand = attempt.address.endswith(("/edit/", "/archive/", "/delete/", "/bulk/")) or "/cell/" in attempt.address
    return not screen.may_create and attempt.address.endswith("/new/") or not screen.may_edit and by_hand


@every_screen
def test_what_operations_write_is_closed_to_the_hand_of_all(screen, world):
    with nothing_changes():
        assert not (open_ones := tried(world.admin, [a for a in world.on(screen) if is_closed_to_all(a)])), report(open_ones)


class TestWithoutSigningIn:
    @every_screen
    def test_every_page_sends_to_the_sign_in_and_every_call_is_unauthorised(self, screen, world):
        nobody = Person("alpha", None, world.admin.client.__class__(raise_request_exception=False), "gx_alpha_" + "0" * 64)
        with nothing_changes():
            assert not (open_ones := tried(nobody, world.on(screen))), report(open_ones)

    def test_nor_is_anything_else_below_a_set_open(self, world):
        nobody = Person("alpha", None, world.admin.client.__class__(raise_request_exception=False), "")
        with nothing_changes():
            assert not (open_ones := tried(nobody, [a for a in world.attempts if a.screen is None])), report(open_ones)


class TestWithoutAnyRole:
    @every_screen
    def test_a_member_with_no_role_is_refused_everything(self, screen, world):
        with nothing_changes():
            assert not (open_ones := tried(world.nobody, world.on(screen))), report(open_ones)

    def test_pages_of_every_member_show_them_nothing(self, world):
        leaking = []
        with nothing_changes():
            for attempt in [a for a in world.attempts if a.right == MEMBER and a.screen is None]:
                for address in (attempt.address, f"{attempt.address}?q={MARK}", f"{attempt.address}?q=1"):
                    answer = Attempt(attempt.face, attempt.method, address, MEMBER).by(world.nobody)
                    # What was typed stands in the page again, in its own address and in the field.
                    shown = re.sub(rf"q(=|%3D|%253D){MARK}|value=\"{MARK}\"", "", answer.content.decode())
                    if answer.status_code >= 500 or MARK in shown:
                        leaking.append(f"{attempt.method} {address}: {answer.status_code}")
        assert not leaking, report(leaking)

    def test_operations_without_a_row_are_refused(self, world):
        with nothing_changes():
            assert not (open_ones := tried(world.nobody, [a for a in world.attempts if a.operation and a.screen is None])), report(open_ones)


class TestWithEveryRightButOne:
    @every_screen
    @pytest.mark.parametrize("verb", VERBS)
    def test_the_one_that_is_missing_is_missed(self, screen, verb, world):
        label = rights_model(screen.model)[0]._meta.label_lower
        world.almost.may(everything((label, verb)), sees=("*",))
        # Who may not see a row cannot change it either; who may not change it may still perform what is allowed to them.
        tries = [a for a in world.on(screen) if a.right == verb or verb == "view" and a.right != "add"]
        with nothing_changes():
            assert not (open_ones := tried(world.almost, tries)), report(open_ones)

    @pytest.mark.parametrize("name", [found.name for found in own_operations()])
    def test_an_operation_is_not_performed(self, name, world):
        world.almost.may(everything((name, "do")), sees=("*",))
        with nothing_changes():
            assert not (open_ones := tried(world.almost, [a for a in world.attempts if a.operation == name])), report(open_ones)


class TestOnRowsOfOthers:
    @every_screen
    def test_one_s_own_rows_are_not_another_s(self, screen, world):
        """Everything, but only in the scope of one's own rows: there are none, so every row is somebody else's."""
        own = {name: " ".join(f"{verb}:own" for verb in text.split()) if "company" not in text else "own" for name, text in everything().items()}
        world.almost.may(own, sees=("*",))
        pages = [a for a in world.on(screen) if "/bulk/" not in a.address and not a.address.endswith(("/new/", "/preview/")) and speaks_of_a_row(a)]
        with nothing_changes():
            assert not (open_ones := tried(world.almost, pages)), report(open_ones)

    @every_screen
    def test_what_one_may_see_one_may_not_therefore_change(self, screen, world):
        governing = rights_model(screen.model)[0]
        if access_path(governing, "own") is None:
            own = {name: "view" if "view" in text.split() else "own" for name, text in everything().items()}
        else:
            own = {name: "view change:own delete:own" if "view" in text.split() else "own" for name, text in everything().items()}
        world.almost.may(own, sees=("*",))
        tries = [
            a
            for a in world.on(screen)
            if a.right in ("change", "delete") and speaks_of_a_row(a) and a.method != "GET" and "/bulk/" not in a.address and archives(a)
        ]
        with nothing_changes():
            assert not (open_ones := tried(world.almost, tries)), report(open_ones)


def archives(attempt: Attempt) -> bool:
    """What cannot be archived at all says so before it asks for the right."""
    assert attempt.screen is not None
    return not attempt.address.endswith("/archive/") or any(f.name == "archived_at" for f in attempt.screen.model._meta.fields)


def speaks_of_a_row(attempt: Attempt) -> bool:
    return any(part.isdigit() for part in attempt.address.split("/"))


class TestFromAnotherSet:
    @every_screen
    def test_an_administrator_elsewhere_is_nobody_here(self, screen, world):
        with nothing_changes("alpha", "beta"):
            assert not (open_ones := tried(world.stranger, world.on(screen))), report(open_ones)

    def test_nor_are_the_other_addresses_open(self, world):
        with nothing_changes("alpha", "beta"):
            assert not (open_ones := tried(world.stranger, [a for a in world.attempts if a.screen is None])), report(open_ones)

    @every_screen
    def test_ids_of_another_set_mean_nothing_here(self, screen, world):
        strange = world.strange.get(screen, 99_999)
        own = world.alpha.by_model[screen.model][0].pk
        tries = [
            Attempt(a.face, a.method, a.address.replace(f"/{own}", f"/{strange}"), a.right, a.screen, a.operation, a.body)
            for a in world.on(screen)
            if speaks_of_a_row(a) and "/import/" not in a.address
        ]
        with nothing_changes("alpha", "beta"):
            assert not (open_ones := tried(world.admin, tries)), report(open_ones)


class TestColumnsBehindAFieldRight:
    @every_screen
    def test_they_are_not_shown_sorted_filtered_nor_written(self, screen, world):
        hidden = [name for name, column in columns_of(screen.model).items() if column.right]
        hidden += [name for name in screen.declared() if name.split("__")[0] in hidden]
        world.almost.may(everything(), sees=())
        with nothing_changes():
            shown = world.almost.api("GET", f"alpha/{screen.path}/{world.alpha.by_model[screen.model][0].pk}").json()
            assert not set(hidden) & set(shown)
            for name in hidden:
                for query in (f"fields={name}", f"sort={name}", f"f.{name}=1", f"f.{name}=none"):
                    answer = world.almost.api("GET", f"alpha/{screen.path}?{query}")
                    assert answer.status_code == 400, f"?{query}: {answer.status_code}"
                page = world.almost.client.get(f"{screen.url('alpha')}?columns={name}&sort={name}")
                assert f'data-column="{name}"' not in page.content.decode()
                if screen.may_edit:
                    pk = world.alpha.by_model[screen.model][0].pk
                    answer = world.almost.api("PATCH", f"alpha/{screen.path}/{pk}", {name: "1"}, **{"If-Match": "*"})
                    assert answer.status_code in (409, 422), f"PATCH {name}: {answer.status_code} {words(answer)}"
            if screen.lines:
                secret = {name for name, column in columns_of(screen.lines.model).items() if column.right}
                assert not secret & {name for line in shown.get("lines", ()) for name in line}
