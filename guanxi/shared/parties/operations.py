"""What happens to a party: it becomes a customer or supplier, is handed over, gets a credit limit."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.parties.events import PartyTransferred
from guanxi.shared.parties.models import Address, Contact, Party, PaymentTerm


@operation(label=gettext_lazy("Hand over"), icon="arrows-exchange", labels={"owner": gettext_lazy("New owner")})
def assign_owner(party: Party, *, actor: Actor, owner: Member) -> Party:
    """Another member looks after the party: its people, addresses and open tasks follow."""
    if owner.kind != "staff" or not owner.is_active:
        raise Refused(_("%(name)s cannot look after customers: choose an active member of the staff.") % {"name": owner}, field="owner")
    if party.owner_id == owner.pk:
        raise Refused(_("%(name)s looks after %(party)s already.") % {"name": owner, "party": party.called}, field="owner")
    event = PartyTransferred(party.pk, party.owner_id, owner.pk)
    party.assign(owner=owner)
    publish(event, subject=party, party_id=party.pk)
    return party


@operation(
    label=gettext_lazy("Make a customer"), icon="user-check", labels={"payment_term": gettext_lazy("Payment term")},
    unless=lambda party: party.is_customer and _("%(party)s is a customer already.") % {"party": party.called},
)
def make_customer(party: Party, *, actor: Actor, payment_term: PaymentTerm | None = None) -> Party:
    """From now on the party may be sold to."""
    party.assign(is_customer=True, payment_term=payment_term or party.payment_term)
    return party


@operation(
    label=gettext_lazy("Make a supplier"), icon="truck",
    unless=lambda party: party.is_supplier and _("%(party)s is a supplier already.") % {"party": party.called},
)
def make_supplier(party: Party, *, actor: Actor) -> Party:
    """From now on the party may be bought from."""
    party.assign(is_supplier=True)
    return party


@operation(label=gettext_lazy("Set credit limit"), icon="credit-card", labels={"limit": gettext_lazy("Credit limit")})
def set_credit_limit(party: Party, *, actor: Actor, limit: Money | None = None) -> Party:
    """How much the party may owe; without an amount there is no limit."""
    if limit is not None and limit < 0:
        raise Refused(_("A credit limit cannot be less than zero."), field="limit")
    party.assign(credit_limit=limit)
    return party


@operation(
    label=gettext_lazy("Make main contact"), icon="star",
    unless=lambda contact: contact.is_main and _("%(name)s is the main contact already.") % {"name": contact},
)
def make_main_contact(contact: Contact, *, actor: Actor) -> Contact:
    """The first person to ask for at the party."""
    Contact.objects.filter(party_id=contact.party_id, is_main=True).updated(is_main=False)
    contact.assign(is_main=True)
    return contact


@operation(label=gettext_lazy("Make default"), icon="star", unless=lambda address: address.is_default and _("This is the default address already."))
def make_default_address(address: Address, *, actor: Actor) -> Address:
    """The address taken for documents unless another one is chosen."""
    Address.objects.filter(party_id=address.party_id, kind=address.kind, is_default=True).updated(is_default=False)
    address.assign(is_default=True)
    return address
