"""Lists and single records, never beyond what the key's member may know."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.scopes import rows_in
from guanxi.kernel.acts.operation import Operation, operations_of
from guanxi.kernel.acts.writer import require
from guanxi.kernel.api.cursors import Cursors, rows_after, steps_of
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.shapes import Json, shaped, shaped_by_id
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of, has_field
from guanxi.kernel.columns.sections import line_sections
from guanxi.kernel.lists.query import EXACT, ListQuery
from guanxi.kernel.records.refusals import no_such
from guanxi.kernel.screens.screen import Screen
from guanxi.kernel.views.queries import view_named

LIMIT = 50
MOST = 500
DEEPEST = 100_000
MOST_COLUMNS = 100
PLAIN = frozenset({"q", "where", "sort", "page", "after", "limit", "columns", "fields", "key", "total", "view"})


def listed(call: Call, screen: type[Screen]) -> HttpResponse:
    """Rows of a list: the pages' query string, with `limit`, `after`, `fields`, `key` (the exact business key), `total` and `view`."""
    require(call.actor, "view", screen.model)
    given = call.parameters
    for name in given:
        if name not in PLAIN and not name.startswith("f."):
            raise Problem(400, "bad_query", _("There is no parameter “%(name)s”.") % {"name": name[:60]})
    limit, page = _whole(given, "limit", LIMIT, MOST), _whole(given, "page", 1, DEEPEST)
    view = view_named(screen, call.actor, given["view"]) if given.get("view") else None
    if view is None and given.get("view"):
        raise Problem(400, "bad_query", _("There is no view “%(name)s” of this list.") % {"name": given["view"][:60]})
    if view is not None:
        given = {**view.state, "fields": view.state.get("columns", ""), **{name: value for name, value in given.items() if value}}
    query = ListQuery(screen, call.actor, {k: v for k, v in given.items() if k != "columns"}, set_key=call.set_key)
    columns = _chosen(given, screen, call.actor) or query.columns
    if query.notes:
        raise Problem(400, "bad_query", " ".join(str(note) for note in query.notes))
    if (page - 1) * limit > DEEPEST:
        raise Problem(400, "bad_query", _("Pages end at %(max)s rows; narrow the list, for example by sort=id&f.id=1001..") % {"max": DEEPEST})
    if given.get("after") and given.get("page"):
        raise Problem(400, "bad_query", _("Send either “page” or “after”."))
    rows = query.ordered
    if given.get("key"):
        rows = rows.filter(**{screen.model.business_key: _key(screen.model, given["key"])})
    steps = steps_of(rows)
    sort = ",".join(f"-{column.name}" if falling else column.name for column, falling in query.sort)
    cursors = Cursors(call.set_key, call.actor.member_id, screen.path, sort, steps)
    start = (page - 1) * limit
    cut = rows_after(rows, steps, cursors.read(given["after"])) if given.get("after") else rows
    found = shaped(cut[start : start + limit + 1], columns, call.actor, extra={step.name: step.expression for step in steps})
    answer: Json = {"rows": found[:limit], "page": page, "limit": limit, "next": None}
    if len(found) > limit:
        answer["next"] = _address(call, screen, after=cursors.written(found[limit - 1]))
    found = [{name: value for name, value in row.items() if not name.startswith("_o")} for row in found[:limit]]
    answer["rows"] = found
    if given.get("after"):
        answer.pop("page")
    if view is not None:
        answer["view"] = {"key": view.key, "name": str(view.name), "is_cut": view.is_cut}
    if given.get("total", "no" if given.get("after") else "yes") != "no":
        answer["total"] = start + len(found) if not given.get("after") and _is_last(found, start, limit) else rows.order_by()[: EXACT + 1].count()
        answer["total_is_exact"] = answer["total"] <= EXACT
    return json_answer(answer, headers={"Link": f'<{answer["next"]}>; rel="next"'} if answer["next"] else None)


def _address(call: Call, screen: type[Screen], **changes: str) -> str:
    """This list's address with some parameters changed, and without a page."""
    kept = {name: value for name, value in call.parameters.items() if name != "page"}
    return f"/api/{call.set_key}/{screen.path}?{urlencode(kept | changes)}"


def _is_last(found: list[Json], start: int, limit: int) -> bool:
    """Whether the page itself tells how many rows there are."""
    return len(found) < limit and (bool(found) or start == 0)


def _whole(given: dict[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name) or str(usual)
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:12]) <= most:
        raise Problem(400, "bad_query", _("“%(name)s” is a whole number from 1 to %(max)s.") % {"name": name, "max": most})
    return int(text)


def _key(model: type, text: str) -> Any:
    if model.business_key == "id":  # type: ignore[attr-defined]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return text


def _chosen(given: dict[str, str], screen: type[Screen], actor: Actor) -> list[Column]:
    names = [name.strip() for name in (given.get("fields") or given.get("columns") or "").split(",") if name.strip()]
    available = screen.available(actor)
    unknown = [name for name in names if name not in available and name not in ("id", "version")]
    if unknown or len(names) > MOST_COLUMNS:
        raise Problem(400, "bad_query", _("There is no column “%(name)s”; there are: %(names)s.") % {
            "name": ", ".join(unknown)[:60], "names": ", ".join(available)})
    return [available[name] for name in dict.fromkeys(names) if name in available]


