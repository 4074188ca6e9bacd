from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ConfiguratorConfig(ModuleConfig):
    name = "guanxi.erp.configurator"
    label = "configurator"
    verbose_name = _("Configurator")
