"""The census of the walls (trust rule 1): who owns what, who may do what, and whether the guards stand.

Everything is read from PostgreSQL's own catalogue and compared with what the program declares.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.database.checks import Proof, rows
from guanxi.kernel.database.roles import GLOBAL_SCHEMA
from guanxi.kernel.database.router import GLOBAL_APPS
from guanxi.kernel.database.session import owner_role, role_of, schema_of

GLOBAL_TABLES = {
    "sets_user": "who may sign in: name, e-mail, language, password",
    "sets_user_groups": "unused: Django's user has it",
    "sets_user_user_permissions": "unused: Django's user has it",
    "sets_accountset": "which account sets there are",
    "sets_membership": "who has a place in which set",
    "auth_group": "unused: Django's user refers to it",
    "auth_group_permissions": "unused",
    "auth_permission": "unused: Django makes it",
    "django_content_type": "unused: Django makes it",
    "django_session": "who is signed in",
    "django_migrations": "which migrations the global schema has",
    "account_emailaddress": "addresses of people who sign in",
    "account_emailconfirmation": "addresses to be confirmed",
    "mfa_authenticator": "second factors, encrypted",
    "usersessions_usersession": "where people are signed in",
    "cache": "counters of failed sign-ins and of requests to the API; nothing that may not be lost",
    "procrastinate_jobs": "the queue: a set's key, a member's number, arguments by id",
    "procrastinate_events": "what became of jobs",
    "procrastinate_periodic_defers": "which scheduled jobs have run",
    "procrastinate_workers": "which workers live",
}
"""Everything outside account sets, and what it may hold: no business data."""

WRITES, LEDGER, READS = {"SELECT", "INSERT", "UPDATE", "DELETE"}, {"SELECT", "INSERT"}, {"SELECT"}
ROLES_LABEL = gettext_lazy("Roles own nothing, inherit nothing, and may create nothing")
GLOBAL_LABEL = gettext_lazy("Every table is in an account set or on the global list")
TABLES_LABEL = gettext_lazy("The account set holds its tables and no others")
GRANTS_LABEL = gettext_lazy("Rights on tables are those declared; ledgers may only be added to")
GUARDS_LABEL = gettext_lazy("History and ledgers are guarded by their triggers")


def census(cursor: Any, keys: Iterable[str]) -> Iterator[tuple[str, list[Proof]]]:
    """The facts about roles and the global schema; those about one set come from `census_of`."""
    keys = list(keys)
    yield str(ROLES_LABEL), [_roles(cursor, keys), _ownership(cursor, keys), _creation(cursor, keys)]
    yield str(GLOBAL_LABEL), [_global_tables(cursor), _schemas(cursor, keys)]


def census_of(cursor: Any, key: str) -> Iterator[tuple[str, list[Proof]]]:
    """The facts about one account set."""
    yield str(TABLES_LABEL), [_set_tables(cursor, key)]
    yield str(GRANTS_LABEL), [_grants(cursor, key), _reach(cursor, key)]
    yield str(GUARDS_LABEL), [_triggers(cursor, key), _functions(cursor, key)]


def _names(keys: Iterable[str]) -> list[str]:
    owner = owner_role()
    return [f"{owner}_app", f"{owner}_read", *(role_of(key) for key in keys)]


def _roles(cursor: Any, keys: list[str]) -> Proof:
    wanted, app = _names(keys), f"{owner_role()}_app"
    problems, found = [], set()
    for name, powers, inherits, signs_in in rows(
        cursor,
        "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls, rolinherit, rolcanlogin "
        "FROM pg_roles WHERE rolname = ANY(%s) ORDER BY rolname", [wanted],
    ):
        found.add(name)
        if powers:
            problems.append(_("The role %(role)s has powers over the whole server.") % {"role": name})
        if inherits:
            problems.append(_("The role %(role)s inherits the rights of others.") % {"role": name})
        if signs_in and name not in (app, f"{owner_role()}_read"):
            problems.append(_("The role %(role)s may sign in.") % {"role": name})
    problems += [_("The role %(role)s is missing.") % {"role": name} for name in wanted if name not in found]
    # The column is new in PostgreSQL 16; before, the member's own INHERIT decides.
    for member, role, inherits, admin in rows(
        cursor,
        "SELECT member.rolname, role.rolname, coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, false), m.admin_option "
        "FROM pg_auth_members m JOIN pg_roles member ON member.oid = m.member JOIN pg_roles role ON role.oid = m.roleid "
        "WHERE member.rolname = ANY(%s)", [wanted],
    ):
        if member != app or not role.startswith(role_of("")) or inherits or admin:
            problems.append(_("The role %(member)s belongs to %(role)s.") % {"member": member, "role": role})
    sentence = _("%(count)s roles are no superusers, inherit nothing, and only the application enters account sets.")
    return Proof(sentence % {"count": len(wanted)}, problems)


def _ownership(cursor: Any, keys: list[str]) -> Proof:
    owned = rows(
        cursor,
        "SELECT r.rolname, pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid "
        "WHERE d.deptype = 'o' AND r.rolname = ANY(%s) AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
        [_names(keys)],
    )
    strange = rows(
        cursor,
        "SELECT n.nspname, c.relname, c.relowner::regrole::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE (n.nspname = %s OR n.nspname = ANY(%s)) AND c.relowner <> %s::regrole",
        [GLOBAL_SCHEMA, [schema_of(key) for key in keys], owner_role()],
    )
    problems = [_("The role %(role)s owns %(what)s.") % {"role": role, "what": what} for role, what in owned]
    problems += [_("%(table)s belongs to %(role)s.") % {"table": f"{s}.{t}", "role": role} for s, t, role in strange]
    return Proof(_("Every table belongs to %(owner)s, which serves no request.") % {"owner": owner_role()}, problems)


def _creation(cursor: Any, keys: list[str]) -> Proof:
    found = rows(
        cursor,
        "SELECT r.rolname, n.nspname FROM pg_roles r CROSS JOIN pg_namespace n WHERE r.rolname = ANY(%s) AND n.nspname NOT LIKE 'pg\\_%%temp\\_%%' "
        "AND has_schema_privilege(r.oid, n.oid, 'CREATE') "
        "UNION ALL SELECT r.rolname, current_database() FROM pg_roles r WHERE r.rolname = ANY(%s) "
        "AND has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY')",
        [_names(keys), _names(keys)],
    )
    problems = [_("The role %(role)s may create something in %(place)s.") % {"role": role, "place": place} for role, place in found]
    return Proof(_("No role but the owner may create anything, not even a temporary table."), problems)


def _relations(cursor: Any, schema: str) -> list[tuple[str, bool]]:
    """(name, is it a partition) of everything that holds rows in a schema."""
    holding = "SELECT relname, relispartition FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    return rows(cursor, holding, [schema])


def _global_tables(cursor: Any) -> Proof:
    found = {name for name, _part in _relations(cursor, GLOBAL_SCHEMA)}
    problems = [_("The global table %(table)s is not on the list.") % {"table": name} for name in sorted(found - GLOBAL_TABLES.keys())]
    return Proof(_("%(count)s global tables are on the list, which holds no business data.") % {"count": len(found)}, problems)


def _schemas(cursor: Any, keys: list[str]) -> Proof:
    """Tables may stand in the global schema and in the sets, nowhere else."""
    known = [GLOBAL_SCHEMA, *(schema_of(key) for key in keys)]
    found = rows(
        cursor,
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND n.nspname <> ALL(%s) AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'extensions') AND n.nspname NOT LIKE 'pg\\_toast%%' "
        "AND n.nspname NOT LIKE 'pg\\_temp%%'", [known],
    )
    problems = [_("The table %(table)s is in no account set.") % {"table": f"{schema}.{table}"} for schema, table in found]
    return Proof(_("No table stands outside the global schema and the account sets (%(count)s).") % {"count": len(keys)}, problems)


def set_models() -> list[type[models.Model]]:
    """Every model that has a table in each account set."""
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label not in GLOBAL_APPS]


def _set_tables(cursor: Any, key: str) -> Proof:
    found = {name for name, is_partition in _relations(cursor, schema_of(key)) if not is_partition}
    wanted = {m._meta.db_table for m in set_models()} | {"django_migrations"}
    problems = [_("The table %(table)s is missing.") % {"table": name} for name in sorted(wanted - found)]
    problems += [_("The table %(table)s belongs to no module.") % {"table": name} for name in sorted(found - wanted)]
    return Proof(_("%(count)s tables, each of a module.") % {"count": len(found)}, problems)


def _grants(cursor: Any, key: str) -> Proof:
    """Every grant on every table and partition, compared with what the models declare."""
    ledgers = {m._meta.db_table for m in set_models() if getattr(m, "append_only", False)}
    owner, role, read = owner_role(), role_of(key), f"{owner_role()}_read"
    held: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for table, grantee, right in rows(
        cursor,
        "SELECT c.relname, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, a.privilege_type FROM pg_class c "
        "LEFT JOIN LATERAL aclexplode(c.relacl) a ON true WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "UNION ALL SELECT c.relname, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, 'column ' || t.attname "
        "FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a "
        "WHERE c.relnamespace = %s::regnamespace", [schema_of(key), schema_of(key)],
    ):
        held[table]
        if grantee is not None and grantee.strip('"') != owner:
            held[table][grantee.strip('"')].add(right)
    problems = []
    for table in sorted(held):
        own = set() if table == "django_migrations" else LEDGER if table in ledgers else WRITES
        for grantee, wanted in {role: own, read: READS, **{other: set() for other in held[table] if other not in (role, read)}}.items():
            rights = held[table].get(grantee, set())
            if rights != wanted:
                problems.append(
                    _("%(table)s: %(role)s has %(rights)s, but should have %(wanted)s.")
                    % {"table": table, "role": grantee, "rights": _listed(rights), "wanted": _listed(wanted)}
                )
    sentence = _("Rights on %(count)s tables are as declared; %(ledgers)s ledgers may only be added to.")
    return Proof(sentence % {"count": len(held), "ledgers": len(ledgers)}, problems)


def _listed(rights: set[str]) -> str:
    return ", ".join(sorted(rights)) or _("nothing")


def _reach(cursor: Any, key: str) -> Proof:
    """Which schemas the set's role may enter at all."""
    found = rows(
        cursor,
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'USAGE') AND nspname NOT LIKE 'pg\\_%%' "
        "AND nspname NOT IN ('information_schema', 'extensions', %s, %s)", [role_of(key), GLOBAL_SCHEMA, schema_of(key)],
    )
    inside = rows(
        cursor, "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND has_table_privilege(%s, oid, 'SELECT, INSERT, UPDATE, DELETE')", [GLOBAL_SCHEMA, role_of(key)],
    )
    problems = [_("The role %(role)s may enter %(schema)s.") % {"role": role_of(key), "schema": schema} for (schema,) in found]
    problems += [_("The role %(role)s may use the global table %(table)s.") % {"role": role_of(key), "table": table} for (table,) in inside]
    return Proof(_("%(role)s reaches its own schema and no other, and no global table.") % {"role": role_of(key)}, problems)


