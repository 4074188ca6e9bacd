"""Words in a template that nobody can translate: text between tags and in attributes that people read or hear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

READ_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "data-confirm", "label"}
LANGUAGES = {"English", "简体中文", "中文", "Guanxi", "关系"}
TEMPLATE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
TRANSLATED = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}|\{%\s*comment\b.*?endcomment\s*%\}", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
KEYS = re.compile(r"\bGuanxi\b|\b(?:Ctrl|Alt|Shift|Enter|Esc|Tab|F\d+)\b|&\w+;")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "kbd", "code")
        for name, value in attrs:
            if name in READ_ATTRIBUTES:
                self.note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "kbd", "code") and self.silent > 0

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.note(data)

    def note(self, text: str) -> None:
        plain = KEYS.sub("", text).strip()
        if WORD.search(plain) and plain not in LANGUAGES:
            self.found.append((self.getpos()[0], " ".join(plain.split())[:80]))


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def plain_texts(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of what is written into the template itself."""
    reader = _Reader()
    reader.feed(TEMPLATE.sub(_blank, TRANSLATED.sub(_blank, source)))
    reader.close()
    yield from reader.found
