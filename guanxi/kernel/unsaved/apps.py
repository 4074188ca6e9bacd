from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class UnsavedConfig(ModuleConfig):
    name = "guanxi.kernel.unsaved"
    label = "unsaved"
    verbose_name = _("Unsaved input")
