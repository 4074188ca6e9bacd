"""No user text is code, and what a person typed never becomes HTML, SQL or a file's name unseen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, files, parsed, report, shown

BUILT_IN = {"eval": "evaluates text", "exec": "runs text", "compile": "compiles text", "__import__": "imports by text"}
SAFE_TEXT = {"mark_safe", "SafeString", "SafeText"}
HAND_MADE_SQL = {"raw", "extra", "RawSQL"}
MODULES = {
    "pickle": "runs code when it reads",
    "marshal": "runs code when it reads",
    "shelve": "runs code when it reads",
    "yaml": "read no YAML",
    "xml.etree": "read XML by defusedxml",
    "xml.dom": "read XML by defusedxml",
    "xml.sax": "read XML by defusedxml",
}
OUTWARDS = ("requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client")
"""What makes requests to other servers: `guanxi/kernel/outbound` does that for everybody."""
MAY_ASK = {
    "guanxi/client/transport.py": "it is how others ask us, and runs at theirs",
    "guanxi/kernel/outbound/client.py": "it is the one client",
    "guanxi/config/supervisor.py": "asks its own web process whether it is ready",
    "guanxi/config/benchmarks/instance.py": "asks the server it has started",
    "guanxi/config/benchmarks/ui.py": "asks the server it has started",
    "guanxi/config/benchmarks/sd.py": "asks the server it has started",
}
HOT = {*(f"guanxi/web/templatetags/{name}.py" for name in ("ui", "rows", "cards", "story")), "guanxi/web/markdown.py"}
"""Cells of tables, cards of boards and entries of timelines, put together by hand for speed, and our own texts;
tests show that hostile texts come out escaped."""
STRUCTURE = {
    "guanxi/config/prepare.py",
    "guanxi/kernel/database/roles.py",
    "guanxi/kernel/database/embedded.py",
    "guanxi/kernel/records/history_sql.py",
}
"""Run as the owner on names that come from the program, before anyone signs in."""


def name_of(function: ast.expr) -> tuple[str, str]:
    """("loads", "pickle") of `pickle.loads`."""
    if isinstance(function, ast.Attribute):
        return function.attr, function.value.id if isinstance(function.value, ast.Name) else ""
    return (function.id, "") if isinstance(function, ast.Name) else ("", "")


def dangerous(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of calls and imports that turn text into code, pages or SQL."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name, _holder = name_of(node.func)
            method = isinstance(node.func, ast.Attribute)
            if name in BUILT_IN and not method:
                yield node.lineno, f"{name}() {BUILT_IN[name]}"
            if name in SAFE_TEXT and node.args and not is_page(node.args[0]):
                yield node.lineno, f"{name}() puts text into pages as it is"
            if name in HAND_MADE_SQL and (method or name == "RawSQL"):
                yield node.lineno, f"{name}() writes SQL by hand"
            if name in ("format_html", "execute", "executemany") and node.args and is_made(node.args[0], name):
                yield node.lineno, f"{name}() of a text made on the spot"
        for module in imports(node):
            for forbidden, why in MODULES.items():
                if module == forbidden or module.startswith(forbidden + "."):
                    yield node.lineno, f"import {module}: {why}"


def is_page(argument: ast.expr) -> bool:
    """Whether the text is a constant of the program, or came out of a template, which escapes."""
    if isinstance(argument, ast.JoinedStr):
        return all(is_trusted(part.value) for part in argument.values if isinstance(part, ast.FormattedValue))
    return isinstance(argument, ast.Constant) or (isinstance(argument, ast.Call) and name_of(argument.func)[0] in ("render_to_string", "render"))


def is_made(argument: ast.expr, name: str) -> bool:
    """Whether the text is put together from variables. SQL may be put together from quoted identifiers and constants only."""
    if isinstance(argument, ast.JoinedStr):
        pieces = [part.value for part in argument.values if isinstance(part, ast.FormattedValue)]
        return name == "format_html" or not all(is_trusted(piece) for piece in pieces)
    if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod):
        return True
    if isinstance(argument, ast.Call) and name_of(argument.func)[0] == "format":
        return isinstance(argument.func, ast.Attribute) and isinstance(argument.func.value, ast.Constant)
    return False


def is_trusted(piece: ast.expr) -> bool:
    """A constant in capitals, a name ending in _sql or table, or a call that quotes."""
    if isinstance(piece, ast.Name):
        return piece.id.isupper() or piece.id.lstrip("_").isupper() or piece.id in ("table", "columns", "tables") or piece.id.endswith("_sql")
    if isinstance(piece, ast.Attribute):
        return piece.attr in ("db_table", "column") or piece.attr.isupper()
    return isinstance(piece, ast.Call) and name_of(piece.func)[0] in ("quote_name", "quoted", "quote", "schema_of", "role_of", "path_of", "join")


def imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_no_text_becomes_code_or_sql_or_a_page():
    wrong = [
        f"{shown(path)}:{line} {what}"
        for path in files("*.py")
        for line, what in dangerous(parsed(path))
        if not (shown(path) in STRUCTURE and "execute" in what) and not (shown(path) in HOT and "mark_safe" in what)
    ]
    assert not wrong, report(wrong)


@pytest.mark.parametrize(
    "source",
    [
        "eval(x)",
        "import pickle",
        "from xml.etree import ElementTree",
        "mark_safe(f'<b>{x}</b>')",
        "Order.objects.raw(text)",
        "rows.extra(where=[x])",
        "cursor.execute(f'SELECT {name}')",
        "cursor.execute('SELECT %s' % name)",
        "cursor.execute('SELECT {}'.format(name))",
        "format_html(f'<b>{x}</b>')",
        "import yaml",
    ],
)
def test_what_is_dangerous_is_found(source):
    assert list(dangerous(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "re.compile(x)",
        "cursor.execute('SELECT %s', [name])",
        "format_html('<b>{}</b>', x)",
        "mark_safe('&nbsp;')",
        "cursor.execute(f'DELETE FROM {table} WHERE id = %s', [1])",
        "raw(values)",
    ],
)
def test_what_is_harmless_is_left_alone(source):
    assert not list(dangerous(ast.parse(source)))


def outward(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, module) of imports that could make a request past the one client."""
    for node in ast.walk(tree):
        names = imports(node)
        if isinstance(node, ast.ImportFrom) and names in (["urllib"], ["http"]):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for module in names:
            if any(module == one or module.startswith(one + ".") for one in OUTWARDS):
                yield node.lineno, module


