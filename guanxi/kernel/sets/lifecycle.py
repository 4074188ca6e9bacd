"""Create, list, migrate and drop account sets. Needs the owner role; never called while serving a request."""

import hashlib
from collections.abc import Callable
from functools import cache

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.database import in_set, roles
from guanxi.kernel.database.router import GLOBAL_APPS, migrating
from guanxi.kernel.database.session import SET_KEY, owner_role, path_of
from guanxi.kernel.sets.models import AccountSet, Membership

RESERVED = frozenset(
    {
        "account", "accounts", "admin", "api", "events", "static", "healthz", "readyz", "i18n", "invitations", "language", "sets", "extensions",
        "forms",
    }
)


class SetError(Exception):
    """The account set cannot be created, migrated or dropped; the message says why."""


@cache
def wanted_stamp() -> str:
    """A fingerprint of all set migrations and of the SQL installed beside them."""
    names = sorted(
        f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations if app not in GLOBAL_APPS
    )
    return hashlib.sha256("\n".join(names + set_sql()).encode()).hexdigest()


def set_sql() -> list[str]:
    """Every application's statements that follow the migrations (triggers, functions), in order of dependency."""
    statements: list[str] = []
    for config in apps.get_app_configs():
        statements += getattr(config, "set_sql", list)()
    return statements


def append_only_tables() -> list[str]:
    return sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False))


def list_sets() -> list[AccountSet]:
    return list(AccountSet.objects.all())


def is_key(key: str) -> bool:
    """Whether an account set could be called so."""
    return bool(SET_KEY.fullmatch(key)) and key not in RESERVED


def require_free(key: str) -> None:
    """SetError unless a new account set may have this key."""
    if not is_key(key):
        raise SetError(_("“%(key)s” cannot name an account set: use small letters, digits and _, 31 at most.") % {"key": key})
    if AccountSet.objects.filter(key=key).exists():
        raise SetError(_("There is already an account set “%(key)s”; choose another key.") % {"key": key})


def create_set(key: str, name: str, **options) -> AccountSet:
    """A new, empty account set with its role, schema, tables and basic archives (roles, entity, chart, units)."""
    require_free(key)
    with connections["owner"].cursor() as cursor:
        roles.create_set_role(cursor, owner_role(), key)
    account_set = AccountSet(key=key, name=name, **options)
    account_set.full_clean(exclude=["stamp"])
    account_set.save()
    migrate_set(key)
    account_set.refresh_from_db()
    return account_set


def migrate_set(key: str) -> bool:
    """Bring one set up to date; False when it already was. Safe to run again after an interruption."""
    account_set = AccountSet.objects.get(key=key)
    if account_set.stamp == wanted_stamp():
        return False
    connection = connections["owner"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', %s, false), set_config('lock_timeout', '5s', false)", [path_of(key)])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('django_migrations') IS NULL")
            [is_new] = cursor.fetchone()
        build_tables() if is_new else replay_migrations()
        with connection.cursor() as cursor:
            install_sql(cursor)
            roles.grant_set(cursor, owner_role(), key, append_only_tables())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('search_path', 'guanxi, extensions', false)")
    with override(account_set.language), in_set(key):
        for config in apps.get_app_configs():
            if hasattr(config, "prepare_set"):
                config.prepare_set(account_set)
        for config in apps.get_app_configs():
            if hasattr(config, "finish_set"):
                config.finish_set(account_set)
    AccountSet.objects.filter(key=key).update(stamp=wanted_stamp())
    return True


def install_sql(cursor) -> None:
    """What stands beside the tables: triggers and functions, and the history."""
    for statement in set_sql():
        cursor.execute(statement)


def build_tables(fill: Callable[[], None] | None = None) -> None:
    """In a new set: the tables as the models are now. Replaying how they became so gives the same, and takes many times as long.

    `fill` puts rows in before there are indexes and foreign keys, which are then made and proved at once.
    """
    connection = connections["owner"]
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.app_label not in GLOBAL_APPS and model._meta.managed:
                editor.create_model(model)
        if fill is not None:
            fill()
        # Left to the editor's own end, a foreign key that does not hold would leave its savepoint open.
        for statement in editor.deferred_sql:
            editor.execute(statement, None)
        editor.deferred_sql.clear()
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        recorder.migration_qs.bulk_create([recorder.Migration(app=app, name=name) for app, name in MigrationLoader(None).disk_migrations])


def replay_migrations() -> None:
    """In a set that is there already: what it has not had yet."""
    with migrating("set"):
        call_command("migrate", database="owner", verbosity=0, interactive=False)


def drop_set(key: str) -> None:
    """Drop the set's schema, role and memberships. There is no way back but a backup."""
    if not AccountSet.objects.filter(key=key).exists():
        raise SetError(_("There is no account set “%(key)s”.") % {"key": key})
    Membership.objects.filter(account_set__key=key).delete()
    AccountSet.objects.filter(key=key).delete()
    with connections["owner"].cursor() as cursor:
        roles.drop_set_role(cursor, owner_role(), key)
    for config in apps.get_app_configs():
        if hasattr(config, "leave_set"):
            config.leave_set(key)
