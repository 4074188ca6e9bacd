"""The verbs of returns."""

from guanxi.erp.returns.operations.announcing import ReturnedLine, ReturnedOrderLine, announce_order_return, announce_return, cancel_return
from guanxi.erp.returns.operations.receiving import InspectedLine, ReceivedLine, inspect_return, receive_return, return_goods
from guanxi.erp.returns.operations.settling import refund_return, settle_return

__all__ = [
    "InspectedLine", "ReceivedLine", "ReturnedLine", "ReturnedOrderLine", "announce_order_return", "announce_return", "cancel_return",
    "inspect_return", "receive_return", "refund_return", "return_goods", "settle_return",
]
