from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ApiConfig(ModuleConfig):
    name = "guanxi.kernel.api"
    label = "api"
    verbose_name = _("Interface for programs")
