"""Exactly once, whatever dies (M22.1): a slice of the proof, and that the proof can fail. The whole: tests/crash/README.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.found import Found, Row, wait_for_quiet
from tests.crash.outside import outside
from tests.crash.parts import PROGRAM
from tests.crash.proof import problems, wrong_mails
from tests.crash.run import Run, begun
from tests.support.database import FreshDatabase

LOST = ("quote_opportunity", "record_receipt")
BROKEN = "tests.crash.broken"


@pytest.fixture
def begin(fresh_database: FreshDatabase, static_files: None, tmp_path: Path) -> Iterator[Callable]:
    with outside() as receivers:
        yield lambda **programs: begun(receivers, fresh_database.environment, 3, tmp_path / "guanxi.log", **programs)


def twice(found: Found, name: str, change: Callable = lambda one: one) -> Found:
    """With the last of these things again, a little changed."""
    things = getattr(found, name)
    return replace(found, **{name: (*things, change(things[-1]))})


def without(found: Found, name: str) -> Found:
    return replace(found, **{name: getattr(found, name)[:-1]})


INJECTED: dict[str, Callable[[Found], Found]] = {
    "record 2 times: ('Customer00001 Pumps', 'invoice')": lambda found: replace(
        found, rows=(*found.rows, Row("invoice", 999, "Customer00001 Pumps"))
    ),
    "record lost": lambda found: without(found, "rows"), "acknowledged and lost: receipt": lambda found: without(found, "rows"),
    "number of Invoice lost: 1": lambda found: replace(found, numbers={"Invoice": ("INV-2026-00002",)}),
    "number of Invoice 2 times: 1": lambda found: replace(found, numbers={"Invoice": ("INV-2026-00001",) * 2}),
    "event 2 times": lambda found: twice(found, "events", lambda _last: next(one for one in found.events if one[0] == "InvoicePosted")),
    "event lost": lambda found: replace(found, events=()),
    "notice 2 times": lambda found: twice(found, "notices"), "notice lost": lambda found: without(found, "notices"),
    "mail 2 times": lambda found: twice(found, "mails", lambda mail: replace(mail, message_id="<other@alpha.example>")),
    "mail lost": lambda found: replace(found, mails=()),
    "mail that nobody asked for": lambda found: twice(found, "mails", lambda mail: replace(mail, message_id="<x@y>", subject="Hello")),
    "mail with a torn paper": lambda found: twice(found, "mails", lambda mail: replace(mail, is_whole=False)),
    "Message-ID": lambda found: twice(found, "mails", lambda mail: replace(mail, recipient="other@pumps.example")),
    "webhook 2 times": lambda found: twice(found, "hooks", lambda hook: replace(hook, webhook_id="msg_other")),
    "webhook lost": lambda found: replace(found, hooks=()),
    "webhook-id": lambda found: twice(found, "hooks", lambda hook: replace(hook, row_id=999)),
    "on hand are": lambda found: replace(found, on_hand=found.on_hand - 2), "2 are still reserved": lambda found: replace(found, reserved=2),
    "left undone: mail sending": lambda found: replace(found, undone=("mail sending",)),
    "INV-1 is not settled": lambda found: replace(found, unpaid=("INV-1",)),
    "guanxi check: 1 problem": lambda found: replace(found, check="1 problem"),
}


def test_nothing_is_lost_or_doubled_when_web_and_worker_are_killed_and_the_proof_finds_what_is_not_so(begin):
    """After the slice, what would be wrong is put into what was found, and a client that takes a new key for each try is let in."""
    with begin() as run:
        run.tell_under_fire(kills=2, clients=3, pace=1.0)
        found, _seconds = run.come_to_rest(patience=60, is_hurried=True)
        assert [*run.complaints, *problems(run.stories, found, run.company)] == []
        assert sum(run.installation.kills.values()) == 2 and len(run.stories) >= 3
        for words, inject in INJECTED.items():
            assert any(words in one for one in problems(run.stories, inject(found), run.company)), words
        assert problems(run.stories, twice(found, "mails"), run.company) == [], "the same mail again is at least once, as documented"

        run.tell_one(99, run.client(99, has_key_for_each_try=True, loses_at=LOST))
        found, _seconds = run.come_to_rest(patience=60, is_hurried=True, is_proved=False)
        assert run.complaints == []
        doubled = {f"record 2 times: ('Customer00099 Pumps', '{kind}')" for kind in ("quotation", "receipt")}
        assert doubled < {*problems(run.stories, found, run.company)}


def send(run: Run, customer: int, number: int) -> tuple[str, str, tuple[str, ...]]:
    """Send a mail; what has to arrive."""
    mail = {"to": f"buyer{number}@pumps.example", "subject": f"Letter {number}", "body": "Hello."}
    run.client(number).write("li", "messages/send_message", {"target_model": "parties.party", "target_id": customer, **mail})
    return mail["to"], mail["subject"], ()


def test_the_proof_finds_each_defect_that_the_outbox_could_have(begin):
    with begin(web=(BROKEN, "send_before_the_commit")) as run:
        customer = run.client(0).write("li", "customers", {"name": "Pumps"})["id"]

        def found_with(moment: str, number: int, *, killed: str = "worker", then: tuple[str, ...] = PROGRAM) -> list[str]:
            """What is wrong after a mail at which somebody was killed."""
            struck = run.aim(moment, killed, then)
            wanted = send(run, customer, number)
            assert struck.wait(30)
            wait_for_quiet(60, run.died_at)
            return wrong_mails([wanted], [mail for mail in run.outside.mails if mail.subject == wanted[1]])

        assert found_with("mail in hand", 1, killed="web 1") == ["mail 2 times: ('buyer1@pumps.example', 'Letter 1', ())"]
        # Not before: the first letter's second mail is the worker's, and one that notes first is at rest before it has sent.
        run.kill("worker", then=(BROKEN, "note_before_sending"))
        assert found_with("mail at the door", 2, then=(BROKEN, "rename_each_attempt")) == ["mail lost: ('buyer2@pumps.example', 'Letter 2', ())"]
        assert found_with("mail in hand", 3) == ["mail 2 times: ('buyer3@pumps.example', 'Letter 3', ())"]
        assert found_with("mail in hand", 4) == []
        assert [mail.subject for mail in run.outside.mails].count("Letter 4") == 2
