"""A list as its address says it: filters, search, sorting, columns, page; never beyond what the actor may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import F, Max, Min, Q, Sum
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import once
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.database.known import Kept, named
from guanxi.kernel.lists.asking import Asked, Asking, ask, label_of
from guanxi.kernel.lists.conditions import read
from guanxi.kernel.lists.filters import BadFilter, Filter
from guanxi.kernel.lists.sorting import is_quick, quick_columns
from guanxi.kernel.screens.cells import Cell, Row, rows_with
from guanxi.kernel.screens.screen import Screen
from guanxi.kernel.search import found_in

PAGE = 50
EXACT = 10_000
MAX_COLUMNS = 30
NARROWEST = 48
MOST_STEPS = 4
_PLAIN = (str, int, Decimal, date, type(None))

_UNITS = {"unit": "unit_id", "product": "product__unit_id"}
"""In which unit quantities are: the row's own, else the product's."""


class ListQuery:
    """Rows of one screen for one actor. What cannot be read becomes a note above the list, not an error page."""

    def __init__(self, screen: type[Screen], actor, params: Mapping[str, Any], *, base: Any = None, set_key: str = ""):
        self.screen, self.actor, self.params, self.set_key = screen, actor, params, set_key
        self.base = base
        self.notes: list[str] = []
        self.widths: dict[str, int] = {}
        self.available = screen.available(actor)
        self.text = (params.get("q") or "").strip()[:200]
        self.columns = self._columns()
        self.filters = self._filters()
        self.where = self._where()
        self.sort = self._sort()
        self._spare()

    def _unknown(self, name: str) -> None:
        """Say what cannot be asked for; a column the actor may not read is not there."""
        column = self.available.get(name)
        if column is None:
            self.notes.append(_("There is no column “%(name)s” here.") % {"name": name[:60]})
        else:
            self.notes.append(_("“%(column)s” can be neither sorted nor filtered.") % {"column": column.label})

    def _columns(self) -> list[Column]:
        """Those named in the address, each perhaps with its width in pixels: `columns=name~220,total`."""
        given = [n for n in (self.params.get("columns") or "").split(",") if n]
        chosen = []
        for one in dict.fromkeys(given[:MAX_COLUMNS]):
            name, _tilde, width = one.partition("~")
            if name not in self.available:
                self._unknown(name)
            elif self.available[name] not in chosen:
                chosen.append(self.available[name])
                if width.isdecimal() and len(width) < 4:
                    self.widths[name] = max(NARROWEST, int(width))
        return chosen or self.screen.seen(self.screen.all_columns(), self.actor)

    def _filters(self) -> list[Filter]:
        found = []
        for name, raw in self.params.items():
            if not name.startswith("f.") or not raw:
                continue
            try:
                one = ask(self.screen, self.available, name[2:], raw, self.actor)
            except BadFilter as problem:
                self.notes.append(f"{label_of(name[2:], self.available)}: {problem}")
                continue
            if one is None:
                self._unknown(name[2:])
            else:
                found.append(one)
        return found

    def _where(self) -> Asked | None:
        """The conditions within conditions, if there are any."""
        text = self.params.get("where") or ""
        try:
            return Asking(self.screen, self.actor, self.notes, self._unknown).asked(read(text)) if text else None
        except BadFilter as problem:
            self.notes.append(str(problem))
            return None

    def _sort(self) -> list[tuple[Column, bool]]:
        given = [n for n in (self.params.get("sort") or "").split(",") if n][:MOST_STEPS]
        order = self._read_sort(given, noted=True)
        return order or self._read_sort([n for n in self.screen.default_sort.split(",") if n], noted=False)

    def _read_sort(self, names: list[str], *, noted: bool) -> list[tuple[Column, bool]]:
        order = []
        for name in names:
            column = self.available.get(name.removeprefix("-"))
            if column is not None and column.sortable and not column.many:
                order.append((column, name.startswith("-")))
            elif noted:
                self._unknown(name.removeprefix("-"))
        return order

    @cached_property
    def rows(self):
        """The filtered rows that the actor may see, unordered."""
        return self._of(self._all.visible_by_owner(self.actor))

    @cached_property
    def _near(self):
        """The same as far as indexes tell, and in their parts."""
        whole, parts = self._all.within_reach(self.actor)
        return self._of(whole), [self._of(part) for part in parts]

    @property
    def _has_parts(self) -> bool:
        return _has_parts(self.actor, self.screen.model)

    @property
    def _all(self) -> Any:
        model: Any = self.screen.model
        return self.base if self.base is not None else model.objects.all()

    def _of(self, rows: Any) -> Any:
        rows = rows.order_by()
        for found in self._asked(costly=False):
            rows = rows.alias(**found.alias).filter(found.condition)
        rows = found_in(rows, self.text, self.actor) if self.text and self.screen.search else rows
        computed = self._asked(costly=True)
        if computed and _counted(rows) > EXACT:
            words = _("A filter by what is computed for each row needs a list of at most %(n)s rows: narrow it by other filters first.")
            if (note := words % {"n": f"{EXACT:,}"}) not in self.notes:
                self.notes.append(note)
            return rows.none()
        for found in computed:
            rows = rows.alias(**found.alias).filter(found.condition)
        return rows

    def _asked(self, *, costly: bool) -> list[Any]:
        found: list[Any] = [one for one in self.filters if one.column.costly == costly]
        return [*found, self.where] if self.where is not None and self.where.is_costly == costly else found

    def _spare(self) -> None:
        """Very many rows are not computed for their order: then they stand in the screen's own."""
        if any(one.column.costly for one in self.filters) or (self.where and self.where.is_costly):
            self.rows  # noqa: B018 - says at once what cannot be asked
        costly = [column for column, _falling in self.sort if column.costly]
        if costly and self.is_large:
            names = ", ".join(f"“{column.label}”" for column in costly)
            self.notes.append(
                _("%(columns)s: computed for each row, so that it sorts at most %(n)s rows: narrow the list by filters first.")
                % {"columns": names, "n": f"{EXACT:,}"}
            )
            self.sort = self._read_sort([n for n in self.screen.default_sort.split(",") if n], noted=False)

    @cached_property
    def ordered(self):
        return self._in_order(self.rows)

    def _in_order(self, rows: Any) -> Any:
        order: list[Any] = []
        for column, falling in self.sort:
            expression: Any = column.order_sql(self.actor)
            field = str(expression.name) if isinstance(expression, F) else ""  # type: ignore[attr-defined]
            if column.source == "field" and column.kind != "reference" and field and not self.screen.model._meta.get_field(field).null:
                order.append(f"-{field}" if falling else field)
            else:
                order.append(expression.desc(nulls_last=True) if falling else expression.asc(nulls_last=True))
        last = "-pk" if self.sort and self.sort[0][1] else "pk"
        return rows.order_by(*order, last if self.sort else "-pk")

    @cached_property
    def count(self) -> int:
        """Exact to 10,000, then 10,001."""
        if not self._has_parts:
            return self._count("all", lambda: self.rows)
        surely = self._count("most", lambda: self._near[1][0])
        return surely if surely > EXACT else self._count("near", lambda: self._near[0])

    def _count(self, what: str, rows: Callable[[], Any]) -> int:
        kept = self._kept(("count", what), lambda: rows().values_list("pk", flat=True)[: EXACT + 1])
        return kept.count() if kept is not None else _counted(rows())

    def asked(self, what: Hashable, make: Callable[..., Any], *ids: list[int]) -> list[Any]:
        """What `make` gives, a queryset of this list's rows called `what` among them; compiled once for the same list and the same eyes."""
        kept = self._kept(what, make, tuple(type(one) for one in ids))
        return kept.rows(ids) if kept is not None else list(make(*ids))

    def _kept(self, what: Hashable, make: Callable[..., Any], kinds: tuple[type, ...] = ()) -> Kept | None:
        if self._name is None:
            return None
        members = vars(self.actor).get("team_member_ids")
        kept = named((what, members, *self._name), make, kinds)
        if kept is None and members is None:
            # Mostly it holds the ids of those whose rows are seen: then they are in its name.
            return named((what, self.actor.team_member_ids, *self._name), make, kinds)
        return kept

    @cached_property
    def _name(self) -> tuple[Any, ...] | None:
        """All that the list's rows and their order depend on; None where they are found by more than plain conditions."""
        if self.base is not None or self.text or self._asked(costly=True):
            return None
        conditions = [_plainly(found.condition) for found in self._asked(costly=False)]
        if None in conditions:
            return None
        return self.screen, self.actor.eyes, tuple(conditions), tuple((column.name, falling) for column, falling in self.sort)

    @property
    def is_large(self) -> bool:
        return self.count > EXACT

    @property
    def is_slow(self) -> bool:
        """Whether very many rows are sorted by what no index keeps in order."""
        return self.is_large and not is_quick(self.screen, self.sort)

    def warn(self) -> None:
        """Say above the list that it is slow, and what is not."""
        if not self.is_slow:
            return
        quick = quick_columns(self.screen, self.available)
        words = _("Sorted by %(columns)s, every row has to be read: with so many that takes a moment.") % {
            "columns": ", ".join(f"“{column.label}”" for column, _falling in self.sort)
        }
        if quick:
            words += " " + _("At once it goes by: %(columns)s.") % {"columns": ", ".join(str(column.label) for column in quick)}
        self.notes.append(words)

    @property
    def count_text(self) -> str:
        return f"{EXACT:,}+" if self.is_large else f"{self.count:,}"

    @cached_property
    def page(self) -> int:
        given = self.params.get("page") or "1"
        number = int(given) if given.isdecimal() and len(given) < 6 else 1
        return max(1, min(number, self.pages)) if not self.is_large else max(1, min(number, EXACT // PAGE))

    @property
    def pages(self) -> int:
        return max(1, -(-min(self.count, EXACT) // PAGE))

    def fetch(self, limit: int = PAGE) -> list[Row]:
        return self.rows_from((self.page - 1) * PAGE, limit)

    def rows_from(self, start: int, limit: int) -> list[Row]:
        """First which rows they are, then what stands in them: the one question is short, the other is the same for every page and compiled once."""
        def near() -> Any:
            # The first of all are among the first of each part, for which an index may stand in their order.
            first = _together([self._in_order(part) for part in self._near[1]], start + limit)
            return self._in_order(self._all.filter(pk__in=first))[start : start + limit].told_apart()

        if self._has_parts:
            ids = self._all.seen_of(self.actor, self.asked(("near", start, limit), near))
        else:
            ids = self.asked(("ids", start, limit), lambda: self.ordered[start : start + limit].values_list("pk", flat=True))
        return rows_with(ids, self.screen, self.shown, self.actor, self.set_key)

    @cached_property
    def shown(self) -> list[Column]:
        """The columns of the page, with the one that names the row among them."""
        names = {c.name for c in self.columns}
        title = self.available.get(self.screen.title)
        return self.columns if not title or title.name in names else [title, *self.columns]

    @property
    def summed(self) -> list[Column]:
        return [c for c in self.columns if c.summable and not c.costly and c.name not in ("id", *self.screen.unsummed)]

    def sums(self) -> list[Cell]:
        """Sums of money and quantity columns over all filtered rows: one line per currency, and quantities only where all are of one unit."""
        summed = self.summed
        if not summed:
            return []
        known = {c.currency: sql for c in summed if (sql := c.currency_sql(self.actor)) is not None}
        currencies, keys = list(known), {f"_k{n}": sql for n, sql in enumerate(known.values())}
        expressions = {f"_x{n}": column.sql(self.actor) for n, column in enumerate(summed)}
        sums: dict[str, Any] = {f"_s{n}": Sum(f"_x{n}") for n in range(len(summed))}
        unit = next((path for name, path in _UNITS.items() if has_field(self.screen.model, name)), "")
        if unit and any(column.kind == "quantity" for column in summed):
            sums |= {"_least": Min(unit), "_most": Max(unit)}
        rows = self.rows.annotate(**keys, **expressions)
        rows = rows.values(*keys).annotate(**sums).order_by() if keys else [rows.aggregate(**sums)]
        rows, totals = list(rows), defaultdict[tuple[int, str], Any](lambda: None)
        units = {found for row in rows for name in ("_least", "_most") if (found := row.get(name)) is not None}
        for row in rows:
            for number, column in enumerate(summed):
                value = row[f"_s{number}"]
                if value is None or column.kind == "quantity" and len(units) > 1:
                    continue
                currency = row[f"_k{currencies.index(column.currency)}"] if column.currency in currencies else self.actor.currency
                key = (number, currency if column.kind == "money" else "")
                totals[key] = value if totals[key] is None else totals[key] + value
        return [
            Cell(summed[number], value, currency=currency)
            for (number, currency), value in sorted(totals.items(), key=lambda item: (item[0][0], str(item[0][1])))
        ]

    def address(self, **changes: Any) -> str:
        """The query string with some parameters changed; None takes one away."""
        params = {k: v for k, v in self.params.items() if k not in changes and k != "page" and v}
        params |= {name: value for name, value in changes.items() if value is not None}
        return "?" + urlencode(params, safe=":,.", quote_via=quote)


def _counted(rows: Any) -> int:
    return rows[: EXACT + 1].count() if not rows.query.is_empty() else 0


@once
def _has_parts(actor, model: Any) -> bool:
    """Whether the model knows its rows by parts, for the actor (`within_reach`)."""
    return model.objects.all().within_reach(actor) is not None


def _plainly(condition: Q) -> tuple[Any, ...] | None:
    """A condition of names and values, as something that can be compared; None for any other."""
    found: list[Any] = []
    for child in condition.children:
        if isinstance(child, Q):
            found.append(_plainly(child))
        elif isinstance(child, tuple) and isinstance(child[1], list | tuple) and all(isinstance(one, _PLAIN) for one in child[1]):
            found.append((child[0], *child[1]))
        else:
            found.append(child if isinstance(child, tuple) and isinstance(child[1], _PLAIN) else None)
    return None if None in found else (condition.connector, condition.negated, *found)


def _together(parts: list[Any], most: int) -> Any:
    """The ids of at most so many rows of each part."""
    first, *others = [part.values("pk")[:most] for part in parts]
    return first.union(*others)
