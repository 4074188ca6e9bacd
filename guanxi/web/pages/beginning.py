"""After the demo: what an empty account set would take along, what it would not, and the command that makes one."""

from __future__ import annotations

import shlex
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.models import Entity, Member, Role, Team
from guanxi.kernel.lists.query import EXACT
from guanxi.kernel.screens.menu import menu_page
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.sets.lifecycle import is_key
from guanxi.shared.members.beginning import left_behind, people_along, roles_along

PATH = "setup/beginning"
NAME_LENGTH = 80


def may_begin(actor: Any) -> bool:
    """Whoever looks after the company here sees whole kinds of records, and how many."""
    return bool(actor.may("change", Entity)) and all(actor.row_filter("view", model) is True for model in (Member, Role, Team))


menu_page(PATH, gettext_lazy("Begin with your own company"), "door", "setup", 95, may_see=may_begin)


@page("change")
def beginning_page(visit: Visit) -> HttpResponse:
    """Nothing is done here: who serves pages may make no schema, and an administrator of one account set is none of the server."""
    given, actor = visit.request.GET, visit.actor
    key, name = given.get("key", "company").strip()[:40], given.get("name", "").strip()[:NAME_LENGTH]
    wrong = "" if is_key(key) else _("Small letters, digits and _, beginning with a letter, 31 at most.")
    command = ["guanxi", "set", "begin", key, "--from", visit.set_key, *(["--name", name] if name else [])]
    whole = may_begin(actor)
    return visit.render("pages/beginning.html", {
        "entity": Entity.objects.visible_to(actor).filter(is_default=True).first(), "people": list(people_along()) if whole else [],
        "teams": Team.objects.count() if whole else 0, "roles": list(roles_along()) if whole else [],
        "left": left_behind(lambda model: _counted(model, actor)), "most": EXACT, "key": key, "name": name, "wrong": wrong,
        "look": shlex.join(command), "make": shlex.join([*command, "--yes", key]),
        "drop": shlex.join(["guanxi", "set", "drop", visit.set_key, "--yes", visit.set_key]),
        "others": [one for one in visit.sets if one.key != visit.set_key], "name_length": NAME_LENGTH,
    })


def _counted(model: Any, actor: Any) -> int:
    """As far as the reader may see the rows, and no further than a list counts."""
    return model.objects.visible_to(actor).order_by()[:EXACT + 1].count() if actor.may("view", model) else 0
