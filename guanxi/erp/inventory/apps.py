from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class InventoryConfig(ModuleConfig):
    name = "guanxi.erp.inventory"
    label = "inventory"
    verbose_name = _("Inventory")

    def set_sql(self) -> list[str]:
        from guanxi.erp.inventory.guards import guards_sql

        return guards_sql()

    def prepare_set(self, account_set) -> None:
        """The places outside every warehouse, and a first warehouse of the default entity."""
        from guanxi.erp.inventory.seeds import seed

        seed()
