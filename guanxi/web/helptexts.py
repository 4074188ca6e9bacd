"""Help on each screen: HELP.md and HELP.zh-CN.md beside a module's README, one part under the address of each of its screens."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import guanxi
from guanxi.kernel.screens.screen import SCREENS
from guanxi.web.markdown import anchor

PACKAGE = Path(guanxi.__file__).parent
START = "start"
FILES = {"en": "HELP.md", "zh-hans": "HELP.zh-CN.md"}
GUIDES = {"en": "README.md", "zh-hans": "README.zh-CN.md"}


@cache
def texts_of(folder: Path, language: str) -> dict[str, str]:
    """{address: text} of one module; under "" what the module is for."""
    file = folder / FILES.get(language, FILES["en"])
    if not file.is_file():
        return {}
    intro, *parts = re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"": intro.strip(), **{head.strip(): text.strip() for head, _line, text in (part.partition("\n") for part in parts)}}


def folder_of(address: str) -> Path:
    """The folder of the module to which a screen belongs; pages made by hand belong to this one."""
    screen = SCREENS.get(address)
    if screen is None:
        return Path(__file__).parent
    return Path(sys.modules[screen.__module__].__file__ or "").parent


def help_on(address: str, language: str) -> tuple[str, str]:
    """(what the module is for, what the screen is), empty where a module of others says nothing."""
    texts = texts_of(folder_of(address), language)
    return texts.get("", ""), texts.get(address, "")


def guide(language: str) -> str:
    """The user guide, from the repository or from the installed package."""
    for folder in (PACKAGE / "guide", PACKAGE.parent / "docs" / "guide"):
        file = folder / GUIDES.get(language, GUIDES["en"])
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return ""


_CHAPTERS = {
    "messages": "E-mail", "setup/mail-servers": "E-mail", "setup/message-templates": "E-mail", "setup/outbox": "E-mail", "files": "Files",
    "setup/custom-fields": "Fields of your own", "setup/webhooks": "Telling other systems", "setup/webhook-deliveries": "Telling other systems",
    "setup/entities": "Several legal entities in one account set", "views": "Lists", "comments": "Talking about a record, and the bell",
    "bell": "Talking about a record, and the bell",
    "sales/orders": "From an order to the money", "sales/quotations": "From an order to the money", "products": "From an order to the money",
    "me": "People and rights",
}
_OF_GROUP = {
    "sales": "From a lead to an order", "customers": "From a lead to an order", "erp": "From an order to the money",
    "finance": "From an order to the money", "setup": "For administrators", "service": "From a lead to an order",
}


def chapter_of(address: str, language: str) -> tuple[str, str]:
    """(heading, anchor) of the part of the user guide that goes further; the guides of all languages have the same parts."""
    screen = SCREENS.get(address)
    is_people = screen is not None and screen.__module__.startswith("guanxi.shared.members.")
    wanted = _CHAPTERS.get(address) or ("People and rights" if is_people else _OF_GROUP.get(screen.menu[0]) if screen and screen.menu else None)
    english, own = headings("en"), headings(language)
    if wanted not in english or len(own) != len(english):
        return "", ""
    heading = own[english.index(wanted)]
    return heading, anchor(heading)


@cache
def headings(language: str) -> list[str]:
    return re.findall(r"^## (.+)$", guide(language), re.MULTILINE)
