"""The permission matrix: which role may do what to which rows, by which operations, and see which columns.

Generated from the registry and kept as matrix.txt, so that a change of rights is read in a diff before it is merged.
Write it anew after a wanted change:  python -m tests.access.matrix
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("matrix.txt")
ADMINISTRATOR = "administrator"


def lines() -> Iterator[str]:
    yield "Who may do what. Written by `python -m tests.access.matrix`; read every line that changes."
    yield "role = in the whole company, role:own, role:team, role:party = there only. The administrator may do everything and is left out."
    yield from section("Roles: the page they begin with, and their field rights", roles())
    yield from section("Rows: what each role may do to which", rows())
    yield from section("Operations: who may use them on which rows", operations())
    yield from section("Columns that only holders of a field right see", columns())
    yield from section("Pages: the right that each address asks for", pages())


def section(title: str, body: Iterator[str]) -> Iterator[str]:
    yield ""
    yield f"== {title}"
    yield from body


def rights_by_role() -> dict[str, Any]:
    """Rights as the program reads them, by role."""
    from guanxi.kernel.access.grants import union
    from guanxi.kernel.access.roles import DECLARED

    return {key: union([(declared.grants, declared.sees)]) for key, declared in sorted(DECLARED.items())}


def roles() -> Iterator[str]:
    from guanxi.kernel.access.roles import DECLARED

    for key, declared in sorted(DECLARED.items()):
        yield f"{key:<22} home {declared.home or '-':<24} sees {' '.join(sorted(declared.sees)) or '-'}"


def holders(name: str, verb: str) -> str:
    """`salesperson:own salesperson:team accountant`."""
    found = []
    for key, rights in rights_by_role().items():
        if key != ADMINISTRATOR:
            scopes = rights.scopes(name, verb)
            found += [key] if "company" in scopes else [f"{key}:{scope}" for scope in sorted(scopes)]
    return " ".join(found) or "-"


def rows() -> Iterator[str]:
    from guanxi.kernel.access.grants import VERBS
    from guanxi.kernel.access.scopes import rights_model
    from guanxi.kernel.screens.screen import screen_of
    from tests.access.rows import set_models

    for model in sorted(set_models(), key=lambda m: m._meta.label_lower):
        governing, _prefix = rights_model(model)
        if governing is not model:
            yield f"{model._meta.label_lower}: as {governing._meta.label_lower}"
            continue
        screen = screen_of(model)
        kind = " (append-only)" if getattr(model, "append_only", False) else ""
        if screen is not None:
            forbidden = [name for name, allowed in (("create", screen.may_create), ("edit", screen.may_edit)) if not allowed]
            kind += f" at {screen.path}" + (f", no {' and no '.join(forbidden)} by hand" if forbidden else "")
        found = {verb: holders(model._meta.label_lower, verb) for verb in VERBS}
        if set(found.values()) == {"-"}:
            yield f"{model._meta.label_lower}{kind}: nobody but the administrator"
            continue
        yield f"{model._meta.label_lower}{kind}"
        for verb, who in found.items():
            yield f"    {verb:<7} {who}"


def operations() -> Iterator[str]:
    from guanxi.kernel.acts.operation import OPERATIONS

    for found in sorted(OPERATIONS.values(), key=lambda o: o.name):
        if ".tests." in found.function.__module__:
            continue
        target = found.target._meta.label_lower if found.target else "without a row"
        moved = f" → {found.moves.state}" if found.moves else ""
        yield f"{found.name} ({target}{moved})"
        yield f"    do      {holders(found.name, 'do')}"


def columns() -> Iterator[str]:
    from guanxi.kernel.columns.registry import columns_of
    from tests.access.rows import set_models

    by_right: dict[str, list[str]] = {}
    for model in set_models():
        for column in columns_of(model).values():
            if column.right:
                by_right.setdefault(column.right, []).append(f"{model._meta.label_lower}.{column.name}")
    for right, names in sorted(by_right.items()):
        seen = " ".join(key for key, rights in rights_by_role().items() if key != ADMINISTRATOR and rights.sees_right(right))
        yield f"{right}: {seen or '-'}"
        for name in sorted(names):
            yield f"    {name}"


def pages() -> Iterator[str]:
    from tests.access.routes import routes

    found = {route.shown: route.right for route in routes() if route.screen is None}
    found |= {route.shown: route.right for route in routes() if route.screen is not None}
    for shown, right in sorted(found.items()):
        yield f"{shown:<60} {right}"


def text() -> str:
    return "\n".join(lines()) + "\n"


def main(write: Callable[[str], Any] = KEPT.write_text) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
    django.setup()
    write(text())


if __name__ == "__main__":
    main()
