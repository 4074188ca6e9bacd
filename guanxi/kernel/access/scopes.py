"""From a scope's name to the rows it covers. A module may register more (territories will)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from guanxi.kernel.access.actor import Actor

ScopeFilter = Callable[[str, "Actor"], Q]
SCOPES: dict[str, tuple[object, ScopeFilter | None]] = {}
OWNERS: dict[str, Callable[[Actor], Iterable[int]]] = {}
"""Of scopes by which the owner alone decides: the ids of those members, NOBODY for rows without an owner."""
NOBODY = 0
MOST_OWNERS = 500


def scope(name: str, label, rows: ScopeFilter | None, owners: Callable[[Actor], Iterable[int]] | None = None) -> None:
    """Register a scope; `rows(path, actor)` filters by the model's access path for it (None: it opens no row). `owners`: see OWNERS."""
    SCOPES[name] = (label, rows)
    if owners:
        OWNERS[name] = owners


scope("company", _("the whole company"), None)
scope("own", _("one's own"), lambda path, actor: Q(**{path: actor.member_id}), lambda actor: [actor.member_id])
scope("team", _("one's team"), lambda path, actor: Q(**{f"{path}__in": actor.team_ids}), lambda actor: actor.team_member_ids)
scope("looked", _("looks with one's own eyes"), lambda path, actor: Q(**{path: actor.member_id}))
scope("deputised", _("what concerns one as a deputy"), lambda path, actor: Q(**{path: actor.member_id}))
scope("party", _("one's own company"), lambda path, actor: Q(**{path: actor.party_id}) if actor.party_id else Q(pk__in=[]))


def rights_model(model: Any) -> tuple[Any, str]:
    """The model whose rights govern `model`, and the lookup prefix to it: lines share their document's rights."""
    prefix = ""
    while getattr(model, "part_of", None):
        prefix += f"{model.part_of}__"
        model = model._meta.get_field(model.part_of).related_model
    return model, prefix


def access_path(model, scope_name: str) -> str | None:
    """Where a scope's owner stands on the model; None when the scope means nothing there."""
    paths = model.access_paths
    if scope_name in paths:
        return paths[scope_name]
    own = paths.get("own") or ("owner" if any(f.name == "owner" for f in model._meta.fields) else None)
    if own and scope_name == "own":
        return own
    if own and scope_name == "team":
        return f"{own}__team"
    return None


def rows_in(model, scopes: frozenset[str], actor: Actor) -> Q | bool:
    """True for all rows, False for none, else the filter."""
    if "company" in scopes:
        return True
    model, prefix = rights_model(model)
    found: Q | None = None
    for name in sorted(scopes):
        path = access_path(model, name)
        rows = SCOPES.get(name, (None, None))[1]
        if path and rows:
            part = rows(prefix + path, actor)
            found = part if found is None else found | part
    return False if found is None else found


def owner_scopes(model, actor: Actor) -> frozenset[str] | None:
    """Scopes in which the actor may view rows of `model`, where by each of them the owner alone decides; else None."""
    governing, _prefix = rights_model(model)
    own = access_path(governing, "own")
    opening = {name for name in actor.scopes("view", model) if name == "company" or access_path(governing, name) and SCOPES[name][1]}
    decided = opening <= OWNERS.keys() and all(access_path(governing, name) in (own, f"{own}__team") for name in opening)
    return frozenset(opening) if own and decided else None


def owners_in(scopes: Iterable[str], actor: Actor) -> set[int]:
    """Whose rows these scopes open."""
    return {member for name in scopes for member in OWNERS[name](actor)}


def rows_of_owners(model, actor: Actor) -> Q | None:
    """Which rows the actor may view, by their owners' ids; None where more than the owner decides, all are open, or the owners are too many.
    With ids the database joins no members and puts two indexes together. For what is asked once: a condition that is kept may hold none."""
    scopes = owner_scopes(model, actor)
    if not scopes or "company" in scopes or len(members := owners_in(scopes, actor)) > MOST_OWNERS:
        return None
    governing, prefix = rights_model(model)
    path = f"{prefix}{access_path(governing, 'own')}"
    theirs = Q(**{f"{path}__in": sorted(members - {NOBODY})})
    return theirs | Q(**{f"{path}__isnull": True}) if NOBODY in members else theirs
