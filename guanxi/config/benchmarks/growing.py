"""A set in which very many orders have been taken, delivered and invoiced: real ones, and copies of everything that they wrote.

Each row that a run of the load leaves behind, in whatever table, is copied with its id and every reference into the copied rows
moved by the same distance, for customers of its own. Balances are not moved with them, so `guanxi check` does not hold for such a set.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from psycopg import Connection, sql

from guanxi.config.benchmarks.filling import Filling, next_ids, tidy, write
from guanxi.config.benchmarks.instance import prepare_set, server
from guanxi.config.benchmarks.sd import measure
from guanxi.config.configuration import configuration
from guanxi.config.running import EMBEDDED_NAME, embedded_server
from guanxi.config.terminal import Quit, say
from guanxi.kernel.database import in_set
from guanxi.kernel.database.session import path_of

CUSTOMERS, SECONDS, AT_ONCE = 4, 8.0, 250
HISTORY = "records_history"
TRANSIENT = "events_eventdelivery"


@dataclass(frozen=True)
class Table:
    """A table with rows of the sample: those with an id after `after`, up to `last`."""

    name: str
    columns: tuple[str, ...]
    fields: dict[str, models.Field]
    after: int
    last: int

    @property
    def extent(self) -> int:
        return self.last - self.after


def grow(given: argparse.Namespace) -> int:
    """Take orders for some seconds, then copy what that wrote until there are as many as wanted."""
    token, places = prepare_set(given.key, CUSTOMERS)
    first = min(one.customer for one in places)
    if {one.customer for one in places} != set(range(first, first + CUSTOMERS)):
        raise Quit("The sample's customers were not made together; take another set.")
    with server() as url:
        # Once before: balances, which are changed and not added to, are there then.
        take_orders(given.key, 1, url, token, places)
        before = last_ids(given.key)
        take_orders(given.key, SECONDS, url, token, places)
    tables = sample(given.key, before)
    orders = next(one.extent for one in tables if one.name == "sales_order")
    times = max(0, given.orders // orders)
    say(f"{orders:,} orders wrote {sum(one.extent for one in tables):,} rows in {len(tables)} tables; {times:,} copies")
    customers = more_customers(given.key, times)
    with superuser(given.key) as connection:
        copy(connection, tables, times, first, customers)
    tidy(given.key)
    return 0


def take_orders(key: str, seconds: float, url: str, token: str, places: list[Any]) -> None:
    load = argparse.Namespace(key=key, clients=CUSTOMERS, seconds=seconds, json=True)
    if errors := measure(load, url, token, places)["errors"]:
        raise Quit(f"{errors} errors while the sample was taken")
    wait_for_reactions(key)


def set_tables() -> dict[str, dict[str, models.Field]]:
    """Fields by column, of every table of a set with a numbered id."""
    found = {m._meta.db_table: {f.column: f for f in m._meta.concrete_fields} for m in apps.get_models() if m._meta.managed}
    return {name: fields for name, fields in found.items() if name != TRANSIENT}


def last_ids(key: str) -> dict[str, int]:
    with in_set(key), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
            " JOIN pg_class c ON c.relname = table_name AND c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
            " WHERE table_schema = current_schema() AND NOT c.relispartition GROUP BY 1"
        )
        names = [name for name, columns in cursor.fetchall() if "id" in columns and name != TRANSIENT]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', coalesce(max(id), 0) FROM {name}" for name in names))
        return dict(cursor.fetchall())


def sample(key: str, before: dict[str, int]) -> list[Table]:
    fields, found = set_tables(), []
    with in_set(key), connections["default"].cursor() as cursor:
        for name, last in last_ids(key).items():
            if last > before[name]:
                cursor.execute("SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                               " AND NOT attisdropped AND attgenerated = ''", [name])
                found.append(Table(name, tuple(cursor.fetchone()[0]), fields.get(name, {}), before[name], last))
    return found


def wait_for_reactions(key: str, patience: float = 120) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with in_set(key), connections["default"].cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {TRANSIENT}")
            left = cursor.fetchone()[0]
            if not left:
                return
        time.sleep(0.5)
    raise Quit("The worker did not come to the end of what the orders set off.")


def more_customers(key: str, times: int) -> int:
    """A customer for each of the sample's in each copy, with ids in a row; gives the first id."""
    from guanxi.shared.parties.models import Party

    work = Filling(key)
    with in_set(key, member=work.actor.member_id):
        ids = next_ids(Party._meta.db_table, times * CUSTOMERS)
        rows = ({"code": f"GROWN-{n}", "name": f"Grown customer {n}", "name_sort": f"grown {n}", "currency": "USD"} for n in ids)
        write(Party, rows, ids)
    return ids[0] if ids else 0


