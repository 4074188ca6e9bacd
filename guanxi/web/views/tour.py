"""The first look around: a few steps on pages that are there, told beside them; it can be left and taken up again."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.web.pages import beginning


@page(MEMBER)
def tour_page(visit: Visit) -> HttpResponse:
    """The steps whose pages this member may open: address, what it points at, title and text."""
    return JsonResponse({"steps": [step for step in _steps(visit) if step["url"]]})


def _steps(visit: Visit) -> list[dict[str, Any]]:
    def step(url: str, at: str, title: str, text: str) -> dict[str, Any]:
        return {"url": url, "at": at, "title": title, "text": text}

    begins = beginning.may_begin(visit.actor)
    customer, order = _one(visit, "customers", "is_customer"), _one(visit, "sales/orders")
    return [
        step(
            visit.url("today/"), ".todays .section", _("Today"),
            _("This is where you arrive: what is due, what waits for you, what is late. Each part opens the whole list behind it."),
        ),
        step(
            _list(visit, "customers"), ".bar", _("Every list works the same"),
            _(
                "Filter by any column, keep what you see as a view, choose columns. J and K walk through the rows, P looks at one beside "
                "the list, X picks it."
            ),
        ),
        step(
            customer, ".facts", _("The record is the place"),
            _(
                "Everything about a customer is on one page: figures, people, what was said, what comes next. Write down a call or a "
                "visit in the box above the time line."
            ),
        ),
        step(
            _list(visit, "opportunities", "board/"), ".board", _("What is in the pipeline"),
            _(
                "Drag a card to another stage, or press its arrow. What is overdue or has no next step stands out; sums are plain and "
                "weighted."
            ),
        ),
        step(
            order, ".flow", _("One look is enough"),
            _("The chain shows where the order stands, from the opportunity to the money. What can be done next is the coloured button."),
        ),
        step(
            visit.url("today/"), ".finder, .dock [data-open-palette]", _("Find anything, do anything"),
            _(
                "Ctrl K finds customers, documents and pages by name, pinyin, initials or the end of a number, and runs what this page "
                "can do. The question mark at the top explains each page."
            ),
        ),
        step(
            visit.url(f"{beginning.PATH}/") if begins else visit.url("today/"), ".beginning h1" if begins else "[data-user-menu]",
            _("When you have seen enough"),
            _("All of this is invented. This page shows how to begin with your own company, empty and with the same people. You find it under Setup.")
            if begins else
            _(
                "All of this is invented. To begin with your own company, an administrator opens Setup, “Begin with your own company”: an "
                "empty account set with the same people. This tour stays in the menu behind your picture."
            ),
        ),
    ]


def _list(visit: Visit, path: str, rest: str = "") -> str:
    return SCREENS[path].url(visit.set_key, rest=rest) if path in SCREENS and visit.actor.may("view", SCREENS[path].model) else ""


def _one(visit: Visit, path: str, flag: str = "") -> str:
    """The oldest record that may be seen: the demo's first has the longest story."""
    if not _list(visit, path):
        return ""
    model: Any = SCREENS[path].model
    pk = model.objects.visible_to(visit.actor).filter(**({flag: True} if flag else {})).order_by("pk").values_list("pk", flat=True).first()
    return SCREENS[path].url(visit.set_key, pk) if pk else ""
