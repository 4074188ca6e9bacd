"""How files look. `{% load files %}`"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import template
from django.db.models.functions import Left
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guanxi.kernel.about.sight import title_in_language
from guanxi.kernel.database import current_set
from guanxi.kernel.files.models import FAILED, Attachment, StoredContent, may_be_shown
from guanxi.kernel.files.pictures import MOST_SHOWN, PAGE, TILE, pages_of
from guanxi.kernel.files.storage import Storage
from guanxi.kernel.reading.kinds import ICONS
from guanxi.kernel.screens.screen import record_url, screen_of
from guanxi.web.templatetags.ui import icon

register = template.Library()
MOST_LETTERS = 20_000


@dataclass
class Look:
    """What is shown of a file: pictures of its pages, or the beginning of its text, or neither."""

    pages: list[tuple[int, str]] = field(default_factory=list)
    more: int = 0
    text: str = ""


@register.simple_tag
def face(given: dict[str, Any]) -> SafeString:
    """A tile: the file's first page, over the drawing of its kind, which stays when there is no picture."""
    sign = icon(ICONS.get(given["kind"], "file"))
    if not may_be_shown(given["type"]) or given["state"] == FAILED:
        return format_html('<span class="face">{}</span>', sign)
    return format_html('<span class="face">{}<img src="{}" alt="" loading="lazy" decoding="async"></span>', sign, picture_url(given["id"], 1, TILE))


def picture_url(pk: int, page: int, width: int) -> str:
    return record_url(current_set(), Attachment, pk) + f"picture/{page}-{width}/"


@register.simple_tag
def look_at(file: Attachment) -> Look:
    """`{% look_at record as look %}`."""
    content = file.content
    if pages := pages_of(Storage(), content):
        return Look([(page, picture_url(file.pk, page, PAGE)) for page in range(1, min(pages, MOST_SHOWN) + 1)], max(0, pages - MOST_SHOWN))
    text = StoredContent.objects.filter(pk=content.pk).values_list(Left("text", MOST_LETTERS), flat=True).first()
    return Look(text=text or "")


@register.simple_tag
def about(given: dict[str, Any]) -> SafeString:
    """The record that a file belongs to, as a link."""
    screen, title = screen_of(given["model"]), title_in_language(given)
    if screen is None:
        return format_html("{}", title)
    named = title or f"#{given['id']}"
    return format_html('<a class="ref" href="{}">{}</a>', screen.url(current_set(), given["id"]), named)


@register.filter
def bytes_shown(size: int | None) -> str:
    return filesizeformat(size or 0)


@register.simple_tag(takes_context=True)
def may_attach(context: Any) -> bool:
    """Whether the reader may attach files to the record of this page."""
    record, actor, acting = context.get("record"), context.get("actor"), context.get("acting")
    if record is None or actor is None or record.about_another or not actor.may("view", Attachment):
        return False
    scopes = actor.named_scopes("files.attach_file", "do")
    return "company" in scopes or ("changeable" in scopes and acting is not None and acting.may_change)
