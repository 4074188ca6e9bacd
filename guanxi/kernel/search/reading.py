"""How Chinese is read: one reading for each character, in full, as initials, and as a key to sort by.

Characters are read from a table; only characters with several readings are looked up among phrases, and only the first
ones of a short name among surnames. That is a hundred times faster than asking the library for each text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NAME = re.compile(f"[{HAN}]{{2,4}}")
_DIGITS = "012345"
_TONES = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}

# Read in names of firms and places otherwise than the library's first reading.
_USUAL = {"长": "cháng", "厦": "xià", "地": "dì", "的": "de"}
_SURNAMES = {
    "曾": "zēng", "仇": "qiú", "解": "xiè", "区": "ōu", "盖": "gě", "查": "zhā", "朴": "piáo", "翟": "zhái", "覃": "qín", "缪": "miào",
    "冼": "xiǎn", "单": "shàn", "任": "rén", "燕": "yān", "牟": "mù", "应": "yīng", "繁": "pó", "乜": "niè", "乐": "yuè", "郇": "xún",
    "员": "yùn", "逄": "páng", "晁": "cháo", "尉": "wèi", "沈": "shěn", "谌": "chén", "柏": "bǎi", "薄": "bó", "卜": "bǔ", "葛": "gě",
    "华": "huà", "纪": "jǐ", "隗": "kuí", "宓": "mì", "宁": "nìng", "瞿": "qú", "莘": "shēn", "於": "yū", "臧": "zāng", "褚": "chǔ",
}  # fmt: skip
_DOUBLE_SURNAMES = {
    "万俟": ("mò", "qí"), "尉迟": ("yù", "chí"), "单于": ("chán", "yú"), "长孙": ("zhǎng", "sūn"), "澹台": ("tán", "tái"),
    "皇甫": ("huáng", "fǔ"), "令狐": ("líng", "hú"), "鲜于": ("xiān", "yú"), "濮阳": ("pú", "yáng"), "中行": ("zhōng", "háng"),
}  # fmt: skip

_NO_PHRASES: dict[str, tuple[Reading, ...]] = {}
Reading = tuple[str, int]
"""A syllable without its tone (ü as v), and the tone from 1 to 5."""


def _plain(syllable: str) -> Reading:
    tone = 5
    letters: list[str] = []
    for letter in unicodedata.normalize("NFD", syllable):
        if letter in _TONES:
            tone = _TONES[letter]
        elif letter == "\u0308":
            letters[-1] = "v"
        else:
            letters.append(letter)
    return "".join(letters), tone


@cache
def _characters() -> dict[str, Reading]:
    from pypinyin.constants import PINYIN_DICT

    known: dict[str, Reading] = {}
    table = {}
    for code, readings in PINYIN_DICT.items():
        first = _USUAL.get(chr(code)) or readings.partition(",")[0]
        table[chr(code)] = known.get(first) or known.setdefault(first, _plain(first))
    return table


@cache
def _phrases() -> dict[str, dict[str, tuple[Reading, ...]]]:
    """By their first two characters, the phrases in which a character is read otherwise than in the table; longest first."""
    from pypinyin.constants import PHRASES_DICT

    table = _characters()
    found: dict[str, dict[str, tuple[Reading, ...]]] = {}
    for phrase, syllables in PHRASES_DICT.items():
        readings = tuple(_plain(one[0]) for one in syllables)
        if len(readings) == len(phrase) and any(table.get(c, r)[0] != r[0] for c, r in zip(phrase, readings, strict=True)):
            found.setdefault(phrase[:2], {})[phrase] = readings
    return {first: dict(sorted(group.items(), key=lambda item: -len(item[0]))) for first, group in found.items()}


@cache
def _words() -> frozenset[str]:
    """Words that look like a name but are none: 单位, 任务, 应用."""
    from pypinyin.constants import PHRASES_DICT

    single, double = _surnames()
    return frozenset(word for word in PHRASES_DICT if word[0] in single and len(word) < 4 and word[:2] not in double)


@cache
def _surnames() -> tuple[dict[str, Reading], dict[str, tuple[Reading, ...]]]:
    return {c: _plain(s) for c, s in _SURNAMES.items()}, {n: tuple(map(_plain, s)) for n, s in _DOUBLE_SURNAMES.items()}


@cache
def known_syllables() -> frozenset[str]:
    """Those with a vowel: the hummed ones (m, n, ng) would cut everything."""
    return frozenset(syllable for syllable, _tone in _characters().values() if set("aeiouv") & set(syllable) and syllable.isascii())


@lru_cache(8192)
def readings(text: str) -> tuple[Reading | None, ...]:
    """The reading of every character; None for what is not Chinese."""
    table, phrases = _characters(), _phrases()
    found: list[Reading | None] = []
    position, length = 0, len(text)
    while position < length:
        for phrase, syllables in phrases.get(text[position : position + 2], _NO_PHRASES).items():
            if text.startswith(phrase, position):
                found.extend(syllables)
                position += len(phrase)
                break
        else:
            found.append(table.get(text[position]))
            position += 1
    return tuple(found)


@lru_cache(8192)
def name_readings(text: str) -> tuple[Reading | None, ...] | None:
    """As a person's name, where it can be one and is then read otherwise; else None."""
    if not _NAME.fullmatch(text) or text in _words():
        return None
    single, double = _surnames()
    usual = readings(text)
    surname: Sequence[Reading] = double.get(text[:2], ())
    if not surname and len(text) < 4 and text[0] in single:
        surname = (single[text[0]],)
    if not surname:
        return None
    # The given name is read on its own: a phrase must not reach over from the surname.
    named = (*surname, *readings(text[len(surname) :]))
    return named if named != usual else None


def pinyin(text: str) -> tuple[str, str]:
    """(full, initials) in small letters without tones, as one types them: ("huaweijishu", "hwjs")."""
    full, initials = [], []
    for character, reading in zip(text, name_readings(text) or readings(text), strict=True):
        if reading:
            full.append(reading[0])
            initials.append(reading[0][:1])
        elif character.isalnum():
            full.append(character.casefold())
            initials.append(character.casefold())
    return "".join(full), "".join(initials)


@lru_cache(8192)
def sort_key(text: str, length: int = 120) -> str:
    """A text whose plain order is the dictionary's: by syllable, tone, character; other scripts among them by letter.

    For a column with the collation "C"; the database itself need not know Chinese.
    """
    text = unicodedata.normalize("NFKC", text)[:length]
    read = (name_readings(text) if len(text) < 5 else None) or readings(text)
    return "".join([one[0] + _DIGITS[one[1]] + sign if one else sign.casefold() for sign, one in zip(text, read, strict=True)])[:length]
