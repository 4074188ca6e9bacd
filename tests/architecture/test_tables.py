"""Every table is in a set or on the global list; every row of a set has a version, and a history or a ledger's lock."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.db import models

from guanxi.config.census import GLOBAL_TABLES
from guanxi.kernel.access.scopes import SCOPES, access_path, rights_model
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.database.router import GLOBAL_APPS
from guanxi.kernel.database.session import owner_role, role_of, schema_of
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.screen import SCREENS
from tests.architecture.tree import report

UNTRACKED = {
    "acts.Act": "it is the log",
    "records.History": "it is the history",
    "records.Link": "the documents it joins have a history, and its rows are only added and posted",
    "events.EventDelivery": "it is the worker's list of what to hand on",
    "numbers.NumberSeries": "a counter: the numbers stand on the documents",
    "search.SearchEntry": "an index over other rows",
    "finance.AccountBalance": "a kept sum of the ledger",
    "finance.PartyBalance": "a kept sum of the ledger",
    "finance.PartyTurnover": "a kept sum of the ledger",
    "inventory.StockBalance": "a kept sum of the ledger",
    "inventory.StockCost": "a kept average of the ledger",
    "inventory.Reservation": "comes and goes with the orders, which have a history",
}
"""Tables of the kernel whose rows change without a history of their own, and why; a module says it on its model."""


def set_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label not in GLOBAL_APPS]


def test_every_table_of_a_set_is_a_record_with_a_history_or_a_ledger():
    wrong = []
    for model in set_models():
        label = model._meta.label
        if not issubclass(model, Record) and label not in UNTRACKED:
            wrong.append(f"{label} is no Record")
        elif issubclass(model, Record) and not model.tracked and not model.append_only:
            if label not in UNTRACKED and not getattr(model, "untracked_because", ""):
                wrong.append(f"{label} has no history: say why, as untracked_because")
    assert not wrong, report(wrong)


def test_names_of_columns_that_models_rely_on_are_columns():
    wrong = []
    for model in set_models():
        if not issubclass(model, Record):
            continue
        known = set(columns_of(model))
        for right, names in model.restricted.items():
            wrong += [f"{model._meta.label}.restricted[{right}]: {name}" for name in names if name not in known]
        for name in {model.business_key, model.title_field or model.business_key} - known:
            wrong.append(f"{model._meta.label}: business key or title {name}")
        for scope_name, path in model.access_paths.items():
            if scope_name not in SCOPES or not leads_somewhere(model, path):
                wrong.append(f"{model._meta.label}.access_paths[{scope_name}]: {path}")
        if model.part_of and not leads_somewhere(model, model.part_of):
            wrong.append(f"{model._meta.label}.part_of: {model.part_of}")
    assert not wrong, report(wrong)


def test_no_field_hides_what_every_record_has():
    """A field called `label` or `ref` would stand before the method that names the record."""
    own = {name for name in vars(Record) if not name.startswith("_")} - {"version", "objects", "Meta", "DoesNotExist"}
    settings = {
        "business_key",
        "title_field",
        "access_paths",
        "part_of",
        "restricted",
        "append_only",
        "tracked",
        "lifecycle",
        "number_series",
        "number_field",
    }
    wrong = [f"{m._meta.label}.{f.name}" for m in set_models() if issubclass(m, Record) for f in m._meta.get_fields() if f.name in own | settings]
    assert not wrong, report(wrong)


def test_a_ledger_is_not_written_by_hand():
    wrong = [s.path for s in SCREENS.values() if s.model.append_only and (s.may_create or s.may_edit)]
    assert not wrong, "may_create = may_edit = False:" + report(wrong)


def leads_somewhere(model: type[models.Model], path: str) -> bool:
    for name in path.split("__"):
        if name == "pk":
            return True
        field = next((f for f in model._meta.get_fields() if f.name == name), None)
        if field is None:
            return False
        if field.related_model is not None:
            model = field.related_model
    return True


def test_who_owns_a_row_is_known_to_the_scopes():
    """A model with an owner (or an owner's document) can be limited to one's own rows."""
    wrong = []
    for model in set_models():
        if issubclass(model, Record) and any(f.name == "owner" for f in model._meta.fields):
            governing, _prefix = rights_model(model)
            if not access_path(governing, "own"):
                wrong.append(model._meta.label)
    assert not wrong, report(wrong)


def test_the_program_passes_its_own_checks():
    found = run_checks(include_deployment_checks=False)
    assert not found, report([str(message) for message in found])


def test_migrations_say_what_the_models_say(database):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.fixture
def owner(database) -> Iterator[psycopg.Cursor]:
    """A cursor of the owner role, which sees every schema."""
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner"), autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


class TestCensus:
    def test_every_global_table_is_on_the_list(self, owner):
        owner.execute("SELECT relname FROM pg_class WHERE relnamespace = 'guanxi'::regnamespace AND relkind IN ('r', 'p')")
        assert {name for (name,) in owner} == set(GLOBAL_TABLES)

    def test_every_table_is_in_the_global_schema_or_in_a_set(self, owner):
        owner.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('guanxi', 'pg_catalog', 'information_schema') "
            "AND n.nspname NOT LIKE 'pg_toast%' AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'set\\_%'"
        )
        assert owner.fetchall() == []

    def test_a_set_holds_the_tables_of_the_models_and_no_others(self, owner):
        owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
            [schema_of("alpha")],
        )
        models_own = {m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.app_label not in GLOBAL_APPS}
        assert {name for (name,) in owner} == models_own | {"django_migrations"}

    def test_every_tracked_table_has_its_triggers_and_every_ledger_its_lock(self, owner):
        owner.execute(
            "SELECT c.relname, array_agg(t.tgname::text) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relnamespace = %s::regnamespace AND NOT t.tgisinternal AND t.tgenabled = 'O' GROUP BY c.relname",
            [schema_of("alpha")],
        )
        installed = {table: set(names) for table, names in owner}
        wrong = []
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in GLOBAL_APPS:
                continue
            kind = model._meta.auto_created or model
            wanted = {"append_only"} if getattr(model, "append_only", False) else set()
            if not wanted and getattr(kind, "tracked", False):
                wanted = {"history_created", "history_changed", "history_deleted"}
            if missing := wanted - installed.get(model._meta.db_table, set()):
                wrong.append(f"{model._meta.label}: {', '.join(sorted(missing))}")
        assert not wrong, report(wrong)

    def test_the_set_s_role_may_write_its_tables_and_only_add_to_ledgers(self, owner):
        wrong = []
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in GLOBAL_APPS:
                continue
            rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
            table = f"{schema_of('alpha')}.{model._meta.db_table}"
            owner.execute(
                f"SELECT {', '.join('has_table_privilege(%s, %s, %s)' for _ in rights)}", [v for r in rights for v in (role_of("alpha"), table, r)]
            )
            held = {right for right, has in zip(rights, owner.fetchone(), strict=True) if has}
            wanted = {"SELECT", "INSERT"} if getattr(model, "append_only", False) else {"SELECT", "INSERT", "UPDATE", "DELETE"}
            if held != wanted:
                wrong.append(f"{model._meta.label}: has {sorted(held)}, should have {sorted(wanted)}")
        assert not wrong, report(wrong)

    def test_the_set_s_role_reaches_nothing_outside_its_set(self, owner):
        owner.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname <> %s "
            "AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(%s, c.oid, 'USAGE') "
            "ELSE has_table_privilege(%s, c.oid, 'SELECT,INSERT,UPDATE,DELETE') END",
            [schema_of("alpha"), role_of("alpha"), role_of("alpha")],
        )
        assert owner.fetchall() == []
        owner.execute(
            "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'CREATE') OR "
            "(has_schema_privilege(%s, oid, 'USAGE') AND nspname LIKE 'set\\_%%' AND nspname <> %s)",
            [role_of("alpha"), role_of("alpha"), schema_of("alpha")],
        )
        assert owner.fetchall() == []

    def test_functions_of_the_global_schema_that_sets_may_call_are_those_listed(self, owner):
        from guanxi.kernel.database.roles import GLOBAL_FUNCTIONS

        owner.execute(
            "SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.prosecdef, p.proconfig::text FROM pg_proc p "
            "WHERE p.pronamespace = 'guanxi'::regnamespace AND has_function_privilege(%s, p.oid, 'EXECUTE')",
            [role_of("alpha")],
        )
        found = {name.partition("(")[0]: (definer, config or "") for name, definer, config in owner}
        assert set(found) == {name.partition("(")[0] for name in GLOBAL_FUNCTIONS}
        # A function that runs as its owner says where it looks names up, or a caller's schema could answer instead.
        assert all("search_path" in config for definer, config in found.values() if definer)

    def test_roles_are_no_superusers_and_inherit_nothing(self, owner):
        owner.execute(
            "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication, rolcanlogin FROM pg_roles "
            "WHERE rolname = ANY(%s)",
            [[f"{owner_role()}_app", role_of("alpha"), role_of("beta")]],
        )
        rows = {row[0]: row[1:] for row in owner}
        assert rows == {
            f"{owner_role()}_app": (False, False, False, False, False, False, True),
            role_of("alpha"): (False,) * 7,
            role_of("beta"): (False,) * 7,
        }
        owner.execute(
            "SELECT count(*) FROM pg_class WHERE relowner <> %s::regrole AND relnamespace = %s::regnamespace", [owner_role(), schema_of("alpha")]
        )
        assert owner.fetchone() == (0,)

    def test_a_table_without_its_trigger_would_be_found(self, owner):
        owner.execute("SET search_path = set_alpha; DROP TRIGGER history_changed ON access_team")
        try:
            with pytest.raises(AssertionError, match=r"access\.Team"):
                self.test_every_tracked_table_has_its_triggers_and_every_ledger_its_lock(owner)
        finally:
            owner.execute(
                "CREATE TRIGGER history_changed AFTER UPDATE ON access_team REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows "
                "FOR EACH STATEMENT EXECUTE FUNCTION record_changed('access.team')"
            )


def test_what_people_enter_by_hand_may_have_fields_of_the_company_s_own():
    """M22.4: outside set-up, a kind of record that stands in the menu and has a form is Customisable."""
    entered = [s for s in SCREENS.values() if s.may_create and s.menu and s.menu[0] != "setup" and ".tests." not in s.__module__]
    wrong = [f"{s.model._meta.label}: derive it from Customisable" for s in entered if not issubclass(s.model, Customisable)]
    assert entered and not wrong, report(wrong)
