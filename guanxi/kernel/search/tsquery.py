"""What a person typed, as three PostgreSQL queries: all rows that fit, those that begin so, those that are just that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guanxi.kernel.search import text as words


@dataclass(frozen=True)
class TsQueries:
    """In the text form of `tsquery`; `fits` contains the other two. `begins` and `is_it` may be empty."""

    fits: str
    begins: str
    is_it: str
    is_short: bool = False
    """One or two letters begin so many words that listing them all is the last resort."""
    is_rare: bool = False
    """Seven digits say which phone it is, whatever stands before them."""


Parts = tuple[str, ...]
"""Queries that all have to fit, each a condition of its own. In one query with `&` the index would go through all entries of a team's
members to find those with a rare word among them: that took five times as long."""


def among(query: Parts, labels: Iterable[str]) -> Parts:
    """The same among the records of these models."""
    return (*query, any_of(leaf(words.of_model(label)) for label in labels))


def leaf(token: str, begun: bool = False, rights: Sequence[str] = ()) -> str:
    """One word, also in the columns under the field rights given; `begun`: anything that begins with it."""
    quoted = token.replace("\\", "\\\\").replace("'", "''")
    ending = ":*" if begun else ""
    marks = ("", *(f"{right}:" for right in rights))
    return any_of([f"'{mark}{quoted}'{ending}" for mark in marks] + [f"'{mark}{one}'" for one in words.standing_for(token, begun) for mark in marks])


def any_of(parts: Iterable[str]) -> str:
    kept = list(dict.fromkeys(part for part in parts if part))
    return kept[0] if len(kept) == 1 else "(" + " | ".join(kept) + ")" if kept else ""


def all_of(parts: Iterable[str]) -> str:
    kept = list(dict.fromkeys(part for part in parts if part))
    return kept[0] if len(kept) == 1 else "(" + " & ".join(kept) + ")" if kept else ""


def tsqueries(q: str, rights: Sequence[str] = ()) -> TsQueries | None:
    """None when nothing was typed that could be looked for. `rights`: field rights whose columns may be searched."""
    terms = words.query_terms(q)
    if not terms:
        return None
    whole = words.solid(q[: words.MAX_QUERY])
    digits = words.digits_typed(q)
    fits = all_of(_term(term, rights, alone=len(terms) == 1) for term in terms)
    if len(terms) > 1 and whole.isascii() and len(whole) > 2:
        fits = any_of([fits, leaf(whole[: words.MAX_WORD], begun=True, rights=rights)])
    start = leaf(words.exactly(whole), begun=True, rights=rights) if not words.is_close(whole) else ""
    # A number kept with its country has neither the 0 of a national one nor the 00 that is dialled for +.
    ends = [whole, *([digits.lstrip("0")] if len(digits.lstrip("0")) > 6 else [])] if _may_be_ending(whole) else []
    end = any_of(leaf(words.ending(one), begun=True, rights=rights) for one in ends)
    is_it = any_of([leaf(words.exactly(whole), rights=rights), end if len(digits) > 6 else ""])
    return TsQueries(any_of([fits, start, end]), _beginning(whole, fits), is_it, whole.isascii() and len(whole) < 3, len(digits) > 6)


def _term(term: str, rights: Sequence[str], alone: bool) -> str:
    if words.is_close(term):
        if len(term) == 1:
            return leaf(term, begun=True, rights=rights)
        return all_of(leaf(term[i : i + 2], rights=rights) for i in range(len(term) - 1))
    if term.isdecimal():
        end = leaf(words.ending(term), begun=True, rights=rights) if len(term) > 2 else ""
        return any_of([leaf(term, begun=len(term) > 2, rights=rights), end])
    if len(term) == 1:
        # One letter begins half of all words: it is taken as a word, or alone as the beginning of the title.
        return any_of([leaf(term, rights=rights), *([leaf("^" + term, begun=True), leaf("=" + term, begun=True)] if alone else [])])
    found = [leaf(term, begun=True, rights=rights)]
    found += [_syllables(cut, rights) for cut in words.syllables_typed(term) if len(cut) > 2]
    if _may_be_initials(term):
        last = len(term) - words.INITIALS
        found.append(all_of(leaf(term[i : i + words.INITIALS], begun=i == last, rights=rights) for i in range(last + 1)))
    return any_of(found)


def _syllables(cut: Sequence[str], rights: Sequence[str]) -> str:
    pairs = [cut[i] + cut[i + 1] for i in range(len(cut) - 1)]
    return all_of(leaf(pair, begun=i == len(pairs) - 1, rights=rights) for i, pair in enumerate(pairs))


def _may_be_initials(term: str) -> bool:
    """More initials than are kept in one word (no syllable begins with i, u or v), and no syllables."""
    letters = term.isascii() and term.isalpha() and not set("iuv") & set(term)
    return letters and len(term) > words.INITIALS and not words.syllables_typed(term)


def _may_be_ending(whole: str) -> bool:
    return whole.isascii() and len(whole) > 2 and any(letter.isdecimal() for letter in whole)


def _beginning(whole: str, fits: str) -> str:
    """Titles that begin with it. Few sounds of each beginning are kept, so the rest must fit as well."""
    if words.is_close(whole):
        return leaf("^" + whole) if len(whole) < 3 else leaf(words.exactly(whole), begun=True)
    found = [leaf(words.exactly(whole), begun=True), leaf("^" + whole, begun=True)]
    found += [all_of([leaf("^" + cut[0] + cut[1]), fits]) for cut in words.syllables_typed(whole) if len(cut) > 2]
    if _may_be_initials(whole):
        found.append(all_of([leaf("^" + whole[: words.INITIALS]), fits]))
    return any_of(found)
