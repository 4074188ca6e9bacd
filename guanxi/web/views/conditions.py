"""The builder of conditions: every column, of related rows too, in groups that hold all, one or none of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.periods import PERIODS, period_text
from guanxi.kernel.columns.registry import column_of
from guanxi.kernel.lists.asking import relatives_of
from guanxi.kernel.lists.conditions import Group, Kin, Node, Term, read
from guanxi.kernel.lists.filters import BadFilter
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.forms import FieldMaker
from guanxi.kernel.screens.screen import Screen, screen_of
from guanxi.kernel.screens.visit import Visit, page

_UNASKED = ("json", "lines", "record")


@dataclass(frozen=True)
class Operator:
    """How a column is compared: the filter is `before` + what the editor gives + `after`, or `whole`."""

    code: str
    label: Any
    editor: str = ""
    before: str = ""
    after: str = ""
    whole: str = ""


@dataclass
class TermShown:
    """A test as it is edited."""

    options: list[tuple[Any, list[tuple[str, Any]]]]
    column: Column
    operators: list[Operator]
    operator: Operator
    values: list[str] = field(default_factory=list)
    low: str = ""
    high: str = ""
    reference: Any = None
    kind: str = "term"

    @property
    def editors(self) -> list[str]:
        """One editor for each kind that the operators need, the present one shown."""
        return list(dict.fromkeys(one.editor for one in self.operators if one.editor))

    @property
    def text(self) -> str:
        return ",".join(self.values)


@dataclass
class GroupShown:
    mode: str
    parts: list[Any]
    screen: type[Screen]
    path: str = ""
    label: Any = ""
    relatives: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "kin" if self.path else "group"


def operators_for(column: Column) -> list[Operator]:
    empty = [Operator("empty", _("is empty"), whole="none"), Operator("not_empty", _("is not empty"), whole="!none")]
    if column.kind == "boolean":
        return [Operator("yes", _("yes"), whole="yes"), Operator("no", _("no"), whole="no")]
    if column.kind == "reference":
        return [Operator("in", _("is"), "reference"), Operator("not_in", _("is not"), "reference", "!"), *empty]
    if column.choices or column.kind in ("choices", "status", "choice"):
        return [Operator("in", _("is"), "choices"), Operator("not_in", _("is not"), "choices", "!"), *([] if column.kind == "status" else empty)]
    if column.kind in ("date", "moment"):
        return [
            Operator("period", _("is in"), "period"), Operator("between", _("is between"), "days"),
            Operator("last", _("in the last … days"), "number", "last_", "_days"),
            Operator("next", _("in the next … days"), "number", "next_", "_days"),
            *empty,
        ]
    if column.numeric:
        return [Operator("between", _("is between"), "range"), Operator("equals", _("is"), "number"), *empty]
    return [
        Operator("contains", _("contains"), "text"), Operator("lacks", _("does not contain"), "text", "!"), Operator("is", _("is"), "text", "="),
        Operator("begins", _("begins with"), "text", "^"), *empty,
    ]


def _operator_of(raw: str, operators: list[Operator]) -> tuple[Operator, str]:
    """The operator with which a filter was made, and what its editor held."""
    for one in operators:
        if one.whole and raw == one.whole:
            return one, ""
    fitting = [one for one in operators if _fits(one, raw)]
    best = max(fitting, key=lambda one: len(one.before) + len(one.after), default=operators[0])
    return best, _within(best, raw)


def _within(operator: Operator, raw: str) -> str:
    return raw.removeprefix(operator.before).removesuffix(operator.after)


def _fits(operator: Operator, raw: str) -> bool:
    if operator.whole or not (raw.startswith(operator.before) and raw.endswith(operator.after)):
        return False
    value = _within(operator, raw)
    if operator.editor == "period":
        return not value or value in PERIODS
    if operator.editor == "days":
        return ".." in value or value[:4].isdecimal()
    if operator.editor == "range":
        return ".." in value
    if operator.editor == "number":
        return bool(value) and ".." not in value and not period_text(value)
    return True


class Builder:
    """Draws conditions of one screen; references are named in one go at the end."""

    def __init__(self, visit: Visit):
        self.actor, self.maker = visit.actor, FieldMaker(visit.actor, visit.set_key)
        self.offers: dict[str, list[tuple[Any, list[tuple[str, Any]]]]] = {}

    def offered(self, screen: type[Screen]) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """The columns to choose from: the rows' own, then those that lists of the rows they refer to show."""
        if screen.path not in self.offers:
            own = [c for c in screen.available(self.actor).values() if self._asked(screen, c)]
            groups: list[tuple[Any, list[tuple[str, Any]]]] = [(screen.singular(), [(c.name, c.label) for c in own])]
            for reference in own:
                target = screen_of(reference.relation) if reference.kind == "reference" and not reference.many else None
                if target is None or not self.actor.may("view", target.model):
                    continue
                names = [n for n in dict.fromkeys((*target.filters, *target.columns)) if "__" not in n and n != target.title]
                seen = [c for c in target.seen(names, self.actor) if self._asked(target, c)]
                groups.append((reference.label, [(f"{reference.name}__{c.name}", c.label) for c in seen]))
            self.offers[screen.path] = groups
        return self.offers[screen.path]

    def _asked(self, screen: type[Screen], column: Column) -> bool:
        return column.filterable and column.kind not in _UNASKED and column.name != "id" and not screen.is_idle(column, self.actor)

    def group(self, screen: type[Screen], mode: str, nodes: Iterable[Node], path: str = "", label: Any = "") -> GroupShown:
        parts = [shown for node in nodes if (shown := self.shown(screen, node)) is not None]
        return GroupShown(mode, parts, screen, path, label, relatives_of(screen, self.actor))

    def shown(self, screen: type[Screen], node: Node) -> Any:
        if isinstance(node, Term):
            return self.term(screen, node.name, node.raw)
        if isinstance(node, Group):
            return self.group(screen, node.mode, node.parts)
        relative = relatives_of(screen, self.actor).get(node.path)
        return self.group(relative.screen, node.mode, node.parts, node.path, relative.label) if relative else None

    def term(self, screen: type[Screen], name: str, raw: str = "") -> TermShown | None:
        """None where the actor may not know of the column."""
        column = self._column(screen, name)
        if column is None:
            return None
        operators = operators_for(column)
        operator, value = _operator_of(raw, operators)
        low, _dots, high = value.partition("..")
        values = [part for part in value.split(",") if part]
        reference = None
        if column.kind == "reference":
            chosen = [int(part) for part in values if part.isdecimal()]
            reference = self.maker.field(Column(name, column.label, "reference", relation=column.relation, many=True), "value", chosen)
        return TermShown(self.offered(screen), column, operators, operator, values, low, high if ".." in value else low, reference)

    def _column(self, screen: type[Screen], name: str) -> Column | None:
        offered = {one: label for _group, columns in self.offered(screen) for one, label in columns}
        if name not in offered:
            return screen.available(self.actor).get(name)
        head, _dots, rest = name.partition("__")
        own = screen.available(self.actor)
        if name in own:
            return own[name]
        target = screen_of(own[head].relation)
        assert target is not None
        found = target.available(self.actor).get(rest) or column_of(screen.model, name)
        return Column(name, found.label, found.kind, relation=found.relation, choices=found.choices, many=found.many)


