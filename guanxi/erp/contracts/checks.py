"""What `guanxi check` proves about contracts, in plain SQL, independently of the code that wrote them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.database.checks import Proof, ledger_check, rows
from guanxi.kernel.values.shown import format_money, format_quantity

_PLANS = """
SELECT coalesce(c.number, o.number), coalesce(c.currency, o.currency), coalesce(c.total, o.total), sum(i.amount)
FROM contracts_instalment i LEFT JOIN contracts_contract c ON c.id = i.contract_id LEFT JOIN sales_order o ON o.id = i.order_id
WHERE coalesce(c.status, o.status) NOT IN ('draft', 'cancelled')
GROUP BY coalesce(c.number, o.number), coalesce(c.currency, o.currency), coalesce(c.total, o.total) ORDER BY 1
"""
_BILLED = """
SELECT count(*), array_agg(x.title || ' ' || x.invoiced || ' <> ' || x.billed ORDER BY x.id) FILTER (WHERE x.invoiced <> x.billed)
FROM (
  SELECT i.id, i.title, i.invoiced, coalesce((
    SELECT sum(k.quantity) FROM records_link k JOIN finance_invoice v ON v.id = k.to_id AND v.status = 'posted'
    WHERE k.from_id = i.id AND k.from_model = 'contracts.instalment' AND k.kind = 'instalment' AND k.to_model = 'finance.invoice'), 0) AS billed
  FROM contracts_instalment i
) x
"""
_CALLED = """
SELECT c.number, l.description, l.quantity, c.tolerance, sum(n.quantity * n.factor) / l.factor
FROM contracts_contractline l JOIN contracts_contract c ON c.id = l.contract_id AND c.status = 'signed'
JOIN records_link k ON k.from_id = c.id AND k.from_model = 'contracts.contract' AND k.kind = 'call_off'
  AND k.posted_on >= coalesce(c.period_from, '-infinity') AND k.posted_on < coalesce(c.next_from, 'infinity')
JOIN sales_order o ON o.id = k.to_id AND o.status <> 'cancelled'
JOIN sales_orderline n ON n.order_id = o.id AND n.product_id = l.product_id
GROUP BY c.number, l.id, l.description, l.quantity, l.factor, c.tolerance ORDER BY 1, 2
"""


@ledger_check(gettext_lazy("Contracts"))
def prove_contracts(cursor: Any) -> list[Proof]:
    plans, called = rows(cursor, _PLANS), rows(cursor, _CALLED)
    [(count, wrong)] = rows(cursor, _BILLED)
    return [
        Proof(
            _("%(count)s collection plans come to what their contracts and orders come to.") % {"count": len(plans)},
            [
                _("%(number)s: planned %(planned)s of %(total)s.")
                % {"number": number, "planned": format_money(planned, currency), "total": format_money(total, currency)}
                for number, currency, total, planned in plans if planned != total
            ],
        ),
        Proof(_("%(count)s instalments hold what standing invoices bill of them.") % {"count": count}, list(wrong or ())),
        Proof(
            _("Of %(count)s contract lines no more is called off than was agreed.") % {"count": len(called)},
            [
                _("%(number)s, “%(line)s”: called off %(called)s of %(quantity)s.")
                % {"number": number, "line": line, "called": format_quantity(so_far), "quantity": format_quantity(quantity)}
                for number, line, quantity, tolerance, so_far in called if so_far > quantity * (1 + tolerance)
            ],
        ),
    ]
