"""The connection that Django opens for each thread."""

from __future__ import annotations

import select
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from psycopg import _queries
from psycopg._preparing import PrepareManager

from guanxi.kernel.database.backend.arrays import PlainListDumper

MOST_PREPARED = 500
"""Plans kept by each connection."""
# psycopg keeps how it wrote a statement, but for long ones, such as those of a record's page.
_queries.MAX_CACHED_STATEMENT_LENGTH, _queries.MAX_CACHED_STATEMENT_PARAMS = 100_000, 2_000


class PlansKept(PrepareManager):
    """psycopg throws all plans away with each rollback, because tables could be gone with it. The application makes none, the database keeps its
    plans through a rollback, and makes those anew whose tables were changed: a refused save must not make the next hundred pages slow."""

    def clear(self) -> bool:
        return False


class SchemaEditor(DatabaseSchemaEditor):
    def _field_db_check(self, field: Any, field_db_params: dict[str, Any]) -> Any:
        """Django compares the checks of its own types alone: a status that may have one state more would keep the check of before."""
        return field_db_params["check"]


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if self.alias == DEFAULT_DB_ALIAS:
            threshold = connection.prepare_threshold
            connection._prepared = PlansKept()
            connection.prepare_threshold = threshold
        connection.prepared_max = MOST_PREPARED
        connection.adapters.register_dumper(list, PlainListDumper)
        return connection

    def is_usable(self) -> bool:
        """Asked before each request: a server that ended has closed its side, which shows without a question to it."""
        if self.connection is None or self.connection.closed:
            return False
        idle = select.poll()
        idle.register(self.connection.fileno(), select.POLLIN)
        return not idle.poll(0) or super().is_usable()
