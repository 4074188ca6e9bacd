"""What people's words in a file mean: choices by their label in any language, references by key or title; the rest is asked."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import TranslatedField

SPOKEN = frozenset({"choice", "boolean", "reference"})
"""Kinds whose texts stand for something else."""
MOST_TEXTS = 200
"""Texts of one column that are asked about; who has more has mapped the wrong column."""


@dataclass(frozen=True)
class Unknown:
    """A text that means nothing yet, and in how many rows it stands."""

    text: str
    count: int


def plain(text: object) -> str:
    """Small letters and digits, full and half width alike."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", str(text)).casefold() if letter.isalnum())


def understood(column: Column, texts: Iterable[str], actor: Actor) -> dict[str, Any]:
    """text → code or id, of those that mean exactly one thing."""
    wanted = {text for text in texts if text.strip()}
    if column.kind == "reference":
        return _references(column, wanted, actor)
    found: dict[str, Any] = {}
    names = _names_of_choices(column) if column.kind == "choice" else {}
    for text in wanted:
        try:
            found[text] = parse(column, text, actor.timezone)
        except Unreadable:
            if (code := names.get(plain(text))) is not None:
                found[text] = code
    return found


def _names_of_choices(column: Column) -> dict[str, str]:
    names = {plain(code): code for code, _label in column.choices if code}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for code, label in column.choices:
                if code and plain(label):
                    names.setdefault(plain(label), code)
    return names


def _references(column: Column, wanted: set[str], actor: Actor) -> dict[str, int]:
    """By business key first, then by a title that only one row has, in any language."""
    model: Any = column.relation
    if not wanted:
        return {}
    rows = model.objects.visible_to(actor).order_by("pk")
    stripped = {text.strip() for text in wanted}
    found: dict[str, int] = {}
    if model.business_key != "id":
        found = {str(key): pk for key, pk in rows.filter(**{f"{model.business_key}__in": stripped}).values_list(model.business_key, "pk")}
    titles: dict[str, set[int]] = {}
    title = model.title_field
    if title and (rest := stripped - found.keys()):
        if isinstance(model._meta.get_field(title), TranslatedField):
            for pk, names in rows.values_list("pk", title):
                for name in (names or {}).values():
                    titles.setdefault(plain(name), set()).add(pk)
        else:
            for pk, name in rows.filter(**{f"{title}__in": rest}).values_list("pk", title):
                titles.setdefault(plain(name), set()).add(pk)
    for text in stripped - found.keys():
        if len(same := titles.get(plain(text), set())) == 1:
            found[text] = next(iter(same))
    return {text: found[text.strip()] for text in wanted if text.strip() in found}


def unknown_texts(column: Column, texts: Counter[str], given: Mapping[str, Any], actor: Actor) -> list[Unknown]:
    """The texts that neither mean something by themselves nor have been given a meaning; the most frequent first."""
    open_texts = [text for text in texts if text.strip() and text not in given]
    known = understood(column, open_texts, actor)
    return [Unknown(text, texts[text]) for text in sorted(open_texts, key=lambda one: (-texts[one], one)) if text not in known][:MOST_TEXTS]


def may_make(column: Column, actor: Actor) -> bool:
    """Whether a row with this name alone may be made of the column's relation."""
    model: Any = column.relation
    if model is None or not model.title_field or not actor.may("add", model):
        return False
    form = form_of(model)
    needed = {name for name, one in form.declared.items() if one.required and one.default in (None, "")}
    return form.lines is None and needed <= {model.title_field, model.business_key} and model.title_field in form.declared


def make_rows(column: Column, texts: Iterable[str], actor: Actor) -> tuple[dict[str, int], list[int]]:
    """A row for each text that has none yet, by the act that the form performs: (text → id, acts)."""
    model: Any = column.relation
    if not may_make(column, actor):
        raise Refused(_("You may not make new %(what)s here; choose one for each text.") % {"what": model._meta.verbose_name_plural})
    wanted = list(dict.fromkeys(texts))
    made, acts = dict(understood(column, wanted, actor)), []
    for text in wanted:
        if text not in made:
            values = {model.title_field: text.strip()}
            key = model._meta.get_field(model.business_key) if model.business_key not in ("id", model.title_field) else None
            if key is not None and not model.number_series:
                values[model.business_key] = text.strip()[: key.max_length]
            outcome = create_record(model, values, actor=actor)
            made[text] = outcome.result.pk
            acts.append(outcome.act_id)
    return made, acts
