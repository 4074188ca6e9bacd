"""What is there, what it is worth, and for whom it is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count

from tests.ledgers.documents import Delivery, Invoice, Line, Order, Receipt, divided, divided_even


class Goods:
    """Stock and its value, who holds what, and who waits."""

    def __init__(self, prices: Sequence[int], standard_costs: Sequence[int]) -> None:
        self.prices, self.standard = list(prices), list(standard_costs)
        self.on_hand = [0] * len(prices)
        self.value = [0] * len(prices)
        self.lines: dict[int, Line] = {}
        self.orders: dict[int, Order] = {}
        self.deliveries: dict[int, Delivery] = {}
        self.invoices: dict[int, Invoice] = {}
        self.receipts: dict[int, Receipt] = {}
        self.refunds: dict[int, tuple[int, int]] = {}
        """Those that stand: receipt and amount."""
        self.paid: dict[tuple[int, int], int] = defaultdict(int)
        """(receipt, invoice) → amount"""
        self.waiting: list[int] = []
        """Lines that miss goods, in the order in which they began to."""
        self.accounts: dict[str, int] = defaultdict(int)
        """Debits less credits."""
        self.numbers = count(1)

    # ---- stock ----------------------------------------------------------------------------------------------------

    def reserved(self, product: int) -> int:
        return sum(line.held for line in self.lines.values() if line.product == product)

    def free(self, product: int) -> int:
        return self.on_hand[product] - self.reserved(product)

    def receive(self, product: int, pieces: int, unit_cost: int) -> bool:
        self._put_in(product, pieces, pieces * unit_cost, "goods_received_not_invoiced")
        self._give_out({product})
        return True

    def _put_in(self, product: int, pieces: int, value: int, other: str) -> None:
        self.on_hand[product] += pieces
        self.value[product] += value
        self.accounts["stock"] += value
        self.accounts[other] -= value

    def _take_out(self, product: int, pieces: int) -> int:
        whole = pieces == self.on_hand[product]
        worth = self.value[product] if whole else divided(self.value[product] * pieces, self.on_hand[product])
        self.on_hand[product] -= pieces
        self.value[product] -= worth
        self.accounts["stock"] -= worth
        self.accounts["cost_of_sales"] += worth
        return worth

    def cost_now(self, product: int) -> int:
        """The average of what is there, else the standard cost; in millionths."""
        if self.on_hand[product]:
            return divided_even(self.value[product] * 10_000, self.on_hand[product])
        return self.standard[product] * 10_000

    def _hold(self, keys: Sequence[int]) -> None:
        """Hold what is there, line after line, but nothing for which others wait already."""
        claimed: dict[int, int] = defaultdict(int)
        for key in self.waiting:
            if key not in keys:
                claimed[self.lines[key].product] += self.lines[key].missing
        rest = {product: max(0, self.free(product) - claimed[product]) for product in {self.lines[key].product for key in keys}}
        for key in keys:
            line = self.lines[key]
            part = min(line.missing, rest[line.product])
            line.held += part
            rest[line.product] -= part
        self.waiting += [key for key in keys if self.lines[key].missing and key not in self.waiting]

    def _let_go(self, keys: Iterable[int]) -> None:
        for key in keys:
            self.lines[key].held = 0
            if key in self.waiting:
                self.waiting.remove(key)

    def _give_out(self, products: set[int]) -> None:
        """Free goods go to those who wait, the first first."""
        for key in list(self.waiting):
            line = self.lines[key]
            if line.product in products:
                line.held += min(line.missing, max(0, self.free(line.product)))
                self._look_again(key)

    def _look_again(self, key: int) -> None:
        if key in self.waiting and not self.lines[key].missing:
            self.waiting.remove(key)
