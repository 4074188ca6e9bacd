from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ViewsConfig(ModuleConfig):
    name = "guanxi.kernel.views"
    label = "views"
    verbose_name = _("Saved views")

    def set_sql(self) -> list[str]:
        from guanxi.kernel.lists.sorting import sort_indexes

        return sort_indexes()
