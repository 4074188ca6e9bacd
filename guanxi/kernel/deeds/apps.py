from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class DeedsConfig(ModuleConfig):
    name = "guanxi.kernel.deeds"
    label = "deeds"
    verbose_name = _("Many rows at once")
