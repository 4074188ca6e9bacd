"""How values and small things look, in one place for all pages. `{% load ui %}`"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.kernel.columns import text
from guanxi.kernel.columns.column import Column
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.values.shown import format_money, format_percent, format_quantity
from guanxi.kernel.views.queries import marks_of
from guanxi.web.folding import constant
from guanxi.web.why import why
from guanxi.web.words import words

register = template.Library()

NONE = mark_safe(f'<span class="none" aria-hidden="true">{text.NOTHING}</span>')
TONES = {"orange": "amber", "yellow": "amber", "gray": "grey", "success": "green", "danger": "red", "warning": "amber", "info": "blue"}


POSITIVE = "positive"
"""In the tones of a figure: its colour when there is any of it, such as money overdue."""

# ---- small things ---------------------------------------------------------------------------------------------------

@cache
def _sprite() -> str:
    return escape(static("vendor/icons.svg"))


@register.simple_tag
@constant
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "plus" %}`, `{% icon "x" "s" %}`: an outline from the sprite, hidden from screen readers."""
    more = f" {escape(size)}" if size else ""
    return mark_safe(f'<svg class="i{more}" aria-hidden="true"><use href="{_sprite()}#{escape(name or "point")}"></use></svg>')


@register.simple_tag
def tag(label: Any, tone: str = "") -> SafeString:
    """A state or kind in a coloured word: tones are grey, green, amber, red, blue, violet, teal."""
    more = f" {escape(TONES.get(tone, tone))}" if tone and tone != "grey" else ""
    return mark_safe(f'<span class="tag{more}">{escape(str(label))}</span>')


def initials(name: str) -> str:
    """李 for 李敏, JS for John Smith."""
    words_ = [w for w in name.replace("(", " ").split() if w]
    if not words_:
        return "?"
    if ord(words_[0][0]) > 0x2E80:
        return words_[0][0]
    return (words_[0][0] + (words_[-1][0] if len(words_) > 1 else "")).upper()


@register.simple_tag
def avatar(pk: Any, name: Any, size: str = "") -> SafeString:
    """`{% avatar actor.member_id actor.name "m" %}`: sizes "", "m", "xl"; colour by id, so that it stays the same."""
    colour = int(pk) % 8 + 1 if str(pk or "").isdecimal() else 8
    more = f" {escape(size)}" if size else ""
    return mark_safe(f'<span class="av{more} c{colour}" aria-hidden="true">{escape(initials(str(name or "")))}</span>')


@register.simple_tag
def person(pk: Any, name: Any) -> SafeString:
    return mark_safe(f'<span class="person">{avatar(pk, name)}<span>{escape(str(name))}</span></span>')


@register.simple_tag
@constant
def page_words() -> str:
    """The sentences that the scripts say, in the page's language."""
    return _words_in(get_language())


@cache
def _words_in(language: str | None) -> str:
    return json.dumps(words(), ensure_ascii=False)


# ---- values by kind -------------------------------------------------------------------------------------------------

@register.simple_tag(takes_context=True)
def value(context, cell: Cell | None, mode: str = "full") -> SafeString:
    """Any cell as it should look. Modes: "full" on a page, "list" in tables (short, no repeated currency), "fact" in the strip of figures."""
    if cell is None or cell.is_blank:
        return NONE
    if cell.template:
        return mark_safe(render_to_string(cell.template, {"cell": cell, "actor": context["actor"], "mode": mode}))
    return _KINDS.get(cell.column.kind, _plain)(cell, context["actor"], mode)


def _plain(cell: Cell, actor, mode: str) -> SafeString:
    return mark_safe(escape(text.text_of(cell, actor)))


def _figure(cell: Cell, actor, mode: str) -> SafeString:
    if cell.column.kind == "percent" and cell.column.source != "field" and mode == "list":
        # Computed rates stand under each other with the same places.
        return mark_safe(f'<span class="num">{Decimal(cell.value) * 100:.1f}%</span>')
    if mode == "list" and cell.column.kind == "percent" and not cell.value:
        return NONE
    shown = text.text_of(cell, actor, symbol=mode != "list")
    alarms = cell.column.tones.get(POSITIVE) if cell.column.tones and cell.value > 0 else ""
    figure = mark_safe(f'<span class="num{f" is-{alarms}" if alarms else ""}">{escape(shown)}</span>')
    # Beside a price stands how it came about.
    return format_html("{}{}", figure, why(cell.parts[0].value, cell.currency, icon)) if cell.parts else figure


def _state(cell: Cell, actor, mode: str) -> SafeString:
    if cell.column.kind == "choice" and not cell.column.tones:
        return mark_safe(escape(str(cell.label)))
    return tag(cell.label, cell.tone)


def _several(cell: Cell, actor, mode: str) -> SafeString:
    column = cell.column
    return format_html_join(" ", "{}", ((tag(column.label_of(code), column.tones.get(code, "")),) for code in cell.value))


