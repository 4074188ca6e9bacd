"""How alike two records are, from 0 to 100, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from guanxi.kernel.likeness.reading import Facts, Name, name_of
from guanxi.kernel.search.text import pinyin, solid

TYPED, SCANNED = 40, 65
"""From where on it is mentioned while one types, and kept by a scan."""
SAME, BUT_PLACE, SOUND, OTHER_PLACE, LEAST = 100, 94, 92, 75, 70
_POINTS = {"code": 90, "email": 50, "phone": 45, "domain": 25, "address": 25}
_KINDS = {"code": "codes", "email": "emails", "phone": "phones", "domain": "domains", "address": "addresses"}
_APART = 60

Reason = tuple[str, int]
"""(what, how much alike in per cent)."""


def name_score(one: Name, other: Name) -> int:
    """Two names in per cent: written alike but for their legal forms, their place, or in how they sound."""
    if one.core == other.core:
        return SAME
    if one.bare == other.bare:
        return BUT_PLACE if not (one.place and other.place) else OTHER_PLACE
    if one.sound == other.sound:
        return SOUND
    if one.is_han != other.is_han:
        return 0
    if one.is_han:
        written = max(fuzz.ratio(one.core, other.core), 0 if one.place and other.place else fuzz.ratio(one.bare, other.bare) - 4)
        return int(max(written, fuzz.ratio(one.sound, other.sound) * 0.85))
    joined = fuzz.ratio(one.core.replace(" ", ""), other.core.replace(" ", ""))
    return int(max(fuzz.token_sort_ratio(one.core, other.core), joined, fuzz.token_set_ratio(one.core, other.core) * 0.8))


def compare(one: Facts, other: Facts) -> tuple[int, list[Reason]]:
    """The score, and the reasons for it, the weightiest first."""
    points: list[tuple[int, Reason]] = []
    for what, kind in _KINDS.items():
        if what == "domain" and any(reason[0] == "email" for _points, reason in points):
            continue
        if _meet(what, one.get(kind, ()), other.get(kind, ())):
            points.append((_POINTS[what], (what, SAME)))
    if name := _best_name(one, other):
        points.append((80 if name == SAME else 72 if name == BUT_PLACE else int((name - LEAST) * 2.2), ("name", name)))
    person = _best_person(one, other)
    if person:
        is_within = "within" in one and one.get("within") == other.get("within")
        points.append(((30 if person == SAME else 20) + (40 if is_within else 0), ("person", person)))
    total = sum(weight for weight, _reason in points)
    if any(a and b and a != b for a, b in zip(one.get("apart", ()), other.get("apart", ()), strict=False)):
        total -= _APART
    points.sort(key=lambda found: -found[0])
    return max(0, min(SAME, total)), [reason for _weight, reason in points]


def _meet(what: str, one: Iterable[str], other: Iterable[str]) -> bool:
    if what != "phone":
        return not set(one).isdisjoint(other)
    # A number written without its area code is the end of the same one with it.
    return any(a == b or (min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a))) for a in one for b in other)


def _best_name(one: Facts, other: Facts) -> int:
    found = [name_score(a, b) for x in one.get("names", ()) for y in other.get("names", ()) if (a := name_of(x)) and (b := name_of(y))]
    best = max(found, default=0)
    return best if best > LEAST else 0


def _best_person(one: Facts, other: Facts) -> int:
    names = [(solid(a), solid(b)) for a in one.get("people", ()) for b in other.get("people", ())]
    if any(a == b or sorted(a) == sorted(b) and a.isascii() for a, b in names):
        return SAME
    return SOUND if any(pinyin(a)[0] == pinyin(b)[0] for a, b in names) else 0


def is_certain(reasons: Iterable[Any]) -> bool:
    """Whether something is the same, so that whoever typed it knew it already."""
    return any(what in ("code", "email", "phone") or (what == "name" and score >= BUT_PLACE) for what, score in reasons)


def words_of(reasons: Iterable[Any]) -> str:
    """`same phone, name 92 % alike`."""
    said = {
        "code": _("same number or code"), "email": _("same e-mail"), "phone": _("same telephone"), "domain": _("same web domain"),
        "address": _("same address"),
    }
    found = []
    for what, score in reasons:
        if what == "name":
            found.append(_("same name") if score == SAME else _("name %(percent)s %% alike") % {"percent": score})
        elif what == "person":
            found.append(_("same person's name") if score == SAME else _("person's name sounds alike"))
        else:
            found.append(said[what])
    return _(", ").join(found)
