"""What filters and conditions ask of the database: of a screen's rows, of rows they refer to, of rows that refer to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from guanxi.kernel.acts.models import VERBS, Act
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.text import full_moment
from guanxi.kernel.lists.conditions import Group, Kin, Node, Term
from guanxi.kernel.lists.filters import NONE, BadFilter, Filter, read_filter
from guanxi.kernel.records.models import History
from guanxi.kernel.screens.screen import SCREENS, Screen, screen_of

NOT = "!"
ACTS = "acts"
"""Not a column: `f.acts=12,13` are the rows that these acts of the actor's own made or changed."""
FARTHEST = 2
"""References followed from a row: the region of the parent of its customer is one too many."""


@dataclass(frozen=True)
class Relative:
    """Rows of another screen that refer to a row by `column`."""

    screen: type[Screen]
    column: Column
    label: Any


@dataclass
class Asked:
    """Conditions as asked: what must hold, the expressions it needs, and its words."""

    condition: Q
    text: str
    alias: dict[str, Any] = field(default_factory=dict)
    is_costly: bool = False
    """Whether it reads what is computed row by row."""


def path_of(column: Column, actor) -> tuple[str, dict[str, Any]]:
    """A lookup path for the column, and the alias it needs when it is an expression."""
    name = f"_f_{column.name}"
    if column.kind == "translated":
        return name, {name: column.title_sql(actor)}
    return (column.name, {}) if column.source in ("field", "related") else (name, {name: column.sql(actor)})


def ask(
    screen: type[Screen], available: dict[str, Column], name: str, raw: str, actor, depth: int = 0, is_own: bool = True
) -> Filter | None:
    """One filter by a column of the rows or of a row they refer to; None where there is no such column for the actor. What is computed
    row by row is asked only of the rows of the list itself (`is_own`)."""
    column = available.get(name)
    if column is None:
        return _of_acts(screen, raw, actor) if name == ACTS else _of_related(available, name, raw, actor, depth)
    if not column.filterable:
        return None
    if column.costly and not is_own:
        raise BadFilter(_("This is computed for each row, and can be asked only of the rows of the list itself."))
    path, alias = path_of(column, actor)
    negated, wanted = _negation(raw)
    found = read_filter(column, path, wanted, actor)
    if column.many:
        found = replace(found, condition=Q(pk__in=screen.model._base_manager.filter(found.condition).values("pk")))
    if negated:
        found = replace(found, condition=without(found.condition), text=_not(wanted, found.text))
    return replace(found, raw=raw, alias=alias)


def label_of(name: str, available: dict[str, Column]) -> Any:
    """What a message calls it that a filter or condition asks for."""
    if name == ACTS and name not in available:
        return _("Made or changed by")
    return available[name].label if name in available else name[:60]


def _of_acts(screen: type[Screen], raw: str, actor) -> Filter:
    ids = [int(part) for part in raw.split(",") if part.isascii() and part.isdecimal() and len(part) < 19]
    if not ids:
        raise BadFilter(_("“%(value)s” does not name a row; choose one from the list.") % {"value": raw[:40]})
    acts = list(Act.objects.filter(pk__in=ids, member_id=actor.member_id).order_by("pk"))
    wrote = History.objects.filter(act_id__in=[act.pk for act in acts], model=screen.model.label()).values("row_id")
    text = _("nothing")
    if acts:
        label, __, verb = acts[0].operation.rpartition(".")
        text = f"{VERBS[verb] if label == screen.model.label() and verb in VERBS else acts[0]} · {full_moment(acts[0].at)}"
    return Filter(Column(ACTS, label_of(ACTS, {}), "text"), raw, text, Q(pk__in=wrote))


def without(condition: Q) -> Q:
    """Rows for which it does not hold; those of which SQL knows neither, as nothing stands there, are among them."""
    if not condition:
        return Q(pk__in=[])
    return Q(Case(When(condition, then=Value(False)), default=Value(True), output_field=BooleanField()))


def _negation(raw: str) -> tuple[bool, str]:
    return (True, raw[1:]) if raw.startswith(NOT) and len(raw) > 1 else (False, raw)


def _not(raw: str, text: str) -> str:
    return _("not empty") if raw == NONE else _("not %(what)s") % {"what": text}


