"""Who says what is asked of a customer's credit."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

role("accountant", _("Accountant"), {"credit.creditpolicy": "view add change delete"})
role("sales_manager", _("Sales manager"), {"credit.creditpolicy": "view"})
