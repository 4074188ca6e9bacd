"""Records that are perhaps the same: while one types, as a list, and side by side."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import perform, require_operation
from guanxi.kernel.acts.writer import require_inside
from guanxi.kernel.likeness.declared import Alike, alike_of
from guanxi.kernel.likeness.finding import alike_to, likely_duplicates
from guanxi.kernel.likeness.operations import ask_owner
from guanxi.kernel.likeness.scanning import pairs_of, waiting_in
from guanxi.kernel.likeness.scoring import TYPED, words_of
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.cells import Row, rows_of
from guanxi.kernel.screens.forms import new_key, read_values
from guanxi.kernel.screens.screen import record_url, screen_of
from guanxi.kernel.screens.visit import Visit, page
from guanxi.shared.merging.operations import choosable, merge_records, raw_value, require_mergeable
from guanxi.shared.merging.preview import preview
from guanxi.web.templatetags.alike import SHOWN
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.records import record_of
from guanxi.web.views.say import tell


@page("add")
def alike_box(visit: Visit) -> HttpResponse:
    """What is there already and looks like what is being typed; asked again only when that has changed."""
    assert visit.screen is not None
    sent = visit.request.POST
    declared = alike_of(visit.screen.model)
    columns = [column for name, column in form_columns(visit).items() if declared and name in declared.typed]
    values = read_values(columns, sent, partial=True)
    typed = blake2b(json.dumps(values, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()
    if sent.get(SHOWN) == typed:
        return HttpResponse(status=204)
    found, masked = alike_to(visit.screen.model, values, visit.actor, by_id=True) if any(values.values()) else ([], [])
    shown = [
        {
            "one": one, "kind": screen_of(type(one.record)), "url": record_url(visit.set_key, type(one.record), one.record.pk),
            "may_use": type(one.record) is visit.screen.model,
        }
        for one in found
    ]
    return visit.render("screens/alike.html", {"found": shown, "masked": masked, "quick": bool(sent.get("quick")), "typed": typed})


@page("view")
def use_alike(visit: Visit) -> HttpResponse:
    """In a choice field: the record that is there already instead of a new one."""
    if visit.request.method != "POST":
        return visit.redirect(visit.screen.url(visit.set_key))  # type: ignore[union-attr]
    given = visit.request.POST.get("id", "")
    record = record_of(visit, int(given) if given.isdecimal() and len(given) < 19 else 0)
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"created": {"id": record.pk, "label": str(record)}})})


def draw_ask(visit: Visit) -> HttpResponse:
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    return visit.render("screens/alike_ask.html", {
        "ticket": sent.get("ticket", "")[:32], "reason": sent.get("reason", ""), "refused": visit.refused, "key": new_key(),
    }, status=visit.refused.status if visit.refused else 200)


@page("add", on_refused=draw_ask)
def ask_page(visit: Visit) -> HttpResponse:
    """Ask the owner of what one may not see; what was typed meanwhile stays where it is."""
    sent = visit.request.POST
    if visit.request.method != "POST":
        return draw_ask(visit)
    try:
        perform(ask_owner, actor=visit.actor, key=sent.get("key"), raw={"ticket": sent.get("ticket", ""), "reason": sent.get("reason", "")})
    except Missing as refusal:
        visit.refused = refusal
        return draw_ask(visit)
    told = {"toast": {"text": _("The owner has been asked."), "tone": "good"}, "guanxi:close-dialog": ""}
    if visit.is_part:
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    return visit.redirect(visit.screen.url(visit.set_key))  # type: ignore[union-attr]


# ---- all that is there -----------------------------------------------------------------------------------------------

PAIRS = 20
COMPARED = 14


@page("view")
def duplicates_page(visit: Visit) -> HttpResponse:
    """The pairs that the last scan found, side by side; the likeliest first."""
    declared, actor = _declared(visit), visit.actor
    given = visit.request.GET.get("page", "")
    number = max(1, int(given)) if given.isdecimal() and len(given) < 6 else 1
    found = pairs_of(declared, actor)
    pairs = list(found[(number - 1) * PAIRS : number * PAIRS + 1])
    rows = _rows(visit, {pk for pair in pairs for pk in (pair.first_id, pair.second_id)})
    shown = [
        {"pair": pair, "why": words_of(pair.reasons), "rows": [rows[pair.first_id], rows[pair.second_id]], "cells": _side_by_side(rows, pair)}
        for pair in pairs[:PAIRS] if pair.first_id in rows and pair.second_id in rows
    ]
    return visit.render("screens/duplicates.html", {
        "pairs": shown, "number": number, "is_more": len(pairs) > PAIRS, "count": found.count(), "key": new_key(), "kind": declared.label,
        "may_merge": not (why_not := _why_no_merge(declared, actor)), "why_not": why_not,
        "may_part": actor.may("likeness.set_apart"),
        "may_scan": actor.may("likeness.look_for_duplicates"), "waiting": waiting_in(declared),
    })


def _why_no_merge(declared: Alike, actor: Actor) -> str:
    if not actor.may("merging.merge_records"):
        return _("You may look at these pairs, but not merge them: none of your roles holds the right to merge.")
    if not actor.may("change", declared.model):
        return _("You may look at these pairs, but not merge them: none of your roles may change these records.")
    return ""


def _declared(visit: Visit) -> Alike:
    declared = alike_of(visit.screen.model) if visit.screen else None
    if declared is None:
        raise Missing(_("Nothing is compared here."))
    return declared


def _rows(visit: Visit, ids: set[int]) -> dict[int, Row]:
    """The rows with the columns by which one sees whether they are the same."""
    screen = visit.screen
    assert screen is not None
    names = dict.fromkeys([screen.title, screen.model.business_key, *_declared(visit).typed, *screen.subtitle, *screen.columns])
    columns = screen.seen([name for name in names if name != "id"][:COMPARED], visit.actor)
    rows = screen.model.objects.visible_to(visit.actor).filter(pk__in=ids)
    return {row.pk: row for row in rows_of(rows, columns, visit.actor, visit.set_key, templates=screen.value_templates)}


def _side_by_side(rows: dict[int, Row], pair: Any) -> list[dict[str, Any]]:
    first, second = rows[pair.first_id], rows[pair.second_id]
    both = [(cell, second.get(cell.column.name)) for cell in first.cells]
    return [
        {"label": a.column.label, "cells": [a, b], "differs": a.value != b.value}
        for a, b in both if b is not None and not (a.is_blank and b.is_blank)
    ]


# ---- merging ---------------------------------------------------------------------------------------------------------


def draw_merge(visit: Visit, pk: int) -> HttpResponse:
    """Which stays, what it takes over, and what moves; without another record, the choice of one."""
    declared, actor, screen = _declared(visit), visit.actor, visit.screen
    assert screen is not None
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    record = record_of(visit, pk)
    given = sent.get("with", "")
    if not (given.isdecimal() and len(given) < 19 and int(given) != pk):
        [likely] = likely_duplicates(declared.model, [_values_of(record, declared)], actor, least=TYPED)
        return visit.render("screens/merge_choose.html", {
            "record": record, "likely": [one for one in likely if one.record.pk != pk], "url": screen.url(visit.set_key, pk),
            "choices": visit.url(f"choices/{declared.label}/"), "refused": visit.refused, "field_name": "with",
        }, status=visit.refused.status if visit.refused else 200)
    other = record_of(visit, int(given))
    survivor, gone = (other, record) if sent.get("stays") == given else (record, other)
    problem = str(visit.refused) if visit.refused else _in_the_way(survivor, gone)
    columns = choosable(survivor, gone, actor)
    rows = {row.pk: row for row in rows_of(
        declared.model.objects.filter(pk__in=[survivor.pk, gone.pk]), columns, actor, visit.set_key, templates=screen.value_templates, whole=True
    )}
    fields = [
        {
            "column": column, "cells": [rows[survivor.pk].get(column.name), rows[gone.pk].get(column.name)],
            "takes": sent.get(f"take.{column.name}") or ("gone" if is_empty(raw_value(survivor, column)) else ""),
            "may_join": column.kind == "longtext" and not is_empty(raw_value(survivor, column)) and not is_empty(raw_value(gone, column)),
        }
        for column in columns
    ]
    return visit.render("screens/merge.html", {
        "record": record, "other": other, "survivor": survivor, "gone": gone, "fields": fields, "problem": problem, "key": new_key(),
        "moving": preview(survivor, gone, actor), "url": screen.url(visit.set_key, pk), "kind": declared.label,
    }, status=visit.refused.status if visit.refused else 200)


def is_empty(value: Any) -> bool:
    return value in (None, "", [], {})


def _values_of(record: Any, declared: Alike) -> dict[str, Any]:
    return {name: getattr(record, f"{name}_id", None) or getattr(record, name) for name in declared.typed}


def _in_the_way(survivor: Any, gone: Any) -> str:
    try:
        require_mergeable(survivor, gone)
    except Refused as refusal:
        return str(refusal)
    return ""


@page("change", on_refused=draw_merge)
def merge_page(visit: Visit, pk: int) -> HttpResponse:
    """The comparison with its preview; posting it merges."""
    sent, screen = visit.request.POST, visit.screen
    assert screen is not None
    require_inside(visit.actor, "change", screen.model, [pk])
    if visit.request.method != "POST":
        require_operation(merge_records, visit.actor)
        return draw_merge(visit, pk)
    chosen = {name.removeprefix("take."): value for name, value in sent.items() if name.startswith("take.")}
    gone = sent.get("with", "") if sent.get("stays") != sent.get("with") else str(pk)
    survivor = str(pk) if gone != str(pk) else sent.get("with", "")
    outcome = perform(merge_records, actor=visit.actor, key=sent.get("key"), raw={
        "kind": _declared(visit).label, "survivor": survivor, "gone": gone,
        "taken": ",".join(name for name, value in chosen.items() if value == "gone"),
        "joined": ",".join(name for name, value in chosen.items() if value == "both"),
    })
    merge = outcome.result
    tell(visit, _("“%(gone)s” was merged into this one.") % {"gone": merge.gone_title}, undo=outcome.act_id)
    return visit.redirect(screen.url(visit.set_key, merge.survivor_id))


@page("change")
def moving_rows(visit: Visit, pk: int) -> HttpResponse:
    """The rows behind one line of the preview, as far as one may see them."""
    require_operation(merge_records, visit.actor)
    gone = record_of(visit, pk)
    require_inside(visit.actor, "change", type(gone), [pk])
    wanted = visit.request.GET.get("of", "")
    if not wanted:
        return visit.redirect(f"{visit.screen.url(visit.set_key, pk)}merge/")  # type: ignore[union-attr]
    for one in preview(gone, gone, visit.actor, of=wanted):
        if one.key == wanted:
            return visit.render("screens/merge_rows.html", {"moving": one, "links": [
                (str(row), record_url(visit.set_key, type(row), row.pk)) for row in one.shown
            ]})
    raise Missing(_("There is nothing here."))
