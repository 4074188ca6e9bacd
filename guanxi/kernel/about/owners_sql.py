"""Whose a record is, kept by the database where it is looked for among millions: with what is said of records, and in the search.

A model that has `target_owner` beside `target_model` and `target_id` gets it when a row is written. When a record changes its owner, or one
on the way to it goes to somebody else (a contact's owner is the company's), it follows, and so do the owner's words among those by which the
record is searched. Both only find rows (`sight.reach`, `search.queries`): whether a row may be seen is asked of the record itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps

from guanxi.kernel.about.sight import owner_decides
from guanxi.kernel.access.scopes import access_path, rights_model
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.search.registry import declared_search

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
_WORDS = """
CREATE OR REPLACE FUNCTION words_of_owners(former tsvector, VARIADIC owners bigint[]) RETURNS tsvector LANGUAGE sql STABLE AS $body$
  SELECT ts_delete(former, ARRAY(SELECT lexeme FROM unnest(former) WHERE lexeme LIKE '\\%%'))
      || array_to_tsvector(ARRAY(SELECT DISTINCT '%' || coalesce(one, 0) FROM unnest(owners) one))
$body$;
"""
_SAID_OF_OWNERS = """
CREATE OR REPLACE FUNCTION owners_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE search_searchentry e SET terms = words_of_owners(e.terms, NEW.{owner}, NEW.target_owner_id)
  WHERE e.model = '{label}' AND e.object_id = NEW.id;
  RETURN NULL;
END $body$;
CREATE OR REPLACE TRIGGER owners_changed AFTER UPDATE OF {owner}, target_owner_id ON {table} FOR EACH ROW
  WHEN (OLD.{owner} IS DISTINCT FROM NEW.{owner} OR OLD.target_owner_id IS DISTINCT FROM NEW.target_owner_id)
  EXECUTE FUNCTION owners_of_{table}();
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
_SEARCHED = """  UPDATE search_searchentry e SET terms = words_of_owners(e.terms, owner_of_record(e.model, e.object_id))
  WHERE e.model = '{label}' AND e.object_id {which};"""
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

    def updates(self, keeping: list[Any], at: int) -> list[str]:
        """What follows for those records whose way leads through the row that was changed, the `at`-th of it."""
        which = f"IN (SELECT t0.id FROM {self.tables(at + 1)} WHERE t{at}.id = NEW.id)" if at else "= NEW.id"
        found = [_UPDATE.format(about=model._meta.db_table, label=self.label, which=which) for model in keeping]
        return [*found, *([_SEARCHED.format(label=self.label, which=which)] if declared_search(self.label) else [])]


def owners_sql() -> list[str]:
    """All statements; run again they change nothing."""
    keeping = sorted((model for model in apps.get_models() if _keeps_owner(model)), key=lambda model: model._meta.db_table)
    models = {screen.model._meta.label_lower: screen.model for screen in SCREENS.values()}
    ways = [Way(models[label]) for label in sorted(models) if owner_decides(models[label])]
    passing: dict[str, tuple[set[str], list[str]]] = {}
    for way, at in _each(ways):
        table, column = way.steps[at]
        columns, updates = passing.setdefault(table, (set(), []))
        columns.add(column)
        updates += way.updates(keeping, at)
    return [
        _OWNER.format(cases="\n".join(way.case() for way in ways)) + _WORDS,
        *(_written(model) for model in keeping),
        *(_PASSED_ON.format(table=table, updates="\n".join(updates)) for table, (_columns, updates) in sorted(passing.items())),
        *(_PASSING.format(table=table, column=one) for table, (columns, _updates) in sorted(passing.items()) for one in sorted(columns)),
    ]


def _keeps_owner(model: Any) -> bool:
    return any(field.name == "target_owner" for field in model._meta.fields)


def _written(model: Any) -> str:
    table, label = model._meta.db_table, model._meta.label_lower
    owner = model._meta.get_field(access_path(model, "own")).column
    return _WRITTEN.format(table=table) + (_SAID_OF_OWNERS.format(table=table, label=label, owner=owner) if declared_search(label) else "")


def _each(ways: list[Way]) -> Iterator[tuple[Way, int]]:
    return ((way, at) for way in ways for at in range(len(way.steps)))
