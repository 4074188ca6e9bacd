"""What is lower knows nothing of what is higher: in imports, and in foreign keys, which no import linter sees."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from guanxi.kernel.database.router import GLOBAL_APPS
from tests.architecture.tree import PACKAGE, ROOT, report


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml on the package that lies in `folder`."""
    program = """import sys; sys.path.insert(0, sys.argv[1])
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename=sys.argv[2], no_cache=True))"""
    return subprocess.run(
        [sys.executable, "-c", program, str(folder), str(ROOT / "pyproject.toml")], cwd=folder, capture_output=True, text=True, check=False
    )


@cache
def orders() -> list[tuple[str, list[str]]]:
    """(package, its parts from high to low) as the contracts say, so that the order is written once."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [
        (container, [layer.strip("()") for layer in contract["layers"]])
        for contract in contracts
        if contract["type"] == "layers"
        for container in contract["containers"]
    ]


def crosses_upwards(source: str, target: str) -> str | None:
    """Why code in the module `source` may not know the module `target`, or None."""
    for container, layers in orders():
        heads = [name.removeprefix(f"{container}.").split(".")[0] if name.startswith(f"{container}.") else None for name in (source, target)]
        if heads[0] in layers and heads[1] in layers and layers.index(heads[0]) > layers.index(heads[1]):
            return f"{container}: {heads[0]} stands below {heads[1]}"
    return None


def relations() -> Iterator[tuple[type[models.Model], models.Field, type[models.Model]]]:
    for model in apps.get_models(include_auto_created=True):
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            if field.related_model is not None and isinstance(field.related_model, type):
                yield model, field, field.related_model


def test_imports_go_downwards_only():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_upwards_is_found(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "guanxi", ignore=shutil.ignore_patterns("static", "locale", "templates", "__pycache__"))
    (tmp_path / "guanxi/kernel/values/rounding.py").write_text("def lazy():\n    from guanxi.erp.sales import models\n    return models\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "guanxi.kernel.values.rounding -> guanxi.erp.sales.models" in done.stdout


def test_foreign_keys_go_downwards_only():
    wrong = [
        f"{model._meta.label}.{field.name} → {target._meta.label}: {why}"
        for model, field, target in relations()
        if (why := crosses_upwards(model.__module__, target.__module__))
    ]
    assert not wrong, report(wrong)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("guanxi.kernel.access.models", "guanxi.erp.sales.models"),
        ("guanxi.erp.finance.models", "guanxi.erp.sales.models"),
        ("guanxi.shared.parties.models", "guanxi.shared.catalog.models"),
        ("guanxi.kernel.records.models", "guanxi.kernel.access.models"),
    ],
)
def test_a_relation_upwards_is_found(source, target):
    assert crosses_upwards(source, target)
    assert not crosses_upwards(target, source)


def test_no_row_of_a_set_refers_to_a_global_table_nor_the_other_way_round():
    wrong = [
        f"{model._meta.label}.{field.name} → {target._meta.label}"
        for model, field, target in relations()
        if (model._meta.app_label in GLOBAL_APPS) != (target._meta.app_label in GLOBAL_APPS)
    ]
    assert not wrong, report(wrong)


def test_business_modules_touch_each_other_only_by_what_is_public():
    """Operations, queries, events, ports, how its records stand on paper, and models for relations and types; the rest is a module's own."""
    from tests.architecture.tree import files, module_name, parsed, shown

    public = {"models", "operations", "queries", "events", "ports", "paper"}
    wrong = []
    for path in files("*.py"):
        here = module_name(path).split(".")
        for name, line in imported(parsed(path)):
            there = name.split(".")
            if there[:1] != ["guanxi"] or len(there) < 4 or there[1] not in ("shared", "erp", "crm", "insight"):
                continue
            if here[1] in ("config", "web") or here[1:3] == there[1:3] or there[3] in public:
                continue
            wrong.append(f"{shown(path)}:{line} imports {name}")
    assert not wrong, report(wrong)


def imported(tree) -> Iterator[tuple[str, int]]:
    import ast

    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
