"""From texts to the words a search finds them by, and from what a person types to the words to look for."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from operator import add

from guanxi.kernel.search.reading import HAN, known_syllables, name_readings, pinyin, readings, sort_key

__all__ = ["digits_tail", "number_tokens", "phone_tokens", "pinyin", "query_terms", "sort_key", "text_tokens", "title_tokens", "tokens"]

MAX_TEXT = 300
MAX_QUERY = 100
MAX_TERMS = 8
MAX_WORD = 32
MAX_WHOLE = 60
MOST_WORDS_BYTES = 900_000
"""PostgreSQL takes a megabyte of words for one row."""
# Scripts written without spaces: Chinese, kana, hangul.
_CLOSE = HAN + "\u3040-\u30ff\uac00-\ud7af"
_RUN = re.compile(f"[{_CLOSE}]+|[^\\W_{_CLOSE}]+")
_SOLID = re.compile(r"[\W_]+")
_CLOSE_RUN = re.compile(f"[{_CLOSE}]")
_USUAL_HAN = re.compile("[\u4e00-\u9fff]+")
"""What every way of writing it leaves as it is."""
LIMITED = "有限公司"
"""Ends most names of firms: one word stands for the twelve that it would bring to each (`standing_for` turns them back)."""
_EXTENSION = re.compile(r"(?:ext|转|分机|x|#|,|;|/).*", re.S | re.I)
_NO_DIGIT = re.compile("[^0-9]+")
_PHONES = re.compile("[,;/、，；]")
_CHINESE_MOBILE = re.compile("(?:00)?86(1[0-9]{10})")
_PARTS = re.compile(r"[0-9]+|[^0-9]+")
INITIALS = 4
TAIL = 4

_ACCENTS = {code: unicodedata.normalize("NFD", chr(code))[0] for code in (*range(0xC0, 0x590), *range(0x1E00, 0x2000))}
_ACCENTS |= dict.fromkeys(range(0x300, 0x370), "")


def normalise(text: str) -> str:
    """Small letters without accents, full and half width alike."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold().translate(_ACCENTS)


def solid(text: str) -> str:
    """Letters and digits only, in small letters."""
    return _SOLID.sub("", normalise(text))


def is_close(run: str) -> bool:
    return bool(_CLOSE_RUN.match(run))


@lru_cache(8192)
def tokens(text: str) -> frozenset[str]:
    """Pairs of characters and the last one alone (one character is searched as the beginning of a pair), Latin words,
    syllables by pairs, initials by fours: every part of a name is found by the beginning of one of these."""
    if len(text) <= MAX_TEXT and _USUAL_HAN.fullmatch(text):
        return frozenset(_close(text))
    found: list[str] = []
    for chunk in normalise(text[:MAX_TEXT]).split():
        if chunk.isascii():
            runs = _RUN.findall(chunk)
            if len(runs) > 1:
                found.append("".join(runs)[:MAX_WORD])
                # Its beginning is found by it.
                found += _word(runs.pop(0))[1:] if _is_begun(runs[0]) else ()
            for run in runs:
                found += _word(run)
        else:
            for run in _runs(chunk):
                found += _close(run) if is_close(run) else _word(run)
    return frozenset(found)


def _close(run: str) -> list[str]:
    """The words of a run of characters; those of its usual ending are one, if it is read as usual."""
    read = _readings(run)
    if run.endswith(LIMITED) and len(read) == 1 and read[0][-4:] == ("you", "xian", "gong", "si"):
        return [LIMITED, *map(add, run[:-4], run[1:]), *_sounds(read[0], 4)]
    return [*_pairs(run), *(sound for one in read for sound in _sounds(one))]


@cache
def _stood_for() -> tuple[str, ...]:
    return (*_pairs(LIMITED), *_sounds(_readings(LIMITED)[0]))


def standing_for(token: str, begun: bool = False) -> list[str]:
    """The word that stands for this one in some names, if one does."""
    return [LIMITED] if any(one == token or (begun and one.startswith(token)) for one in _stood_for()) else []


def text_tokens(text: str) -> set[str]:
    """Pairs of characters and words of a long text; of a very long one the first, for a list of words has a limit too."""
    found: set[str] = set()
    room = MOST_WORDS_BYTES
    for run in _RUN.findall(normalise(text)):
        for token in _pairs(run) if is_close(run) else (run[:MAX_WORD],):
            if token not in found:
                room -= len(token.encode()) + 6
                if room < 0:
                    return found
                found.add(token)
    return found


def _runs(chunk: str) -> list[str]:
    """Runs of one script; signs part Latin words but not Chinese: 华谊(集团)公司 is one run."""
    latin = [run for run in _RUN.findall(chunk) if not is_close(run)]
    return latin + [run for run in _RUN.findall(_SOLID.sub("", chunk)) if is_close(run)]


def _pairs(run: str) -> list[str]:
    return [run[-1], *map(add, run, run[1:])]


def _sounds(syllables: tuple[str, ...], without: int = 0) -> list[str]:
    """Those that begin at a syllable, but for the last ones."""
    letters = "".join([syllable[0] for syllable in syllables])
    pairs = [*map(add, syllables[: len(syllables) - without], syllables[1:]), *(syllables[-1:] if not without else ())]
    return pairs + [letters[i : i + INITIALS] for i in range(len(letters) - without)]


