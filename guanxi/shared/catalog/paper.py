"""How a line of a document stands on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.columns.sections import line_sections
from guanxi.kernel.printing.sheet import Band, Pairs
from guanxi.kernel.printing.speech import BILINGUAL, Speech
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_percent
from guanxi.shared.catalog.models import Product


def named(product: Product | None, description: str, speech: Speech) -> str:
    """The product in the reader's language, unless the line says something of its own."""
    if product is None or (description and description not in product.name.values()):
        return description
    name = speech.one(product.name)
    english = product.name.in_language("en")
    return f"{name} {english}" if speech.language == BILINGUAL and english != name else name


def specification_of(line: Any) -> str:
    """That of the product as it comes; where something else was chosen, the line's own words say what, and this would contradict them."""
    product = line.product
    if product is None or getattr(line, "configuration_id", None) or any(line.description.startswith(f"{name} · ") for name in product.name.values()):
        return ""
    return product.specification  # type: ignore[no-any-return]


def goods(line: Any, speech: Speech) -> Any:
    """What a line is of: the name, with code and specification under it."""
    name = named(line.product, line.description, speech)
    below = " · ".join(part for part in (line.product.code, specification_of(line)) if part) if line.product else ""
    return [name, below] if below else name


def in_sections(
    lines: Sequence[Any], rows: Sequence[list[Any]], speech: Speech, places: int, at: int = 0, currency: str = "", *, label: int = 1,
) -> list[Any]:
    """The rows of `lines` under their headings; with a currency, the net of each section after it, in the column `at`."""
    sections = line_sections(list(zip(lines, rows, strict=True)), lambda pair: pair[0].section, lambda pair: pair[0].net if currency else 0)
    found: list[Any] = [] if sections else list(rows)
    for section in sections:
        found += [Band([section.title])] if section.title else []
        found += [row for _line, row in section.lines]
        if section.title and currency:
            texts = {label: speech.one(_("Subtotal")), at: format_money(section.subtotal, currency, symbol=False)}
            found.append(Band([texts.get(place, "") for place in range(places)]))
    return found


def totals(document: Any, lines: Iterable[Any], speech: Speech) -> Pairs:
    """Net, the tax of each rate with the net it is of, and both together."""
    currency = document.currency
    by_rate: dict[Decimal, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for line in lines:
        by_rate[line.tax_rate][0] += line.net
        by_rate[line.tax_rate][1] += line.tax_amount
    taxes = [(speech.say(TaxOf(rate, format_money(net, currency))), format_money(tax, currency)) for rate, (net, tax) in sorted(by_rate.items())]
    return [
        (speech.say(_("Net")), format_money(document.net, currency)), *taxes,
        (speech.say(_("Total with tax")), format_money(document.total, currency)),
    ]


class TaxOf:
    """“VAT 13% on ¥1,000.00” in whatever language is active."""

    def __init__(self, rate: Decimal, net: str) -> None:
        self.values = {"rate": format_percent(rate), "net": net}

    def __str__(self) -> str:
        return str(_("VAT %(rate)s on %(net)s")) % self.values
