"""What people may write on pages: by form, where a value stands, and in many rows at once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import Operation, operations_of
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.records.refusals import Forbidden
from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.acting import Button

NOT_IN_PLACE = ("lines", "json", "translated", "secret")


def require_by_hand(screen) -> None:
    """Forbidden for what only operations write, whoever asks."""
    if not screen.may_edit:
        raise Forbidden(_("%(what)s cannot be changed by hand.") % {"what": screen.plural()})


def form_columns(visit: Visit) -> dict[str, Column]:
    """What a page asks for; numbers that come by themselves are left to import and API."""
    assert visit.screen is not None
    asked = [name for name in visit.screen.form_names() if name not in visit.screen.elsewhere]
    known = form_of(visit.screen.model).columns
    return {n: c for n, c in known.items() if n in asked and visit.actor.writes(c) and not visit.screen.is_idle(c, visit.actor)}


def editable_names(visit: Visit) -> frozenset[str]:
    """The columns of a list that may be written where they stand."""
    screen = visit.screen
    if screen is None or not screen.may_edit or not visit.actor.may("change", screen.model):
        return frozenset()
    return frozenset(name for name, column in form_columns(visit).items() if column.kind not in NOT_IN_PLACE)


def offered_to_many(visit: Visit) -> dict[str, Any]:
    """What may be done to the rows that are picked in a list."""
    screen, actor = visit.screen, visit.actor
    assert screen is not None
    by_hand = screen.may_edit and actor.may("change", screen.model)
    offered = [o for o in operations_of(screen.model) if _is_offered(visit, o)]
    # Where an operation gives rows their owner, it does what follows too: the column is not offered a second time.
    assigns = by_hand and not any("owner" in o.parameters for o in offered)
    return {
        "change": by_hand, "assign": assigns and any(c.name == "owner" for c in columns_for_many(visit)),
        "archive": by_hand and has_field(screen.model, "archived_at"),
        "delete": screen.may_edit and actor.may("delete", screen.model),
        "operations": [Button.of(o) for o in offered],
    }


def _is_offered(visit: Visit, found: Operation) -> bool:
    lines = any(column.kind == "lines" for column in found.parameters.values())
    return visit.actor.may(found.name) and not lines and found.key not in visit.screen.hidden_operations  # type: ignore[union-attr]


def columns_for_many(visit: Visit) -> list[Column]:
    """What may get one value in many rows."""
    assert visit.screen is not None
    return [
        c for c in form_of(visit.screen.model).columns.values()
        if visit.actor.writes(c) and c.kind != "json" and not c.unique and not visit.screen.is_idle(c, visit.actor)
    ]
