"""What has to be translated: every text of the Python and template files, and what the catalogues hold for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.architecture.tree import PACKAGE, files

TEXT_AT = {
    "_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "ngettext": 0, "ngettext_lazy": 0,
    "pgettext": 1, "pgettext_lazy": 1, "npgettext": 1,
}
"""Where the English text stands among the arguments; a context stands before it."""
Text = tuple[str | None, str]
"""(context, English)"""


@dataclass(frozen=True)
class Found:
    path: Path
    line: int
    text: Text


def catalogue_of(path: Path) -> Path:
    """The .po of the nearest package above that has a locale folder (where it would be, when there is none)."""
    folder = path.parent
    while folder != PACKAGE:
        if (folder / "locale").is_dir():
            return folder / "locale/zh_Hans/LC_MESSAGES/django.po"
        folder = folder.parent
    parts = path.relative_to(PACKAGE).parts
    depth = 2 if parts[0] in ("kernel", "shared", "erp", "crm", "insight") else 1
    return PACKAGE.joinpath(*parts[:depth], "locale/zh_Hans/LC_MESSAGES/django.po")


def in_python(source: bytes) -> Iterator[tuple[int, Text]]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
        at = TEXT_AT.get(name, len(call.args))
        given = [one.value for one in call.args[: at + 1] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if len(given) == at + 1:
            yield call.lineno, (given[0] if at else None, given[at])


def in_template(source: str, origin: str) -> Iterator[tuple[int, Text]]:
    # Django turns a template into something like a C file; each call stands on a line of its own for the Python reader.
    calls = re.finditer(
        r"\b(n?p?gettext|_)\((?:[^()'\"]|u?'(?:\\.|[^'\\])*'|u?\"(?:\\.|[^\"\\])*\")*\)", templated := templatize(source, origin=origin)
    )
    for call in calls:
        for _line, text in in_python(call.group().encode()):
            yield templated.count("\n", 0, call.start()) + 1, text


@cache
def found_texts() -> tuple[Found, ...]:
    found = [Found(path, line, text) for path in files("*.py") for line, text in in_python(path.read_bytes())]
    for path in files("*.html", "*.txt"):
        if "templates" in path.parts:
            found += [Found(path, line, text) for line, text in in_template(path.read_text(), path.name)]
    return tuple(item for item in found if item.text[1])


@cache
def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def catalogues() -> list[Path]:
    return sorted(PACKAGE.rglob("locale/zh_Hans/LC_MESSAGES/*.po"))
