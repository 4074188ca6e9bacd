"""Which documents a page offers to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from guanxi.kernel.printing.declared import PrintForm, forms_for, forms_of
from guanxi.kernel.printing.speech import LANGUAGES
from guanxi.kernel.screens.visit import Visit


@dataclass(frozen=True)
class PrintLink:
    """A document that the record at hand can be printed as, for templates."""

    label: Any
    url: str
    asks: bool
    languages: list[tuple[Any, str]]


def print_links(visit: Visit, record: Any) -> list[PrintLink]:
    """Costs no query."""
    assert visit.screen is not None
    base = visit.screen.url(visit.set_key, record.pk, "print/")
    return [
        PrintLink(
            form.label, f"{base}?{urlencode({'form': form.key})}", bool(form.parameters),
            [(name, f"{base}?{urlencode({'form': form.key, 'language': code})}") for code, name in LANGUAGES.items()],
        )
        for form in forms_for(record, visit.actor)
    ]


def listed_forms(visit: Visit) -> list[PrintForm]:
    """Those that picked rows can be printed as."""
    assert visit.screen is not None
    return [form for form in forms_of(visit.screen.model) if not form.parameters and form.is_for(visit.actor)]
