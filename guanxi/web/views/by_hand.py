"""What people may write on pages: by form, and where a value stands."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.records.refusals import Forbidden
from guanxi.kernel.screens.visit import Visit

_NOT_IN_PLACE = ("lines", "json", "translated", "secret")


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
    return frozenset(name for name, column in form_columns(visit).items() if column.kind not in _NOT_IN_PLACE)
