from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class NeedsConfig(ModuleConfig):
    name = "guanxi.crm.needs"
    label = "needs"
    verbose_name = _("Needs and product interest")
