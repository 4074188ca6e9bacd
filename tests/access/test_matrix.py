"""Default deny: every address and operation says which right it needs, and who has it changes only before witnesses."""

from __future__ import annotations

import difflib

from guanxi.kernel.access.grants import EVERYTHING, VERBS
from guanxi.kernel.access.roles import DECLARED
from guanxi.kernel.access.scopes import SCOPES, access_path, rights_model
from guanxi.kernel.acts.operation import OPERATIONS
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.screens.menu import all_items
from guanxi.kernel.screens.screen import SCREENS
from tests.access import matrix
from tests.access.routes import API_KEY, OPEN, SIGNED_IN, routes
from tests.access.rows import set_models
from tests.architecture.tree import report

MEMBER = "member"


def test_the_matrix_is_the_one_that_was_reviewed():
    kept, now = matrix.KEPT.read_text().splitlines(), matrix.text().splitlines()
    changes = list(difflib.unified_diff(kept, now, "matrix.txt", "the registry", lineterm="", n=1))
    assert not changes, "rights have changed; if that is wanted: python -m tests.access.matrix" + report(changes)


def test_every_address_declares_its_right():
    known = {*VERBS, MEMBER, OPEN, SIGNED_IN, API_KEY}
    undeclared = [
        f"/{route.pattern}: {route.view.__module__}.{route.view.__name__} {route.right!r}" for route in routes() if route.right not in known
    ]
    assert not undeclared, report(undeclared)


def test_every_page_of_a_screen_asks_for_a_right_on_its_model():
    wrong = [f"/{route.pattern}: {route.right}" for route in routes() if route.screen is not None and route.right not in (*VERBS, MEMBER)]
    assert not wrong, report(wrong)


def test_roles_speak_of_models_and_operations_that_there_are():
    models = {rights_model(m)[0]._meta.label_lower for m in set_models()}
    operations = {found.name: found for found in OPERATIONS.values()}
    wrong = []
    for declared in DECLARED.values():
        for name in declared.grants:
            if name != EVERYTHING and name not in models and name not in operations:
                wrong.append(f"{declared.key}: {name}")
    assert not wrong, report(wrong)


def test_a_scope_of_a_grant_means_something_on_the_model():
    """`change:team` on a model without an owner would silently grant nothing."""
    by_name = {m._meta.label_lower: m for m in set_models()}
    targets = {found.name: found.target for found in OPERATIONS.values()}
    wrong = []
    for key, rights in matrix.rights_by_role().items():
        for name, verbs in rights.granted.items():
            model = by_name.get(name) or targets.get(name)
            for verb, scopes in verbs.items():
                for scope in scopes - {"company"}:
                    if scope not in SCOPES or model is None or access_path(rights_model(model)[0], scope) is None:
                        wrong.append(f"{key}: {name} {verb}:{scope}")
    assert not wrong, report(wrong)


def test_an_operation_is_granted_with_sight_of_its_target():
    """Who may confirm orders but see none could never do it."""
    wrong = []
    for key, rights in matrix.rights_by_role().items():
        for found in OPERATIONS.values():
            if found.target is None or not rights.granted.get(found.name, {}).get("do"):
                continue
            if not rights.scopes(rights_model(found.target)[0]._meta.label_lower, "view"):
                wrong.append(f"{key}: {found.name}, but not view on {found.target._meta.label_lower}")
    assert not wrong, report(wrong)


def test_whoever_may_write_rows_may_see_them():
    wrong = [
        f"{key}: {verb} {name}"
        for key, rights in matrix.rights_by_role().items()
        for name, verbs in rights.granted.items()
        for verb in ("add", "change", "delete")
        if verbs.get(verb) and not verbs.get("view")
    ]
    assert not wrong, report(wrong)


def test_field_rights_are_held_by_somebody_and_stand_on_some_column():
    rights = {column.right for model in set_models() for column in columns_of(model).values() if column.right}
    held = {right for declared in DECLARED.values() for right in declared.sees} - {EVERYTHING}
    assert not held - rights, f"held, but on no column: {held - rights}"
    assert not rights - held, f"on columns, but nobody but the administrator holds it: {rights - held}"


def test_a_role_begins_on_a_page_that_it_may_open():
    pages = {item.path for item in all_items()} | set(SCREENS)
    wrong = []
    for key, rights in matrix.rights_by_role().items():
        home = DECLARED[key].home
        if home and home not in pages:
            wrong.append(f"{key}: there is no page {home}")
        elif home in SCREENS and not rights.scopes(rights_model(SCREENS[home].model)[0]._meta.label_lower, "view"):
            wrong.append(f"{key}: may not see {home}")
    assert not wrong, report(wrong)
