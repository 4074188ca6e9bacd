"""A role's page: every right as a table, what differs from the role it was copied from, and changing it without writing names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.grants import EVERYTHING, VERBS, BadGrant, parse_grant
from guanxi.kernel.access.models import Role
from guanxi.kernel.access.scopes import SCOPES, access_path, rights_model
from guanxi.kernel.acts.operation import OPERATIONS
from guanxi.kernel.acts.writer import change_record
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.history import TOLD_IN_PARTS, Part
from guanxi.web.views.records import record_of, record_page
from guanxi.web.views.say import tell

Given = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Right:
    """One verb on one kind of record, or one operation: how far it reaches, and how far in the role it was copied from."""

    name: str
    verb: str
    reach: str
    """Scopes joined by “+”; empty: not at all."""
    was: str | None
    choices: list[tuple[str, str]]

    @property
    def text(self) -> str:
        return words_of(self.reach)

    @property
    def was_text(self) -> str:
        return words_of(self.was or "")

    @property
    def differs(self) -> bool:
        return self.was is not None and self.was != self.reach

    @property
    def field(self) -> str:
        return f"{self.name}:{self.verb}"


@dataclass
class Line:
    label: str
    rights: list[Right]

    @property
    def is_held(self) -> bool:
        return any(right.reach or right.was for right in self.rights)


@dataclass
class Module:
    """The rights of one module: kinds of records with four verbs, and operations."""

    label: str
    records: list[Line] = field(default_factory=list)
    operations: list[Line] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        return any(line.is_held for line in (*self.records, *self.operations))


def words_of(reach: str) -> str:
    return " + ".join(str(SCOPES[name][0]) for name in reach.split("+") if name in SCOPES)


def modules_of(grants: dict[str, str], original: dict[str, str] | None) -> list[Module]:
    """All rights that there are, by module, with what these grants give of them."""
    found: dict[str, Module] = defaultdict(lambda: Module(""))
    now, was = _read(grants), _read(original) if original is not None else None
    for model in _governing():
        label = model._meta.label_lower
        module = _module(found, model._meta.app_label)
        module.records.append(Line(str(model._meta.verbose_name_plural), [_right(label, verb, now, was, model) for verb in VERBS]))
    for operation in sorted((o for o in OPERATIONS.values() if ".tests." not in o.function.__module__), key=lambda o: o.name):
        module = _module(found, operation.name.partition(".")[0])
        subject = f" · {operation.target._meta.verbose_name}" if operation.target else ""
        module.operations.append(Line(f"{operation.label}{subject}", [_right(operation.name, "do", now, was, operation.target)]))
    return sorted(found.values(), key=lambda module: module.label)


def _module(found: dict[str, Module], label: str) -> Module:
    module = found[label]
    module.label = str(apps.get_app_config(label).verbose_name)
    return module


def _governing() -> list[Any]:
    """Kinds of records that have rights of their own and a page."""
    models = {rights_model(screen.model)[0] for screen in SCREENS.values() if ".tests." not in screen.__module__}
    return sorted(models, key=lambda model: str(model._meta.verbose_name_plural))


def _read(grants: dict[str, str]) -> dict[str, Given]:
    given = {}
    for name, text in grants.items():
        try:
            given[name] = parse_grant(text)
        except BadGrant:
            given[name] = {}
    return given


def _right(name: str, verb: str, now: dict[str, Given], was: dict[str, Given] | None, model: Any) -> Right:
    reach = _reach(now, name, verb)
    scopes = ["company", *(s for s in SCOPES if s != "company" and model is not None and access_path(rights_model(model)[0], s))]
    choices = [("", _("no")), *((scope, words_of(scope)) for scope in scopes)]
    if reach and reach not in scopes:
        choices.append((reach, words_of(reach)))
    return Right(name, verb, reach, _reach(was, name, verb) if was is not None else None, choices)


def _reach(grants: dict[str, Given], name: str, verb: str) -> str:
    scopes = grants.get(name, {}).get(verb, frozenset()) | grants.get(EVERYTHING, {}).get(verb, frozenset())
    return "company" if "company" in scopes else "+".join(sorted(scopes))


def field_rights(role: Role, original: Role | None) -> list[dict[str, Any]]:
    """Rights to columns that not everybody reads, with the columns each opens."""
    opened: dict[str, list[str]] = defaultdict(list)
    for screen in SCREENS.values():
        for column in columns_of(screen.model).values():
            if column.right and ".tests." not in screen.__module__:
                opened[column.right].append(f"{screen.model._meta.verbose_name}: {column.label}")
    return [
        {
            "right": right, "columns": sorted(set(columns)), "held": _sees(role, right),
            "differs": original is not None and _sees(role, right) != _sees(original, right),
        }
        for right, columns in sorted(opened.items())
    ]


def _sees(role: Role, right: str) -> bool:
    return right in role.sees or EVERYTHING in role.sees


def told_rights(old: dict[str, str] | None, new: dict[str, str] | None) -> Iterator[Part]:
    """What of a role's rights was changed, each by the words of its page."""
    verbs = dict(zip(VERBS, verb_names(), strict=True))
    for module in modules_of(new or {}, old or {}):
        for line in (*module.records, *module.operations):
            for right in line.rights:
                if right.differs:
                    yield f"{line.label}: {verbs[right.verb]}" if right.verb in verbs else line.label, right.was_text, right.text


