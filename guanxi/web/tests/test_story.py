"""Entries of a timeline are put together by hand: what people wrote comes out as text."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.utils.safestring import mark_safe

from guanxi.kernel.about.timeline import Entry, Step
from guanxi.web.templatetags.story import timeline_entries

HOSTILE = "<script>alert('\"&\")</script>"
pytestmark = pytest.mark.usefixtures("static_files")


def drawn(**values) -> str:
    now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    return timeline_entries({"actor": SimpleNamespace(today=now.date())}, [Entry(now, **{"text": "wrote %(title)s", **values})])


def test_no_text_of_an_entry_becomes_a_page():
    hostile = dict.fromkeys(("icon", "title", "url", "detail", "tag", "tone", "answers", "anchor"), HOSTILE)
    steps = (Step(HOSTILE, HOSTILE, HOSTILE),)
    found = drawn(text=f"{HOSTILE} %(title)s {HOSTILE}", member=(1, HOSTILE), steps=steps, **hostile)
    assert "<script" not in found and HOSTILE not in found
    assert found.count("&lt;script&gt;alert(&#x27;&quot;&amp;&quot;)&lt;/script&gt;") == 14


def test_what_was_drawn_already_stays_so():
    assert '<div class="box pre"><b>yes</b></div>' in drawn(detail=mark_safe("<b>yes</b>"))


def test_an_entry_is_who_did_what_and_when():
    found = drawn(title="Q-1", url="/alpha/q/1/", member=(7, "Li"), tag="new", tone="green")
    assert '<b>Li</b> wrote <a href="/alpha/q/1/">Q-1</a> <span class="tag green">new</span> ' in found
    assert '<span class="w"><time datetime="2026-03-04T09:00:00+00:00"' in found
    assert drawn(title="Q-1").startswith('<li><span class="dot"><svg') and "<b>Q-1</b>" in drawn(title="Q-1")
