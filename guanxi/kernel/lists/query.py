"""A list as its address says it: filters, search, sorting, columns, page; never beyond what the actor may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import F, Q, Sum
from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.lists.filters import BadFilter, Filter, read_filter
from guanxi.kernel.screens.cells import Cell, Row, rows_of
from guanxi.kernel.screens.screen import Screen
from guanxi.kernel.search import found_in

PAGE = 50
EXACT = 10_000
MAX_COLUMNS = 30


class ListQuery:
    """Rows of one screen for one actor. What cannot be read becomes a note above the list, not an error page."""

    def __init__(self, screen: type[Screen], actor, params: Mapping[str, Any], *, base: Any = None, set_key: str = ""):
        self.screen, self.actor, self.params, self.set_key = screen, actor, params, set_key
        self.base = base
        self.notes: list[str] = []
        self.available = screen.available(actor)
        self.text = (params.get("q") or "").strip()[:200]
        self.columns = self._columns()
        self.filters = self._filters()
        self.sort = self._sort()

    def _unknown(self, name: str) -> None:
        """Say what cannot be asked for; a column the actor may not read is not there."""
        column = self.available.get(name)
        if column is None:
            self.notes.append(_("There is no column “%(name)s” here.") % {"name": name[:60]})
        else:
            self.notes.append(_("“%(column)s” is computed for each row shown; it can be neither sorted nor filtered.") % {"column": column.label})

    def _columns(self) -> list[Column]:
        given = [n for n in (self.params.get("columns") or "").split(",") if n]
        chosen = []
        for name in dict.fromkeys(given[:MAX_COLUMNS]):
            if name in self.available:
                chosen.append(self.available[name])
            else:
                self._unknown(name)
        return chosen or self.screen.seen(self.screen.all_columns(), self.actor)

    def path_of(self, column: Column) -> tuple[str, dict[str, Any]]:
        """A lookup path for the column, and the alias it needs when it is an expression."""
        if column.kind == "translated":
            return f"_f_{column.name}", {f"_f_{column.name}": column.title_sql(self.actor)}
        if column.source in ("field", "related"):
            return column.name, {}
        return f"_f_{column.name}", {f"_f_{column.name}": column.sql(self.actor)}

    def _filters(self) -> list[Filter]:
        found = []
        for name, raw in self.params.items():
            if not name.startswith("f.") or not raw:
                continue
            column = self.available.get(name[2:])
            if column is None or not column.filterable:
                self._unknown(name[2:])
                continue
            path, _alias = self.path_of(column)
            try:
                found.append(read_filter(column, path, raw, self.actor))
            except BadFilter as problem:
                self.notes.append(f"{column.label}: {problem}")
        return found

    def _sort(self) -> list[tuple[Column, bool]]:
        given = [n for n in (self.params.get("sort") or "").split(",") if n][:4]
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
        model: Any = self.screen.model
        rows = (self.base if self.base is not None else model.objects).visible_to(self.actor).order_by()
        for found in self.filters:
            _path, alias = self.path_of(found.column)
            condition = found.condition
            if found.column.many:
                condition = Q(pk__in=model._base_manager.filter(condition).values("pk"))
            rows = rows.alias(**alias).filter(condition)
        return found_in(rows, self.text, self.actor) if self.text and self.screen.search else rows

    @cached_property
    def ordered(self):
        order: list[Any] = []
        for column, falling in self.sort:
            expression: Any = column.order_sql(self.actor)
            field = str(expression.name) if isinstance(expression, F) else ""  # type: ignore[attr-defined]
            if column.source == "field" and column.kind != "reference" and field and not self.screen.model._meta.get_field(field).null:
                order.append(f"-{field}" if falling else field)
            else:
                order.append(expression.desc(nulls_last=True) if falling else expression.asc(nulls_last=True))
        last = "-pk" if self.sort and self.sort[0][1] else "pk"
        return self.rows.order_by(*order, last if self.sort else "-pk")

    @cached_property
    def count(self) -> int:
        """Exact to 10,000, then 10,001."""
        return self.rows[: EXACT + 1].count() if not self.rows.query.is_empty() else 0

    @property
    def is_large(self) -> bool:
        return self.count > EXACT

    @property
    def count_text(self) -> str:
        return f"{EXACT:,}+" if self.is_large else f"{self.count:,}"

    @cached_property
    def page(self) -> int:
        given = self.params.get("page") or "1"
        number = int(given) if given.isdigit() and len(given) < 6 else 1
        return max(1, min(number, self.pages)) if not self.is_large else max(1, min(number, EXACT // PAGE))

    @property
    def pages(self) -> int:
        return max(1, -(-min(self.count, EXACT) // PAGE))

    def fetch(self, limit: int = PAGE) -> list[Row]:
        start = (self.page - 1) * PAGE
        return rows_of(self.ordered[start : start + limit], self.shown, self.actor, self.set_key, templates=self.screen.value_templates)

    @cached_property
    def shown(self) -> list[Column]:
        """The columns of the page, with the one that names the row among them."""
        names = {c.name for c in self.columns}
        title = self.available.get(self.screen.title)
        return self.columns if not title or title.name in names else [title, *self.columns]

    def sums(self) -> list[Cell]:
        """Sums of money and quantity columns over all filtered rows; one line per currency."""
        summed = [c for c in self.columns if c.summable and (c.source != "fact" or c.sortable) and c.name != "id"]
        if not summed:
            return []
        known = {c.currency: sql for c in summed if (sql := c.currency_sql(self.actor)) is not None}
        currencies, keys = list(known), {f"_k{n}": sql for n, sql in enumerate(known.values())}
        expressions = {f"_x{n}": column.sql(self.actor) for n, column in enumerate(summed)}
        sums = {f"_s{n}": Sum(f"_x{n}") for n in range(len(summed))}
        rows = self.rows.annotate(**keys, **expressions)
        rows = rows.values(*keys).annotate(**sums).order_by() if keys else [rows.aggregate(**sums)]
        totals: dict[tuple[int, str], Any] = defaultdict(lambda: None)
        for row in rows:
            for number, column in enumerate(summed):
                value = row[f"_s{number}"]
                if value is None:
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
        params = QueryDict(mutable=True)
        params.update({k: v for k, v in self.params.items() if k not in changes and k != "page" and v})
        for name, value in changes.items():
            if value is not None:
                params[name] = value
        return "?" + params.urlencode(safe=":,.")