def told_field_rights(old: list[str] | None, new: list[str] | None) -> Iterator[Part]:
    yes, no = _("yes"), _("no")
    for right in sorted({*(old or ())} ^ {*(new or ())}):
        yield right, *((no, yes) if right in (new or ()) else (yes, no))


TOLD_IN_PARTS |= {("access.role", "grants"): told_rights, ("access.role", "sees"): told_field_rights}


@page("view")
def role_page(visit: Visit, pk: int) -> HttpResponse:
    """The general record page with the rights as a table."""
    role = record_of(visit, pk)
    original = role.copied_from
    return record_page.__wrapped__(  # type: ignore[attr-defined]
        visit, pk, modules=[m for m in modules_of(role.grants, original.grants if original else None) if m.is_held],
        field_rights=[r for r in field_rights(role, original) if r["held"] or r["differs"]], original=original,
        may_edit_rights=visit.actor.may("change", Role) and not role.is_builtin, verbs=verb_names(),
    )


def verb_names() -> list[str]:
    return [_("See"), _("Add"), _("Change"), _("Delete")]


def draw_rights(visit: Visit, pk: int) -> HttpResponse:
    """The table with a choice in every place."""
    role = record_of(visit, pk)
    grants = _sent(visit) if visit.request.method == "POST" else role.grants
    return visit.render("people/role_rights.html", {
        "role": role, "modules": modules_of(grants, None), "field_rights": field_rights(role, None), "verbs": verb_names(),
        "refused": visit.refused, "key": new_key(), "version": visit.request.POST.get("version") or role.version,
    }, status=visit.refused.status if visit.refused else 200)


@page("change", on_refused=draw_rights)
def rights_page(visit: Visit, pk: int) -> HttpResponse:
    """Change what a role of one's own may do."""
    if visit.request.method != "POST":
        return draw_rights(visit, pk)
    role, sent = record_of(visit, pk), visit.request.POST
    if role.is_builtin:
        raise Refused(_("A ready-made role stays as it is: copy it, and change the copy."))
    version = sent.get("version", "")
    change_record(
        role, {"grants": _sent(visit), "sees": sent.getlist("sees")}, actor=visit.actor, key=sent.get("key"),
        version=int(version) if version.isdecimal() and len(version) < 10 else None,
    )
    tell(visit, _("The rights are saved; they hold from the next page on."))
    assert visit.screen is not None
    return visit.redirect(visit.screen.url(visit.set_key, pk))


def _sent(visit: Visit) -> dict[str, str]:
    """Grants as the choices say; no others can be written here than there are."""
    grants: dict[str, list[str]] = defaultdict(list)
    for module in modules_of({}, None):
        for line in (*module.records, *module.operations):
            for right in line.rights:
                for scope in [part for part in visit.request.POST.get(right.field, "").split("+") if part]:
                    word = scope if right.verb == "do" else right.verb if scope == "company" else f"{right.verb}:{scope}"
                    grants[right.name].append(word)
    return {name: " ".join(words) for name, words in grants.items()}
