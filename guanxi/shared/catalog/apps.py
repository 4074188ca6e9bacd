from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class CatalogConfig(ModuleConfig):
    name = "guanxi.shared.catalog"
    label = "catalog"
    verbose_name = _("Catalogue")

    def prepare_set(self, account_set) -> None:
        from guanxi.shared.catalog.seeds import seed

        seed(account_set.country)
