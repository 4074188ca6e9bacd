"""Help on the screen in front of somebody, and the user guide behind it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import operations_of
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.web.helptexts import START, chapter_of, guide, headings, help_on
from guanxi.web.markdown import anchor, html_of
from guanxi.web.views.acting import Button


@page(MEMBER)
def help_page(visit: Visit) -> HttpResponse:
    """What the screen is for, what its words mean, and what the reader may do with its records."""
    asked, language = visit.request.GET.get("of", ""), visit.actor.language
    screen = SCREENS.get(asked)
    if screen is not None and not visit.actor.may("view", screen.model):
        screen, asked = None, START
    purpose, text = help_on(asked, language)
    if screen is None and not text:
        asked = START
        purpose, text = help_on(asked, language)
    chapter, place = chapter_of(asked, language)
    operations = [Button.of(one) for one in operations_of(screen.model) if visit.actor.may(one.name)] if screen else []
    lifecycle = getattr(screen.model, "lifecycle", None) if screen else None
    return visit.render("help.html", {
        "title": screen.plural() if screen else _("Help"), "purpose": purpose, "text": html_of(text), "operations": operations,
        "states": [(label, lifecycle.tones.get(code, "")) for code, label in lifecycle.labels.items()] if lifecycle else [],
        "chapter": chapter, "place": place, "of": screen,
    })


@page(MEMBER)
def guide_page(visit: Visit) -> HttpResponse:
    """The user guide in the reader's language."""
    language = visit.actor.language
    body = guide(language).partition("\n## ")
    return visit.render("guide.html", {"text": html_of("## " + body[2]), "parts": [(one, anchor(one)) for one in headings(language)]})
