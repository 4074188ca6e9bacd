"""Which views a list has for a member, and which of them is being looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.database.known import known
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.screens.visit import Visit
from guanxi.kernel.views.models import SavedView, ViewMark
from guanxi.kernel.views.shapes import SHAPES, Shape
from guanxi.kernel.views.state import State, normal, read_state, readable, state_of, written

ALL = "all"


@dataclass(frozen=True)
class View:
    """A view as one member has it. `key` is a saved view's id, or the word of one that the screen declares."""

    screen: type[Screen]
    key: str
    name: Any
    state: State = field(default_factory=dict)
    shown_as: str = "list"
    owner: str = ""
    """Whose it is, when it is somebody else's."""
    is_own: bool = False
    sharing: str = "nobody"
    is_pinned: bool = False
    is_default: bool = False
    is_cut: bool = False
    """Whether it uses columns that this member may not see; it is applied without them."""

    @property
    def is_saved(self) -> bool:
        return self.key.isdecimal()

    @property
    def shape(self) -> Shape:
        return SHAPES[self.shown_as]

    def address(self, set_key: str) -> str:
        """The list's whole address in this view."""
        rest = self.shape.rest + "?" + written({"view": self.key, **self.state})
        return self.screen.url(set_key, rest=rest)


@dataclass(frozen=True)
class Shown:
    """What a list shows now: a view, changed or not, or a state without a name."""

    view: View | None
    is_changed: bool
    state: State

    @property
    def query(self) -> str:
        return written(self.state)


class Marks:
    """What a member pinned and made a default, over all lists: one query."""

    def __init__(self, actor: Any):
        self.actor = actor
        self.rows = _marks(actor.member_id, eyes=actor.eyes)

    def of(self, screen: type[Screen]) -> dict[str, ViewMark]:
        return {key_of(row): row for row in self.rows if row.screen == screen.path}

    def pinned(self) -> list[View]:
        """In the order in which they were pinned."""
        found = [self._view(row) for row in self.rows if row.is_pinned]
        return [view for view in found if view is not None]

    def default_of(self, screen: type[Screen]) -> View | None:
        row = next((row for row in self.rows if row.is_default and row.screen == screen.path), None)
        return self._view(row) if row is not None else None

    def _view(self, mark: ViewMark) -> View | None:
        screen = SCREENS.get(mark.screen)
        if screen is None or not self.actor.may("view", screen.model):
            return None
        if mark.view is not None:
            return _saved(screen, mark.view.pk, mark.view.name, mark.view.query, mark.view.shown_as, self.actor)
        return next((view for view in built_in_views(screen, self.actor) if view.key == mark.built_in), None)


@known
def _marks(member_id: int, *, eyes: Any) -> Any:
    visible = SavedView.objects.each_visible_to(eyes.actor)
    rows = ViewMark.objects.filter(member_id=member_id).filter(Q(view__isnull=True) | Q(view__in=visible.values("pk")))
    return rows.select_related("view").order_by("pk")


def marks_of(visit: Visit) -> Marks:
    """What the visitor pinned and made a default; asked once for a page."""
    if "marks" not in visit.kept:
        visit.kept["marks"] = Marks(visit.actor)
    return visit.kept["marks"]


def key_of(mark: ViewMark) -> str:
    return str(mark.view_id) if mark.view_id else mark.built_in


def _saved(screen: type[Screen], pk: int, name: str, query: str, shown_as: str, actor: Any, **more: Any) -> View:
    whole = read_state(query)
    state = readable(whole, screen.available(actor))
    return View(screen, str(pk), name, normal(screen, state), shown_as, is_cut=state != whole, **more)


def built_in_views(screen: type[Screen], actor: Any) -> list[View]:
    """All rows; one's own and one's team's where rows have an owner; what the screen declares."""
    declared: dict[str, tuple[Any, str]] = {ALL: (_("All"), "")}
    owner = columns_of(screen.model).get("owner")
    if owner is not None and owner.relation is Member:
        declared["mine"] = (_("Mine"), "f.owner=me")
        if actor.team_ids:
            declared["team"] = (_("My team's"), "f.owner=my_team")
    declared |= screen.views
    available = screen.available(actor)
    found = [View(screen, key, name, normal(screen, read_state(query))) for key, (name, query) in declared.items()]
    return [view for view in found if readable(view.state, available) == view.state]


@known
def _saved_of(path: str, *, eyes: Any) -> Any:
    rows = SavedView.objects.each_visible_to(eyes.actor).filter(screen=path).order_by("name", "pk")
    return rows.values_list("pk", "name", "query", "shown_as", "owner_id", "owner__name", "sharing")


def views_of(screen: type[Screen], actor: Any, marks: Marks | None = None) -> list[View]:
    """Every view of a list for this member: built-in ones, their own, those shared with them; two queries at most."""
    marked = (marks or Marks(actor)).of(screen)
    found = built_in_views(screen, actor)
    for pk, name, query, shown_as, owner_id, owner, sharing in _saved_of(screen.path, eyes=actor.eyes):
        is_own = owner_id == actor.member_id
        found.append(_saved(screen, pk, name, query, shown_as, actor, is_own=is_own, owner="" if is_own else owner, sharing=sharing))
    return [_marked(view, marked.get(view.key)) for view in found]


def _marked(view: View, mark: ViewMark | None) -> View:
    return replace(view, is_pinned=mark.is_pinned, is_default=mark.is_default) if mark is not None else view


def view_named(screen: type[Screen], actor: Any, key: str) -> View | None:
    """One view by its key, as far as the actor may see it."""
    return next((view for view in views_of(screen, actor) if view.key == key), None)


def shown_view(screen: type[Screen], views: Iterable[View], params: Mapping[str, str], shown_as: str = "list") -> Shown:
    """The view that the address names, else the one whose state it has. A shape belongs to a view only where somebody saved it so."""
    views = list(views)
    state = state_of(params)
    now = normal(screen, state)
    alike = [view for view in views if view.state == now and shown_as in (view.shown_as, *(() if view.is_saved else SHAPES))]
    named = next((view for view in views if view.key == params.get("view")), None) or next(iter(alike), None)
    return Shown(named, named is not None and named not in alike, state)
