"""What policies and promotions make of the prices of a document, in the order that the README says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from guanxi.erp.pricing.lists import PLACES, Line, Market
from guanxi.erp.pricing.steps import PROMOTION, Step, step
from guanxi.kernel.values import ZERO, Translated, round_half_up, round_money
from guanxi.shared.catalog.models import Product


@dataclass
class Gift:
    """Goods given free of charge, in base units."""

    product: Product
    quantity: Decimal
    steps: list[Step]


@dataclass
class Ruled:
    """What concerns the document as a whole."""

    payment_term_id: int | None = None
    gifts: list[Gift] = field(default_factory=list)
    promotions: set[int] = field(default_factory=set)
    """Those that are for this customer on that day, whether they gave anything or not."""
    spent: set[int] = field(default_factory=set)
    """Those whose budget does not bear it."""


class Rules:
    """The rules of one document at work on its lines."""

    def __init__(self, lines: Sequence[Line], market: Market, coupons: dict[int, str], has_promotions: bool = True):
        self.market, self.coupons, self.has_promotions = market, coupons, has_promotions
        self.lines = [line for line in lines if line.price is not None]
        self.done = Ruled()

    def apply(self) -> Ruled:
        rules = self.market.answers.rules_for(self.market.customer_id, self.market.tier, self.market.channel_id)
        if not rules:
            return self.done
        policies, promotions = [one for one in rules if one.effect], [one for one in rules if one.kind and self.has_promotions]
        self._set_policy_prices([one for one in policies if one.effect in ("formula", "cost_plus")])
        running = self._running(promotions)
        for one in self._of_kind(running, "amount"):
            self._reduce(one, "promotion_amount", amount=_plain(one.amount))
        self._discount([one for one in policies if one.effect == "discount"])
        for one in self._of_kind(running, "percent"):
            self._reduce(one, "promotion_percent", share=one.share)
        for one in self._of_kind(running, "bundle"):
            self._bundle(one)
        for one in self._of_kind(running, "gift"):
            self._give(one)
        self._note([one for one in policies if one.effect in ("rebate", "payment_term")])
        return self.done

    # ---- policies

    def _set_policy_prices(self, policies: Sequence[Any]) -> None:
        """The first that fits a line and gives a price."""
        priced: set[int] = set()
        for one in policies:
            for line in self._reached(one):
                if line.fixed or id(line) in priced:
                    continue
                if one.effect == "formula":
                    found = self.market.by_formula(one.formula, line)
                else:
                    cost = self.market.cost_of(line, one.cost_basis)
                    # Nothing is known of what has no cost: a service, or goods that never came.
                    found = cost * (1 + one.markup) if cost else None
                if found is not None:
                    line.move(f"policy_{'formula' if one.effect == 'formula' else 'cost'}", price=self.market.computed(found), **_facts(one))
                    line.round(line.rounding)
                    priced.add(id(line))

    def _discount(self, policies: Sequence[Any]) -> None:
        """One discount a line: that of the highest priority, of equal ones the largest."""
        discounted: set[int] = set()
        for one in sorted(policies, key=lambda one: (-one.priority, -one.share, one.code)):
            for line in self._reached(one):
                if not (line.fixed or line.held or id(line) in discounted):
                    line.move("policy_discount", discount=1 - (1 - line.discount) * (1 - one.share), share=one.share, **_facts(one))
                    discounted.add(id(line))

    def _note(self, policies: Sequence[Any]) -> None:
        """What changes no price: rebates on each line, the payment term for the document."""
        for one in policies:
            lines = self._reached(one)
            if one.effect == "rebate":
                for line in lines:
                    line.move("policy_rebate", share=one.share, **_facts(one))
            elif lines and self.done.payment_term_id is None and one.payment_term_id:
                self.done.payment_term_id = one.payment_term_id
                lines[0].move("policy_term", term=one.payment_term__name, **_facts(one))

    # ---- promotions

    def _running(self, promotions: Sequence[Any]) -> list[Any]:
        """Those that count, each with the lines that it may touch: where the first of a line does not combine, it stands alone there;
        where another comes first, those that do not combine are left out."""
        self.done.promotions = {one.pk for one in promotions}
        self.done.spent = {one.pk for one in promotions if one.budget is not None and one.used >= one.budget}
        running = [
            one for one in promotions
            if (not one.is_by_coupon or one.pk in self.coupons) and one.pk not in self.done.spent and (one.budget is None or self._is_ours(one))
        ]
        for one in running:
            one.items = self.market.answers.items_of(one)
            one.lines = []
            if one.kind == "bundle":
                parts = {item.product_id for item in one.items}
                one.meant = [line for line in self.lines if line.product.pk in parts and line.counts]
            else:
                one.meant = self._reached(one)
        meant = [{id(line) for line in one.meant} for one in running]
        for line in self.lines:
            here = [one for one, mine in zip(running, meant, strict=True) if id(line) in mine]
            alone = here[:1] if here and here[0].is_exclusive else [one for one in here if not one.is_exclusive]
            for one in alone:
                one.lines.append(line)
        return running

    @staticmethod
    def _of_kind(running: Sequence[Any], kind: str) -> list[Any]:
        return [one for one in running if one.kind == kind and one.lines]

    def _reduce(self, one: Any, kind: str, **facts: Any) -> None:
        """Less to pay for each line of the promotion, if its budget bears all of them."""
        if kind == "promotion_amount" and not self._is_ours(one):
            return
        percent = kind == "promotion_percent"
        lines = [line for line in one.lines if not (line.fixed or percent and line.held)]
        after = [
            (line.price, 1 - (1 - line.discount) * (1 - one.share)) if percent else (max((line.price or ZERO) - one.amount, ZERO), line.discount)
            for line in lines
        ]
        savings = [
            self._money((line.unit - round_half_up(price * (1 - discount), PLACES)) * line.quantity)
            for line, (price, discount) in zip(lines, after, strict=True)
        ]
        if not self._bears(one, savings):
            return
        for line, (price, discount), saving in zip(lines, after, savings, strict=True):
            line.move(kind, price=price, discount=discount, saving=saving, **facts, **self._promoted(one))

    def _bundle(self, one: Any) -> None:
        """So many whole bundles as are there, where they cost less together; what was saved is shared out by worth."""
        if not self._is_ours(one) or not one.items:
            return
        lines = [line for line in one.lines if not line.fixed and not line.held]
        there = {item.product_id: sum((line.quantity for line in lines if line.product.pk == item.product_id), ZERO) for item in one.items}
        times = min(int(there[item.product_id] / item.quantity) for item in one.items)
        if not times:
            return
        times = times if one.is_repeated else 1
        taken: list[tuple[Line, Decimal]] = []
        for item in one.items:
            wanted = item.quantity * times
            for line in lines:
                if line.product.pk == item.product_id and wanted > 0:
                    part = min(wanted, line.quantity)
                    taken.append((line, part * line.unit))
                    wanted -= part
        worth = sum((part for _line, part in taken), ZERO)
        saving = self._money(worth - one.bundle_price * times)
        if saving <= 0 or not self._bears(one, [saving]):
            return
        left, parts = saving, []
        for place, (_line, part) in enumerate(taken):
            share = left if place == len(taken) - 1 else self._money(saving * part / worth)
            parts.append(share)
            left -= share
        for (line, _part), share in zip(taken, parts, strict=True):
            price = round_half_up((line.worth - share) / line.quantity, 6)
            line.move("promotion_bundle", price=price, discount=ZERO, times=f"{times}", saving=share, **self._promoted(one))

    def _give(self, one: Any) -> None:
        lines = [line for line in one.lines if line.counts]
        quantity, worth = sum((line.quantity for line in lines), ZERO), sum((line.worth for line in lines), ZERO)
        if not lines or quantity < one.min_quantity or worth < one.min_amount:
            return
        times = 1
        if one.is_repeated and (one.min_quantity or one.min_amount):
            times = int(quantity / one.min_quantity) if one.min_quantity else int(worth / one.min_amount)
        listed = [self.market.convert(item.product.list_price, self.market.base_currency) or ZERO for item in one.items]
        savings = [self._money(price * item.quantity * times) for price, item in zip(listed, one.items, strict=True)]
        if not one.items or not self._bears(one, savings):
            return
        lines[0].move("gives", **self._promoted(one))
        for item, price, saving in zip(one.items, listed, savings, strict=True):
            free = step("promotion_gift", price, ZERO, saving=saving, **self._promoted(one))
            self.done.gifts.append(Gift(item.product, item.quantity * times, [free]))

    # ---- what all of them need

    def _reached(self, one: Any) -> list[Line]:
        """The lines that a rule is for, where together they reach what it asks; none otherwise."""
        everything = one.category_id is None and not one._has_products
        fits = {*one._in_category, *one._chosen} if not everything else set()
        lines = [line for line in self.lines if everything or line.product.pk in fits]
        bought = [line for line in lines if line.counts]
        if one.min_quantity and sum((line.quantity for line in bought), ZERO) < one.min_quantity:
            return []
        if one.min_amount and (not self._is_ours(one) or sum((line.worth for line in bought), ZERO) < one.min_amount):
            return []
        return lines

    def _is_ours(self, one: Any) -> bool:
        """Amounts of a rule count in documents of its currency only."""
        return bool(one.currency == self.market.currency)

    def _bears(self, one: Any, savings: Iterable[Decimal]) -> bool:
        """Whether what is left of the budget bears all of this: a promotion is given whole or not at all."""
        if one.budget is None or one.used + sum(savings, ZERO) <= one.budget:
            return True
        self.done.spent.add(one.pk)
        return False

    def _money(self, amount: Decimal) -> Decimal:
        return round_money(amount, self.market.currency)

    def _promoted(self, one: Any) -> dict[str, Any]:
        return {**_facts(one, PROMOTION), "coupon": self.coupons.get(one.pk, "") if one.is_by_coupon else ""}


def _facts(one: Any, label: str = "pricing.salespolicy") -> dict[str, Any]:
    return {"rule": f"{label}:{one.pk}", "code": one.code, "name": Translated.of(one.name)}


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
