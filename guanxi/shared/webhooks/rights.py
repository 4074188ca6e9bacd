"""What goes to an address goes out of sight: whose eyes it stands for, and who may lend them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Refused


def require_whole_sight(actor: Actor, owner_id: int) -> None:
    """Refused unless the actor is the owner or sees all that the owner sees: else an address would show them more than their pages."""
    if actor.kind == "system" or actor.member_id == owner_id:
        return
    owner = actor_of(owner_id)
    if owner is None:
        name = Member.objects.filter(pk=owner_id).values_list("name", flat=True).first() or "?"
        raise Refused(_("%(name)s is no longer active; choose somebody else.") % {"name": name}, field="owner")
    if not sees_all_of(actor, owner):
        raise Refused(
            _("What %(name)s may see would be sent, and you may not see all of it. Choose yourself, or ask an administrator.")
            % {"name": owner.name},
            field="owner",
        )


def sees_all_of(actor: Actor, owner: Actor) -> bool:
    """Whether the actor sees the whole company's rows of every kind of which the owner sees any, and their fields."""
    kinds = [name for name, verbs in owner.rights.granted.items() if verbs.get("view")]
    if not all("company" in actor.named_scopes(name, "view") for name in kinds):
        return False
    return all(actor.rights.sees_right(right) for right in owner.rights.sees)


def visible_events(events: Iterable[Event], actor: Actor) -> list[Event]:
    """Those about records that the actor may see, in one query for each kind of record."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event.subject_model, []).append(event)
    seen: set[tuple[str, int]] = set()
    for label, mine in by_kind.items():
        try:
            model = model_named(label)
        except LookupError:
            continue
        rows = model.objects.visible_to(actor).filter(pk__in={event.subject_id for event in mine})
        seen |= {(label, pk) for pk in rows.values_list("pk", flat=True)}
    return [event for mine in by_kind.values() for event in mine if (event.subject_model, event.subject_id) in seen]
