from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class SalesConfig(ModuleConfig):
    name = "guanxi.erp.sales"
    label = "sales"
    verbose_name = _("Sales")
