"""What the customer is shown of an offer: the version that was sent, in their language, and nothing that is ours alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.models import OfferAnswer, QuotationVersion, QuotationVersionLine
from guanxi.erp.sales.offers.operations import GIVEN
from guanxi.erp.sales.offers.validity import has_lapsed
from guanxi.erp.sales.offers.versions import lines_of_version, versions_of
from guanxi.kernel.columns.sections import line_sections
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_percent, format_price, format_quantity
from guanxi.shared.catalog.paper import goods, totals


@dataclass(frozen=True)
class ShownLine:
    """A line in words and figures; `key` names an option in the form."""

    key: int
    name: str
    detail: str
    quantity: str
    unit: str
    price: str
    discount: str
    tax: str
    net: str
    is_chosen: bool = False
    delivery: str = ""
    """The day that was promised when it was sent, while that lies ahead."""


@dataclass(frozen=True)
class ShownOffer:
    """`state`: open, lapsed, revised, withdrawn, accepted, declined."""

    version: QuotationVersion
    quotation: Quotation
    state: str
    sections: list[tuple[str, list[ShownLine], str]]
    options: list[ShownLine]
    totals: list[tuple[Any, str]]
    quoted_on: str
    valid_until: str
    company: str
    company_address: str
    terms: str
    payment_term: str
    is_discounted: bool
    days_left: int | None
    accepted: OfferAnswer | None

    @property
    def sum(self) -> str:
        """The last of the totals, with tax."""
        return self.totals[-1][1]

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def may_ask(self) -> bool:
        return self.state in ("open", "lapsed")


def state_of(quotation: Quotation, today: date) -> str:
    if quotation.status in GIVEN:
        return "lapsed" if has_lapsed(quotation, today) else "open"
    return {"draft": "revised", "accepted": "accepted", "ordered": "accepted"}.get(quotation.status, quotation.status)


def shown_offer(quotation: Quotation, language: str, today: date, chosen: Collection[int] | None = None) -> ShownOffer | None:
    """The last version sent, with what it comes to under the options `chosen` (ids of the quotation's lines), else under those that
    count now; None when nothing was ever sent."""
    version = versions_of(quotation.pk).first()
    if version is None:
        return None
    speech, state = Speech(language), state_of(quotation, today)
    lines = list(lines_of_version(version.pk))
    if state == "revised":
        # Nobody is to see what is being changed.
        chosen = {line.origin for line in lines if line.inclusion == "chosen"}
    elif chosen is None or state != "open":
        chosen = set(quotation.lines.filter(inclusion="chosen").values_list("pk", flat=True))
    optional = [line for line in lines if line.inclusion != "firm"]
    counted = [line for line in lines if line.inclusion == "firm" or line.origin in chosen]
    net = sum((line.net for line in counted), ZERO)
    whole = SimpleNamespace(currency=version.currency, net=net, total=net + sum((line.tax_amount for line in counted), ZERO))
    firm = [line for line in lines if line.inclusion == "firm"]
    currency = version.currency
    made = {line.pk: _shown(line, speech, currency, line.origin in chosen, today) for line in lines}
    parts = line_sections(firm, lambda line: line.section, lambda line: line.net)
    english = not speech.is_chinese
    entity = version.entity
    return ShownOffer(
        version, quotation, state,
        [(part.title, [made[line.pk] for line in part.lines], format_money(part.subtotal, currency) if part.title else "") for part in parts]
        or [("", [made[line.pk] for line in firm], "")],
        [made[line.pk] for line in optional], totals(whole, counted, speech),  # type: ignore[arg-type]
        speech.day(version.quoted_on), speech.day(version.valid_until),
        (english and entity.english_name) or entity.name, (english and entity.english_address) or entity.address,
        version.terms_text.in_language(language) if version.terms_text else "",
        speech.one(version.payment_term.name) if version.payment_term else "", any(line.discount for line in lines),
        (version.valid_until - today).days if version.valid_until else None,
        OfferAnswer.objects.filter(quotation=quotation, kind="accepted").order_by("-at").first() if state == "accepted" else None,
    )


def _shown(line: QuotationVersionLine, speech: Speech, currency: str, is_chosen: bool, today: date) -> ShownLine:
    words = goods(line, speech)
    name, detail = words if isinstance(words, list) else (words, "")
    return ShownLine(
        line.origin, name, detail, format_quantity(line.quantity), speech.one(line.unit.name), format_price(line.unit_price, currency, places=6),
        format_percent(line.discount) if line.discount else "", format_percent(line.tax_rate), format_money(line.net, currency), is_chosen,
        speech.day(line.promised_on) if line.promised_on and line.promised_on > today else "",
    )


def own_answers(link_id: int) -> Sequence[OfferAnswer]:
    """What was said through this link, the newest first; what others said through theirs is not shown."""
    return list(OfferAnswer.objects.filter(link=link_id).exclude(kind="accepted").order_by("-at", "-pk")[:30])
