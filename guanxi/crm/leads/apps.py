from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class LeadsConfig(ModuleConfig):
    name = "guanxi.crm.leads"
    label = "leads"
    verbose_name = _("Leads and opportunities")

    def prepare_set(self, account_set) -> None:
        from guanxi.crm.leads.seeds import prepare

        prepare()
