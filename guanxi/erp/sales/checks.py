"""What `guanxi check` proves about revenue, in plain SQL, independently of the code that wrote it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.database.checks import Proof, ledger_check, rows
from guanxi.kernel.values.shown import format_money

# By order line: what its invoice lines have on the account, what is billed of it, and whether all of it is delivered.
_AHEAD = """
WITH booked AS (
  SELECT l.source_id, sum(-l.amount) AS amount FROM finance_journalline l
  JOIN finance_accountuse u ON u.account_id = l.account_id AND u.use = 'contract_liability'
  WHERE l.source_model = 'finance.invoiceline' GROUP BY 1
), billed AS (
  SELECT DISTINCT k.from_id, k.to_id FROM records_link k
  WHERE k.from_model = 'sales.orderline' AND k.kind = 'invoice' AND k.to_model = 'finance.invoiceline'
), ahead AS (
  SELECT b.from_id, sum(coalesce(a.amount, 0)) AS amount, sum(i.net) AS net
  FROM billed b JOIN finance_invoiceline i ON i.id = b.to_id LEFT JOIN booked a ON a.source_id = b.to_id
  GROUP BY 1 HAVING count(a.source_id) > 0
)
SELECT o.number, n.position, o.currency, a.amount, a.net, n.quantity <= coalesce((
  SELECT sum(k.quantity) FROM records_link k
  WHERE k.from_model = 'sales.orderline' AND k.from_id = n.id AND k.kind = 'delivery' AND k.posted_on IS NOT NULL), 0)
FROM ahead a JOIN sales_orderline n ON n.id = a.from_id JOIN sales_order o ON o.id = n.order_id ORDER BY 1, 2
"""


@ledger_check(gettext_lazy("Billed ahead of delivery"))
def prove_billed_ahead(cursor: Any) -> list[Proof]:
    """No more is a contract liability than is billed, and nothing of what is delivered."""
    found = rows(cursor, _AHEAD)
    problems = [
        _("%(order)s, line %(line)s: %(ahead)s are booked as billed ahead, of %(net)s billed.")
        % {"order": order, "line": line, "ahead": format_money(ahead, currency), "net": format_money(net, currency)}
        for order, line, currency, ahead, net, is_delivered in found if ahead < 0 or ahead > max(net, 0) or is_delivered and ahead
    ]
    words = _("Of %(count)s order lines billed ahead of delivery no more is a liability than is still to be delivered.")
    return [Proof(words % {"count": len(found)}, problems)]
