"""What is alike on every page is drawn once for each language, everything else each time."""

from __future__ import annotations

import pytest
from django.template import Context, engines
from django.template.base import TextNode
from django.utils.translation import override

from guanxi.web.folding import folded

pytestmark = pytest.mark.usefixtures("static_files")
TEXT = (
    '{% load i18n ui static %}<b>{% translate "Save" %}</b>{% icon "plus" %}{% if shown %}{% translate "Delete" %} {{ what }}{% endif %}'
    "{% url 'sets' %}{% translate what %}{% icon what %}"
)


def made(language: str):
    with override(language):
        template = engines["django"].engine.from_string(TEXT)
        template.nodelist = folded(template.nodelist)
        return template


def test_a_folded_template_draws_what_it_drew():
    for language in ("en", "zh-hans"):
        with override(language):
            for given in ({"shown": True, "what": "Save"}, {"shown": False, "what": "<x>"}):
                assert made(language).render(Context(given)) == engines["django"].engine.from_string(TEXT).render(Context(given))


def test_only_what_is_said_in_the_template_itself_is_text():
    kinds = [type(node).__name__ for node in made("en").nodelist]
    assert kinds == ["TextNode", "IfNode", "TextNode", "TranslateNode", "SimpleNode"]
    [(_condition, inside)] = made("en").nodelist[1].conditions_nodelists
    assert isinstance(inside[0], TextNode) and inside[0].s == "Delete "


def test_a_template_is_kept_for_each_language():
    drawn = []
    for language in ("en", "zh-hans", "en"):
        with override(language):
            drawn.append(engines["django"].get_template("components/theme.html").render({}))
    assert drawn[0] == drawn[2] != drawn[1]
