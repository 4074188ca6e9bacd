from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class CreditConfig(ModuleConfig):
    name = "guanxi.erp.credit"
    label = "credit"
    verbose_name = _("Customer credit")
