"""Which thread answers next."""

import threading

import pytest

from guanxi.config.threads import WarmestFirst


def test_requests_one_after_the_other_meet_the_same_thread_and_those_at_once_each_their_own():
    threads = WarmestFirst(3, "web")
    alone = [threads.submit(threading.get_ident).result(10) for _turn in range(20)]
    meeting = threading.Barrier(3)

    def at_once() -> int:
        meeting.wait(10)
        return threading.get_ident()

    together = [one.result(10) for one in [threads.submit(at_once) for _seat in range(3)]]

    assert len(set(alone)) == 1
    assert len(set(together)) == 3
    assert alone[0] in together


def test_what_finds_no_thread_waits_in_the_order_in_which_it_came():
    threads, begun, going_on, seen = WarmestFirst(1, "web"), threading.Event(), threading.Event(), []

    def slow() -> None:
        begun.set()
        going_on.wait(10)

    first = threads.submit(slow)
    begun.wait(10)
    rest = [threads.submit(seen.append, number) for number in range(5)]
    given_up = threads.submit(seen.append, "given up")
    assert given_up.cancel()
    going_on.set()
    for one in [first, *rest]:
        one.result(10)

    assert seen == [0, 1, 2, 3, 4]
    assert threads.started == 1


def test_an_error_reaches_who_asked_and_the_thread_goes_on():
    threads = WarmestFirst(1, "web")

    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 // 0).result(10)

    assert threads.submit(lambda: 7).result(10) == 7
    assert threads.started == 1
