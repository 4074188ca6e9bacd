"""Rights as people read them: `sales.order: view:team add` becomes a line with words."""

from __future__ import annotations

from typing import Any

from django import template
from django.apps import apps
from django.utils.translation import gettext as _

from guanxi.kernel.access.grants import BadGrant, parse_grant
from guanxi.kernel.access.scopes import SCOPES
from guanxi.kernel.acts.operation import operation_named

register = template.Library()


def _verbs() -> dict[str, str]:
    return {"view": _("See"), "add": _("Add"), "change": _("Change"), "delete": _("Delete"), "do": _("Do")}


def _named(name: str) -> tuple[str, str, bool]:
    """(module, what, whether it is an operation) of a right's name."""
    module, _dot, rest = name.partition(".")
    config = apps.app_configs.get(module)
    label = str(config.verbose_name) if config else module
    try:
        return label, str(operation_named(name).label), True
    except LookupError:
        pass
    try:
        return label, str(apps.get_model(name)._meta.verbose_name_plural), False
    except (LookupError, ValueError):
        return label, rest or _("everything"), False


@register.filter
def readable_rights(grants: dict[str, str] | None) -> list[dict[str, Any]]:
    """[{"module", "rows": [{"what", "rights": [(verb, scope)]}]}], models before operations."""
    groups: dict[str, list[dict[str, Any]]] = {}
    verbs = _verbs()
    for name, text in (grants or {}).items():
        module, what, is_operation = _named(name)
        try:
            given = parse_grant(text)
        except BadGrant:
            given = {}
        rights = [
            (verbs[verb], " + ".join(str(SCOPES[scope][0]) for scope in sorted(scopes) if scope in SCOPES))
            for verb, scopes in sorted(given.items(), key=lambda item: list(verbs).index(item[0]))
        ]
        groups.setdefault(module, []).append({"what": what, "rights": rights, "last": is_operation})
    return [{"module": module, "rows": sorted(rows, key=lambda row: (row["last"], row["what"]))} for module, rows in sorted(groups.items())]
