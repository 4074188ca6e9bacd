"""The floor: the same six steps as hand-written SQL on tables of its own, with no rights, history, events or checks.

What remains is the work that the business itself asks of the database: documents, lines, stock, costs, journal and
balances, committed per step.
"""

# ruff: noqa: E501

from __future__ import annotations

import threading
import time

import psycopg
from django.conf import settings

SCHEMA = "bench_floor"
_TABLES = f"""
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
CREATE SCHEMA {SCHEMA};
SET search_path = {SCHEMA};
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint, status text DEFAULT 'confirmed', day date DEFAULT current_date, net numeric);
CREATE INDEX ON orders (customer, id DESC);
CREATE TABLE order_lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint REFERENCES orders, product bigint, quantity numeric, price numeric, net numeric);
CREATE INDEX ON order_lines (order_id);
CREATE TABLE deliveries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint REFERENCES orders, status text DEFAULT 'draft');
CREATE TABLE delivery_lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, delivery_id bigint REFERENCES deliveries, order_line_id bigint REFERENCES order_lines, product bigint, quantity numeric);
CREATE INDEX ON delivery_lines (delivery_id);
CREATE TABLE stock (product bigint PRIMARY KEY, on_hand numeric, reserved numeric, value numeric, price numeric);
CREATE TABLE moves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product bigint, quantity numeric, value numeric, source bigint);
CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text, source bigint);
CREATE TABLE journal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry bigint REFERENCES entries, account int, debit numeric, credit numeric);
CREATE TABLE balances (account int, customer bigint, amount numeric, PRIMARY KEY (account, customer));
CREATE TABLE invoices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint REFERENCES orders, net numeric);
CREATE TABLE invoice_lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, invoice_id bigint REFERENCES invoices, order_line_id bigint, net numeric);
"""
_ORDER = """
WITH lines AS (SELECT product, 1::numeric AS quantity, price FROM stock WHERE product = ANY(%(products)s)),
     made AS (INSERT INTO orders (customer, net) SELECT %(customer)s, sum(quantity * price) FROM lines RETURNING id),
     kept AS (UPDATE stock s SET reserved = reserved + l.quantity FROM lines l WHERE s.product = l.product),
     written AS (INSERT INTO order_lines (order_id, product, quantity, price, net) SELECT made.id, product, quantity, price, round(quantity * price, 2) FROM made, lines)
SELECT id FROM made"""
_DELIVERY = """
WITH made AS (INSERT INTO deliveries (order_id) VALUES (%(order)s) RETURNING id)
INSERT INTO delivery_lines (delivery_id, order_line_id, product, quantity)
SELECT made.id, l.id, l.product, l.quantity FROM made, order_lines l WHERE l.order_id = %(order)s RETURNING delivery_id"""
_SHIP = """
WITH lines AS (SELECT id, product, quantity FROM delivery_lines WHERE delivery_id = %(delivery)s),
     costs AS (SELECT l.product, l.quantity, round(s.value / s.on_hand * l.quantity, 2) AS value FROM lines l JOIN stock s USING (product)),
     out AS (UPDATE stock s SET on_hand = on_hand - c.quantity, reserved = reserved - c.quantity, value = s.value - c.value FROM costs c WHERE s.product = c.product),
     moved AS (INSERT INTO moves (product, quantity, value, source) SELECT product, quantity, value, %(delivery)s FROM costs),
     entry AS (INSERT INTO entries (kind, source) VALUES ('delivery', %(delivery)s) RETURNING id),
     posted AS (INSERT INTO journal (entry, account, debit, credit) SELECT entry.id, a, CASE a WHEN 1 THEN v END, CASE a WHEN 2 THEN v END FROM entry, (SELECT sum(value) v FROM costs) t, (VALUES (1), (2)) x(a)),
     kept AS (INSERT INTO balances SELECT a, %(customer)s, v * s FROM (SELECT sum(value) v FROM costs) t, (VALUES (1, 1), (2, -1)) x(a, s)
              ON CONFLICT (account, customer) DO UPDATE SET amount = balances.amount + excluded.amount)
UPDATE deliveries SET status = 'shipped' WHERE id = %(delivery)s"""
_INVOICE = """
WITH lines AS (SELECT id, net FROM order_lines WHERE order_id = %(order)s),
     made AS (INSERT INTO invoices (order_id, net) SELECT %(order)s, sum(net) FROM lines RETURNING id, net),
     written AS (INSERT INTO invoice_lines (invoice_id, order_line_id, net) SELECT made.id, l.id, l.net FROM made, lines l),
     entry AS (INSERT INTO entries (kind, source) SELECT 'invoice', id FROM made RETURNING id),
     posted AS (INSERT INTO journal (entry, account, debit, credit) SELECT entry.id, a, CASE a WHEN 3 THEN net END, CASE a WHEN 4 THEN net END FROM entry, made, (VALUES (3), (4)) x(a))
INSERT INTO balances SELECT a, %(customer)s, net * s FROM made, (VALUES (3, 1), (4, -1)) x(a, s)
ON CONFLICT (account, customer) DO UPDATE SET amount = balances.amount + excluded.amount"""


def floor(clients: int, seconds: float) -> int:
    """Orders an hour of `clients` threads of bare SQL, on tables made for it and dropped afterwards."""
    place = settings.GUANXI_PLACE.conninfo("owner")
    with psycopg.connect(**place, autocommit=True) as connection:
        connection.execute(_TABLES)
        connection.execute(
            f"INSERT INTO {SCHEMA}.stock SELECT n, 10000000, 0, 40000000, 9.99 FROM generate_series(0, %s) n", [clients * 5]
        )
    stop = threading.Event()
    counts = [0] * clients
    threads = [threading.Thread(target=_client, args=(place, number, stop, counts), daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    taken = time.perf_counter() - started
    for thread in threads:
        thread.join(30)
    with psycopg.connect(**place, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    return round(sum(counts) * 3600 / taken)


def _client(place: dict, number: int, stop: threading.Event, counts: list[int]) -> None:
    values: dict = {"customer": number, "products": [number * 5 + n for n in range(5)]}
    with psycopg.connect(**place, prepare_threshold=2) as connection:
        connection.execute(f"SET search_path = {SCHEMA}")
        connection.commit()
        while not stop.is_set():
            values["order"] = connection.execute(_ORDER, values).fetchone()[0]
            connection.commit()
            values["delivery"] = connection.execute(_DELIVERY, values).fetchone()[0]
            connection.commit()
            connection.execute("SELECT * FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id = %(order)s", values).fetchall()
            connection.commit()
            connection.execute(_SHIP, values)
            connection.commit()
            connection.execute("SELECT * FROM orders WHERE customer = %(customer)s ORDER BY id DESC LIMIT 40", values).fetchall()
            connection.commit()
            connection.execute(_INVOICE, values)
            connection.commit()
            counts[number] += 1