def test_nothing_asks_other_servers_but_the_one_client():
    wrong = [
        f"{shown(path)}:{line} import {module}: use guanxi.kernel.outbound"
        for path in files("*.py")
        if shown(path) not in MAY_ASK
        for line, module in outward(parsed(path))
    ]
    assert not wrong, report(wrong)
    assert [path for path in MAY_ASK if not list(outward(parsed(ROOT / path)))] == []


@pytest.mark.parametrize(
    "source", ["import httpx", "from urllib import request", "import urllib.request", "from http import client", "from requests.auth import X"]
)
def test_another_way_out_is_found(source):
    assert list(outward(ast.parse(source)))


UNSAFE = re.compile(
    r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\son[a-z]+\s*=\s*[\"']|\sstyle\s*=\s*[\"']|javascript:|https?://(?!www\.w3\.org)"
)


def test_templates_escape_everything_and_need_no_inline_script_or_style():
    wrong = [
        f"{shown(path)}:{number} {found.group().strip()}"
        for path in files("*.html")
        if "templates" in path.parts
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        for found in UNSAFE.finditer(line)
    ]
    assert not wrong, report(wrong)


def test_filters_never_come_from_a_request_as_they_are():
    """`filter(**request.GET)` would let anybody ask any column of any related row."""
    wrong = []
    for path in files("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and name_of(node.func)[0] in ("filter", "exclude", "get", "update", "create", "Q"):
                for keyword in node.keywords:
                    if keyword.arg is None and any(
                        isinstance(part, ast.Attribute) and part.attr in ("GET", "POST", "body", "parameters", "raw")
                        for part in ast.walk(keyword.value)
                    ):
                        wrong.append(f"{shown(path)}:{node.lineno}")
    assert not wrong, report(wrong)


def test_cells_made_by_hand_escape_what_people_typed(database, static_files):
    """Every kind of column, in a list and on a page."""
    from guanxi.kernel.access.actor import actor_of
    from guanxi.kernel.access.models import Member
    from guanxi.kernel.columns.column import Column
    from guanxi.kernel.database import in_set
    from guanxi.kernel.screens.cells import Cell
    from guanxi.web.templatetags import ui
    from tests.access.world import undone

    payload = "<i onclick='x'>\"&"
    with undone(), in_set("alpha"):
        actor = actor_of(Member.objects.get(code="admin").pk)
        for kind in ("text", "longtext", "choice", "status", "email", "phone", "url", "translated", "json", "reference"):
            value = {payload: payload} if kind == "json" else payload
            column = Column("name", payload, kind, choices=((payload, payload),), tones={payload: payload}, relation=Member)
            for mode in ("list", "full"):
                cell = Cell(column, value, title=payload, url="/x/" + payload)
                assert "<i " not in ui.value({"actor": actor}, cell, mode), (kind, mode)


def test_what_becomes_a_number_is_not_asked_whether_it_is_a_digit():
    """"³".isdigit() says yes, and int("³") fails: isdecimal says what int takes."""
    wrong = [f"{shown(path)} says isdigit" for path in files("*.py") if ".isdigit(" in path.read_text(encoding="utf-8")]
    assert not wrong, report(wrong)
