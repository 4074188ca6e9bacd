from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class CustomConfig(ModuleConfig):
    name = "guanxi.kernel.custom"
    label = "custom"
    verbose_name = _("Custom fields")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.columns.added import column_source
        from guanxi.kernel.custom.definitions import definitions

        column_source(definitions)

    def set_sql(self) -> list[str]:
        from guanxi.kernel.columns.added import SET_SQL

        return [SET_SQL]
