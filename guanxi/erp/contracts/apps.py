from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ContractsConfig(ModuleConfig):
    name = "guanxi.erp.contracts"
    label = "contracts"
    verbose_name = _("Contracts")
    more = ("proposing", "calling", "renewing", "collecting", "billing", "writing", "affected")

    def prepare_set(self, account_set) -> None:
        """Who looks at contracts before they go to the customer."""
        from guanxi.erp.contracts.seeds import prepare

        prepare()
