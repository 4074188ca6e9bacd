"""How a party stands on a printed document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.printing.sheet import Pairs
from guanxi.kernel.printing.sheet import Party as PrintedParty
from guanxi.kernel.printing.speech import Speech, Words
from guanxi.shared.parties.models import Address, Contact, Party


@dataclass(frozen=True)
class Particulars:
    """What a document says of a party, as far as its reader may know; empty texts for the rest."""

    name: str
    tax_number: str = ""
    phone: str = ""
    email: str = ""
    bank_account: str = ""
    addresses: dict[str, Address] = field(default_factory=dict)
    """By kind, the default one of each."""

    def address(self, *kinds: str) -> Address | None:
        """The first there is of these kinds, else any."""
        return next((self.addresses[kind] for kind in (*kinds, *self.addresses) if kind in self.addresses), None)


def particulars_of(parties: Sequence[Party], actor: Actor) -> dict[int, Particulars]:
    """For each party its name, and the rest where the actor may see the party: two queries, however many there are."""
    named = {party.pk: Particulars(party.name) for party in parties}
    visible = set(Party.objects.visible_to(actor).filter(pk__in=named).values_list("pk", flat=True))
    addresses: dict[int, dict[str, Address]] = {}
    for address in Address.objects.filter(party__in=visible):
        kept = addresses.setdefault(address.party_id, {})
        if address.is_default or address.kind not in kept:
            kept[address.kind] = address
    seen = {name for name in ("tax_number", "credit_code", "phone", "email", "bank_account") if actor.sees(columns_of(Party)[name])}

    def text(party: Party, name: str) -> str:
        return getattr(party, name) if name in seen else ""

    for party in parties:
        if party.pk in visible:
            named[party.pk] = Particulars(
                party.name, text(party, "tax_number") or text(party, "credit_code"), text(party, "phone"), text(party, "email"),
                text(party, "bank_account"), addresses.get(party.pk, {}),
            )
    return named


def addressed(
    party: Particulars, speech: Speech, *, label: Words, kinds: tuple[str, ...] = ("office", "billing"), contact: Contact | None = None,
) -> PrintedParty:
    """Name, person, address, telephone and tax number of whom a document is for."""
    address = party.address(*kinds)
    recipient = address.recipient if address and not contact else ""
    phone = (address.phone if address else "") or party.phone
    rows: Pairs = [
        (speech.say(_("Contact")), contact.name if contact else recipient),
        (speech.say(_("Address")), address.one_line if address else ""),
        (speech.say(_("Telephone")), (contact.mobile or contact.phone if contact else "") or phone),
        (speech.say(_("Tax number")), party.tax_number),
    ]
    return PrintedParty(label, party.name, rows)


def bank_of(entity: Entity, speech: Speech) -> Pairs:
    """For the foot of a page."""
    return [(speech.say(_("Bank and account")), entity.bank_account)]


def buyer(party: Particulars, speech: Speech) -> PrintedParty:
    """As a VAT invoice names it."""
    address = party.address("billing", "office")
    reached = _both(address.one_line if address else "", party.phone)
    return _of_invoice(speech.say(_("Sold to")), party.name, party.tax_number, reached, party.bank_account, speech)


def seller(entity: Entity, speech: Speech) -> PrintedParty:
    reached = _both(entity.address, entity.phone)
    return _of_invoice(speech.say(_("Sold by")), entity.name, entity.tax_number, reached, entity.bank_account, speech)


def payee(entity: Entity, speech: Speech, reference: str) -> PrintedParty:
    """Where the money is to go, and what to write beside it."""
    name = entity.name if speech.is_chinese else entity.english_name or entity.name
    rows: Pairs = [(speech.say(_("Bank and account")), entity.bank_account), (speech.say(_("Payment reference")), reference)]
    return PrintedParty(speech.say(_("Please pay to")), name, rows)


def _of_invoice(label: Words, name: str, tax_number: str, reached: str, bank: str, speech: Speech) -> PrintedParty:
    rows: Pairs = [
        (speech.say(_("Name")), name if speech.is_chinese else ""),
        (speech.say(_("Taxpayer number")), tax_number or _missing(speech)),
        (speech.say(_("Address and telephone")), reached or _missing(speech)),
        (speech.say(_("Bank and account")), bank or _missing(speech)),
    ]
    return PrintedParty(label, name, rows)


def _missing(speech: Speech) -> str:
    """A Chinese invoice keeps the place of what is not known."""
    return "—" if speech.is_chinese else ""


def _both(address: str, phone: str) -> str:
    return " ".join(part for part in (address, phone) if part)
