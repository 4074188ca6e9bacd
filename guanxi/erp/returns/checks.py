"""What `guanxi check` proves about returns, in plain SQL, independently of the code that wrote them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.database.checks import Proof, ledger_check, rows
from guanxi.kernel.values.shown import format_quantity

# What came, less what went to the customer again, is what the links say, and no more than was shipped.
_BACK = """
WITH came AS (
  SELECT l.delivery_line_id, sum(l.received - l.sent_back) AS quantity
  FROM returns_customerreturnline l GROUP BY 1
), linked AS (
  SELECT from_id, sum(quantity) AS quantity FROM records_link WHERE from_model = 'inventory.deliveryline' AND kind = 'return' GROUP BY 1
)
SELECT d.number, l.description, l.quantity, coalesce(c.quantity, 0), coalesce(k.quantity, 0)
FROM inventory_deliveryline l JOIN inventory_delivery d ON d.id = l.delivery_id
LEFT JOIN came c ON c.delivery_line_id = l.id LEFT JOIN linked k ON k.from_id = l.id
WHERE coalesce(c.quantity, 0) <> coalesce(k.quantity, 0) OR coalesce(c.quantity, 0) > CASE d.status WHEN 'shipped' THEN l.quantity ELSE 0 END
ORDER BY 1
"""
_QUARANTINE = """
WITH waiting AS (
  SELECT r.warehouse_id, l.product_id, sum(round(l.received * l.factor, 6)) AS quantity
  FROM returns_customerreturnline l JOIN returns_customerreturn r ON r.id = l.customer_return_id WHERE r.status = 'received' GROUP BY 1, 2
), there AS (
  SELECT p.warehouse_id, b.product_id, sum(b.on_hand) AS quantity
  FROM inventory_stockbalance b JOIN inventory_location p ON p.id = b.location_id AND p.kind = 'quarantine' GROUP BY 1, 2
)
SELECT w.code, p.code, coalesce(t.quantity, 0), coalesce(a.quantity, 0)
FROM there t FULL JOIN waiting a ON a.warehouse_id = t.warehouse_id AND a.product_id = t.product_id
JOIN inventory_warehouse w ON w.id = coalesce(t.warehouse_id, a.warehouse_id)
JOIN catalog_product p ON p.id = coalesce(t.product_id, a.product_id)
WHERE coalesce(t.quantity, 0) <> coalesce(a.quantity, 0) ORDER BY 1, 2
"""
_CREDITED = """
SELECT r.number, l.description, l.restocked + l.scrapped, sum(k.quantity)
FROM returns_customerreturnline l JOIN returns_customerreturn r ON r.id = l.customer_return_id
JOIN records_link k ON k.from_model = 'returns.customerreturnline' AND k.from_id = l.id AND k.kind = 'credit'
GROUP BY r.number, l.id HAVING sum(k.quantity) > l.restocked + l.scrapped ORDER BY 1
"""


@ledger_check(gettext_lazy("Returns"))
def prove_returns(cursor: Any) -> list[Proof]:
    """No more came back than was shipped, quarantine holds what is to be inspected, and no more is credited than was accepted."""
    back = [
        _("Delivery %(number)s, %(line)s: %(came)s of %(shipped)s came back by its returns, %(linked)s by its links.")
        % {
            "number": number, "line": line, "shipped": format_quantity(shipped), "came": format_quantity(came), "linked": format_quantity(linked),
        }
        for number, line, shipped, came, linked in rows(cursor, _BACK)
    ]
    waiting = [
        _("%(product)s in %(warehouse)s: %(there)s in quarantine, but %(waiting)s wait to be inspected.")
        % {"product": product, "warehouse": warehouse, "there": format_quantity(there), "waiting": format_quantity(quantity)}
        for warehouse, product, there, quantity in rows(cursor, _QUARANTINE)
    ]
    credited = [
        _("Return %(number)s, %(line)s: %(credited)s credited, but %(accepted)s accepted.")
        % {"number": number, "line": line, "credited": format_quantity(quantity), "accepted": format_quantity(accepted)}
        for number, line, accepted, quantity in rows(cursor, _CREDITED)
    ]
    [(count, lines)] = rows(cursor, "SELECT (SELECT count(*) FROM returns_customerreturn), (SELECT count(*) FROM returns_customerreturnline)")
    return [
        Proof(_("By %(count)s returns no more came back than was shipped.") % {"count": f"{count:,}"}, back),
        Proof(_("What lies in quarantine is what came back and is not inspected yet."), waiting),
        Proof(_("None of %(count)s return lines is credited by more than was accepted.") % {"count": f"{lines:,}"}, credited),
    ]
