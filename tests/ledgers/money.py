"""Orders that stand still, and the money for which they may wait: taken in, set against invoices, paid back."""

from __future__ import annotations

from collections.abc import Iterable

from tests.ledgers.documents import Order, Receipt
from tests.ledgers.goods import Goods


class Money(Goods):
    def total(self, key: int) -> int:
        return sum(self.lines[line].net + self.lines[line].tax for line in self.orders[key].lines)

    def hold(self, key: int, reason: str) -> bool:
        order = self.orders[key]
        if order.status not in ("draft", "confirmed"):
            return False
        self._stop(order, reason)
        self._give_out(self._products(order))
        return True

    def _stop(self, order: Order, reason: str) -> None:
        order.hold, order.is_cleared = reason, False
        if order.status == "confirmed":
            self._let_go(order.lines)

    def _products(self, order: Order) -> set[int]:
        return {self.lines[line].product for line in order.lines}

    def _go_on(self, order: Order, *, is_cleared: bool) -> None:
        order.hold, order.is_cleared = "", is_cleared or order.is_cleared
        if order.status == "confirmed":
            self._hold([line for line in order.lines if self.lines[line].quantity > self.lines[line].gone])

    def _settle(self, receipt_key: int, invoices: Iterable[int], most: int | None = None) -> bool:
        receipt, is_settled = self.receipts[receipt_key], False
        for key in invoices:
            part = min(receipt.free, self.invoices[key].open, receipt.free if most is None else most)
            if part > 0:
                receipt.free -= part
                self.invoices[key].open -= part
                self.paid[receipt_key, key] += part
                self._move_prepaid(receipt, part)
                is_settled = True
        return is_settled

    def _unsettle(self, receipt_key: int, invoice: int) -> None:
        part = self.paid.pop((receipt_key, invoice))
        self.receipts[receipt_key].free += part
        self.invoices[invoice].open += part
        self._move_prepaid(self.receipts[receipt_key], -part)

    def _move_prepaid(self, receipt: Receipt, part: int) -> None:
        if receipt.is_prepayment:
            self.accounts["prepayment"] += part
            self.accounts["receivable"] -= part

    def _open_invoices(self, customer: int) -> list[int]:
        return [key for key, one in self.invoices.items() if self.orders[one.order].customer == customer and one.open]

    def owed(self, customer: int) -> int:
        free = sum(one.free for one in self.receipts.values() if one.customer == customer and not one.is_prepayment)
        return sum(self.invoices[key].open for key in self._open_invoices(customer)) - free

    def pay(self, customer: int, amount: int) -> bool:
        self.receipts[key := next(self.numbers)] = Receipt(customer, amount, False, amount)
        self.accounts["bank"] += amount
        self.accounts["receivable"] -= amount
        self._settle(key, self._open_invoices(customer))
        self._let_paid_go(customer)
        return True

    def prepaid(self, order: int) -> int:
        return sum(receipt.bound.get(order, 0) for receipt in self.receipts.values())

    def prepay(self, key: int, amount: int) -> bool:
        order = self.orders[key]
        if order.status not in ("draft", "confirmed") or amount > self.total(key) - self.prepaid(key):
            return False
        receipt = self.receipts[next(self.numbers)] = Receipt(order.customer, amount, True, amount)
        receipt.bound[key] = amount
        self.accounts["bank"] += amount
        self.accounts["prepayment"] -= amount
        self._let_go_if_paid(order, key)
        self._let_paid_go(order.customer)
        return True

    def ask_prepayment(self, key: int, amount: int) -> bool:
        order = self.orders[key]
        if order.status not in ("draft", "confirmed") or not self.prepaid(key) < amount <= self.total(key):
            return False
        order.asked = amount
        return self.hold(key, "prepayment")

    def _let_go_if_paid(self, order: Order, key: int) -> None:
        if order.hold == "prepayment" and self.prepaid(key) >= order.asked:
            self._go_on(order, is_cleared=False)

    def _let_paid_go(self, customer: int) -> None:
        """Free money is bound to the orders that wait for it; those that have theirs go on."""
        held = [
            (key, one) for key, one in self.orders.items()
            if one.customer == customer and one.hold == "prepayment" and one.status in ("draft", "confirmed")
        ]
        for key, order in held:
            for receipt in self.receipts.values():
                part = min(receipt.free - sum(receipt.bound.values()), order.asked - self.prepaid(key))
                if receipt.customer == customer and receipt.free and part > 0:
                    receipt.bound[key] += part
        for key, order in held:
            self._let_go_if_paid(order, key)

    def allocate(self, key: int) -> bool:
        return self.receipts[key].free > 0 and self._settle(key, self._open_invoices(self.receipts[key].customer))

    def free_money(self, key: int) -> bool:
        pairs = [pair for pair in self.paid if pair[0] == key]
        for pair in pairs:
            self._unsettle(*pair)
        return bool(pairs)

    def pay_back(self, key: int, amount: int) -> bool:
        """Out of free money; orders to which it was bound lose it, ended ones first, then the newest."""
        receipt = self.receipts[key]
        if not 0 < amount <= receipt.free:
            return False
        receipt.free -= amount
        receipt.paid_back += amount
        self.accounts["bank"] -= amount
        self.accounts["prepayment" if receipt.is_prepayment else "receivable"] += amount
        unspent = {order: max(0, bound - self._spent(key, order)) for order, bound in receipt.bound.items()}
        excess = min(amount, sum(unspent.values()) - receipt.free)
        for order in sorted(unspent, key=lambda one: (self.orders[one].status in ("draft", "confirmed"), -one)):
            if excess > 0:
                taken = min(excess, unspent[order])
                receipt.bound[order] -= taken
                excess -= taken
        self._stop_unpaid(receipt)
        self.refunds[next(self.numbers)] = (key, amount)
        return True

    def _spent(self, receipt: int, order: int) -> int:
        return sum(part for (paying, paid), part in self.paid.items() if paying == receipt and self.invoices[paid].order == order)

    def take_refund_back(self, key: int) -> bool:
        receipt_key, amount = self.refunds.pop(key)
        receipt = self.receipts[receipt_key]
        receipt.free += amount
        receipt.paid_back -= amount
        self.accounts["bank"] += amount
        self.accounts["prepayment" if receipt.is_prepayment else "receivable"] -= amount
        self._let_paid_go(receipt.customer)
        return True

    def bounce(self, key: int) -> bool:
        """The money did not come: orders that it had released wait again."""
        if self.receipts[key].paid_back:
            return False
        self.free_money(key)
        receipt = self.receipts.pop(key)
        self.accounts["bank"] -= receipt.amount
        self.accounts["prepayment" if receipt.is_prepayment else "receivable"] += receipt.amount
        self._stop_unpaid(receipt)
        return True

    def _stop_unpaid(self, receipt: Receipt) -> None:
        stopped = []
        for order_key in sorted(receipt.bound):
            order = self.orders[order_key]
            waits = order.asked and self.prepaid(order_key) < order.asked
            if order.status in ("draft", "confirmed") and not order.hold and not order.is_cleared and waits:
                self._stop(order, "prepayment")
                stopped.append(order)
        for order in stopped:
            self._give_out(self._products(order))
