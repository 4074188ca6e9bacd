"""The words of a contract or proposal: composed from a template's clauses, compared with them, read into parts, filled in.

A wording is a plain text. A line that begins with # is the title of a clause; what follows, to the next one, is its text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.contracts.models import DocumentTemplate, TemplateClause
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.speech import BILINGUAL
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import Translated
from guanxi.shared.messaging.ports import BadText, Names, fields_of, merged

Part = tuple[str, str]
"""(title, text) of a clause; the opening words have no title."""


def composed(template: DocumentTemplate, language: str) -> str:
    """The template's words in a language, or Chinese with English under it."""
    rows = TemplateClause.objects.filter(template=template).select_related("clause").order_by("position", "pk")
    parts = [("", _in(template.opening, language, "\n"))] if template.opening else []
    parts += [(_in(row.clause.name, language, " "), _in(row.clause.text, language, "\n")) for row in rows]
    return written(parts)


def _in(text: Any, language: str, between: str) -> str:
    text = Translated.of(text)
    if language != BILINGUAL:
        return str(text.in_language(language)).strip()
    both = [str(text.in_language(one)).strip() for one in ("zh-hans", "en")]
    return between.join(dict.fromkeys(part for part in both if part))


def written(parts: Iterable[Part]) -> str:
    return "\n\n".join(f"# {title}\n{text}".rstrip() if title else text for title, text in parts if title or text)


def parts_of(wording: str) -> list[Part]:
    """The clauses of a wording in their order; words before the first title come with an empty one."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in wording.replace("\r\n", "\n").split("\n"):
        if line.startswith("#"):
            found.append((line.lstrip("#").strip(), []))
        else:
            found[-1][1].append(line)
    return [(title, "\n".join(lines).strip()) for title, lines in found if title or any(line.strip() for line in lines)]


def unlike(wording: str, standard: str) -> list[str]:
    """Titles of the clauses that differ from the standard: changed, added, and left out."""
    mine, usual = dict(parts_of(wording)), dict(parts_of(standard))
    changed = [title for title, text in mine.items() if usual.get(title) != text]
    return [title or _("Opening words") for title in [*changed, *(title for title in usual if title not in mine)]]


def wrong_with(text: str, model: type[Record]) -> str:
    """A sentence about the first merge field that cannot be read; an empty text when all can."""
    try:
        for _found in fields_of(text, Names.of(model)):
            pass
    except BadText as error:
        return str(error)
    return ""


def filled_in(record: Any, wording: str, language: str, actor: Actor) -> str:
    """The wording with its merge fields filled in. Refused with the clause that cannot be."""
    main = "zh-hans" if language == BILINGUAL else language
    parts = []
    for title, text in parts_of(wording):
        try:
            parts.append((title, merged({"text": text}, record, actor=actor, language=main)["text"]))
        except BadText as error:
            raise Refused(_("“%(clause)s”: %(why)s") % {"clause": title or _("Opening words"), "why": error}, field="wording") from None
    return written(parts)
