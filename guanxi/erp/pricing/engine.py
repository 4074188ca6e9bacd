"""The one price engine: for whom, where, when and how much → the price of each line, and why.

Whoever sells asks here: forms, quotations, orders, the API, imports. The README says in which order the rules come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.pricing.answers import Answers
from guanxi.erp.pricing.coupons import codes_of, opened_by, without_promotion
from guanxi.erp.pricing.lists import PLACES, Line, Market, add_options, set_base_prices
from guanxi.erp.pricing.ports import AGREED_PRICES
from guanxi.erp.pricing.rules import Gift, Rules
from guanxi.erp.pricing.steps import Step, step
from guanxi.kernel.values import ZERO, round_half_up
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


@dataclass
class AskedLine:
    """One product to be priced. `quantity`, `price` and `cost` are of base units; `price` and `discount` where a person typed them."""

    product: Product
    quantity: Decimal
    price: Decimal | None = None
    discount: Decimal | None = None
    tax_rate: Decimal = ZERO
    cost: Decimal | None = None
    counts: bool = True
    """Whether it is bought; not of an option that nobody has chosen."""
    configuration: Configuration | None = None
    """What was chosen of a product with options."""
    is_agreed: bool = False
    """Whether `price` and `discount` stand: no rule changes them, and they count towards what rules ask for."""


@dataclass
class PriceRequest:
    """Currencies: of the document, of its legal entity (None: the document's), and of the products' list prices (None: asked)."""

    customer: Party
    lines: Sequence[AskedLine]
    on: date
    currency: str
    entity_id: int
    channel_id: int | None = None
    entity_currency: str | None = None
    base_currency: str | None = None
    coupons: str = ""
    """Codes as they were typed."""
    has_promotions: bool = True
    """Whether promotions count: not where nothing takes of their budgets, as in contracts."""
    document: tuple[str, int] | None = None
    """Model and id of what is priced, when it is there already: prices may be agreed for it."""


@dataclass
class PricedLine:
    """The price of one base unit, without tax and before the discount; None where nothing is known in that currency."""

    price: Decimal | None
    discount: Decimal
    steps: list[Step] = field(default_factory=list)

    @property
    def unit(self) -> Decimal | None:
        """With the discount taken off."""
        return None if self.price is None else round_half_up(self.price * (1 - self.discount), PLACES)


class PricedLines(list[PricedLine]):
    """A price for each line asked, and what concerns the document as a whole."""

    gifts: Sequence[Gift] = ()
    payment_term_id: int | None = None
    wrong_coupons: Mapping[str, str] = MappingProxyType({})
    """Codes that open nothing here, and why."""
    spent: Collection[int] = frozenset()
    """Promotions that would count here if their budget bore it."""


def price_lines(request: PriceRequest) -> PricedLines:
    """A price for each line, in its order; a fixed number of questions whatever their number."""
    [found] = price_documents([request])
    return found


def price_documents(requests: Sequence[PriceRequest]) -> list[PricedLines]:
    """The same for many documents of one day, each by itself; no more questions than for one, but for coupons and what was agreed."""
    answers = Answers(requests) if requests else None
    return [_priced(one, answers) if one.lines and answers is not None else PricedLines() for one in requests]


def _priced(request: PriceRequest, answers: Answers) -> PricedLines:
    market = Market(
        request.customer.pk, request.customer.tier, request.channel_id or 0, request.on, request.currency,
        request.entity_currency or request.currency, request.base_currency or answers.base_currency, request.entity_id, answers,
    )
    lines = [Line(one.product, one.quantity, one.tax_rate, one.cost, counts=one.counts) for one in request.lines]
    set_base_prices(lines, market)
    for line, asked in zip(lines, request.lines, strict=True):
        if asked.configuration is not None:
            add_options(line, asked.configuration, market)
    _take_agreed(lines, request)
    for line, asked in zip(lines, request.lines, strict=True):
        _fix(line, asked)
    opened, wrong = opened_by(codes_of(request.coupons), request.customer.pk, request.on, request.document)
    ruled = Rules(lines, market, opened, request.has_promotions).apply()
    for line, asked in zip(lines, request.lines, strict=True):
        if asked.discount is not None and line.price is not None and asked.discount != line.discount:
            line.move("hand_discount", discount=asked.discount, share=asked.discount)
    found = PricedLines(PricedLine(line.price, asked.discount if asked.discount is not None else line.discount, line.steps)
                        for line, asked in zip(lines, request.lines, strict=True))
    found.gifts, found.payment_term_id, found.spent = ruled.gifts, ruled.payment_term_id, ruled.spent
    found.wrong_coupons = {**wrong, **without_promotion(opened, ruled.promotions)}
    return found


def _take_agreed(lines: Sequence[Line], request: PriceRequest) -> None:
    """What was agreed for this document comes before lists and rules."""
    if request.document is None:
        return
    for agreed_for in AGREED_PRICES:
        agreed = agreed_for(request.document, [line.product.pk for line in lines], request.currency)
        for line in lines:
            found = agreed.get(line.product.pk)
            if found is not None:
                line.steps.clear()
                line.price = None
                line.move("agreed", price=found.price, discount=found.discount, document=found.document)
                line.fixed = line.held = True


def _fix(line: Line, asked: AskedLine) -> None:
    """What a person typed wins over every rule, and a step says so; what agrees with the price found is no decision."""
    if asked.is_agreed:
        line.price, line.discount, line.fixed, line.held = asked.price, asked.discount or ZERO, True, True
        return
    if asked.price is not None and asked.price != line.price:
        line.steps.append(step("hand", line.unit if line.price is not None else None, asked.price))
        line.price, line.fixed = asked.price, True
    line.held = line.held or asked.discount is not None
