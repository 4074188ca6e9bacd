"""Keeping what is typed, and letting it go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.unsaved.models import UnsavedForm

FORM = re.compile(r"[a-z0-9/_-]{1,120}")
MOST_FIELDS = 10_000
MOST_LETTERS = 400_000
_NEVER = ("key", "csrfmiddlewaretoken", "version")


def keep(form: str, fields: Sequence[tuple[str, str]], *, version: int | None, actor: Actor) -> bool:
    """Keep what the form holds now; False in somebody else's place, where nothing is kept."""
    if actor.stand_in is not None:
        return False
    if not FORM.fullmatch(form):
        raise Refused(_("There is no such form."))
    kept = [[name, value] for name, value in fields if name not in _NEVER]
    if len(kept) > MOST_FIELDS or sum(len(name) + len(value) for name, value in kept) > MOST_LETTERS:
        raise Refused(_("This form is too large to be kept unsaved; save it from time to time."))
    if any("\x00" in name + value for name, value in kept):
        raise Refused(_("There are characters in it that cannot be kept."))
    UnsavedForm.objects.update_or_create(
        member_id=actor.member_id, form=form, defaults={"fields": kept, "record_version": version, "at": actor.now},
    )
    return True


def kept(form: str, actor: Actor) -> UnsavedForm | None:
    """What one has typed into this form and not saved."""
    return UnsavedForm.objects.visible_to(actor).filter(form=form).first()


def forget(form: str, actor: Actor) -> None:
    """It is saved, or not wanted any more."""
    UnsavedForm.objects.visible_to(actor).filter(form=form).delete()
