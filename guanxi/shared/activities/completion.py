"""What the system adds to an entered activity."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.shared.parties.models import Contact, Party

SUBJECT = 120


def subject_of(body: str) -> str:
    """The first line of a text, cut where it is too long."""
    first = next((line.strip() for line in body.splitlines() if line.strip()), "")
    return first if len(first) <= SUBJECT else first[: SUBJECT - 1] + "…"


def complete_activities(drafts: Sequence[Draft], actor: Actor) -> None:
    """Subject from the text, the present moment, the party from the contact; what is about a party stands on its page."""
    for draft in drafts:
        if not draft.get("subject"):
            draft.values["subject"] = subject_of(draft.get("body") or "")
            if not draft.values["subject"]:
                draft.add_error("subject", _("Write at least a few words."))
        if draft.get("at") is None:
            draft.values["at"] = actor.now
        contact: Contact | None = draft.get("contact") if draft.key("contact") else None
        party_id = draft.key("party")
        if contact is not None and party_id is None:
            party_id = contact.party_id
        if contact is not None and contact.party_id != party_id:
            draft.add_error("contact", _("%(name)s belongs to another company.") % {"name": contact})
        if getattr(draft.instance, "target_model", "") in ("", Party.label()):
            draft.values.pop("party", None)
            draft.values |= {"party_id": party_id, "target_model": Party.label() if party_id else "", "target_id": party_id}
