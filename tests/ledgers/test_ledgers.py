"""A slice of the sequences, what the model has found, and that they can fail (M14.3, M14.8, M15.1, M16.1). The whole: README.md."""

from __future__ import annotations

import pytest
from django.db import Error

from tests.ledgers.business import World
from tests.ledgers.defects import DEFECTS, planted
from tests.ledgers.sequences import run, run_many

FOUND = {
    "an invoice of the middle taken back and billed anew: the parts came to a cent more than the line": [
        ("place", 0, [(0, 7, 33)]), ("deliver", 1, [1]), ("bill", 1), ("deliver", 1, [1]), ("bill", 1), ("deliver", 1, []), ("bill", 1),
        ("credit", 1), ("bill", 1),
    ],
    "goods that come back piece by piece: a cent of their cost stayed behind": [
        ("receive", 0, 2, 500), ("place", 0, [(0, 6, 0)]), ("deliver", 1, []), *[("return", 1, 0, 1)] * 6,
    ],
    "a line that went out and came back was removed: the order's margin lost its cost": [
        ("place", 0, [(0, 3, 0), (1, 2, 0)]), ("deliver", 1, [2]), ("bill", 1), ("return", 1, 0, 2), ("credit", 1), ("end_line", 1, 0),
    ],
}


@pytest.fixture
def world(alpha):
    return World(alpha)


@pytest.mark.parametrize("story", FOUND.values(), ids=FOUND)
def test_what_the_model_has_found_stays_mended(world, story):
    run(world, story)


def test_random_business_is_what_a_simple_count_says(world):
    run_many(world, 4, 1, most=25)


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(world, defect):
    _place, _wrong, story = DEFECTS[defect]
    run(world, story)
    with planted(defect), pytest.raises((AssertionError, Error)):
        run(world, story)
