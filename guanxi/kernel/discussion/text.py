"""The text of a comment: mentions by id, and what a page shows of it.

People write `@Name` or `@code`; kept is `@[12|Name]`, so that a comment speaks of a person and not of a word. Pages show the
name that the member has now; the one in the text is for whoever reads it elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

KEPT = re.compile(r"@\[(\d{1,18})\|([^\]|\n]{0,120})\]")
# Not within an e-mail address; Chinese is written without a space before the sign.
_SIGN = re.compile(r"(?<![A-Za-z0-9._%+\-@])@(?!\[)(?=\S)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`，。；：、！？（）《》【】「」“”]+")
_NOT_IN_NAMES = re.compile(r"[]|\s]")
_TRAILING = ".,;:!?)]}'\""
_PART = re.compile(f"({KEPT.pattern})|({_ADDRESS.pattern})")


@dataclass(frozen=True)
class Written:
    """`@` somewhere in what was typed, and what follows it."""

    at: int
    rest: str


def signs(body: str, most: int) -> list[Written]:
    """Places at which somebody may be mentioned."""
    return [Written(found.start(), body[found.end() : found.end() + 120]) for found in list(_SIGN.finditer(body))[:most]]


def begins_with(rest: str, name: str) -> bool:
    """Whether what follows `@` is this name, and not only the beginning of a longer word."""
    if not name or rest[: len(name)].casefold() != name.casefold():
        return False
    after = rest[len(name) : len(name) + 1]
    return not (name[-1].isascii() and name[-1].isalnum() and after.isascii() and (after.isalnum() or after in ("_", "@")))


def kept_mention(member_id: int, name: str) -> str:
    plain = _NOT_IN_NAMES.sub(" ", name)[:120]
    return f"@[{member_id}|{plain}]"


def mentioned_in(bodies: Iterable[str]) -> set[int]:
    return {int(found[1]) for body in bodies for found in KEPT.finditer(body)}


def with_names(body: str, names: Mapping[int, str]) -> str:
    """As people read and write it: `@Name`."""
    return KEPT.sub(lambda found: f"@{names.get(int(found[1]), found[2])}", body)


def excerpt(body: str, names: Mapping[int, str], length: int = 140) -> str:
    """Its beginning on one line."""
    line = " ".join(with_names(body[: length * 4], names).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def shown(body: str, names: Mapping[int, str], reader_id: int = 0) -> SafeString:
    """As HTML: everything escaped, mentions marked, addresses of the web as links."""
    parts: list[tuple[str | SafeString]] = []
    end = 0
    for found in _PART.finditer(body):
        parts.append((body[end : found.start()],))
        show: Callable[[re.Match[str]], str | SafeString] = _link if found[1] is None else lambda one: _mention(one, names, reader_id)
        parts.append((show(found),))
        end = found.end()
    parts.append((body[end:],))
    return format_html_join("", "{}", parts)


def _mention(found: re.Match[str], names: Mapping[int, str], reader_id: int) -> SafeString:
    member_id = int(found[2])
    mine = " me" if member_id == reader_id else ""
    return format_html('<span class="mention{}">@{}</span>', mine, names.get(member_id, found[3]))


def _link(found: re.Match[str]) -> SafeString:
    address = found[0].rstrip(_TRAILING)
    link = format_html('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', address, address)
    return format_html("{}{}", link, found[0][len(address) :])
