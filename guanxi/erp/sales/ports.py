"""What modules above build on: documents with lines that are completed, priced and billed as orders are, a say in changed orders, and kinds
of documents whose lines a change of price, cost or model touches."""

from guanxi.erp.sales.billing.invoicing import bill_amount
from guanxi.erp.sales.billing.recognition import recognise_billed
from guanxi.erp.sales.billing.settlement import billed, paid
from guanxi.erp.sales.completion import choose_entity, complete_documents, complete_orders
from guanxi.erp.sales.credit.crediting import PREPAID
from guanxi.erp.sales.credit.prepayments import bind_money, receive_prepayment, settle_prepayments
from guanxi.erp.sales.guards import CANCEL_GUARDS, ORDER_GUARDS
from guanxi.erp.sales.impact.held import held_lines, why_held
from guanxi.erp.sales.impact.kinds import Affair, Kind, affects
from guanxi.erp.sales.impact.panels import affected_lines_of
from guanxi.erp.sales.impact.repricing import take_price
from guanxi.erp.sales.offers.validity import why_still_looked_at
from guanxi.erp.sales.operations import require_looked_at, rules_met_again
from guanxi.erp.sales.pricing.prices import ADDED, agreed_steps

__all__ = [
    "ADDED", "CANCEL_GUARDS", "ORDER_GUARDS", "PREPAID", "Affair", "Kind", "affected_lines_of", "affects", "agreed_steps", "bill_amount", "billed",
    "bind_money", "choose_entity", "complete_documents", "complete_orders", "held_lines", "paid", "receive_prepayment",
    "recognise_billed", "require_looked_at", "rules_met_again", "settle_prepayments", "take_price",
    "why_held", "why_still_looked_at",
]
