"""What typing finds for a reference field, and the numbers beside the menu."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.db.models import Count, F, Q, Subquery, Value
from django.db.models.functions import Lower
from django.http import HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import operation_named
from guanxi.kernel.columns.column import title_of
from guanxi.kernel.columns.registry import column_of, columns_of, has_field
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Forbidden, Missing
from guanxi.kernel.screens.forms import OFFERED
from guanxi.kernel.screens.screen import SCREENS, screen_of
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.kernel.search import found_in
from guanxi.kernel.search.registry import searched

SHOWN = 20
LOOKED_AT = 100
PASTED = 500
NEARNESS = {"is_it": "iexact", "begins": "istartswith", "fits": "icontains"}


@page(MEMBER)
def choices(visit: Visit, label: str) -> HttpResponse:
    """Rows of a model that fit what is typed; archived ones are not offered."""
    try:
        model: Any = model_named(label)
    except (LookupError, ValueError):
        raise Missing(_("There is nothing to choose here.")) from None
    if not hasattr(model.objects, "visible_to"):
        raise Missing(_("There is nothing to choose here."))
    if not visit.actor.may("view", model):
        raise Forbidden(_("You may not see %(what)s.") % {"what": model._meta.verbose_name_plural})
    screen = screen_of(model)
    rows = model.objects.visible_to(visit.actor)
    if has_field(model, "archived_at"):
        rows = rows.filter(archived_at__isnull=True)
    if has_field(model, "is_active"):
        rows = rows.filter(is_active=True)
    rows = _narrow(visit, model, rows.exclude(**getattr(model, "not_offered", {})))
    if visit.request.method == "POST":
        return JsonResponse({"found": _named(visit, model, rows)})
    typed = visit.request.GET.get("q", "").strip()[:100]
    title = title_of(model, visit.actor)
    detail = _detail(visit, model, screen)
    if "position" in model._meta.ordering and not rows.query.order_by:
        rows = rows.order_by(*model._meta.ordering)
    elif not rows.query.order_by:
        rows = rows.order_by(model.sorted_as.get(model.title_field) or title, "pk")
    shown = ("pk", title, *([detail] if detail is not None else []))
    found = _nearest(visit, rows.alias(_title=title), typed, shown) if typed else list(rows.values_list(*shown)[: SHOWN + 1])
    create = ""
    in_setup = not screen or not screen.menu or screen.menu[0] == "setup"
    if screen and screen.may_create and not screen.lines and (screen.quick or not in_setup) and visit.actor.may("add", model):
        create = screen.url(visit.set_key, rest="new/")
    return JsonResponse({
        "results": [{"id": r[0], "label": str(r[1]), "detail": str(r[2] or "") if detail is not None else ""} for r in found[:SHOWN]],
        "more": len(found) > SHOWN, "create": create or None,
    })


def _nearest(visit: Visit, rows: Any, typed: str, shown: tuple[Any, ...]) -> list[Any]:
    """Just that before what begins so, then what has a word that begins so: among the first that fit, for of a million not all are sorted."""
    found: dict[Any, Any] = {}
    is_searched = searched(rows.model._meta.label_lower)
    for how, lookup in NEARNESS.items():
        some = found_in(rows, typed, visit.actor, how) if is_searched else rows.filter(**{f"_title__{lookup}": typed})  # type: ignore[arg-type]
        first = list(some.values_list(*shown)[: LOOKED_AT if how == "fits" else SHOWN + 1])
        if how == "fits":
            word = re.compile(rf"\b{re.escape(typed)}", re.IGNORECASE)
            first.sort(key=lambda row: not word.search(str(row[1])))
        found |= {row[0]: row for row in first if row[0] not in found}
        if len(found) > SHOWN:
            break
    return list(found.values())


def _detail(visit: Visit, model: Any, screen: Any) -> Any:
    """What stands beside the title: the key, or where that is the title whom it is about, such as the customer of an order."""
    title, columns = model.title_field or model.business_key, columns_of(model)
    if model.business_key not in ("id", title, ""):
        return F(model.business_key) if visit.actor.sees(columns[model.business_key]) else None
    about = columns.get(screen.subtitle[0]) if screen and screen.subtitle else None
    is_told = about is not None and about.kind == "reference" and not about.many and about.relation is not model and visit.actor.sees(about)
    return about.title_sql(visit.actor) if about is not None and is_told else None


def _named(visit: Visit, model: Any, rows: Any) -> dict[str, dict[str, Any]]:
    """Of texts that were pasted, those that name exactly one row by its key or its title, in one query."""
    wanted = {text.strip().lower(): text for text in visit.request.POST.getlist("named")[:PASTED] if text.strip()}
    key = model.business_key if model.business_key != "id" and visit.actor.sees(columns_of(model)[model.business_key]) else ""
    rows = rows.annotate(_title=Lower(title_of(model, visit.actor)), **({"_key": Lower(key)} if key else {}))
    names = Q(_title__in=wanted) | (Q(_key__in=wanted) if key else Q())
    found: dict[str, list[Any]] = defaultdict(list)
    for pk, label, *named in rows.filter(names).values_list("pk", title_of(model, visit.actor), "_title", *(["_key"] if key else [])):
        for name in dict.fromkeys(named):
            if name in wanted:
                found[wanted[name]].append({"id": pk, "label": str(label)})
    return {text: hits[0] for text, hits in found.items() if len(hits) == 1}


def _narrow(visit: Visit, model: Any, rows: Any) -> Any:
    """`by=customer:party` with `customer=12`: only rows whose party is 12; `only=is_supplier`: only those that are."""
    mark = columns_of(model).get(visit.request.GET.get("only", ""))
    if mark is not None and mark.kind == "boolean" and mark.source == "field" and visit.actor.sees(mark):
        rows = rows.filter(**{mark.name: True})
    rows = _among(visit, rows)
    source, _colon, target = visit.request.GET.get("by", "").partition(":")
    value = visit.request.GET.get(source, "") if source else ""
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        return rows
    try:
        column = column_of(model, target)
    except LookupError:
        return rows
    return rows.filter(**{target: int(value)}) if column.kind == "reference" and column.source != "added" and visit.actor.sees(column) else rows


def _among(visit: Visit, rows: Any) -> Any:
    """`among=sales.reallocate_stock:order` with `of=12`: only rows that can be chosen when this is done to 12."""
    offered, of = OFFERED.get(among := visit.request.GET.get("among", "")), visit.request.GET.get("of", "")
    if offered is None or not (of.isascii() and of.isdecimal() and len(of) < 19):
        return rows
    act = operation_named(among.partition(":")[0])
    assert act.target is not None
    target = act.target.objects.visible_to(visit.actor).filter(pk=int(of)).first() if visit.actor.may(act.name) else None
    return offered(target, rows) if target is not None else rows.none()


@page(MEMBER)
def counts(visit: Visit) -> HttpResponse:
    """Numbers beside the menu, in one query."""
    asked = {}
    for path, screen in SCREENS.items():
        if screen.badge and visit.actor.may("view", screen.model):
            rows = ListQuery(screen, visit.actor, QueryDict(screen.badge)).rows
            asked[path] = Subquery(rows.order_by().annotate(_all=Value(1)).values("_all").annotate(_n=Count("pk")).values("_n"))
    if not asked:
        return JsonResponse({"counts": {}})
    member = model_named("access.member")._base_manager.filter(pk=visit.actor.member_id)
    row = member.values_list(*asked.values()).first() or ()
    return JsonResponse({"counts": {path: n or 0 for path, n in zip(asked, row, strict=True)}})
