"""What every account set starts with: a contract is looked at by a sales manager before it goes to the customer."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.values import Translated

ASKED = "contracts.approve_contract"


def prepare() -> None:
    """Safe to run again: a rule that is there, changed or switched off, stays as it is."""
    manager = Role.objects.filter(key="sales_manager").first()
    if manager is not None and not ApprovalRule.objects.filter(operation=ASKED).exists():
        name = Translated.of(_("Contracts: a sales manager looks at them"))
        ApprovalRule.objects.create(name=name, operation=ASKED, condition="total >= 0", approvers=manager)
