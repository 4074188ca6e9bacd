"""In which language a document speaks: Chinese, English, or both beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from guanxi.kernel.values.translated import Translated

BILINGUAL = "bilingual"
LANGUAGES: dict[str, Any] = {"zh-hans": _("Chinese"), "en": _("English"), BILINGUAL: _("Chinese and English")}
Words = str | list[str]
"""A text, or the Chinese one with the English one beside it."""


@dataclass(frozen=True)
class Speech:
    language: str

    @property
    def main(self) -> str:
        """The language of texts that are there once: days, notes, the file's name."""
        return "zh-hans" if self.language == BILINGUAL else self.language

    @property
    def is_chinese(self) -> bool:
        return self.main == "zh-hans"

    def say(self, text: Any) -> Words:
        """A label (lazy gettext), or a text kept in several languages."""
        if self.language != BILINGUAL:
            return self.one(text)
        chinese, english = _in(text, "zh-hans"), _in(text, "en")
        return chinese if chinese == english else [chinese, english]

    def one(self, text: Any) -> str:
        """The same in the main language alone."""
        return _in(text, self.main)

    def day(self, day: date | None) -> str:
        """2026年1月31日 · 31 January 2026; an empty text for none."""
        if day is None:
            return ""
        if self.is_chinese:
            return f"{day.year}年{day.month}月{day.day}日"
        with override("en"):
            return format_date(day, "j F Y")


def _in(text: Any, language: str) -> str:
    if isinstance(text, Translated):
        return text.in_language(language)
    with override(language):
        return str(text)
