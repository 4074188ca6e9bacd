"""A contract at its end: its owner is told in time, and where it is agreed so it holds for another period."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts import events
from guanxi.erp.contracts.models import Contract
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused

ONE_DAY = timedelta(days=1)


@operation(
    label=gettext_lazy("Renew"), states=("signed",), icon="refresh", labels={"valid_until": gettext_lazy("Valid until")},
    unless=lambda contract: contract.valid_until is None and _("It has no end, so that there is nothing to renew."),
)
def renew_contract(contract: Contract, *, actor: Actor, valid_until: date) -> Contract:
    """Another period after the present one; what is called off counts anew from its first day on, and until then in the present one."""
    begin_period(contract, actor)
    if contract.next_from is not None:
        raise Refused(_("It is renewed already: its next period begins on %(day)s.") % {"day": full_date(contract.next_from)})
    former = contract.valid_until
    if former is None or valid_until <= former:
        raise Invalid({"valid_until": [_("It has to be later than the end of the present period.")]})
    contract.assign(next_from=former + ONE_DAY, valid_until=valid_until)
    begin_period(contract, actor)
    publish(events.ContractRenewed(contract.pk, contract.customer_id, valid_until, former), subject=contract, party_id=contract.customer_id)
    return contract


def begin_period(contract: Contract, actor: Actor) -> None:
    """The period for which it was renewed, once its first day has come."""
    if contract.next_from is not None and contract.next_from <= actor.today:
        contract.assign(period_from=contract.next_from, next_from=None)


def renew_if_due(contract: Contract, actor: Actor) -> bool:
    """Where its next period has come, it begins; where it renews itself and its period is over: the next ones up to today. Run again, nothing
    happens."""
    begin_period(contract, actor)
    contract.flush()
    is_renewed = False
    while contract.status == "signed" and contract.renewal == "automatic" and contract.valid_until and contract.valid_until < actor.today:
        renew_contract(contract, actor=actor, valid_until=next_end(contract))
        is_renewed = True
    return is_renewed


def next_end(contract: Contract) -> date:
    """The last day of a period as long as the present one: as many months where it is whole months, else as many days."""
    last = contract.valid_until
    assert last is not None
    first = contract.next_from or contract.period_from or contract.valid_from or last
    after = last + ONE_DAY
    if first.day == after.day and after > first:
        months = (after.year - first.year) * 12 + after.month - first.month
        year, month = divmod(after.year * 12 + after.month - 1 + months, 12)
        return date(year, month + 1, min(after.day, monthrange(year, month + 1)[1])) - ONE_DAY
    return last + max(after - first, ONE_DAY)


def day_renewed(contract: Contract, actor: Actor) -> dict[str, date]:
    """What renewing starts with."""
    return {"valid_until": next_end(contract)} if contract.valid_until else {}
