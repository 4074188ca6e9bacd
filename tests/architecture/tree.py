"""Walking the source: which files there are, which module each belongs to, and its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import guanxi

PACKAGE = Path(guanxi.__file__).resolve().parent
ROOT = PACKAGE.parent
BUILT = {".venv", "node_modules", "vendor", "__pycache__", "build", "dist"}


def files(*patterns: str, tests: bool = False, migrations: bool = False, below: Path = PACKAGE) -> Iterator[Path]:
    """Files of the package that people wrote."""
    for pattern in patterns:
        for path in sorted(below.rglob(pattern)):
            parts = set(path.relative_to(below).parts)
            if parts & BUILT or (not tests and "tests" in parts) or (not migrations and "migrations" in parts):
                continue
            yield path


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def module_name(path: Path) -> str:
    """`guanxi.erp.sales.models` of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


@dataclass(frozen=True)
class Module:
    """A package that is one part of the program: `guanxi/kernel/acts`, `guanxi/erp/sales`."""

    folder: Path

    @property
    def name(self) -> str:
        return ".".join(self.folder.relative_to(ROOT).parts)

    @property
    def layer(self) -> str:
        return self.folder.relative_to(PACKAGE).parts[0]


def modules() -> list[Module]:
    """Every package of the kernel, every business module, and the web."""
    found = [
        Module(folder)
        for layer in ("kernel", "shared", "erp", "crm", "insight")
        for folder in sorted((PACKAGE / layer).glob("*"))
        if (folder / "__init__.py").exists() or (folder / "apps.py").exists()
    ]
    return [*found, Module(PACKAGE / "web"), Module(PACKAGE / "config")]


def report(found: list[str]) -> str:
    """A failure's text: one finding a line."""
    return "\n" + "\n".join(found)