def _asked_now(visit: Visit) -> Group:
    """What the list asks now, as one group: its filters, and its conditions."""
    given = visit.request.GET
    terms: list[Node] = [Term(name[2:], str(raw)) for name, raw in given.items() if name.startswith("f.") and raw]
    try:
        where = read(str(given["where"])) if given.get("where") else None
    except BadFilter:
        where = None
    if isinstance(where, Group) and (where.mode == "all" or not terms):
        return Group(where.mode, (*terms, *where.parts))
    return Group("all", (*terms, *([where] if where else [])))


@page("view")
def builder_page(visit: Visit) -> HttpResponse:
    """All that the list asks now, to be changed."""
    assert visit.screen is not None
    builder, asked = Builder(visit), _asked_now(visit)
    root = builder.group(visit.screen, asked.mode, asked.parts)
    builder.maker.name_references()
    return visit.render("screens/builder.html", {"node": root, "periods": PERIODS})


@page("view")
def builder_part(visit: Visit) -> HttpResponse:
    """One more part: a test of `name`, a group, or rows of another kind (`kin=sales.order.customer`); `of` says of which kind's rows."""
    assert visit.screen is not None
    given, builder = visit.request.GET, Builder(visit)
    screen = _screen_within(visit.screen, given.get("of", ""), visit)
    shown: Any
    if given.get("kin"):
        shown = builder.shown(screen, Kin("with", given["kin"], ()))
    elif given.get("group"):
        shown = builder.group(screen, "any", (Term(builder.offered(screen)[0][1][0][0], ""),))
    else:
        name = given.get("name") or builder.offered(screen)[0][1][0][0]
        shown = builder.term(screen, name, given.get("raw", ""))
    if shown is None:
        raise Missing(_("There is no such column, or you may not see it."))
    builder.maker.name_references()
    return visit.render("screens/builder_node.html", {"node": shown, "periods": PERIODS})


def _screen_within(screen: type[Screen], path: str, visit: Visit) -> type[Screen]:
    """The screen of the rows that a part stands among: the list's own, or that of rows which refer to them, step by step."""
    for step in [part for part in path.split(",") if part][:5]:
        relative = relatives_of(screen, visit.actor).get(step)
        if relative is None:
            raise Missing(_("There is no such column, or you may not see it."))
        screen = relative.screen
    return screen
