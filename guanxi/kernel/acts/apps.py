from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ActsConfig(ModuleConfig):
    name = "guanxi.kernel.acts"
    label = "acts"
    verbose_name = _("Acts")
