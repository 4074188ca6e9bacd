from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class TransferConfig(ModuleConfig):
    name = "guanxi.kernel.transfer"
    label = "transfer"
    verbose_name = _("Import and export")
