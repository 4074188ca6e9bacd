from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class PromisingConfig(ModuleConfig):
    name = "guanxi.erp.promising"
    label = "promising"
    verbose_name = _("Promising")
