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
        for file in ("roles", "operations", "screens", "panels"):
            import_module(f"{self.name}.tracking.{file}")
        for file in ("configured", "dropping", "recognition"):
            import_module(f"{self.name}.{file}")
        for file in ("documents", "operations", "screens", "panels", "reactions", "noticing"):
            import_module(f"{self.name}.impact.{file}")
        from guanxi.erp.sales import credit_api
        from guanxi.kernel.api import routes
        from guanxi.kernel.openapi import document

        routes.PARTS_OF_ROWS[credit_api.NAME] = credit_api.routes_below
        routes.PARTS_OF_ROWS["effects"] = credit_api.effects_below
        document.PARTS_OF_ROWS.append(credit_api.described)

    def prepare_set(self, account_set) -> None:
        """Who decides about an order whose release was asked for."""
        from guanxi.erp.sales.seeds import prepare

        prepare()
