"""From what is written to what is compared: names without legal forms, digits, domains; and the keys under which likes meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from guanxi.kernel.search.reading import HAN
from guanxi.kernel.search.text import digits_tail, normalise, pinyin, solid

FEWEST = 2
"""Letters that a name needs before it is compared."""
FEWEST_DIGITS = 6
TAIL = 8
LONGEST = 160


def _words(name: str) -> frozenset[str]:
    """A list of words, one a line, that lies beside this file."""
    return frozenset((Path(__file__).parent / "words" / f"{name}.txt").read_text().split())


_FORMS_ZH = re.compile(
    "(?:股份|集团|控股|有限|责任|公司|总公司|分公司|合伙企业|普通合伙|有限合伙|个人独资|个体工商户|经营部|营业部|商行|工作室|总厂|分厂|厂)+$"
)
_FORMS_LATIN = _words("latin_forms")
_PLACES = "|".join(sorted(_words("places"), key=lambda place: (-len(place), place)))
_PLACE = re.compile(f"({_PLACES})(?:特别行政区|壮族自治区|维吾尔自治区|回族自治区|自治区|省|市)?")
_LATIN = re.compile("[a-z0-9]+")
_HAN = re.compile(f"[{HAN}]")
_EMAIL = re.compile(r"[^@\s]+@([^@\s]+\.\w+)")
PUBLIC_HOSTS = _words("mail_hosts")


@dataclass(frozen=True)
class Name:
    """`core` is without its legal form, `bare` also without its place; `sound` as it is spoken."""

    core: str
    bare: str
    place: str
    sound: str

    @property
    def is_han(self) -> bool:
        return bool(_HAN.search(self.core))


@lru_cache(20_000)
def name_of(text: str) -> Name | None:
    """A name as it is compared; None for one that is too short."""
    written = normalise(text[:LONGEST])
    if _HAN.search(written):
        whole = solid(written)
        core = _FORMS_ZH.sub("", whole)
        core = core if len(core) >= FEWEST else whole
        found = _PLACE.search(written)
        place = found[1] if found else ""
        bare = _FORMS_ZH.sub("", solid(_PLACE.sub("", written)))
        bare = bare if place and len(bare) > FEWEST else core
    else:
        words = _LATIN.findall(written.replace(".", "").replace("'", ""))
        kept = [word for word in words if word not in _FORMS_LATIN] or words
        core = bare = " ".join(kept)
        place = ""
    return Name(core, bare, place, pinyin(bare.replace(" ", ""))[0]) if len(core) >= FEWEST else None


def digits_of(text: str) -> str:
    digits = digits_tail(text)
    return digits if len(digits) >= FEWEST_DIGITS else ""


def email_of(text: str) -> str:
    """A whole address in small letters, or nothing."""
    found = normalise(text).strip()
    return found if _EMAIL.fullmatch(found) else ""


def domain_of(text: str) -> str:
    """Of an address or a web site; nothing of a public mail host, which says nothing about who it is."""
    found = _EMAIL.fullmatch(normalise(text).strip())
    host = found[1] if found else re.sub("^[a-z]+://", "", normalise(text).strip()).partition("/")[0].partition(":")[0].removeprefix("www.")
    return host if "." in host and host not in PUBLIC_HOSTS else ""


Facts = dict[str, Any]
"""What is compared of one record, as JSON: lists of texts by kind, `within` and `apart`."""


def facts_of(texts: Mapping[str, Iterable[str]], within: Any = None, apart: Iterable[Any] = ()) -> Facts:
    """From the texts of each kind."""
    read = {
        "names": lambda text: text if name_of(text) else "", "people": lambda text: text if len(solid(text)) >= FEWEST else "",
        "phones": digits_of, "emails": email_of, "codes": lambda text: solid(text) if len(solid(text)) >= FEWEST_DIGITS else "",
        "addresses": lambda text: solid(text) if len(solid(text)) >= TAIL else "", "domains": domain_of,
    }
    given = {**texts, "domains": [*texts.get("emails", ()), *texts.get("websites", ())]}
    facts: Facts = {}
    for kind, reader in read.items():
        if found := sorted({one for text in given.get(kind, ()) if text and (one := reader(str(text)))}):
            facts[kind] = found
    if within:
        facts["within"] = within
    if any(value not in (None, "") for value in apart):
        facts["apart"] = [solid(str(value)) if value is not None else "" for value in apart]
    return facts


def certain_keys(facts: Facts) -> set[int]:
    """Keys of what is the same, not only like it."""
    return {_hash(word) for word in _certain(facts)}


def keys_of(facts: Facts) -> set[int]:
    """All keys: two records that share none are not compared."""
    found = set(_certain(facts))
    for text in facts.get("names", ()):
        found |= {f"g:{part}" for part in _parts(name_of(text))}
    return {_hash(word) for word in found}


def _certain(facts: Facts) -> Iterator[str]:
    for text in facts.get("names", ()):
        if name := name_of(text):
            yield f"n:{name.sound}"
    for text in facts.get("people", ()):
        if "within" in facts:
            yield f"h:{facts['within']}:{pinyin(solid(text))[0]}"
    yield from (f"p:{phone[-TAIL:]}" for phone in facts.get("phones", ()))
    for kind in ("emails", "domains", "codes", "addresses"):
        yield from (f"{kind[0]}:{text}" for text in facts.get(kind, ()))


def _parts(name: Name | None) -> Iterator[str]:
    """Threes of syllables, the first two; skeletons of Latin words."""
    if name is None:
        return
    if not name.is_han:
        yield from (word[0] + re.sub(r"[aeiouy]|(.)(?=\1)", "", word[1:]) for word in name.bare.split() if len(word) > 3)
        return
    syllables = [pinyin(character)[0] for character in name.bare]
    yield "".join(syllables[:2])
    yield from ("".join(syllables[at : at + 3]) for at in range(len(syllables) - 2))


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big", signed=True)
