"""What the system adds to entered parties, people and addresses, and what it refuses beyond the columns' own rules."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.search.text import sort_key
from guanxi.shared.parties.credit_codes import normalise
from guanxi.shared.parties.models import Address, Contact
from guanxi.shared.parties.queries import refuse_cycles


def complete_parties(drafts: Sequence[Draft], actor: Actor) -> None:
    """Sorting names, credit codes in one spelling, the entity's currency; who may set a credit limit."""
    for draft in drafts:
        if draft.values.get("name"):
            draft.values["name_sort"] = sort_key(draft.values["name"])
        if draft.values.get("credit_code"):
            draft.values["credit_code"] = normalise(draft.values["credit_code"])
        if not draft.get("currency"):
            draft.values["currency"] = actor.currency
        if "credit_limit" in draft.values and draft.values["credit_limit"] != getattr(draft.instance, "credit_limit", None):
            if not actor.may("parties.set_credit_limit"):
                draft.add_error("credit_limit", _("You may not set credit limits; ask whoever keeps the accounts."))
    refuse_cycles(drafts, "parent", _("This company stands below the one you are changing; choose another parent."))


def complete_regions(drafts: Sequence[Draft], actor: Actor) -> None:
    refuse_cycles(drafts, "parent", _("This region is part of the one you are changing; choose another."))


def complete_industries(drafts: Sequence[Draft], actor: Actor) -> None:
    refuse_cycles(drafts, "parent", _("This industry is part of the one you are changing; choose another."))


def complete_contacts(drafts: Sequence[Draft], actor: Actor) -> None:
    """Sorting names; superiors are of the same party; a party's first contact is its main one."""
    for draft in drafts:
        if draft.values.get("name"):
            draft.values["name_sort"] = sort_key(draft.values["name"])
        superior = draft.get("reports_to") if draft.key("reports_to") else None
        if superior is not None and superior.party_id != draft.key("party"):
            draft.add_error("reports_to", _("%(name)s belongs to another company.") % {"name": superior})
    refuse_cycles(drafts, "reports_to", _("This person reports to the one you are changing; choose another."))
    arriving = [d for d in drafts if d.instance is None or d.key("party") != d.instance.party_id]
    if arriving:
        asked = [key for d in arriving if (key := d.key("party"))]
        led: set[int | None] = set(Contact._base_manager.filter(party__any=asked, is_main=True).values_list("party_id", flat=True))
        for draft in arriving:
            draft.values["is_main"] = draft.key("party") not in led
            led.add(draft.key("party"))


def complete_addresses(drafts: Sequence[Draft], actor: Actor) -> None:
    """The address in one line; the first one of its kind is the default."""
    for draft in drafts:
        if not (draft.get("city") or draft.get("street")):
            draft.add_error("street", _("Enter at least a city or a street."))
        names = ("country", "province", "city", "district", "street", "postcode")
        draft.values["one_line"] = Address(**{name: draft.get(name) for name in names if draft.get(name)}).written()
    arriving = [d for d in drafts if d.instance is None or _place(d) != (d.instance.party_id, d.instance.kind)]
    if arriving:
        asked = [key for d in arriving if (key := d.key("party"))]
        rows = Address._base_manager.filter(party_id__in=asked, is_default=True)
        served: set[tuple[int | None, str]] = set(rows.values_list("party_id", "kind"))
        for draft in arriving:
            draft.values["is_default"] = _place(draft) not in served
            served.add(_place(draft))


def _place(draft: Draft) -> tuple[int | None, str]:
    return draft.key("party"), draft.get("kind", "office")
