"""The text of a rule, cut into words, numbers, texts and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from guanxi.kernel.rules.errors import RuleError
from guanxi.kernel.rules.kinds import MAX_LENGTH

# A Chinese keyboard gives these outside of texts; each becomes one character, so positions stay true.
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_WIDE |= {ord(wide): plain for wide, plain in {"×": "*", "÷": "/", "−": "-", "\u3000": " ", "、": ","}.items()}

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:\s*%)?)
  | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
  | (?P<sign><=|>=|<>|!=|==|[≤≥≠=<>+\-*/&(),])
    """,
    re.X,
)
_CLOSING = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "<>": "!=", "==": "="}

Sort = Literal["number", "name", "text", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    sort: Sort
    text: str
    position: int


def tokens(source: str) -> Iterator[Token]:
    """Every token, and one of sort "end"; RuleError at what cannot be read."""
    if len(source) > MAX_LENGTH:
        raise RuleError(
            _("The rule has %(length)d characters; at most %(most)d are allowed. Split it into several rules.")
            % {"length": len(source), "most": MAX_LENGTH},
            MAX_LENGTH,
        )
    plain = source.translate(_WIDE)
    position = 0
    while position < len(plain):
        if plain[position] in _CLOSING:
            token, position = _text(source, plain, position)
            yield token
            continue
        found = _TOKEN.match(plain, position)
        if not found:
            raise RuleError(
                _('The sign “%(sign)s” has no meaning here. Remove it, or put texts in quotes: "…".') % {"sign": source[position]}, position
            )
        sort = found.lastgroup
        if sort != "space":
            yield Token(sort, _SAME.get(found[0], found[0]), position)  # type: ignore[arg-type]
        position = found.end()
    yield Token("end", "", len(source))


def _text(source: str, plain: str, start: int) -> tuple[Token, int]:
    """A text in quotes; a quote inside it is written twice."""
    closing = _CLOSING[plain[start]]
    parts, position = [], start + 1
    while True:
        end = plain.find(closing, position)
        if end < 0:
            raise RuleError(_("A text is opened but not closed. Add the closing quote %(quote)s.") % {"quote": closing}, start)
        parts.append(source[position:end])
        if plain[end + 1 : end + 2] != closing:
            break
        parts.append(closing)
        position = end + 2
    value = "".join(parts)
    for offset, letter in enumerate(value):
        if letter == "\0" or "\ud800" <= letter <= "\udfff":
            raise RuleError(_("The text holds a character that cannot be stored. Type the text again."), start + 1 + offset)
    return Token("text", value, start), end + 1