def _triggers(cursor: Any, key: str) -> Proof:
    standing: dict[str, dict[str, str]] = defaultdict(dict)
    for table, trigger, enabled in rows(
        cursor,
        "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = %s::regnamespace AND (NOT t.tgisinternal OR t.tgenabled <> 'O')", [schema_of(key)],
    ):
        standing[table][trigger] = enabled
    wanted: dict[str, set[str]] = defaultdict(set)
    for table, trigger in declared_triggers():
        wanted[table].add(trigger)
    problems = [
        _("%(table)s has lost its trigger %(trigger)s.") % {"table": table, "trigger": trigger}
        for table in sorted(wanted) for trigger in sorted(wanted[table] - standing[table].keys())
    ]
    problems += [
        _("The trigger %(trigger)s of %(table)s is switched off.") % {"table": table, "trigger": trigger}
        for table in sorted(standing) for trigger, enabled in sorted(standing[table].items()) if enabled not in ("O", "A")
    ]
    return Proof(_("%(count)s triggers stand and are switched on.") % {"count": sum(map(len, wanted.values()))}, problems)


_TRIGGER = re.compile(r"CREATE (?:OR REPLACE |CONSTRAINT )*TRIGGER (\w+)\s.*?\sON (\w+)", re.DOTALL)
_FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)\(.*?\bAS \$body\$(.*?)\$body\$", re.DOTALL)


def declared_triggers() -> set[tuple[str, str]]:
    """(table, trigger) as the modules' own statements make them."""
    return {(table, trigger) for text in _set_sql() for trigger, table in _TRIGGER.findall(text)}


def _set_sql() -> list[str]:
    return [statement for config in apps.get_app_configs() for statement in getattr(config, "set_sql", list)()]


def _functions(cursor: Any, key: str) -> Proof:
    """A trigger is worth what its function does: the bodies have to be the ones of this version."""
    found = dict(rows(cursor, "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = %s::regnamespace", [schema_of(key)]))
    wanted = {name: body for text in _set_sql() for name, body in _FUNCTION.findall(text)}
    problems = [
        _("The function %(function)s is not the one of this version.") % {"function": name}
        for name, body in sorted(wanted.items()) if found.get(name) != body
    ]
    return Proof(_("%(count)s functions behind them are those of this version.") % {"count": len(wanted)}, problems)
