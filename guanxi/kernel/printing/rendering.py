"""The renderer: our own templates, the document's values as JSON, a PDF. No network, no file but the fonts, no code in any text."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import structlog
from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Refused

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
NOWHERE = FONTS / "nothing"
"""Where packages would lie: it does not exist."""
MOST_BYTES = 4_000_000
"""Of values; some 10,000 lines."""
SECONDS = 30.0
AT_ONCE = 2

log = structlog.get_logger("guanxi.printing")
_own = threading.local()


@cache
def _workers() -> ThreadPoolExecutor:
    """A few threads, each with a compiler that stays warm: a compiler serves one thread at a time."""
    return ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1), thread_name_prefix="printing")


@cache
def _source(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])


def _compiler() -> Any:
    if not hasattr(_own, "compiler"):
        import typst

        _own.compiler = typst.Compiler(
            {"main": b""}, root=str(FONTS), font_paths=_fonts(), ignore_system_fonts=True, package_path=str(NOWHERE),
            package_cache_path=str(NOWHERE),
        )
    return _own.compiler


def render(template: Path, documents: list[Mapping[str, Any]], *, at: datetime, kind: str = "pdf", ppi: float | None = None) -> bytes:
    """The documents one after the other. Refused when they are too large or take too long; `kind` png gives the first page."""
    values = msgspec.json.encode([_printable(document) for document in documents]).decode()
    if len(values) > MOST_BYTES:
        raise Refused(_("This is too large to print; print it in parts."))
    future: Future[bytes] = _workers().submit(_compile, _source(template), values, at, kind, ppi)
    try:
        return future.result(SECONDS)
    except TooLate:
        future.cancel()
        log.warning("too late", template=template.name, bytes=len(values))
        raise Refused(_("Printing takes too long at the moment. Try again, or print less at a time.")) from None


def _compile(template: bytes, values: str, at: datetime, kind: str, ppi: float | None) -> bytes:
    files = {"main": _source(HERE / "main.typ"), "layout.typ": _source(HERE / "layout.typ"), "template.typ": template}
    made = _compiler().compile(
        input=files, format=kind, ppi=ppi, sys_inputs={"documents": values}, timestamp=int(at.timestamp()),
    )
    return made[0] if isinstance(made, list) else made


def _printable(value: Any) -> Any:
    """Texts without control characters; a wide character that no font has is told by its code: 〔U+20BB7〕."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "".join(_seen(letter) for letter in value)
    if isinstance(value, Mapping):
        return {name: _printable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return value


@cache
def _seen(letter: str) -> str:
    if letter == "\n":
        return letter
    category = unicodedata.category(letter)
    if category in ("Cc", "Cs", "Cn", "Co") or category == "Cf" and letter not in "\u200b\u200c\u200d\u00ad":
        return " "
    if unicodedata.east_asian_width(letter) in "WF" and not _in_fonts(letter):
        return f"〔U+{ord(letter):04X}〕"
    return letter


def _in_fonts(letter: str) -> bool:
    """The regular font has the characters of GBK and the full-width forms."""
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return "\u3000" <= letter < "\u3130" or "\uff00" <= letter < "\uff61"
    return True
