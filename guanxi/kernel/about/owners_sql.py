"""Whose the record is that a row says something of, kept beside the row by the database, for lists of millions of such rows.

A model that has `target_owner` beside `target_model` and `target_id` gets it: when a row is written, when a record changes its owner, and
when a record on the way to it goes to somebody else (a contact's owner is the company's). It only finds rows (`sight.reach`): whether a row
may be seen is asked of the record itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps

from guanxi.kernel.about.sight import owner_decides
from guanxi.kernel.access.scopes import access_path, rights_model
from guanxi.kernel.screens.screen import SCREENS

_OWNER = """
CREATE OR REPLACE FUNCTION owner_of_record(kind text, wanted bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $body$
DECLARE found bigint;
BEGIN
  CASE kind
{cases}
    ELSE NULL;
  END CASE;
  RETURN found;
END $body$;
CREATE OR REPLACE FUNCTION say_target_owner() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.target_owner_id := owner_of_record(NEW.target_model, NEW.target_id);
  RETURN NEW;
END $body$;
"""
_CASE = "    WHEN '{label}' THEN SELECT {owner} INTO found FROM {tables} WHERE t0.id = wanted;"
_WRITTEN = """
CREATE OR REPLACE TRIGGER target_owner_said BEFORE INSERT OR UPDATE OF target_model, target_id, target_owner_id ON {table}
  FOR EACH ROW EXECUTE FUNCTION say_target_owner();
"""
_PASSED_ON = """
CREATE OR REPLACE FUNCTION passed_on_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
{updates}
  RETURN NULL;
END $body$;
"""
_UPDATE = "  UPDATE {about} a SET target_owner_id = 0 WHERE a.target_model = '{label}' AND a.target_id {which};"
_PASSING = """
CREATE OR REPLACE TRIGGER passed_on_{column} AFTER UPDATE OF {column} ON {table}
  FOR EACH ROW WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION passed_on_{table}();
"""


class Way:
    """From a record to the member to whom it belongs: t0 is its table, t1 that of the next record."""

    def __init__(self, model: Any):
        self.label = model._meta.label_lower
        governing, prefix = rights_model(model)
        self.steps: list[tuple[str, str]] = []
        """(table, column that leads on)"""
        here = model
        for name in (prefix + str(access_path(governing, "own"))).split("__"):
            column = here._meta.get_field(name)
            self.steps.append((here._meta.db_table, column.column))
            here = column.related_model

    def tables(self, last: int | None = None) -> str:
        steps = self.steps[:last]
        joined = [f" JOIN {table} t{n} ON t{n}.id = t{n - 1}.{self.steps[n - 1][1]}" for n, (table, _column) in enumerate(steps) if n]
        return f"{steps[0][0]} t0{''.join(joined)}"

    def case(self) -> str:
        return _CASE.format(label=self.label, owner=f"t{len(self.steps) - 1}.{self.steps[-1][1]}", tables=self.tables())

    def update(self, about: str, at: int) -> str:
        """The rows about those records whose way leads through the row that was changed, the `at`-th of it."""
        which = f"IN (SELECT t0.id FROM {self.tables(at + 1)} WHERE t{at}.id = NEW.id)" if at else "= NEW.id"
        return _UPDATE.format(about=about, label=self.label, which=which)


def owners_sql() -> list[str]:
    """All statements; run again they change nothing."""
    keeping = sorted(model._meta.db_table for model in apps.get_models() if any(one.name == "target_owner" for one in model._meta.fields))
    models = {screen.model._meta.label_lower: screen.model for screen in SCREENS.values()}
    ways = [Way(models[label]) for label in sorted(models) if owner_decides(models[label])]
    passing: dict[str, tuple[set[str], list[str]]] = {}
    for way, at in _each(ways):
        table, column = way.steps[at]
        columns, updates = passing.setdefault(table, (set(), []))
        columns.add(column)
        updates += [way.update(about, at) for about in keeping]
    return [
        _OWNER.format(cases="\n".join(way.case() for way in ways)),
        *(_WRITTEN.format(table=table) for table in keeping),
        *(_PASSED_ON.format(table=table, updates="\n".join(updates)) for table, (_columns, updates) in sorted(passing.items())),
        *(_PASSING.format(table=table, column=one) for table, (columns, _updates) in sorted(passing.items()) for one in sorted(columns)),
    ]


def _each(ways: list[Way]) -> Iterator[tuple[Way, int]]:
    return ((way, at) for way in ways for at in range(len(way.steps)))
