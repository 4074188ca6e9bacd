"""PostgreSQL roles and grants: what each may, in one place.

owner            owns every object, runs migrations; never used to serve a request
<owner>_app      the application's login; owns nothing, inherits nothing, enters one set per transaction
<owner>_read     reads everything, writes nothing: `guanxi check` and backups
<owner>_set_<k>  the rights of one account set; nobody signs in as it
"""

from psycopg import sql

from guanxi.kernel.database.session import role_of, schema_of

GLOBAL_SCHEMA = "guanxi"
GLOBAL_FUNCTIONS = ("defer_job(text, text, jsonb, text)", "definitions_changed()")


def _exists(cursor, role: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    return cursor.fetchone() is not None


def _run(cursor, text: str, **names) -> None:
    parts = {k: sql.Identifier(v) if isinstance(v, str) else v for k, v in names.items()}
    cursor.execute(sql.SQL(text).format(**parts).as_string(cursor.connection))


def ensure_roles(cursor, owner: str, app_password: str, read_password: str) -> None:
    """Create the application and reading roles, or give them these passwords; close the database to everyone else."""
    for role, password in ((f"{owner}_app", app_password), (f"{owner}_read", read_password)):
        if not _exists(cursor, role):
            _run(cursor, "CREATE ROLE {role} NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE", role=role)
        # An owner that is no superuser may not even repeat NOSUPERUSER on a role that exists.
        _run(cursor, "ALTER ROLE {role} LOGIN NOINHERIT PASSWORD {password}", role=role, password=sql.Literal(password))
    cursor.execute("SELECT current_database()")
    name = cursor.fetchone()[0]
    _run(cursor, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=name)
    _run(cursor, "GRANT CONNECT ON DATABASE {name} TO {app}, {read}", name=name, app=f"{owner}_app", read=f"{owner}_read")
    _run(cursor, "REVOKE ALL ON SCHEMA public FROM PUBLIC")


def ensure_schemas(cursor, owner: str) -> None:
    """The global schema and the one that holds extensions, which everybody may use and nobody may change."""
    _run(cursor, "CREATE SCHEMA IF NOT EXISTS {s}", s=GLOBAL_SCHEMA)
    _run(cursor, "CREATE SCHEMA IF NOT EXISTS extensions")
    for name in ("pg_trgm", "btree_gist", "btree_gin"):
        _run(cursor, "CREATE EXTENSION IF NOT EXISTS {name} SCHEMA extensions", name=name)
    _run(cursor, "GRANT USAGE ON SCHEMA extensions TO PUBLIC")


def grant_global(cursor, owner: str) -> None:
    """After global migrations: the application works on global tables only while outside every set."""
    app, read = f"{owner}_app", f"{owner}_read"
    _run(cursor, "GRANT USAGE ON SCHEMA {s} TO {app}, {read}", s=GLOBAL_SCHEMA, app=app, read=read)
    _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {s} TO {app}", s=GLOBAL_SCHEMA, app=app)
    _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {s} TO {app}", s=GLOBAL_SCHEMA, app=app)
    _run(cursor, "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {s} FROM PUBLIC", s=GLOBAL_SCHEMA)
    _run(cursor, "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {s} TO {app}", s=GLOBAL_SCHEMA, app=app)
    _run(cursor, "GRANT SELECT ON ALL TABLES IN SCHEMA {s} TO {read}", s=GLOBAL_SCHEMA, read=read)


def create_set_role(cursor, owner: str, key: str) -> None:
    """The set's role and schema. The application may become the role, but does not inherit from it."""
    role, schema = role_of(key), schema_of(key)
    if not _exists(cursor, role):
        _run(cursor, "CREATE ROLE {role} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE", role=role)
    _run(cursor, "GRANT {role} TO {app}", role=role, app=f"{owner}_app")
    _run(cursor, "CREATE SCHEMA IF NOT EXISTS {schema}", schema=schema)


def grant_set(cursor, owner: str, key: str, append_only: list[str]) -> None:
    """After a set's migrations: rights on its own schema, and on the listed global functions, nothing else."""
    role, schema, read = role_of(key), schema_of(key), f"{owner}_read"
    _run(cursor, "GRANT USAGE ON SCHEMA {schema} TO {role}, {read}", schema=schema, role=role, read=read)
    _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}", schema=schema, role=role)
    _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}", schema=schema, role=role)
    _run(cursor, "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {read}", schema=schema, read=read)
    for table in append_only:
        _run(
            cursor,
            "REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}",
            schema=schema, table=table, role=role,
        )
    _run(cursor, "REVOKE ALL ON {schema}.django_migrations FROM {role}", schema=schema, role=role)
    _run(cursor, "GRANT USAGE ON SCHEMA {s} TO {role}", s=GLOBAL_SCHEMA, role=role)
    for function in GLOBAL_FUNCTIONS:
        cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [f"{GLOBAL_SCHEMA}.{function}"])
        if cursor.fetchone()[0]:
            _run(cursor, "GRANT EXECUTE ON FUNCTION {s}." + function + " TO {role}", s=GLOBAL_SCHEMA, role=role)


def drop_set_role(cursor, owner: str, key: str) -> None:
    """The set's schema with everything in it, and its role; other databases of the cluster may still need the role."""
    role, schema = role_of(key), schema_of(key)
    _run(cursor, "DROP SCHEMA IF EXISTS {schema} CASCADE", schema=schema)
    if _exists(cursor, role):
        # An owner that is no superuser may take a role's rights away only as a member of it.
        _run(cursor, "GRANT {role} TO {owner}", role=role, owner=owner)
        _run(cursor, "DROP OWNED BY {role}", role=role)
        cursor.execute(
            "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid WHERE r.rolname = %s", [role]
        )
        if cursor.fetchone()[0] == 0:
            _run(cursor, "DROP ROLE {role}", role=role)
