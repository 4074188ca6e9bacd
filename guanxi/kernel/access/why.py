"""Why one may, or may not, see or change a row: the answer in sentences."""

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.grants import parse_grant
from guanxi.kernel.access.models import Role
from guanxi.kernel.access.scopes import SCOPES, rights_model, rows_in


def why(actor: Actor, row, verb: str = "view") -> list[tuple[bool, str]]:
    """(does it apply to this row, sentence) for each role of the actor that says something about the row's model."""
    model, _prefix = rights_model(type(row))
    label = model._meta.label_lower
    reasons: list[tuple[bool, str]] = []
    for role in Role.objects.filter(pk__in=actor.role_ids):
        for name in (label, "*"):
            for scope_name in sorted(parse_grant(role.grants.get(name, "")).get(verb, ())):
                allowed = rows_in(type(row), frozenset({scope_name}), actor)
                applies = allowed if isinstance(allowed, bool) else type(row).objects.filter(Q(pk=row.pk) & allowed).exists()
                text = _("The role “%(role)s” allows it for %(scope)s") % {"role": role, "scope": SCOPES[scope_name][0]}
                reasons.append((applies, text + ("" if applies else _(", which this is not"))))
    if not reasons:
        reasons.append((False, _("None of your roles says anything about “%(model)s”.") % {"model": model._meta.verbose_name}))
    return reasons
