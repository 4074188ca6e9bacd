"""What the model keeps of lines, orders, deliveries, invoices and money: whole pieces and whole cents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


def divided(amount: int, by: int) -> int:
    """Half up, in integers, for amounts that are not negative."""
    return (2 * amount + by) // (2 * by)


def divided_even(amount: int, by: int) -> int:
    """Half to the even neighbour: so the average cost is kept to its millionths."""
    whole, rest = divmod(amount, by)
    return whole + (2 * rest > by or (2 * rest == by and whole % 2 == 1))


@dataclass
class Line:
    order: int
    product: int
    quantity: int
    price: int
    discount: int
    """Per cent."""
    unit_cost: int
    """Expected, in millionths."""
    shipped: int = 0
    again: int = 0
    """Came back in exchange while its order was open: the order brings it once more."""
    """Ever; what came back is in `back`."""
    back: int = 0
    invoiced: int = 0
    billed_net: int = 0
    billed_tax: int = 0
    was_billed: bool = False
    held: int = 0

    @property
    def net(self) -> int:
        return divided(self.quantity * self.price * (100 - self.discount), 100)

    @property
    def tax(self) -> int:
        return divided(self.net * 13, 100)

    @property
    def delivered(self) -> int:
        return self.shipped - self.back

    @property
    def least(self) -> int:
        return max(self.delivered, self.invoiced)

    @property
    def missing(self) -> int:
        """What came back was delivered all the same: nobody waits for it."""
        return max(0, self.quantity - self.gone - self.held)

    @property
    def gone(self) -> int:
        """What left and is not to be brought once more."""
        return self.shipped - self.again

    def until(self, pieces: int) -> tuple[int, int]:
        """Net and tax of the first so many pieces."""
        if pieces == self.quantity:
            return self.net, self.tax
        return divided(self.net * pieces, self.quantity), divided(self.tax * pieces, self.quantity)


@dataclass
class Order:
    customer: int
    lines: list[int] = field(default_factory=list)
    status: str = "confirmed"
    hold: str = ""
    asked: int = 0
    is_cleared: bool = False
    sold: int = 0
    credited: int = 0
    cost: int = 0
    returned: int = 0


@dataclass
class Delivery:
    order: int
    parts: dict[int, int]
    """Line → pieces, in the order in which they stand on it."""
    status: str = "draft"
    costs: dict[int, int] = field(default_factory=dict)
    back: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Invoice:
    order: int
    parts: dict[int, tuple[int, int, int]]
    """Line → pieces, net, tax."""
    open: int = 0

    @property
    def net(self) -> int:
        return sum(net for _pieces, net, _tax in self.parts.values())

    @property
    def tax(self) -> int:
        return sum(tax for _pieces, _net, tax in self.parts.values())


@dataclass
class Receipt:
    customer: int
    amount: int
    is_prepayment: bool
    free: int
    paid_back: int = 0
    bound: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Order → so much was taken in against it."""