def _reference(cell: Cell, actor, mode: str) -> SafeString:
    if cell.column.many:
        return format_html_join(mark_safe(", "), "{}", ((_reference(part, actor, mode),) for part in cell.parts))
    label = cell.column.relation._meta.label_lower if cell.column.relation else ""
    if label == "access.member":
        return person(cell.value, cell.title)
    if cell.url:
        return mark_safe(f'<a class="ref" href="{escape(cell.url)}">{escape(cell.title)}</a>')
    return mark_safe(escape(cell.title))


def _record(cell: Cell, actor, mode: str) -> SafeString:
    if cell.url:
        return format_html('<a class="ref" href="{}">{}</a>', cell.url, cell.title)
    return mark_safe(escape(cell.title or str(cell.value)))


def _day(cell: Cell, actor, mode: str) -> SafeString:
    return moment_html(cell.value, actor, short=mode != "full")


def _truth(cell: Cell, actor, mode: str) -> SafeString:
    if mode == "list":
        return format_html('{}<span class="sr">{}</span>', icon("check"), _("yes")) if cell.value else NONE
    return mark_safe(escape(_("yes") if cell.value else _("no")))


def _email(cell: Cell, actor, mode: str) -> SafeString:
    return format_html('<a href="mailto:{}">{}</a>', cell.value, cell.value)


def _phone(cell: Cell, actor, mode: str) -> SafeString:
    number = "".join(c for c in str(cell.value) if c in "+0123456789")
    return format_html('<a class="num" href="tel:{}">{}</a>', number, cell.value)


def _address(cell: Cell, actor, mode: str) -> SafeString:
    given = str(cell.value)
    target = given if given.startswith(("http://", "https://")) else f"https://{given}"
    shown = given.removeprefix("https://").removeprefix("http://").rstrip("/")
    return format_html('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', target, shown)


def _long(cell: Cell, actor, mode: str) -> SafeString:
    given = str(cell.value)
    if mode == "list":
        return mark_safe(escape(" ".join(given.split())[:160]))
    return format_html('<span class="pre">{}</span>', given)


def _translated(cell: Cell, actor, mode: str) -> SafeString:
    return _long(cell, actor, mode) if cell.column.is_long else mark_safe(escape(str(cell.value)))


def _json(cell: Cell, actor, mode: str) -> SafeString:
    if isinstance(cell.value, dict):
        return format_html_join(mark_safe("<br>"), "<code>{}</code> {}", ((k, v) for k, v in sorted(cell.value.items())))
    if isinstance(cell.value, list):
        return format_html_join(" ", "<code>{}</code>", ((v,) for v in cell.value))
    return mark_safe(escape(str(cell.value)))


_KINDS = {
    "money": _figure, "price": _figure, "quantity": _figure, "decimal": _figure, "integer": _figure, "percent": _figure,
    "status": _state, "choice": _state, "choices": _several, "reference": _reference, "date": _day, "moment": _day, "boolean": _truth,
    "email": _email, "phone": _phone, "url": _address, "longtext": _long, "translated": _translated, "json": _json, "record": _record,
}


def moment_html(given: Any, actor, *, short: bool) -> SafeString:
    """<time> with the full date on hover."""
    if isinstance(given, datetime):
        shown, full = (text.short_moment(given, actor.today) if short else text.full_moment(given)), text.full_moment(given)
    else:
        shown, full = (text.short_date(given, actor.today) if short else text.full_date(given)), text.full_date(given)
    title = f' title="{escape(full)}"' if full != shown else ""
    return mark_safe(f'<time datetime="{given.isoformat()}"{title}>{escape(shown)}</time>')


@register.filter
def cell_class(cell_or_column: Cell | Column, title: str = "") -> str:
    """Classes of a table cell or heading: what it is decides alignment, weight, and its place on a phone."""
    if isinstance(cell_or_column, Cell):
        return classes_of(cell_or_column.column, title, is_blank=cell_or_column.is_blank)
    return classes_of(cell_or_column, title)


def classes_of(column: Column, title: str = "", *, is_blank: bool = False) -> str:
    found = [f"k-{column.kind}"]
    if column.numeric:
        found.append("r")
    if column.name == title:
        found.append("c-title")
    if is_blank:
        found.append("blank")
    if column.kind in ("longtext", "json"):
        found.append("minor")
    return " ".join(found)


# ---- values on hand-made pages --------------------------------------------------------------------------------------

@register.simple_tag(takes_context=True)
def money(context, amount: Decimal | None, currency: str = "", symbol: bool = True) -> SafeString:
    """`{% money total "CNY" %}`; the entity's currency when none is given."""
    if amount is None:
        return NONE
    return format_html('<span class="num">{}</span>', format_money(Decimal(amount), currency or context["actor"].currency, symbol=symbol))


@register.filter
def percent(fraction: Decimal | None) -> str:
    return format_percent(fraction) if fraction is not None else text.NOTHING


