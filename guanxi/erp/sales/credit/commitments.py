"""What sales adds to a customer's exposure: what was delivered and not invoiced yet, and what is ordered and not delivered."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.credit.queries import exposure_part

# A line's amount is shared out by quantity. Services are not delivered: they are ordered until they are invoiced. Of orders that are
# done, and of those on hold, only what left and was not billed counts: of these nothing more leaves. Taken back goods and invoices are
# links with the opposite quantity.
_ORDERS = """
SELECT o.customer_id, x.part, o.entity_id, o.currency, sum(x.amount), NULL::date
FROM given g
JOIN sales_order o ON o.customer_id = g.party_id AND o.status IN ('confirmed', 'done')
JOIN access_entity e ON e.id = o.entity_id AND e.currency = g.currency
JOIN sales_orderline l ON l.order_id = o.id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(k.quantity) FILTER (WHERE k.kind = 'delivery'), 0) AS delivered,
         coalesce(sum(k.quantity) FILTER (WHERE k.kind = 'invoice'), 0) AS invoiced
  FROM records_link k WHERE k.from_id = l.id AND k.from_model = 'sales.orderline' AND k.kind IN ('delivery', 'invoice') AND k.posted_on IS NOT NULL
) k
CROSS JOIN LATERAL (VALUES
  ('delivered', l.total * greatest(k.delivered - k.invoiced, 0) / l.quantity),
  ('ordered', CASE WHEN o.status = 'confirmed' AND o.hold = ''
              THEN l.total * greatest(l.quantity - greatest(k.delivered, k.invoiced), 0) / l.quantity ELSE 0 END)
) AS x (part, amount)
WHERE x.amount <> 0
GROUP BY o.customer_id, x.part, o.entity_id, o.currency
"""
exposure_part(_ORDERS, delivered=_("Delivered, not invoiced"), ordered=_("Ordered, not delivered"))
