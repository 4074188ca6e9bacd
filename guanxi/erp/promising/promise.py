"""A promise: the day, where the goods come from, what decided the day, and what else could be done. Its words are found when it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.promising.models import PROMISED_FROM, TONES
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_quantity
from guanxi.shared.catalog.models import Product


@dataclass(frozen=True)
class Wanted:
    """A line that asks: so much of a product (base units), from a warehouse, at best on a day.

    What its document holds for it already (`held`) is its own; its `source` never stands in its own way.
    """

    product: Product
    quantity: Decimal
    warehouse_id: int
    wanted_on: date | None = None
    source: tuple[str, int] | None = None
    held: Decimal = ZERO
    needs: tuple[Wanted, ...] = ()
    """What goes into it beside the product, for the same source."""
    days: int = 0
    """Working days from the goods to the day on which it is put together."""

    @property
    def is_stocked(self) -> bool:
        return self.product.kind == "goods" and self.quantity > 0

    @property
    def missing(self) -> list[Wanted]:
        """Of itself and its needs, the goods that are not all held."""
        return [one for one in (self, *self.needs) if one.product.kind == "goods" and one.held < one.quantity]


@dataclass(frozen=True)
class Part:
    """Some of the goods: reserved, from stock, by a receipt, within the lead time, or of unknown origin."""

    kind: str
    quantity: Decimal
    on: date | None = None
    name: str = ""
    product: Product | None = None
    """Where it is one of the line's needs, not its own product."""

    def text(self, lead_days: int | None) -> str:
        if self.product is not None:
            own = replace(self, product=None)
            return _("%(product)s: %(part)s") % {"product": self.product, "part": own.text(self.product.lead_days)}
        words = {"quantity": format_quantity(self.quantity), "name": self.name, "day": full_date(self.on) if self.on else "", "days": lead_days}
        return {
            "reserved": _("%(quantity)s reserved"), "stock": _("%(quantity)s from stock"),
            "receipt": _("%(quantity)s with %(name)s on %(day)s"), "lead_time": _("%(quantity)s by the usual lead time on %(day)s"),
            "unknown": _("%(quantity)s without a known date"),
        }[self.kind] % words


@dataclass(frozen=True)
class Alternative:
    """What else could be done: split, warehouse, substitute, later."""

    kind: str
    on: date | None
    quantity: Decimal = ZERO
    """What goes now, of a split; how much of the substitute."""
    rest_on: date | None = None
    """When the rest goes, of a split; when the goods could be here, of another warehouse."""
    rest: Decimal = ZERO
    warehouse: Warehouse | None = None
    product: Product | None = None
    note: str = ""

    def text(self) -> str:
        day = full_date(self.on) if self.on else ""
        words: dict[str, Any] = {
            "quantity": format_quantity(self.quantity), "day": day, "rest": format_quantity(self.rest), "warehouse": self.warehouse,
            "product": self.product, "rest_day": full_date(self.rest_on) if self.rest_on else "",
        }
        if self.kind == "split":
            if self.rest_on is None:
                return _("%(quantity)s on %(day)s; for the other %(rest)s no date is known") % words
            return _("%(quantity)s on %(day)s, the other %(rest)s on %(rest_day)s") % words
        if self.kind == "warehouse":
            return _("All from “%(warehouse)s” on %(day)s; brought here it could leave on %(rest_day)s") % words
        if self.kind == "substitute":
            return _("%(quantity)s of “%(product)s” instead on %(day)s") % words
        return _("All of it on %(day)s") % words


@dataclass
class Promise:
    """For one line. `on` is None where no date is known; `source` is one of PROMISED_FROM."""

    wanted: Wanted
    on: date | None
    source: str
    parts: tuple[Part, ...] = ()
    alternatives: list[Alternative] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        return self.on is None or self.wanted.wanted_on is not None and self.on > self.wanted.wanted_on

    @property
    def label(self) -> str:
        return str(dict(PROMISED_FROM).get(self.source, ""))

    @property
    def tone(self) -> str:
        return TONES.get(self.source, "grey")

    @property
    def parts_text(self) -> str:
        return _("; ").join(part.text(self.wanted.product.lead_days) for part in self.parts)

    def binding(self) -> str:
        """What decided the day."""
        if not self.wanted.days or self.on is None:
            return self._of_the_goods()
        return " ".join(text for text in (self._of_the_goods(), days_in_words(self.wanted.days)) if text)

    def _of_the_goods(self) -> str:
        product, days = self.wanted.product, self.wanted.product.lead_days or 0
        if self.source == "unknown":
            return _("No date known: nothing is expected that is still free, and %(product)s has no usual lead time.") % {"product": product}
        if self.source == "lead_time":
            return ngettext(
                "Decided by the usual lead time of %(days)s working day.", "Decided by the usual lead time of %(days)s working days.", days
            ) % {"days": days}
        last = max((part for part in self.parts if part.on is not None), key=lambda part: part.on or date.min, default=None)
        if last is not None and last.on == self.on and last.kind == "receipt":
            return _("Decided by %(name)s, expected on %(day)s.") % {"name": last.name, "day": full_date(self.on) if self.on else ""}
        if self.wanted.wanted_on is not None and self.on == self.wanted.wanted_on:
            return _("Decided by the day wanted; the goods are there in time.")
        return _("The goods are there: it can go today.") if self.source == "stock" else ""

    def text(self) -> str:
        """In one line: where from, and what decided."""
        return _("%(parts)s. %(binding)s") % {"parts": self.parts_text, "binding": self.binding()} if self.parts else self.binding()


def days_in_words(days: int) -> str:
    """How long it takes to put something together; nothing where it takes none."""
    words = ngettext("It takes %(days)s working day to put it together.", "It takes %(days)s working days to put it together.", days)
    return words % {"days": days} if days else ""


def latest(promised: Sequence[date | None]) -> date | None:
    """The day on which all is there; None while one of them is not known."""
    return None if not promised or None in promised else max(day for day in promised if day is not None)
