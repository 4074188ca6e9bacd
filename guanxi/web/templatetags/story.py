"""Entries of a timeline, drawn without a template, as rows of tables are. `{% load story %}`"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import conditional_escape as shown
from django.utils.safestring import SafeString, mark_safe

from guanxi.kernel.about.timeline import Entry
from guanxi.web.templatetags.ui import icon, moment_html, tag

register = template.Library()


@register.simple_tag(takes_context=True)
def timeline_entries(context: Any, entries: Iterable[Entry]) -> SafeString:
    return mark_safe("".join([_entry(one, context["actor"]) for one in entries]))


def _entry(entry: Entry, actor: Any) -> str:
    before, after = entry.around
    title = shown(entry.title)
    anchor = f' id="{shown(entry.anchor)}"' if entry.anchor else ""
    who = f"<b>{shown(entry.member[1])}</b> " if entry.member else ""
    named = f'<a href="{shown(entry.url)}">{title}</a>' if entry.url else f"<b>{title}</b>" if title else ""
    word = f"{tag(entry.tag, entry.tone)} " if entry.tag else ""
    return (
        f'<li{anchor}><span class="dot">{icon(entry.icon)}</span><div class="what">{who}{shown(before)}{named}{shown(after)} {word}'
        f'<span class="w">{moment_html(entry.at, actor, short=True)}</span></div>{_box(entry)}{_steps(entry)}</li>'
    )


def _box(entry: Entry) -> str:
    if not entry.detail:
        return ""
    answers = f'<p class="answered clip">{shown(entry.answers)}</p>' if entry.answers else ""
    return f'<div class="box pre">{answers}{shown(entry.detail)}</div>'


def _steps(entry: Entry) -> str:
    links = "".join([
        f'<a class="btn quiet small" href="{shown(one.url)}" data-sheet>{icon(one.icon, "s")}{shown(one.label)}</a>' for one in entry.steps
    ])
    return f'<div class="steps">{links}</div>' if links else ""
