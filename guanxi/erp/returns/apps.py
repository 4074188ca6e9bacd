from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ReturnsConfig(ModuleConfig):
    name = "guanxi.erp.returns"
    label = "returns"
    verbose_name = _("Returns")