@lru_cache(4096)
def _readings(run: str) -> tuple[tuple[str, ...], ...]:
    """Its syllables, or two readings where the run may be a person's name; without characters that have none."""
    usual, named = readings(run), name_readings(run) if len(run) < 5 else None
    return tuple(tuple([one[0] for one in read if one]) for read in ((usual, named) if named else (usual,)))


def _word(run: str) -> list[str]:
    """A word, and its parts where it has letters and digits; not the first one, which is found as its beginning."""
    if run.isalpha() or (run.isascii() and run.isdecimal()):
        return [run[:MAX_WORD]]
    parts = _PARTS.findall(run)
    return [run[:MAX_WORD], *(part[:MAX_WORD] for part in (parts[1:] if _is_begun(parts[0]) else parts))]


def _is_begun(typed: str) -> bool:
    """Whether who types this finds what begins with it: not a single sign, nor two digits (`tsquery._term`), nor zeros to be left out."""
    return len(typed) > (2 if typed.isdecimal() else 1) and typed[0] != "0"


@lru_cache(8192)
def title_tokens(text: str) -> frozenset[str]:
    """The whole title (=), to be found by its beginning, and how a Chinese one begins (^) in characters and sounds."""
    whole = text if (usual := len(text) <= MAX_TEXT and _USUAL_HAN.fullmatch(text)) else solid(text[:MAX_TEXT])
    if not whole:
        return frozenset()
    found = {exactly(whole)}
    run = usual or _RUN.match(whole)
    if run and is_close(run[0]):
        found.update(("^" + whole[:1], "^" + whole[:2]))
        for syllables in _readings(run[0]):
            found.add("^" + "".join(syllables[:2]))
            found.add("^" + "".join([syllable[0] for syllable in syllables[:INITIALS]]))
    return frozenset(found - {"^"})


def of_model(label: str) -> str:
    """A word of every record of a model."""
    return "@" + label


def of_owner(member_id: int | None) -> str:
    """A word of every record that belongs to a member; 0 and None: to nobody."""
    return f"%{member_id or 0}"


def of_target(label: str) -> str:
    """A word of whatever is said of records of a model."""
    return "&" + label


def exactly(whole: str) -> str:
    return "=" + whole[:MAX_WHOLE]


def number_tokens(text: str) -> set[str]:
    """A document number or code: whole (=), backwards (~) to be found by its end, and its parts, digits also without zeros."""
    runs = _RUN.findall(normalise(text[:MAX_TEXT]))
    whole = "".join(runs) if text.isascii() else solid(text[:MAX_TEXT])
    if not whole:
        return set()
    parts = [part for run in runs for part in _word(run)]
    return {exactly(whole), ending(whole), *parts, *(part.lstrip("0") for part in parts)} - {""}


def ending(whole: str) -> str:
    """A word that begins as the text ends."""
    return "~" + whole[: -MAX_WORD - 1 : -1]


def digits_tail(phone: str, length: int = 11) -> str:
    """The last digits of a phone number, without extension: by these the same phone is known, however it is written."""
    if phone.isascii() and phone.isdecimal():
        return phone[-length:]
    plain = phone if phone.isascii() else unicodedata.normalize("NFKC", phone)
    return _NO_DIGIT.sub("", _EXTENSION.sub("", plain.strip()))[-length:]


def phone_tokens(text: str) -> set[str]:
    """The number as it begins, with and without the country, and backwards (~) to be found by its last digits."""
    found: set[str] = set()
    for phone in _PHONES.split(text[:MAX_TEXT]) if not text.isalnum() else (text[:MAX_TEXT],):
        digits = digits_tail(phone, 15)
        if len(digits) < TAIL:
            continue
        found.update((digits, ending(digits)))
        if national := _CHINESE_MOBILE.fullmatch(digits):
            found.add(national[1])
    return found


def query_terms(q: str) -> list[str]:
    """What was typed, as runs of one script each; all of them must be found."""
    terms = [run[:MAX_WORD] for chunk in normalise(q[:MAX_QUERY]).split() for run in _runs(chunk)]
    return list(dict.fromkeys(terms))[:MAX_TERMS]


def digits_typed(q: str) -> str:
    """The digits of a phone number typed with its usual signs; empty when anything else was typed."""
    plain = unicodedata.normalize("NFKC", q[:MAX_QUERY]).strip()
    return _NO_DIGIT.sub("", plain) if re.fullmatch(r"[0-9+()\s.\-]+", plain) else ""


@lru_cache(1024)
def syllables_typed(letters: str, most: int = 4) -> tuple[tuple[str, ...], ...]:
    """Ways to cut letters into syllables; the last one may be only begun."""
    if not (letters.isascii() and letters.isalpha()):
        return ()
    known = known_syllables()
    found: list[tuple[str, ...]] = []

    def cut(rest: str, before: tuple[str, ...]) -> None:
        if len(found) >= most:
            return
        if not rest:
            found.append(before)
            return
        for length in range(min(6, len(rest)), 0, -1):
            if rest[:length] in known:
                cut(rest[length:], (*before, rest[:length]))
        if len(rest) < 6 and rest not in known and any(one.startswith(rest) for one in known):
            found.append((*before, rest))

    cut(letters, ())
    return tuple(found[:most])

