"""What every account set starts with: who decides when somebody asks to let an order pass its customer's credit."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.values import Translated

ASKED = "sales.ask_release"


def prepare() -> None:
    """Safe to run again: a rule that is there, changed or switched off, stays as it is."""
    accountant = Role.objects.filter(key="accountant").first()
    if accountant is not None and not ApprovalRule.objects.filter(operation=ASKED).exists():
        name = Translated.of(_("Credit: whoever keeps the accounts decides"))
        ApprovalRule.objects.create(name=name, operation=ASKED, condition="total >= 0", approvers=accountant)
