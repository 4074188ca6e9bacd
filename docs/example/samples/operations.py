"""What happens to samples."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.records.refusals import Refused
from samples.models import SampleLoan


@operation(label=_("Take back"), moves=SampleLoan.lifecycle.to("returned"), labels={"returned_on": _("Returned on")})
def return_sample(loan: SampleLoan, *, actor: Actor, returned_on: date | None = None) -> SampleLoan:
    """The customer has sent the sample back."""
    day = returned_on or actor.today
    if day < loan.lent_on:
        raise Refused(_("A sample cannot come back before it was lent."), field="returned_on")
    loan.assign(returned_on=day)
    return loan