@register.filter
def quantity(amount: Decimal | None) -> str:
    return format_quantity(Decimal(amount)) if amount is not None else text.NOTHING


@register.filter
def written(given: date | datetime | str | None) -> str:
    """A day or a moment in full: 2026年11月19日 · 19 Nov 2026."""
    if isinstance(given, datetime):
        return text.full_moment(given)
    day = date.fromisoformat(given) if isinstance(given, str) and given else given
    return text.full_date(day) if day else text.NOTHING


@register.simple_tag(takes_context=True)
def when(context, given: date | datetime | None, short: bool = True) -> SafeString:
    """`{% when order.promised_on %}`: today, yesterday, 11月19日 · 19 Nov; in full with `short=False`."""
    return moment_html(given, context["actor"], short=short) if given else NONE


# ---- addresses and menus --------------------------------------------------------------------------------------------

@register.simple_tag(takes_context=True)
def address(context, screen, pk: Any = None, rest: str = "") -> str:
    """`{% address screen record.pk "edit/" %}`: a page of a screen in this account set."""
    return screen.url(context["visit"].set_key, pk, rest)


@register.simple_tag(takes_context=True)
def composer_url(context, composer) -> str:
    """Where the box above a timeline sends what is written in it."""
    base = context["url"] if composer.target else context["visit"].url()
    return f"{base}act/{composer.operation}/"


@register.simple_tag(takes_context=True)
def menu_url(context, item) -> str:
    """Where a menu item leads: the view with which the visitor's list opens, else as the screen says."""
    visit = context["visit"]
    screen = SCREENS.get(item.path)
    view = marks_of(visit).default_of(screen) if screen is not None else None
    return view.address(visit.set_key) if view is not None else item.url(visit.set_key)


@register.simple_tag(takes_context=True)
def is_here(context, item) -> bool:
    """Whether a menu item is the page one is on."""
    here = context["request"].path
    base = f"/{context['visit'].set_key}/{item.path}/"
    return here == base or here.startswith(base)


@register.filter
def get(mapping: dict, key: Any) -> Any:
    return mapping.get(key) if mapping else None


@register.filter
def first_letter(name: Any) -> str:
    return initials(str(name))[:1]


@register.simple_tag
def field_attributes(field: Any, bare: bool = False) -> SafeString:
    """Name, need, and what is wrong, for the control of a field; in tables (`bare`) also its label."""
    found = format_html(' data-field="{}"', field.column.name)
    if bare:
        found += format_html(' aria-label="{}"', field.column.label)
    if field.required:
        found += mark_safe(' aria-required="true"')
    if field.is_proposed:
        found += mark_safe(" data-auto")
    if field.errors:
        found += format_html(' aria-invalid="true" aria-describedby="{}-e0"', field.id)
    elif field.hint and not bare:
        found += format_html(' aria-describedby="{}-h"', field.id)
    return found


@register.filter
def after_dash(given: str) -> str:
    return given.rpartition("-")[2]


@register.filter
def before_colon(given: str) -> str:
    return given.partition(":")[0]


@register.simple_tag(takes_context=True)
def dock_items(context) -> list:
    """Two places for the phone's bottom bar, three where nothing is made: the first of each of the first groups."""
    groups = context.get("menu") or []
    firsts = [item for group in groups if group["key"] != "setup" for item in group["items"][:1]]
    rest = [item for group in groups if group["key"] != "setup" for item in group["items"][1:]]
    return [*firsts, *rest][: 2 if context.get("makeable") else 3]


@register.simple_tag(takes_context=True)
def help_address(context) -> str:
    """Which help belongs to the page: its screen's, else that of the hand-made page."""
    visit = context["visit"]
    return visit.screen.path if visit.screen else visit.request.path.split("/")[2] or "start"


@register.simple_tag(takes_context=True)
def offers_tour(context) -> str:
    """In the demo's sets a newcomer is asked whether to look around."""
    visit = context.get("visit")
    return SafeString(' data-offers-tour="yes"') if visit and visit.set_key in settings.GUANXI_DEMO_SETS else ""


@register.filter
def said_once(field: Any) -> SafeString:
    """A form's field without the words inside it, which say its label again in another spelling."""
    return field.as_widget(attrs={"placeholder": ""})


@register.filter
def in_sentence(name: Any) -> str:
    """“Sales order” inside an English sentence: “sales order”; abbreviations and Chinese stay."""
    given = str(name)
    return given[:1].lower() + given[1:] if given[1:2].islower() else given


@register.filter
def cell_named(row: Any, name: str) -> Any:
    """The row's cell of this column, or None."""
    return row.get(name)


@register.filter
def title_of(row: Any, screen: Any) -> str:
    """How a fetched row is called."""
    cell = row.get(screen.title)
    if cell is None:
        return f"#{row.pk}"
    return str(cell.title or (cell.label if cell.column.choices else cell.value) or f"#{row.pk}")
