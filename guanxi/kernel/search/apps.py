from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class SearchConfig(ModuleConfig):
    name = "guanxi.kernel.search"
    label = "search"
    verbose_name = _("Search")
