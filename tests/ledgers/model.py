"""What a trading company's ledgers should say, in whole pieces and whole cents. It knows nothing of the program and imports none of it.

Each act says whether it is allowed (a refused one changes nothing). Reactions, which in the program come after the act, belong to it here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tests.ledgers.documents import Delivery, Invoice, Line, Order, divided
from tests.ledgers.money import Money


class Model(Money):
    # ---- orders ---------------------------------------------------------------------------------------------------

    def expected_cost(self, key: int) -> int:
        return sum(divided(self.lines[line].quantity * self.lines[line].unit_cost, 10_000) for line in self.orders[key].lines)

    def enter(self, customer: int, wanted: Sequence[tuple[int, int, int]], *, is_draft: bool = False) -> int:
        """Lines of (product, pieces, per cent of discount) at today's prices and costs."""
        key = next(self.numbers)
        self.orders[key] = Order(customer, status="draft" if is_draft else "confirmed")
        for product, pieces, discount in wanted:
            self._add_line(key, product, pieces, discount)
        if not is_draft:
            self._hold(self.orders[key].lines)
        return key

    def _add_line(self, order: int, product: int, pieces: int, discount: int) -> int:
        key = next(self.numbers)
        self.lines[key] = Line(order, product, pieces, self.prices[product], discount, self.cost_now(product))
        self.orders[order].lines.append(key)
        return key

    def confirm(self, key: int) -> bool:
        order = self.orders[key]
        if order.status != "draft":
            return False
        order.status = "confirmed"
        if order.hold:
            self._give_out(self._products(order))
        else:
            self._hold(order.lines)
        return True

    def change(
        self, key: int, kept: Sequence[tuple[int, int, int]], added: Sequence[tuple[int, int]] = ()
    ) -> bool:
        """Lines as they shall be: (line, pieces, price) kept, (product, pieces) added; the others go."""
        order = self.orders[key]
        gone = [line for line in order.lines if line not in {one for one, _pieces, _price in kept}]
        changed = [line for line, pieces, price in kept if (pieces, price) != (self.lines[line].quantity, self.lines[line].price)]
        if order.status != "confirmed" or not (kept or added) or not (changed or added or gone):
            return False
        if not all(self._may_become(self.lines[line], pieces, price) for line, pieces, price in kept):
            return False
        # What ever left or was billed keeps its line, so that its cost and revenue stay the order's.
        if any(self.lines[line].shipped or self.lines[line].was_billed for line in gone):
            return False
        before = self.total(key)
        freed = {self.lines[line].product for line in (*changed, *gone)}
        self._let_go([*changed, *gone])
        left = {line: pieces - self.lines[line].delivered for line, pieces, _price in kept if line in changed}
        self._cut_planned(dict.fromkeys(gone, 0) | left)
        for line, pieces, price in kept:
            self.lines[line].quantity, self.lines[line].price = pieces, price
        for line in gone:
            order.lines.remove(line)
            del self.lines[line]
        order.lines.sort(key=[one for one, _pieces, _price in kept].index)
        new = [self._add_line(key, product, pieces, 0) for product, pieces in added]
        order.is_cleared = order.is_cleared and self.total(key) <= before
        if not order.hold:
            self._hold([line for line in order.lines if line in (*changed, *new) and self.lines[line].quantity > self.lines[line].gone])
        self._give_out(freed)
        self._complete(key)
        return True

    @staticmethod
    def _may_become(line: Line, pieces: int, price: int) -> bool:
        if pieces < max(line.least, 1):
            return False
        return not line.invoiced or price == line.price

    def end_line(self, key: int) -> bool:
        """Nothing more of it is delivered."""
        line = self.lines[key]
        others = [(one, self.lines[one].quantity, self.lines[one].price) for one in self.orders[line.order].lines if one != key]
        if line.least >= line.quantity:
            return False
        return self.change(line.order, [*others, (key, line.least, line.price)] if line.least else others)

    def _cut_planned(self, left: dict[int, int]) -> None:
        for line, most in left.items():
            excess = sum(d.parts[line] for d in self.deliveries.values() if d.status == "draft" and line in d.parts) - max(0, most)
            for delivery in reversed(self.deliveries.values()):
                if delivery.status == "draft" and line in delivery.parts and excess > 0:
                    cut = min(excess, delivery.parts[line])
                    delivery.parts[line] -= cut
                    excess -= cut
                    if not delivery.parts[line]:
                        del delivery.parts[line]
                    if not delivery.parts:
                        delivery.status = "cancelled"

    def cancel(self, key: int) -> bool:
        order = self.orders[key]
        touched = any(self.lines[line].delivered or self.lines[line].invoiced for line in order.lines)
        if order.status not in ("draft", "confirmed") or touched:
            return False
        for delivery in self.deliveries.values():
            if delivery.order == key and delivery.status == "draft":
                delivery.status = "cancelled"
        self._let_go(order.lines)
        order.status = "cancelled"
        self._give_out(self._products(order))
        return True

    def release(self, key: int) -> bool:
        order = self.orders[key]
        if order.status not in ("draft", "confirmed") or not order.hold:
            return False
        self._go_on(order, is_cleared=order.hold == "prepayment")
        return True

    # ---- deliveries and returns -----------------------------------------------------------------------------------

    def planned(self, line: int) -> int:
        return sum(d.parts.get(line, 0) for d in self.deliveries.values() if d.status == "draft")

    def rest(self, key: int) -> dict[int, int]:
        """Of the order's lines: what is neither delivered nor planned."""
        return {line: self.lines[line].quantity - self.lines[line].delivered - self.planned(line) for line in self.orders[key].lines}

    def plan(self, key: int, wanted: dict[int, int] | None = None) -> bool:
        """A delivery of so much of these lines; of all that is left, when nothing is said."""
        order = self.orders[key]
        if order.status != "confirmed" or order.hold:
            return False
        rest = self.rest(key)
        parts = {line: pieces for line, pieces in rest.items() if pieces > 0} if wanted is None else wanted
        if not parts or any(not 0 < pieces <= rest[line] for line, pieces in parts.items()):
            return False
        self.deliveries[next(self.numbers)] = Delivery(key, {line: parts[line] for line in order.lines if line in parts})
        return True

    def ship(self, key: int, less: int) -> bool:
        """All of it but `less` of each line."""
        delivery = self.deliveries[key]
        leaving = {line: pieces - less for line, pieces in delivery.parts.items() if pieces > less}
        if delivery.status != "draft" or self.orders[delivery.order].hold or not leaving or not self._is_enough(leaving):
            return False
        delivery.parts, delivery.status = leaving, "shipped"
        for line_key, pieces in leaving.items():
            line = self.lines[line_key]
            line.held -= min(line.held, pieces)
            line.shipped += pieces
            delivery.costs[line_key] = self._take_out(line.product, pieces)
            self.orders[line.order].cost += delivery.costs[line_key]
            self._look_again(line_key)
        self._complete(delivery.order)
        return True

    def _is_enough(self, leaving: dict[int, int]) -> bool:
        """What is held for a line is its own; the rest has to be free."""
        wanted: dict[int, int] = defaultdict(int)
        for key, pieces in leaving.items():
            wanted[self.lines[key].product] += max(0, pieces - self.lines[key].held)
        return all(pieces <= self.free(product) for product, pieces in wanted.items())

    def _complete(self, key: int) -> None:
        order = self.orders[key]
        lines = [self.lines[line] for line in order.lines]
        if order.status == "confirmed" and all(min(line.delivered, line.invoiced) >= line.quantity for line in lines):
            self._let_go(order.lines)
            order.status = "done"

    def take_back(self, key: int, line_key: int, pieces: int) -> bool:
        """Back into stock; all that comes back of what left is worth what it was worth when it left, to the cent."""
        delivery, line = self.deliveries[key], self.lines.get(line_key)
        if delivery.status != "shipped" or line is None or not 0 < pieces <= delivery.parts[line_key] - delivery.back[line_key]:
            return False

        def worth(until: int) -> int:
            return divided(delivery.costs[line_key] * until, delivery.parts[line_key])

        value = worth(delivery.back[line_key] + pieces) - worth(delivery.back[line_key])
        delivery.back[line_key] += pieces
        line.back += pieces
        self.orders[delivery.order].returned += value
        self._put_in(line.product, pieces, value, "cost_of_sales")
        order = self.orders[delivery.order]
        if order.status == "confirmed":
            line.again += pieces
            if not order.hold:
                self._hold([line_key])
        self._give_out({line.product})
        return True

    # ---- invoices and money ---------------------------------------------------------------------------------------

    def bill(self, key: int) -> bool:
        """What was delivered and kept, and is not invoiced; all parts of a line add up to the line, however they were invoiced."""
        order, parts = self.orders[key], {}
        for line_key in order.lines:
            line = self.lines[line_key]
            if line.delivered > line.invoiced:
                net, tax = line.until(line.delivered)
                parts[line_key] = (line.delivered - line.invoiced, max(0, net - line.billed_net), max(0, tax - line.billed_tax))
        if order.status not in ("confirmed", "done") or not parts:
            return False
        self.invoices[number := next(self.numbers)] = invoice = Invoice(key, parts)
        invoice.open = invoice.net + invoice.tax
        self._post(invoice, 1)
        order.sold += invoice.net
        self._complete(key)
        for receipt in [key_ for key_, one in self.receipts.items() if key in one.bound and one.free]:
            self._settle(receipt, [number], most=self.receipts[receipt].bound[key] - self._spent(receipt, key))
        return True

    def _post(self, invoice: Invoice, sign: int) -> None:
        for key, (pieces, net, tax) in invoice.parts.items():
            line = self.lines[key]
            line.was_billed = True
            line.invoiced += sign * pieces
            line.billed_net += sign * net
            line.billed_tax += sign * tax
        self.accounts["receivable"] += sign * (invoice.net + invoice.tax)
        self.accounts["revenue"] -= sign * invoice.net
        self.accounts["output_tax"] -= sign * invoice.tax

    def credit(self, key: int) -> bool:
        """Take an invoice back; the money that paid it is free again."""
        for receipt, invoice in [pair for pair in self.paid if pair[1] == key]:
            self._unsettle(receipt, invoice)
        invoice = self.invoices.pop(key)
        self._post(invoice, -1)
        self.orders[invoice.order].credited -= invoice.net
        return True
