"""A row that is not there, or not for this member: and where it went, if it was merged into another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Missing, Moved

if TYPE_CHECKING:
    from guanxi.kernel.access.actor import Actor

FOLLOWED: list[Callable[[str, int], int | None]] = []
"""Functions (label, id) that know what became of a row that is gone."""


def no_such(model: Any, row_id: int | None, actor: Actor) -> Missing:
    """What to raise: `Moved` with the row that is there instead, when the actor may see that one."""
    for follow in FOLLOWED if row_id is not None else ():
        following = follow(model._meta.label_lower, row_id)  # type: ignore[arg-type]
        if following is not None and model.objects.visible_to(actor).filter(pk=following).exists():
            return Moved(_("This %(what)s was merged into another one.") % {"what": model._meta.verbose_name}, model._meta.label_lower, following)
    return Missing(_("There is no such %(what)s, or you may not see it.") % {"what": model._meta.verbose_name})
