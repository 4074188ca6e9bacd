"""What `guanxi check` proves about the stock of a set, in plain SQL, independently of the code that wrote it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.database.checks import Proof, ledger_check, rows
from guanxi.kernel.values.shown import format_money, format_quantity

_MOVED = """
  SELECT product_id, location_id, sum(quantity) AS quantity FROM (
    SELECT m.product_id, m.to_location_id AS location_id, m.quantity FROM inventory_stockmove m
    UNION ALL SELECT m.product_id, m.from_location_id, -m.quantity FROM inventory_stockmove m
  ) t JOIN inventory_location l ON l.id = t.location_id AND l.warehouse_id IS NOT NULL GROUP BY 1, 2
"""
_BALANCES = f"""
WITH moved AS ({_MOVED})
SELECT p.code, l.code, coalesce(b.on_hand, 0), coalesce(m.quantity, 0)
FROM inventory_stockbalance b FULL JOIN moved m ON m.product_id = b.product_id AND m.location_id = b.location_id
JOIN catalog_product p ON p.id = coalesce(b.product_id, m.product_id) JOIN inventory_location l ON l.id = coalesce(b.location_id, m.location_id)
WHERE coalesce(b.on_hand, 0) <> coalesce(m.quantity, 0) ORDER BY 1, 2
"""
_RESERVED = """
WITH held AS (SELECT product_id, location_id, sum(quantity) AS quantity FROM inventory_reservation GROUP BY 1, 2)
SELECT p.code, l.code, coalesce(b.reserved, 0), coalesce(h.quantity, 0), coalesce(b.on_hand, 0)
FROM inventory_stockbalance b FULL JOIN held h ON h.product_id = b.product_id AND h.location_id = b.location_id
JOIN catalog_product p ON p.id = coalesce(b.product_id, h.product_id) JOIN inventory_location l ON l.id = coalesce(b.location_id, h.location_id)
WHERE coalesce(b.reserved, 0) <> coalesce(h.quantity, 0) OR coalesce(b.reserved, 0) > coalesce(b.on_hand, 0) ORDER BY 1, 2
"""
# What stands in the entity's warehouses, and what its moves across their doors were worth.
_COSTS = """
WITH present AS (
  SELECT w.entity_id, b.product_id, sum(b.on_hand) AS quantity FROM inventory_stockbalance b
  JOIN inventory_location l ON l.id = b.location_id JOIN inventory_warehouse w ON w.id = l.warehouse_id GROUP BY 1, 2
), worth AS (
  SELECT m.entity_id, m.product_id,
         sum(m.value * ((t.warehouse_id IS NOT NULL)::int - (f.warehouse_id IS NOT NULL)::int)) AS value,
         sum(m.quantity * ((t.warehouse_id IS NOT NULL)::int - (f.warehouse_id IS NOT NULL)::int)) AS quantity
  FROM inventory_stockmove m JOIN inventory_location f ON f.id = m.from_location_id JOIN inventory_location t ON t.id = m.to_location_id
  GROUP BY 1, 2
)
SELECT e.code, p.code, e.currency, coalesce(c.quantity, 0), coalesce(s.quantity, 0), coalesce(c.value, 0), coalesce(w.value, 0)
FROM inventory_stockcost c FULL JOIN worth w ON w.entity_id = c.entity_id AND w.product_id = c.product_id
LEFT JOIN present s ON s.entity_id = coalesce(c.entity_id, w.entity_id) AND s.product_id = coalesce(c.product_id, w.product_id)
JOIN access_entity e ON e.id = coalesce(c.entity_id, w.entity_id) JOIN catalog_product p ON p.id = coalesce(c.product_id, w.product_id)
WHERE coalesce(c.quantity, 0) <> coalesce(s.quantity, 0) OR coalesce(c.quantity, 0) <> coalesce(w.quantity, 0)
   OR coalesce(c.value, 0) <> coalesce(w.value, 0) ORDER BY 1, 2
"""
_ACCOUNT = """
SELECT e.code, e.currency, coalesce((SELECT sum(c.value) FROM inventory_stockcost c WHERE c.entity_id = e.id), 0),
       coalesce((SELECT sum(l.debit - l.credit) FROM finance_journalline l WHERE l.account_id = u.account_id), 0)
FROM access_entity e JOIN finance_accountuse u ON u.entity_id = e.id AND u.use = 'stock' ORDER BY e.code
"""
_SHIPPED = """
SELECT d.number, p.code, l.quantity * l.factor, coalesce(m.quantity, 0), coalesce(l.cost, 0), coalesce(m.value, 0)
FROM inventory_deliveryline l JOIN inventory_delivery d ON d.id = l.delivery_id JOIN catalog_product p ON p.id = l.product_id
LEFT JOIN LATERAL (
  SELECT sum(quantity) FILTER (WHERE product_id = l.product_id) AS quantity, sum(value) AS value FROM inventory_stockmove
  WHERE source_model = 'inventory.deliveryline' AND source_id = l.id
) m ON true
WHERE CASE WHEN d.status = 'shipped' AND p.kind = 'goods'
      THEN round(l.quantity * l.factor, 6) <> coalesce(m.quantity, 0) OR coalesce(l.cost, 0) <> coalesce(m.value, 0)
      ELSE m.quantity IS NOT NULL AND d.status <> 'shipped' END
