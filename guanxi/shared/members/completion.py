"""What entered people, roles and teams are refused beyond the columns' own rules: above all, rights that one has not got oneself."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.grants import EVERYTHING, BadGrant, covers, parse_grant, union
from guanxi.kernel.access.models import Role
from guanxi.kernel.access.scopes import SCOPES, access_path, rights_model
from guanxi.kernel.acts.operation import operation_named
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.record import model_named
from guanxi.shared.members.queries import administrators, may_give
from guanxi.shared.parties.queries import refuse_cycles


def complete_members(drafts: Sequence[Draft], actor: Actor) -> None:
    """Roles within one's own rights; superiors in no circle; an administrator is left."""
    for draft in drafts:
        had = set(draft.instance.roles.values_list("pk", flat=True)) if draft.instance is not None and "roles" in draft.values else set()
        _refuse_wider(draft, "roles", [role for role in draft.values.get("roles") or () if role.pk not in had], actor)
    refuse_cycles(drafts, "reports_to", _("This person reports to the one you are changing; choose another."))
    ended = {draft.instance.pk for draft in drafts if draft.instance is not None and _ends(draft)}
    left = set(administrators(actor.today).values_list("pk", flat=True)) if ended else set()
    if left and left <= ended:
        for draft in drafts:
            if draft.instance is not None and draft.instance.pk in ended:
                draft.add_error("is_active", _("The last administrator stays: give somebody else the role first."))


def _ends(draft: Draft) -> bool:
    """Whether the member would no longer be an active administrator."""
    if draft.values.get("is_active") is False:
        return True
    return "roles" in draft.values and "administrator" not in {role.key for role in draft.values["roles"] or ()}


def _refuse_wider(draft: Draft, column: str, roles: Iterable[Role], actor: Actor) -> None:
    for role in roles:
        if not may_give(actor, role):
            draft.add_error(column, wider(role))


def wider(role: Role) -> str:
    """Why a role cannot be given by somebody who has less."""
    return _("The role “%(role)s” has rights that you have not; somebody who has them must give it.") % {"role": role}


def complete_assignments(drafts: Sequence[Draft], actor: Actor) -> None:
    for draft in drafts:
        role = draft.get("role")
        if role is not None:
            _refuse_wider(draft, "role", [role], actor)


def complete_teams(drafts: Sequence[Draft], actor: Actor) -> None:
    refuse_cycles(drafts, "parent", _("A team cannot be part of itself or of a team below it; choose another."))


def complete_roles(drafts: Sequence[Draft], actor: Actor) -> None:
    """Ready-made roles stay as they are; rights are such as there are, and within one's own."""
    for draft in drafts:
        if draft.instance is not None and draft.instance.is_builtin:
            changed = [name for name in draft.values if draft.values[name] != getattr(draft.instance, name)]
            for name in changed:
                if name != "is_two_step_needed":
                    draft.add_error(name, _("A ready-made role stays as it is: copy it, and change the copy."))
            continue
        grants, sees = draft.get("grants") or {}, draft.get("sees") or []
        if not isinstance(grants, dict) or not isinstance(sees, list) or not all(isinstance(right, str) for right in sees):
            draft.add_error("grants", _("Rights are written as names with verbs and scopes."))
            continue
        wrong = [sentence for name, text in grants.items() if (sentence := wrong_with(name, text))]
        for sentence in wrong:
            draft.add_error("grants", sentence)
        if not wrong and not covers(actor.rights, union([(grants, sees)])):
            draft.add_error("grants", _("A role cannot hold rights that you have not yourself."))


def wrong_with(name: str, text: object) -> str:
    """Why this grant means nothing; empty when it is sound."""
    try:
        given = parse_grant(text) if isinstance(text, str) else None
    except BadGrant as word:
        return _("“%(word)s” is neither a verb nor a scope.") % {"word": word}
    if given is None:
        return _("Rights are written as names with verbs and scopes.")
    model = None
    if name != EVERYTHING:
        try:
            model = operation_named(name).target
        except LookupError:
            try:
                model = model_named(name)
            except (LookupError, ValueError):
                return _("There are no rights called “%(name)s”.") % {"name": name}
    for scopes in given.values():
        for scope in scopes - {"company"}:
            if scope not in SCOPES or model is None or access_path(rights_model(model)[0], scope) is None:
                return _("“%(word)s” means nothing for “%(name)s”.") % {"word": scope, "name": name}
    return ""
