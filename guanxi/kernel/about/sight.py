"""Rows that say something of any other record, by model label and id: whoever sees the record knows of them."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.scopes import access_path, rights_model
from guanxi.kernel.records.record import Record, model_named
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.screen import SCREENS, screen_of
from guanxi.kernel.values.translated import Translated


def about_visible(actor: Actor, model_field: str, id_field: str, *, without: tuple[str, ...] = (), verb: str = "view") -> Q:
    """Rows that name, by model label and id, a record with a page that the actor may see (and `verb`); one subquery per kind of
    record of which the actor sees only a part, none for the others. (EXISTS, not IN: for a few rows the database then
    looks up each record instead of listing all that may be seen.)"""
    open_labels: list[str] = []
    parts: list[Q] = []
    for model in {screen.model for screen in SCREENS.values()}:
        label = model._meta.label_lower
        # Sight of these follows from others', so that asking for it here would go round in circles.
        if model.about_another or label in without or not actor.may("view", model) or not actor.may(verb, model):
            continue
        rows = model.objects.visible_to(actor)
        if verb != "view":
            rows = rows.visible_to(actor, verb)
        if rows.query.is_empty():
            continue
        if rows.query.where:
            parts.append(Q(**{model_field: label}) & Q(Exists(rows.order_by().filter(pk=OuterRef(id_field)))))
        else:
            open_labels.append(label)
    return reduce(or_, parts, Q(**{f"{model_field}__in": sorted(open_labels)}))


def target_of(label: str, row_id: int | None, actor: Actor) -> Record:
    """The record that something is said about: one with a page, that the actor may see."""
    missing = Missing(_("There is no such record, or you may not see it."))
    screen = screen_of(label)
    if screen is None or screen.model.about_another or row_id is None:
        raise missing
    row = model_named(label).objects.visible_to(actor).filter(pk=row_id).first()
    if row is None:
        raise missing
    return row


def title_in_language(about: dict[str, Any]) -> str:
    """The title of the record that a column `about` names, as the search keeps it."""
    title = about.get("title") or ""
    return str(Translated(title)) if isinstance(title, dict) else str(title)


def party_of(record: Record) -> int | None:
    """The company or person to which the record belongs: where its access path for them leads."""
    return _at(record, "party")


def owner_of(record: Record) -> int | None:
    """The member to whom the record belongs: where its access path for "one's own" leads."""
    return _at(record, "own")


def _at(record: Record, scope: str) -> int | None:
    model, prefix = rights_model(type(record))
    path = access_path(model, scope)
    return type(record)._base_manager.filter(pk=record.pk).values_list(prefix + path, flat=True).first() if path else None


def who_may_see(record: Record, actors: Iterable[Actor]) -> set[int]:
    """Of these members the ids of those who may see the record: one query for all."""
    model: Any = type(record)
    found: set[int] = set()
    asked: dict[int, Exists] = {}
    for actor in actors:
        rows = model.objects.visible_to(actor)
        if rows.query.is_empty():
            continue
        if rows.query.where:
            asked[actor.member_id] = Exists(rows.order_by().filter(pk=record.pk))
        else:
            found.add(actor.member_id)
    if asked:
        answers = model._base_manager.filter(pk=record.pk).values_list(*asked.values()).first() or ()
        found |= {member_id for member_id, is_seen in zip(asked, answers, strict=False) if is_seen}
    return found
