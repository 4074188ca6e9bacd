"""The one door to business rows: a transaction inside one account set."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import DatabaseError, connections, transaction

SET_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")
_current: ContextVar[str | None] = ContextVar("guanxi_set", default=None)
_definitions: ContextVar[str] = ContextVar("guanxi_definitions", default="")

_TAKE = (
    "set_config('role', %s, true), set_config('search_path', %s, true), "
    "set_config('guanxi.member', %s, true), set_config('guanxi.act', '', true)"
)
# Rights are asked before the role is taken: only the application itself reads the global table.
_ENTER = f"SELECT (SELECT definitions FROM guanxi.sets_accountset WHERE key = %s), {_TAKE}"
_ENTER_AGAIN = f"SELECT {_TAKE}"
_IN_TIME = ", set_config('statement_timeout', %s, true)"
_OVER_TIME = "57014"


class UnknownSet(LookupError):
    """The account set does not exist, or this installation may not enter it."""


class OutsideSet(RuntimeError):
    """Business work was tried outside any account set."""


def is_over_time(error: BaseException) -> bool:
    """Whether the database stopped a statement because it took too long."""
    return getattr(error.__cause__, "sqlstate", None) == _OVER_TIME


def owner_role() -> str:
    """The owner's role name, from which all other role names are built."""
    return settings.GUANXI_OWNER_ROLE


def schema_of(key: str) -> str:
    return f"set_{key}"


def role_of(key: str) -> str:
    return f"{owner_role()}_set_{key}"


def path_of(key: str) -> str:
    """The search path inside a set; pg_temp is named last, or it would be searched first."""
    return f"{schema_of(key)}, extensions, pg_temp"


def current_set() -> str:
    """Key of the set this thread works in; OutsideSet when there is none."""
    key = _current.get()
    if key is None:
        raise OutsideSet("This work needs an account set: wrap it in `with in_set(key):`.")
    return key


def inside_set() -> bool:
    return _current.get() is not None


def definitions_stamp() -> str:
    """A text that is another one whenever what an administrator defined for this set has changed; read on entering it."""
    return _definitions.get()


def definitions_changed() -> None:
    """Say that they changed: to this transaction at once, to all others when it is committed."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT guanxi.definitions_changed()")
        _definitions.set(str(cursor.fetchone()[0]))


@contextmanager
def in_set(key: str, *, member: int | None = None, patience: int = 0) -> Iterator[None]:
    """One transaction in the account set `key`, as `member`; committed at the end, rolled back on any error. With `patience`, no
    statement may take longer than so many seconds (`is_over_time` tells that error from others)."""
    if not SET_KEY.fullmatch(key):
        raise UnknownSet(key)
    outer = _current.get()
    if outer is not None and outer != key:
        raise OutsideSet(f"Already in the account set {outer}; one transaction takes one set.")
    connection = connections["default"]
    nested = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            previous = _settings(cursor) if nested else None
            try:
                taken = [role_of(key), path_of(key), str(member or "")]
                enter, given = (_ENTER, [key, *taken]) if outer is None else (_ENTER_AGAIN, taken)
                cursor.execute(enter + _IN_TIME, [*given, f"{patience}s"]) if patience else cursor.execute(enter, given)
                definitions = str(cursor.fetchone()[0] or "") if outer is None else None
            except DatabaseError as error:
                raise UnknownSet(key) from error
        token, stamp = _current.set(key), None if definitions is None else _definitions.set(definitions)
        try:
            yield
            if previous is not None:
                _leave_nested(connection, previous)
        finally:
            _current.reset(token)
            if stamp is not None:
                _definitions.reset(stamp)


def _settings(cursor) -> tuple:
    cursor.execute(
        "SELECT current_setting('role'), current_setting('search_path'), "
        "current_setting('guanxi.member', true), current_setting('guanxi.act', true)"
    )
    return cursor.fetchone()


def _leave_nested(connection, previous: tuple) -> None:
    """Inside an outer test transaction: check what a commit would check, then restore the outer settings."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('search_path', %s, true), "
            "set_config('guanxi.member', %s, true), set_config('guanxi.act', %s, true)",
            [value or "" for value in previous],
        )
