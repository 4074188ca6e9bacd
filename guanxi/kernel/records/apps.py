from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class RecordsConfig(ModuleConfig):
    name = "guanxi.kernel.records"
    label = "records"
    verbose_name = _("Records")

    def set_sql(self) -> list[str]:
        from guanxi.kernel.records.history_sql import history_sql

        return history_sql()
