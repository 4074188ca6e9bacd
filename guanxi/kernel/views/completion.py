"""What holds for every view, whoever writes it: the page, the API, an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.groups import Groups
from guanxi.kernel.pivot.pivot import Pivot
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.views.shapes import SHAPES
from guanxi.kernel.views.state import LONGEST, read_state, written


def screen_at(path: str, actor: Actor) -> type[Screen] | None:
    """The list at a path, when the actor may open it."""
    screen = SCREENS.get(path)
    return screen if screen is not None and actor.may("view", screen.model) else None


def problem_with(screen: type[Screen], query: str, shown_as: str, actor: Actor) -> str:
    """Why this state cannot be kept; empty when it can."""
    if len(query) > LONGEST:
        return _("A view has at most %(max)s characters.") % {"max": LONGEST}
    if not SHAPES[shown_as].fits(screen):
        return _("These cannot be seen as a %(shape)s.") % {"shape": SHAPES[shown_as].label}
    listed = ListQuery(screen, actor, read_state(query))
    Pivot(listed)
    Groups(listed)
    return " ".join(str(note) for note in listed.notes)


def complete_views(drafts: Sequence[Draft], actor: Actor) -> None:
    """A view is over a list that its owner may open, names columns that they may see, and is shared by right."""
    for draft in drafts:
        screen = screen_at(draft.get("screen") or "", actor)
        if screen is None:
            draft.add_error("screen", _("There is no such list, or you may not see it."))
            continue
        query = draft.get("query") or ""
        if "query" in draft.values or "screen" in draft.values:
            if problem := problem_with(screen, query, draft.get("shown_as") or "list", actor):
                draft.add_error("query", problem)
            draft.values["query"] = written(read_state(query))
        if "sharing" in draft.values or "roles" in draft.values:
            _check_sharing(draft, actor)


def _check_sharing(draft: Draft, actor: Actor) -> None:
    roles: Any = draft.values.get("roles")
    sharing = draft.get("sharing") or "nobody"
    was = (draft.instance.sharing if draft.instance is not None else "nobody", None)
    if (sharing, roles or None) != was and not actor.may("views.share_view"):
        draft.add_error("sharing", _("You may not share views. Ask an administrator for the right."))
    if sharing == "roles" and "roles" in draft.values and not roles:
        draft.add_error("roles", _("Choose at least one role."))