def shown(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    """One record, with its lines, its version (also as ETag) and the operations that this key may perform on it now."""
    for name in call.parameters:
        if name not in ("fields", "columns"):
            raise Problem(400, "bad_query", _("There is no parameter “%(name)s”.") % {"name": name[:60]})
    chosen = _chosen(call.parameters, screen, call.actor)
    found = record(call.actor, screen, row_id, chosen)
    answer = json_answer(found)
    # The version comes first, for If-Match; figures and operations change without it, so the rest is made of all that is answered.
    answer["ETag"] = f'"{found["version"]}-{hashlib.blake2b(answer.content, digest_size=8).hexdigest()}"'
    if answer["ETag"] in call.request.META.get("HTTP_IF_NONE_MATCH", ""):
        return HttpResponse(status=304, headers={"ETag": answer["ETag"]})
    return answer


def record(actor: Actor, screen: type[Screen], row_id: int, columns: list[Column] | None = None) -> Json:
    """A row as JSON: a query for it, one for its lines, one for each relation with many ends."""
    require(actor, "view", screen.model)
    scopes = {found: actor.named_scopes(found.name, "do") for found in visible_operations(screen, actor)}
    rights, extra = _rights_as_sql(screen, scopes, actor)
    wanted = columns or list(screen.available(actor).values())
    state = columns_of(screen.model)["status"] if hasattr(screen.model, "lifecycle") else None
    visible = screen.model.objects.visible_to(actor)
    if not visible.query.where and not extra:
        asked = wanted if state is None or state in wanted else [*wanted, state]
        found = shaped_by_id(screen.model, "pk", row_id, asked, actor)
    else:
        extra |= {"_status": state.sql(actor)} if state is not None else {}
        found = shaped(visible.filter(pk=row_id), wanted, actor, extra=extra)
    if not found:
        raise no_such(screen.model, row_id, actor)
    row = found[0]
    taken = {name: row.pop(name) for name in extra}
    as_it_is: Any = SimpleNamespace(status=taken.get("_status", row.get("status")))
    if any(found.unless for found in scopes):
        as_it_is = visible.get(pk=row_id)
    if state is not None and state not in wanted:
        row.pop("status", None)
    if screen.lines:
        row["lines"] = lines_of(screen, row_id, actor)
        if screen.lines.section:
            row["sections"] = _sections_of(screen, row["lines"])
    row["operations"] = [
        {"name": found.key, "label": str(found.label)}
        for found in scopes
        if (rights[found] is True or taken.get(rights[found])) and found.is_possible(as_it_is)
    ]
    return row


def visible_operations(screen: type[Screen], actor: Actor) -> list[Operation]:
    """The operations on the screen's model that the actor holds in some scope."""
    found = [o for o in operations_of(screen.model) if o.key not in screen.hidden_operations and actor.may(o.name)]
    return [o for o in found if within_key(o, actor)]


def within_key(found: Operation, actor: Actor) -> bool:
    """A key limited to some models may only perform operations on these, or those it names."""
    if not actor.models_only or found.name in actor.models_only:
        return True
    return found.target is not None and found.target._meta.label_lower in actor.models_only


def _rights_as_sql(screen: type[Screen], scopes: dict[Operation, frozenset[str]], actor: Actor) -> tuple[dict[Operation, Any], dict[str, Any]]:
    """For each operation True, or the name of an expression of the row that says whether it lies in the right's scope."""
    names: dict[frozenset[str], Any] = {}
    extra: dict[str, Any] = {}
    for mine in scopes.values():
        if mine not in names:
            allowed = rows_in(screen.model, mine, actor)
            if isinstance(allowed, Q):
                names[mine] = f"_right{len(extra)}"
                extra[names[mine]] = ExpressionWrapper(allowed, output_field=BooleanField())
            else:
                names[mine] = True if allowed else ""
    return {found: names[mine] for found, mine in scopes.items()}, extra


def lines_of(screen: type[Screen], row_id: int, actor: Actor) -> list[Json]:
    """The lines of a document, in their order."""
    assert screen.lines is not None
    model = screen.lines.model
    columns = [column for name in screen.lines.names if (column := columns_of(model).get(name)) and actor.sees(column)]
    order = ("position", "pk") if has_field(model, "position") else ("pk",)
    return shaped_by_id(model, screen.lines.parent, row_id, columns, actor, order)


def _sections_of(screen: type[Screen], lines: list[Json]) -> list[Json]:
    """What the lines are grouped into, with the sum of each group."""
    assert screen.lines is not None
    name, amount, counted = screen.lines.section, screen.lines.subtotal, screen.lines.counted
    found = line_sections(lines, lambda line: line[name], lambda line: counted(line.get))
    return [{"title": one.title, "lines": len(one.lines), **({amount: f"{one.subtotal:f}"} if amount else {})} for one in found]
