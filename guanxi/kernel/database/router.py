"""Which tables live in the global schema and which in every account set."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

GLOBAL_APPS = frozenset(
    {"auth", "contenttypes", "sessions", "account", "mfa", "usersessions", "procrastinate", "sets"}
)
_target: ContextVar[str] = ContextVar("guanxi_migration_target", default="global")


@contextmanager
def migrating(target: str) -> Iterator[None]:
    """Migrate either the "global" schema or one account "set"."""
    token = _target.set(target)
    try:
        yield
    finally:
        _target.reset(token)


class SetRouter:
    """Migrations run per schema: global applications in one pass, all others once for each set."""

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        if db != "owner":
            return False
        return (app_label in GLOBAL_APPS) == (_target.get() == "global")

    def db_for_read(self, model, **hints):
        return None

    def db_for_write(self, model, **hints):
        return None

    def allow_relation(self, first, second, **hints):
        return (first._meta.app_label in GLOBAL_APPS) == (second._meta.app_label in GLOBAL_APPS)
