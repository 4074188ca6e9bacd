"""Ready-made roles, declared by the modules in their roles.py and kept as rows that a company may add to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.grants import parse_grant
from guanxi.kernel.access.models import Role
from guanxi.kernel.values import Translated


@dataclass
class DeclaredRole:
    key: str
    label: object
    grants: dict[str, str] = field(default_factory=dict)
    sees: set[str] = field(default_factory=set)
    home: str = ""


DECLARED: dict[str, DeclaredRole] = {}
_EVERY: dict[str, str] = {}


def role(key: str, label, grants: Mapping[str, str], *, sees: tuple[str, ...] = (), home: str = "") -> DeclaredRole:
    """Declare a ready-made role, or add a module's rights to one that another module declared under the same key."""
    declared = DECLARED.get(key)
    if declared is None:
        declared = DECLARED[key] = DeclaredRole(key, label)
        _give(declared, _EVERY)
    _give(declared, grants)
    declared.sees |= set(sees)
    declared.home = declared.home or home
    return declared


def every_role(grants: Mapping[str, str]) -> None:
    """Rights to what is each member's own, such as their saved views: part of every ready-made role."""
    _EVERY.update(grants)
    for declared in DECLARED.values():
        _give(declared, grants)


def _give(declared: DeclaredRole, grants: Mapping[str, str]) -> None:
    for name, text in grants.items():
        parse_grant(text)
        declared.grants[name] = f"{declared.grants[name]} {text}" if name in declared.grants else text


def sync_roles() -> None:
    """Bring the ready-made roles of the current set up to what the modules declare."""
    existing = {row.key: row for row in Role.objects.filter(is_builtin=True)}
    for declared in DECLARED.values():
        row = existing.get(declared.key) or Role(key=declared.key, is_builtin=True)
        wanted = (Translated.of(declared.label), declared.grants, sorted(declared.sees), declared.home)
        if (row.name, row.grants, row.sees, row.home) != wanted or row.pk is None:
            row.name, row.grants, row.sees, row.home = wanted
            row.version += 1
            row.save()


role(
    "administrator", _("Administrator"), {"*": "view add change delete company"}, sees=("*",),
)
