"""The ways in which Guanxi says no. Every face (page, API, import) shows them the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from guanxi.kernel.access.actor import Actor


class Refused(Exception):
    """A rule of the business forbids it; the message says what is wrong and what to do (HTTP 409)."""

    status = 409
    code = "refused"
    """By which programs know the kind of refusal; it never changes."""
    meaning: Any = ""
    """What the description of the API says of a code that a module adds."""

    def __init__(self, message, *, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class WhyNot:
    """Why an act is not possible for rows, in one question for all of them: `of(rows)` gives {id: sentence}. Called with one row, its sentence."""

    def __init__(self, of: Callable[[Sequence[Any]], Mapping[int, str]]):
        self.of = of

    def __call__(self, row: Any) -> str:
        return self.of([row]).get(row.pk, "")


class Forbidden(Refused):
    """The member has no right to it (HTTP 403). `right` and `target` (model label and id) go to the log of acts."""

    status = 403
    code = "forbidden"

    def __init__(self, message, *, field: str | None = None, right: str = "", target: tuple[str, int | None] = ("", None)):
        super().__init__(message, field=field)
        self.right, self.target = right, target


class Reused(Refused):
    """The idempotency key was used for something else (HTTP 409)."""

    code = "idempotency_key_reused"


class Missing(Refused):
    """There is no such row, or the member may not know of it (HTTP 404)."""

    status = 404
    code = "not_found"


class Moved(Missing):
    """The row was merged into another one of its kind, which the member may see: pages lead there (HTTP 410 with its id)."""

    status = 410
    code = "merged"

    def __init__(self, message, label: str, row_id: int):
        super().__init__(message)
        self.label, self.row_id = label, row_id


class Conflict(Refused):
    """Somebody else changed the row meanwhile; `theirs` and `mine` hold the values by column (HTTP 409)."""

    code = "changed_meanwhile"

    def __init__(self, message, theirs: Mapping[str, Any] | None = None, mine: Mapping[str, Any] | None = None):
        super().__init__(message)
        self.theirs, self.mine = dict(theirs or {}), dict(mine or {})


class Invalid(Refused):
    """Values that cannot be taken; `errors` maps column names (`lines.2.quantity`) to messages (HTTP 422)."""

    status = 422
    code = "invalid"

    def __init__(self, errors: Mapping[str, list]):
        self.errors = {name: [str(m) for m in messages] for name, messages in errors.items()}
        super().__init__(" ".join(m for messages in self.errors.values() for m in messages))


FOLLOWED: list[Callable[[str, int], int | None]] = []
"""Functions (label, id) that know what became of a row that is gone."""


def no_such(model: Any, row_id: int | None, actor: Actor) -> Missing:
    """What to raise: `Moved` with the row that is there instead, when the actor may see that one."""
    for follow in FOLLOWED if row_id is not None else ():
        following = follow(model._meta.label_lower, row_id)  # type: ignore[arg-type]
        if following is not None and model.objects.visible_to(actor).filter(pk=following).exists():
            return Moved(_("This %(what)s was merged into another one.") % {"what": model._meta.verbose_name}, model._meta.label_lower, following)
    return Missing(_("There is no such %(what)s, or you may not see it.") % {"what": model._meta.verbose_name})
