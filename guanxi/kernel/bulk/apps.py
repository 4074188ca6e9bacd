from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class BulkConfig(ModuleConfig):
    name = "guanxi.kernel.bulk"
    label = "bulk"
    verbose_name = _("Many rows at once")
