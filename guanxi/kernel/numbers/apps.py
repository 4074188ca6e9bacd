from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class NumbersConfig(ModuleConfig):
    name = "guanxi.kernel.numbers"
    label = "numbers"
    verbose_name = _("Numbers")
