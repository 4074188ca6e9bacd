"""Roles: copied to make one's own, and given to people for a time."""

from datetime import date

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member, Role, RoleAssignment
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import Translated
from guanxi.shared.members.completion import wider
from guanxi.shared.members.queries import may_give


@operation(label=gettext_lazy("Copy role"), icon="copy", labels={"name": gettext_lazy("Name of the copy")})
def copy_role(role: Role, *, actor: Actor, name: str) -> Role:
    """Make one's own role from this one; what is changed in it later is shown beside the original."""
    if not may_give(actor, role):
        raise Forbidden(wider(role))
    made = Role.objects.create(
        key=_free_key(role.key, name), name=Translated({actor.language: name}), grants=role.grants, sees=role.sees, home=role.home,
        is_two_step_needed=role.is_two_step_needed, copied_from=role,
    )
    index_records(Role, [made.pk])
    return made


def _free_key(key: str, name: str) -> str:
    """A key made of the name; of the original's and a number where the name has no Latin letters."""
    base = (slugify(name) or key)[:34]
    taken = set(Role.objects.filter(key__startswith=base).values_list("key", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)


@operation(
    label=gettext_lazy("Give role"), icon="shield-check",
    labels={"role": gettext_lazy("Role"), "valid_from": gettext_lazy("Valid from"), "valid_until": gettext_lazy("Valid until")},
)
def assign_role(member: Member, *, actor: Actor, role: Role, valid_from: date | None = None, valid_until: date | None = None) -> Member:
    """The member holds the role from now on, or between two days; given again, the days are changed."""
    if not may_give(actor, role):
        raise Forbidden(wider(role))
    if valid_from and valid_until and valid_until < valid_from:
        raise Refused(_("The last day lies before the first."), field="valid_until")
    days = {"valid_from": valid_from, "valid_until": valid_until}
    if not RoleAssignment.objects.filter(member=member, role=role).updated(**days):
        RoleAssignment.objects.create(member=member, role=role, **days)
    return member
