"""Confirmed orders of before: what of them is neither delivered nor reserved waits for goods."""

from django.db import migrations

WAITS = """
INSERT INTO promising_waitingline (version, product_id, warehouse_id, customer_id, owner_id, quantity, wanted_on, promised_on, ordered_on,
                                   document, order_model, order_id, source_model, source_id)
SELECT 1, l.product_id, o.warehouse_id, o.customer_id, o.owner_id, missing.quantity, o.requested_on, o.promised_on, o.ordered_on,
       o.number, 'sales.order', o.id, 'sales.orderline', l.id
FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN catalog_product p ON p.id = l.product_id
CROSS JOIN LATERAL (
  SELECT round((l.quantity - coalesce((
           SELECT sum(k.quantity) FROM records_link k
           WHERE k.from_model = 'sales.orderline' AND k.from_id = l.id AND k.kind = 'delivery' AND k.posted_on IS NOT NULL AND k.quantity > 0), 0)) * l.factor, 6)
         - coalesce((SELECT sum(r.quantity) FROM inventory_reservation r
                     WHERE r.source_model = 'sales.orderline' AND r.source_id = l.id), 0) AS quantity
) missing
WHERE o.status = 'confirmed' AND o.hold = '' AND p.kind = 'goods' AND missing.quantity > 0
ON CONFLICT (source_id, source_model) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0008_configured"), ("promising", "0001_initial"), ("records", "__first__"), ("inventory", "0003_promises")]

    operations = [migrations.RunSQL(WAITS, migrations.RunSQL.noop)]
