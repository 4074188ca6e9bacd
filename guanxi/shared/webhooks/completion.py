"""What is checked when a webhook is entered or changed, on page, API and import alike."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.outbound.addresses import read_url
from guanxi.kernel.outbound.errors import BadAddress
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.webhooks.rights import require_whole_sight


def complete_webhooks(drafts: Sequence[Draft], actor: Actor) -> None:
    """An address that may be called; and nobody sends what they may not see to an address of their own."""
    for draft in drafts:
        if url := draft.values.get("url"):
            try:
                read_url(url)
            except BadAddress as error:
                draft.add_error("url", error)
        chosen: set[str] = set()
        for line in draft.lines or ():
            if line.values.get("event") in chosen:
                line.add_error("event", _("Choose each event once."))
            chosen.add(line.values.get("event", ""))
        try:
            require_whole_sight(actor, draft.key("owner") or actor.member_id)
            if draft.instance is not None:
                require_whole_sight(actor, draft.instance.owner_id)
        except Refused as refusal:
            draft.add_error("owner", refusal)
