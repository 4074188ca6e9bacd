"""What the system adds to needs and interests as they are entered."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_quantity


def complete_needs(drafts: Sequence[Draft], actor: Actor) -> None:
    """Of today; the contact is one of the customer's."""
    for draft in drafts:
        if draft.get("received_on") is None:
            draft.values["received_on"] = actor.today
        _check_contact(draft)


def complete_interests(drafts: Sequence[Draft], actor: Actor) -> None:
    """Of today, in the books' currency, called by product and quantity."""
    for draft in drafts:
        if draft.get("noted_on") is None:
            draft.values["noted_on"] = actor.today
        if not draft.get("currency"):
            draft.values["currency"] = actor.currency
        if (draft.get("quantity") or ZERO) <= 0:
            draft.add_error("quantity", _("The quantity has to be more than zero."))
        elif draft.get("product") is not None:
            draft.values["name"] = f"{draft.get('product').name} × {format_quantity(draft.get('quantity'))}"[:160]
        _check_contact(draft)


def _check_contact(draft: Draft) -> None:
    contact = draft.get("contact")
    if contact is not None and draft.get("customer") is not None and contact.party_id != draft.get("customer").pk:
        draft.add_error("contact", _("This contact belongs to another customer."))
