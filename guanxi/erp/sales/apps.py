from importlib import import_module

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class SalesConfig(ModuleConfig):
    name = "guanxi.erp.sales"
    label = "sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        super().ready()
        for file in ("roles", "operations", "answering", "reactions", "screens", "panels", "prints", "api"):
            import_module(f"{self.name}.offers.{file}")