def _of_related(available: dict[str, Column], name: str, raw: str, actor, depth: int) -> Filter | None:
    """`customer__region`: rows whose customer the actor may see, and whose region it is."""
    head, _dots, rest = name.partition("__")
    reference = available.get(head)
    if not rest or reference is None or reference.kind != "reference" or reference.many or not reference.filterable or depth >= FARTHEST:
        return None
    target = screen_of(reference.relation)
    if target is None or not actor.may("view", target.model):
        return None
    inner = ask(target, target.available(actor), rest, raw, actor, depth + 1, is_own=False)
    if inner is None:
        return None
    rows = target.model.objects.visible_to(actor).order_by().alias(**inner.alias).filter(inner.condition)
    column = replace(inner.column, name=name, label=format_lazy("{} · {}", reference.label, inner.column.label))
    return Filter(column, raw, inner.text, Q(**{f"{head}__in": rows.values("pk")}))


def relatives_of(screen: type[Screen], actor) -> dict[str, Relative]:
    """Kinds of rows that refer to the rows of a screen, by `model.column`, as far as the actor may know of them."""
    found: dict[str, Relative] = {}
    for other in SCREENS.values():
        if screen_of(other.model) is not other or not actor.may("view", other.model):
            continue
        referring = [
            c for c in other.available(actor).values()
            if c.relation is screen.model and c.kind == "reference" and c.source == "field" and not c.many and c.filterable
        ]
        for column in referring:
            is_plain = len(referring) == 1 and other is not screen
            label = other.plural() if is_plain else format_lazy("{} ({})", other.plural(), column.label)
            found[f"{other.model._meta.label_lower}.{column.name}"] = Relative(other, column, label)
    return dict(sorted(found.items(), key=lambda item: str(item[1].label)))


class Asking:
    """Conditions of one screen for one actor; what cannot be asked goes to `unknown` or `notes` and is left out."""

    def __init__(self, screen: type[Screen], actor, notes: list[str], unknown: Callable[[str], None], is_own: bool = True):
        self.screen, self.actor, self.notes, self.unknown, self.is_own = screen, actor, notes, unknown, is_own
        self.available = screen.available(actor)

    def asked(self, node: Node) -> Asked | None:
        if isinstance(node, Term):
            return self._term(node)
        if isinstance(node, Kin):
            return self._kin(node)
        parts = self._parts(node.parts)
        return _together(node, parts) if parts else None

    def _parts(self, nodes: Iterable[Node]) -> list[Asked]:
        return [found for found in map(self.asked, nodes) if found is not None]

    def _term(self, term: Term) -> Asked | None:
        try:
            found = ask(self.screen, self.available, term.name, term.raw, self.actor, is_own=self.is_own)
        except BadFilter as problem:
            self.notes.append(f"{label_of(term.name, self.available)}: {problem}")
            return None
        if found is None:
            self.unknown(term.name)
            return None
        return Asked(found.condition, f"{found.column.label}: {found.text}", found.alias, found.column.costly)

    def _kin(self, kin: Kin) -> Asked | None:
        relative = relatives_of(self.screen, self.actor).get(kin.path)
        if relative is None:
            self.unknown(kin.path)
            return None
        parts = Asking(relative.screen, self.actor, self.notes, self.unknown, is_own=False)._parts(kin.parts)
        rows = relative.screen.model.objects.visible_to(self.actor).order_by().filter(**{f"{relative.column.name}__isnull": False})
        for part in parts:
            rows = rows.alias(**part.alias).filter(part.condition)
        condition = Q(pk__in=rows.values(f"{relative.column.name}_id"))
        words = _("with %(what)s") if kin.mode == "with" else _("without %(what)s")
        text = words % {"what": relative.label} + (f" ({_and(parts)})" if parts else "")
        return Asked(condition if kin.mode == "with" else without(condition), text)


def _and(parts: Sequence[Asked]) -> str:
    return _(" and ").join(part.text for part in parts)


def _together(group: Group, parts: Sequence[Asked]) -> Asked:
    alias = {name: expression for part in parts for name, expression in part.alias.items()}
    every, is_costly = [part.condition for part in parts], any(part.is_costly for part in parts)
    if group.mode == "all":
        return Asked(reduce(and_, every), _and(parts) if len(parts) == 1 else f"({_and(parts)})", alias, is_costly)
    either = _(" or ").join(part.text for part in parts)
    if group.mode == "any":
        return Asked(reduce(or_, every), either if len(parts) == 1 else f"({either})", alias, is_costly)
    return Asked(Q(*(without(condition) for condition in every)), _("none of (%(what)s)") % {"what": either}, alias, is_costly)
