from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class PrintingConfig(ModuleConfig):
    name = "guanxi.kernel.printing"
    label = "printing"
    verbose_name = _("Printed documents")
