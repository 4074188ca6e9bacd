from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class PartiesConfig(ModuleConfig):
    name = "guanxi.shared.parties"
    label = "parties"
    verbose_name = _("Customers and companies")

    def prepare_set(self, account_set) -> None:
        from guanxi.shared.parties.seeds import seed

        seed()
