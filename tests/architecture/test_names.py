"""Names that say nothing are refused; the others follow one pattern each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from guanxi.kernel.acts.operation import OPERATIONS
from guanxi.kernel.events.publish import EVENTS, EventBase
from guanxi.kernel.records.record import Record
from tests.architecture.tree import PACKAGE, files, parsed, report, shown

EMPTY = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "data", "info", "infos", "stuff", "tmp", "foo"}
ABBREVIATED = {"cust", "qty", "amt", "inv", "acct", "addr", "desc", "cfg", "mgr", "svc", "msg", "usr", "prod", "dept", "curr", "calc", "proc"}
DJANGO_MANAGERS = {"objects"}
DAYS = ("_on", "_from", "_until")
"""`valid_from` and `valid_until` bound a validity."""
MOMENTS = ("_at",)
POSITIVE = ("is_", "has_", "may_")


def words(name: str) -> list[str]:
    """`OrderLine2`, `order_line` → ["order", "line"]."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name.replace("data_folder", "folder"))]


def wrong_with(name: str) -> str | None:
    parts = words(name)
    if bad := set(parts) & (EMPTY | ABBREVIATED):
        return f"“{', '.join(sorted(bad))}” says nothing"
    if len(parts) > 1 and parts[-1] in ("service", "services") and not name.islower():
        return "“service” as a suffix"
    if name.startswith("do_"):
        return "“do_” says nothing"
    return None


def defined() -> Iterator[tuple[str, str]]:
    """(place, name) of every package, file, class and function, and of classes' own fields."""
    for path in files("*.py", tests=True):
        yield shown(path), path.parent.name
        yield shown(path), path.stem
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{shown(path)}:{node.lineno}", node.name


def test_no_name_of_a_file_class_or_function_is_empty_of_meaning():
    wrong = {f"{place}: {name}: {why}" for place, name in defined() if (why := wrong_with(name))}
    assert not wrong, report(sorted(wrong))


def test_the_words_that_say_nothing_are_known():
    assert [bool(wrong_with(name)) for name in ("order_utils", "DataHelper", "InvoiceManager", "do_it", "PriceService", "msg")] == [True] * 6
    assert [bool(wrong_with(name)) for name in ("confirm_order", "StockMove", "database", "information", "service")] == [False] * 5


def own_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("guanxi.")]


def own_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in own_models():
        inherited = {
            field.name
            for base in model.__mro__
            if hasattr(base, "_meta") and not base.__module__.startswith("guanxi.")
            for field in base._meta.local_fields
        }
        for field in model._meta.local_fields:
            if field.name not in inherited:
                yield model, field


def test_days_end_in_on_and_moments_in_at():
    wrong = []
    for model, field in own_fields():
        if isinstance(field, models.DateTimeField):
            if field.name != "at" and not field.name.endswith(MOMENTS):
                wrong.append(f"{model._meta.label}.{field.name} is a moment: name it …_at")
        elif isinstance(field, models.DateField) and not field.name.endswith(DAYS):
            wrong.append(f"{model._meta.label}.{field.name} is a calendar day: name it …_on")
    assert not wrong, report(wrong)


def test_yes_or_no_is_said_positively():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model, field in own_fields()
        if isinstance(field, models.BooleanField) and not field.name.startswith(POSITIVE)
    ]
    assert not wrong, "name them is_…, has_… or may_…:" + report(wrong)


def test_fields_and_parameters_say_what_they_hold():
    wrong = [f"{model._meta.label}.{field.name}: {why}" for model, field in own_fields() if (why := wrong_with(field.name))]
    wrong += [
        f"{found.name}({column.name}): {why}"
        for found in OPERATIONS.values()
        for column in found.parameters.values()
        if (why := wrong_with(column.name))
    ]
    assert not wrong, report(wrong)


def test_a_model_is_a_singular_noun():
    exceptions = ("Address", "Business", "Status", "Process", "Progress", "Access", "Basis", "Series", "Terms")
    wrong = [model._meta.label for model in own_models() if model.__name__.endswith("s") and not model.__name__.endswith(exceptions)]
    assert not wrong, report(wrong)


def test_an_operation_is_a_verb_and_a_noun():
    """The noun is the target's, so that a verb found in a list of buttons can be found in the source."""
    wrong = [found.name for found in OPERATIONS.values() if len(found.key.split("_")) < 2]
    assert not wrong, report(wrong)


def test_an_event_is_a_noun_and_a_past_participle():
    past = re.compile(
        r".*(ed|Sent|Paid|Sold|Made|Begun|Lent|Lost|Won|Met|Given|Taken|Withdrawn|Held|Found|Left|Shown|Put|Read|Spent|Brought|Bought)$"
    )
    wrong = [cls.__name__ for cls in own_events() if len(words(cls.__name__)) < 2 or not past.match(cls.__name__)]
    assert not wrong, report(wrong)


def own_events() -> list[type[EventBase]]:
    return [cls for cls in EVENTS.values() if isinstance(cls, type) and ".tests." not in cls.__module__]


def test_a_choice_of_a_life_cycle_is_lower_case():
    wrong = [
        f"{model._meta.label}: {state}"
        for model in own_models()
        if issubclass(model, Record) and hasattr(model, "lifecycle")
        for state in model.lifecycle.labels
        if not re.fullmatch(r"[a-z]+(_[a-z]+)*", state)
    ]
    assert not wrong, report(wrong)


def test_a_test_is_a_sentence():
    wrong = []
    for path in [*PACKAGE.rglob("tests/test_*.py"), *(PACKAGE.parent / "tests").rglob("test_*.py")]:
        for holder in ast.walk(parsed(path)):
            group = words(holder.name) if isinstance(holder, ast.ClassDef) else []
            for node in ast.iter_child_nodes(holder):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and len(group + node.name.split("_")) < 4:
                    wrong.append(f"{shown(path)}:{node.lineno} {node.name}")
    assert not wrong, "say the rule:" + report(wrong)