def superuser(key: str) -> Connection[Any]:
    """Only who owns the whole cluster may write without triggers and foreign keys."""
    conf = configuration()
    if conf.database_url is not None:
        raise Quit("Copies are made in Guanxi's own embedded database only.")
    cluster = embedded_server(conf, conf.ensure_secret(), say)
    cluster.host, cluster.port = settings.GUANXI_PLACE.host, int(settings.GUANXI_PLACE.port)
    connection = cluster.connect("superuser", EMBEDDED_NAME)
    connection.execute("SELECT set_config('search_path', %s, false)", [path_of(key)])
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET synchronous_commit = off")
    return connection


def copy(connection: Connection[Any], tables: list[Table], times: int, first_customer: int, grown: int) -> None:
    """Copies 1 … `times`; indexes that no constraint needs are made anew afterwards."""
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT i.indisunique",
        [[one.name for one in tables]],
    ).fetchall()
    for name, _definition in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    try:
        copy_rows(connection, tables, times, first_customer, grown)
    finally:
        started = time.monotonic()
        for _name, definition in indexes:
            connection.execute(definition)
        say(f"             {len(indexes)} indexes made  {time.monotonic() - started:6.1f} s")


def copy_rows(connection: Connection[Any], tables: list[Table], times: int, first_customer: int, grown: int) -> None:
    stride = max(one.extent for one in tables)
    ends = {one.name: (one.after, one.last) for one in tables}
    for one in tables:
        started = time.monotonic()
        statement = statement_for(one, ends, stride, first_customer, grown)
        for first in range(1, times + 1, AT_ONCE):
            connection.execute(statement, {"first": first, "last": min(first + AT_ONCE - 1, times)})
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(one.name, sql.Identifier(one.name))
        )
        say(f"{one.extent * times:>12,} {one.name}  {time.monotonic() - started:6.1f} s")


def statement_for(table: Table, ends: dict[str, tuple[int, int]], stride: int, first_customer: int, grown: int) -> sql.Composed:
    """The rows of the sample once for each number from `first` to `last`."""
    values = [moved(table, column, ends, stride, first_customer, grown) for column in table.columns]
    return sql.SQL("INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t, generate_series(%(first)s::bigint, %(last)s::bigint) k"
                   " WHERE t.id > {after} AND t.id <= {last} ORDER BY k, t.id").format(
        table=sql.Identifier(table.name), columns=sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        values=sql.SQL(", ").join(values), after=table.after, last=table.last,
    )


def moved(table: Table, column: str, ends: dict[str, tuple[int, int]], stride: int, first_customer: int, grown: int) -> sql.Composed:
    own, name = sql.SQL("t.") + sql.Identifier(column), column.removesuffix("_id")
    further = own + sql.SQL(" + k * {}").format(stride)
    field = table.fields.get(column)
    if column == "id":
        return further
    if field is not None and field.remote_field is not None:
        target = field.related_model._meta.db_table  # type: ignore[union-attr]
        if target == "parties_party":
            return own_customer(own, first_customer, grown)
        return within(own, further, *ends[target]) if target in ends else own
    if column == "party_id":
        return own_customer(own, first_customer, grown)
    if column in ("act_id", "event_id"):
        return within(own, further, *ends["acts_act" if column == "act_id" else "events_event"])
    model = {"row_id": "model", "object_id": "model"}.get(column, f"{name}_model")
    if model in table.columns and column.endswith("_id"):
        cases = [
            sql.SQL("WHEN t.{} = {} AND {} > {} THEN {}").format(sql.Identifier(model), m._meta.label_lower, own, ends[m._meta.db_table][0], further)
            for m in apps.get_models() if m._meta.db_table in ends
        ]
        return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(cases), own)
    if column in ("number", "key"):
        return own + sql.SQL(" || '-' || k")
    return own + sql.SQL("")


def own_customer(own: sql.Composed, first_customer: int, grown: int) -> sql.Composed:
    """Each copy's customers are its own: nobody has all the invoices."""
    return sql.SQL("CASE WHEN {own} >= {first} AND {own} < {first} + {many} THEN {grown} + (k - 1) * {many} + {own} - {first} ELSE {own} END").format(
        own=own, first=first_customer, many=CUSTOMERS, grown=grown,
    )


def within(own: sql.Composed, further: sql.Composed, after: int, last: int) -> sql.Composed:
    return sql.SQL("CASE WHEN {own} > {after} AND {own} <= {last} THEN {further} ELSE {own} END").format(
        own=own, after=after, last=last, further=further)
