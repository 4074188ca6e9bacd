"""An operation's signature is its form, its REST body and its documentation: so it has to be said in full."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import OPERATIONS, Operation
from guanxi.kernel.columns.column import Column

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TONES = {"", "danger", "primary"}
SAME_IN_BOTH = {"SKU", "URL", "ID", "#"}
found_operations = [found for found in OPERATIONS.values() if ".tests." not in found.function.__module__]
every = pytest.mark.parametrize("found", found_operations, ids=lambda found: found.name)


def labels(found: Operation) -> Iterator[tuple[str, object]]:
    """(place, label) of the operation, its parameters, their lines and their choices."""
    yield "label", found.label
    for column in found.parameters.values():
        yield from _labels_of(column, column.name)


def _labels_of(column: Column, place: str) -> Iterator[tuple[str, object]]:
    yield place, column.label
    for code, label in column.choices:
        yield f"{place}={code}", label
    for line in column.lines:
        yield from _labels_of(line, f"{place}.{line.name}")


@every
def test_it_says_what_it_does(found: Operation):
    assert found.summary, "write one line of purpose as its docstring"
    assert len(found.summary) < 160 and found.summary.endswith((".", "?", "!")), "a sentence of one line"
    assert found.tone in TONES, f"tone is one of {TONES}"


@every
def test_its_label_and_its_parameters_speak_both_languages(found: Operation):
    wrong = []
    for place, label in labels(found):
        if not isinstance(label, Promise):
            wrong.append(f"{place} has no label of its own: give labels={{…: _(…)}}")
            continue
        with override("zh-hans"):
            chinese = str(label)
        with override("en"):
            english = str(label)
        if CHINESE.search(english) or not (CHINESE.search(chinese) or english in SAME_IN_BOTH):
            wrong.append(f"{place}: {english!r} / {chinese!r}")
    assert not wrong, "\n".join(wrong)


@every
def test_the_actor_is_given_by_name_and_nothing_else_is_positional(found: Operation):
    import inspect

    parameters = list(inspect.signature(found.function).parameters.values())
    positional = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert len(positional) == (1 if found.target else 0), "only the target is positional"
    actor = [p for p in parameters if p.name == "actor"]
    assert actor and actor[0].annotation in (Actor, "Actor") and actor[0].kind is inspect.Parameter.KEYWORD_ONLY


def test_no_two_operations_have_one_name():
    names = [found.name for found in found_operations]
    assert len(names) == len(set(names))
