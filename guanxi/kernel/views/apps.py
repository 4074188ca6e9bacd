from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ViewsConfig(ModuleConfig):
    name = "guanxi.kernel.views"
    label = "views"
    verbose_name = _("Saved views")
