"""Sequences of acts, drawn by Hypothesis; each is undone at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.ledgers.business import CUSTOMERS, PRICES, Business, World

item = st.integers(0, len(PRICES) - 1)
party = st.integers(0, CUSTOMERS - 1)
which = st.integers(0, 20)
"""Chooses among the documents there are."""
pieces = st.integers(1, 9)
cents = st.integers(1, 3000)
amount = st.one_of(st.integers(1, 3000), st.integers(1, 40_000))
wanted = st.lists(st.tuples(item, pieces, st.sampled_from((0, 0, 10, 15, 33))), min_size=1, max_size=3)
some = st.one_of(st.just([]), st.lists(st.integers(0, 4), min_size=1, max_size=3))
"""Of an order's lines in turn; all that is left when empty."""
edit = st.one_of(
    st.tuples(st.just("pieces"), st.integers(0, 11)), st.tuples(st.just("price"), st.integers(100, 3000)), st.just(("stay", 0)), st.just(("drop", 0)),
)
KINDS = {
    # How often, and what with.
    "place": (4, (party, wanted)), "draft": (1, (party, wanted)), "confirm": (1, (which,)), "cancel": (1, (which,)),
    "change": (2, (which, st.lists(edit, max_size=3), st.lists(st.tuples(item, pieces), max_size=1))), "end_line": (1, (which, which)),
    "hold": (1, (which,)), "release": (1, (which,)), "receive": (2, (item, pieces, cents)), "reprice": (1, (item, st.integers(100, 3000))),
    "deliver": (7, (which, some)), "plan": (1, (which, some)), "ship": (2, (which, st.sampled_from((0, 0, 1, 2)))),
    "return": (3, (which, which, st.integers(1, 4))), "bill": (4, (which,)), "credit": (2, (which,)), "pay": (1, (party, amount)),
    "prepay": (2, (which, amount)), "ask_prepayment": (1, (which, amount)), "allocate": (1, (which,)), "free_money": (1, (which,)),
    "bounce": (1, (which,)), "pay_back": (2, (which, amount)), "take_refund_back": (1, (which,)),
}
ACTIONS = st.sampled_from([name for name, (often, _with) in KINDS.items() for _n in range(often)]).flatmap(
    lambda name: st.tuples(st.just(name), *KINDS[name][1])
)


def run(world: World, actions: Sequence[tuple], counts: Counter[str] | None = None) -> None:
    """All of them, compared after each, proved at the end, and taken back."""
    point = transaction.savepoint()
    try:
        business = Business(world, counts)
        for action in actions:
            business.happen(action)
        business.prove()
    finally:
        transaction.savepoint_rollback(point)


def run_many(world: World, sequences: int, number: int, *, counts: Counter[str] | None = None, shrinks: bool = True, most: int = 30) -> None:
    """So many sequences drawn from a seed; the first that fails, as short as it can be made."""

    @seed(number)
    @settings(
        max_examples=sequences, deadline=None, database=None, print_blob=False,
        phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(actions=st.lists(ACTIONS, min_size=10, max_size=most))
    def each(actions: list[tuple]) -> None:
        if counts is not None:
            counts["sequences"] += 1
        run(world, actions, counts)

    each()
