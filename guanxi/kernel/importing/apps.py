from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ImportingConfig(ModuleConfig):
    name = "guanxi.kernel.importing"
    label = "importing"
    verbose_name = _("Import")
