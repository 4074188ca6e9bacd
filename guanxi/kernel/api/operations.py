"""Making and ending keys, for administrators."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import AccessKey, Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.records.refusals import Refused


@dataclass(frozen=True)
class NewKey:
    """A key as it is given out, once."""

    key: AccessKey
    token: str

    @property
    def shown_once(self) -> str:
        """What a page shows now and never again."""
        return self.token


@operation(
    label=gettext_lazy("Make an API key"), icon="key",
    labels={
        "name": gettext_lazy("What it is for"), "read_only": gettext_lazy("Only for reading"),
        "models_only": gettext_lazy("Only these kinds of records"), "expires_on": gettext_lazy("Valid until"),
    },
)
def make_access_key(
    member: Member, *, actor: Actor, name: str, read_only: bool = False, models_only: str = "", expires_on: date | None = None
) -> NewKey:
    """A key with the member's rights, or less; its text is shown this once and never again."""
    if not member.is_active:
        raise Refused(_("%(name)s is not active, so a key of theirs would open nothing.") % {"name": member})
    expires = None
    if expires_on is not None:
        if expires_on < actor.today:
            raise Refused(_("The day is in the past."), field="expires_on")
        expires = datetime.combine(expires_on + timedelta(days=1), time(), ZoneInfo(actor.timezone))
    row, token = make_key(
        member, name, may_write=not read_only, models_only=_models(models_only), expires_at=expires
    )
    return NewKey(row, token)


def _models(text: str) -> list[str]:
    """`sales.order, parties.party` as a list of labels that exist."""
    from guanxi.kernel.screens.screen import screen_of

    labels = [part.strip().lower() for part in text.replace("，", ",").split(",") if part.strip()]
    unknown = [label for label in labels if screen_of(label) is None]
    if unknown:
        raise Refused(_("There are no records called %(names)s; write for example sales.order.") % {"names": ", ".join(unknown)}, field="models_only")
    return labels


@operation(label=gettext_lazy("Switch off"), icon="key-off", tone="danger")
def end_access_key(key: AccessKey, *, actor: Actor) -> AccessKey:
    """The key opens nothing from now on."""
    if not key.is_active:
        raise Refused(_("This key is switched off already."))
    key.assign(is_active=False)
    return key
