"""Time-phased available-to-promise: cumulative, and never at the cost of an earlier promise (X1, M14.7)."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from guanxi.erp.promising.atp import available

TODAY = date(2026, 3, 2)


def day(number):
    return TODAY + timedelta(days=number)


def buckets(free, coming=(), claims=()):
    found = available(
        Decimal(free), [(day(on), Decimal(quantity), name) for on, quantity, name in coming], [(day(on), Decimal(q)) for on, q in claims], TODAY
    )
    return [((bucket.on - TODAY).days, int(bucket.quantity), bucket.name) for bucket in found.buckets]


def test_what_is_free_is_available_today_and_a_receipt_on_its_day():
    assert buckets(10, [(5, 20, "GR-1")]) == [(0, 10, ""), (5, 20, "GR-1")]


def test_an_earlier_promise_takes_from_the_receipt_before_it_takes_from_stock():
    assert buckets(10, [(5, 20, "GR-1")], [(7, 15)]) == [(0, 10, ""), (5, 5, "GR-1")]


def test_a_promise_before_the_receipt_takes_from_stock():
    assert buckets(10, [(5, 20, "GR-1")], [(3, 8)]) == [(0, 2, ""), (5, 20, "GR-1")]


def test_a_later_promise_that_needs_more_than_the_receipt_reaches_back_to_stock():
    assert buckets(10, [(5, 20, "GR-1")], [(9, 27)]) == [(0, 3, "")]


def test_what_is_promised_beyond_all_that_is_known_leaves_nothing():
    assert buckets(10, [(5, 20, "GR-1")], [(9, 40)]) == []


def test_what_was_not_met_in_time_takes_the_next_receipt():
    assert buckets(0, [(5, 15, "GR-1")], [(3, 10)]) == [(5, 5, "GR-1")]


def test_a_receipt_that_is_late_counts_as_today():
    assert buckets(0, [(-4, 6, "GR-0")]) == [(0, 6, "GR-0")]


def test_on_one_day_goods_come_before_claims():
    assert buckets(0, [(5, 15, "GR-1")], [(5, 15)]) == []


def test_two_receipts_of_one_day_are_told_apart():
    assert buckets(0, [(5, 4, "GR-2"), (5, 3, "GR-1")], [(5, 2)]) == [(5, 3, "GR-1"), (5, 2, "GR-2")]


def test_a_line_takes_the_earliest_and_leaves_the_rest_to_the_next_line():
    found = available(Decimal(10), [(day(5), Decimal(20), "GR-1")], [], TODAY)
    assert [(one.on, one.quantity, one.name) for one in found.take(Decimal(14))] == [(day(0), 10, ""), (day(5), 4, "GR-1")]
    assert [(one.on, one.quantity) for one in found.take(Decimal(99))] == [(day(5), 16)]
    assert found.by(day(99)) == 0


DAYS, PIECES = st.integers(0, 12), st.integers(1, 30)


@given(
    free=st.integers(0, 40), coming=st.lists(st.tuples(DAYS, PIECES), max_size=5),
    wanted=st.lists(st.tuples(PIECES, st.integers(0, 12)), max_size=12),
)
def test_promises_never_exceed_what_has_come_by_their_day(free, coming, wanted):
    supplies = [(day(on), Decimal(quantity), f"GR-{at}") for at, (on, quantity) in enumerate(coming)]
    claims: list[tuple[date, Decimal]] = []
    for quantity, on in wanted:
        open_now = available(Decimal(free), supplies, claims, TODAY)
        taken = open_now.look(Decimal(quantity))
        if sum(one.quantity for one in taken) < quantity:
            continue
        promised = max(*(one.on for one in taken), day(on))
        # Promised for a later day, it claims only then: that leaves what is there to earlier ones.
        claims.append((promised, Decimal(quantity)))
    for number in range(13):
        come = free + sum(quantity for on, quantity in coming if on <= number)
        claimed = sum(quantity for on, quantity in claims if on <= day(number))
        assert claimed <= come, f"by day {number} {claimed} are promised of {come}"


@given(free=st.integers(0, 40), coming=st.lists(st.tuples(DAYS, PIECES), max_size=5), claims=st.lists(st.tuples(DAYS, PIECES), max_size=5))
def test_what_may_be_promised_is_the_least_net_from_that_day_on(free, coming, claims):
    found = available(
        Decimal(free), [(day(on), Decimal(q), f"GR-{at}") for at, (on, q) in enumerate(coming)], [(day(on), Decimal(q)) for on, q in claims], TODAY
    )

    def net(number):
        return free + sum(q for on, q in coming if on <= number) - sum(q for on, q in claims if on <= number)

    for number in range(14):
        assert found.by(day(number)) == max(0, min(net(later) for later in range(number, 14)))