ORDER BY 1, 2
"""
_LINKS = """
SELECT d.number, l.description, l.quantity - coalesce(r.quantity, 0), coalesce(k.quantity, 0)
FROM inventory_deliveryline l JOIN inventory_delivery d ON d.id = l.delivery_id
LEFT JOIN (
  SELECT from_id, sum(quantity) AS quantity FROM records_link WHERE from_model = 'inventory.deliveryline' AND kind = 'return' GROUP BY 1
) r ON r.from_id = l.id
LEFT JOIN (
  SELECT to_id, sum(quantity) AS quantity, bool_and(posted_on IS NOT NULL) AS is_posted FROM records_link
  WHERE to_model = 'inventory.deliveryline' AND kind = 'delivery' GROUP BY 1
) k ON k.to_id = l.id
WHERE l.source_id IS NOT NULL AND CASE d.status WHEN 'cancelled' THEN k.quantity IS NOT NULL
      ELSE k.quantity IS DISTINCT FROM l.quantity - coalesce(r.quantity, 0) OR k.is_posted <> (d.status = 'shipped') END
ORDER BY 1
"""


@ledger_check(gettext_lazy("Stock on hand"))
def prove_balances(cursor: Any) -> list[Proof]:
    """Balances are the sums of the moves, and what is reserved is held by somebody and is there."""
    moved = [
        _("%(product)s in %(location)s: %(kept)s on hand, but its moves leave %(moved)s.")
        % {"product": product, "location": location, "kept": format_quantity(kept), "moved": format_quantity(quantity)}
        for product, location, kept, quantity in rows(cursor, _BALANCES)
    ]
    held = [
        _("%(product)s in %(location)s: %(kept)s of %(on_hand)s reserved, but reservations hold %(held)s.")
        % {
            "product": product, "location": location, "kept": format_quantity(kept), "held": format_quantity(quantity),
            "on_hand": format_quantity(on_hand),
        }
        for product, location, kept, quantity, on_hand in rows(cursor, _RESERVED)
    ]
    [(balances, moves, reservations)] = rows(
        cursor, "SELECT (SELECT count(*) FROM inventory_stockbalance), (SELECT count(*) FROM inventory_stockmove), "
        "(SELECT count(*) FROM inventory_reservation)",
    )
    return [
        Proof(_("%(balances)s balances are the sums of %(moves)s moves.") % {"balances": f"{balances:,}", "moves": f"{moves:,}"}, moved),
        Proof(_("%(count)s reservations hold what is reserved, and all of it is there.") % {"count": f"{reservations:,}"}, held),
    ]


@ledger_check(gettext_lazy("Stock value"))
def prove_values(cursor: Any) -> list[Proof]:
    """Quantities and values by product are those of the moves, and their sum is the stock account."""
    problems = [
        _("%(entity)s, %(product)s: %(quantity)s worth %(value)s are kept, but %(present)s are there and the moves leave %(worth)s.")
        % {
            "entity": entity, "product": product, "quantity": format_quantity(kept), "value": format_money(value, currency),
            "present": format_quantity(present), "worth": format_money(worth, currency),
        }
        for entity, product, currency, kept, present, value, worth in rows(cursor, _COSTS)
    ]
    [(count,)] = rows(cursor, "SELECT count(*) FROM inventory_stockcost")
    proofs = [Proof(_("Quantity and value of %(count)s products are what their moves leave.") % {"count": f"{count:,}"}, problems)]
    for entity, currency, value, booked in rows(cursor, _ACCOUNT):
        figures = {"entity": entity, "value": format_money(value, currency), "booked": format_money(booked, currency)}
        wrong = [] if value == booked else [_("%(entity)s: the stock is worth %(value)s, but its account holds %(booked)s.") % figures]
        proofs.append(Proof(_("%(entity)s: the stock is worth %(value)s, as its account says.") % figures, wrong))
    return proofs


@ledger_check(gettext_lazy("Deliveries"))
def prove_deliveries(cursor: Any) -> list[Proof]:
    """What is shipped has moved at its cost, and every line is linked to the one it comes from."""
    moved = [
        _("Delivery %(number)s, %(product)s: %(wanted)s at %(cost)s, but %(moved)s moved at %(value)s.")
        % {"number": number, "product": product, "wanted": format_quantity(wanted), "moved": format_quantity(quantity), "cost": cost, "value": value}
        for number, product, wanted, quantity, cost, value in rows(cursor, _SHIPPED)
    ]
    linked = [
        _("Delivery %(number)s, %(line)s: %(quantity)s delivered, but %(linked)s linked to its order.")
        % {"number": number, "line": line, "quantity": format_quantity(quantity), "linked": format_quantity(found)}
        for number, line, quantity, found in rows(cursor, _LINKS)
    ]
    [(shipped, lines)] = rows(
        cursor, "SELECT (SELECT count(*) FROM inventory_delivery WHERE status = 'shipped'), (SELECT count(*) FROM inventory_deliveryline)"
    )
    return [
        Proof(_("Each line of %(count)s shipped deliveries has moved at its cost.") % {"count": f"{shipped:,}"}, moved),
        Proof(_("%(count)s delivery lines agree with their links.") % {"count": f"{lines:,}"}, linked),
    ]
