from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class FinanceConfig(ModuleConfig):
    name = "guanxi.erp.finance"
    label = "finance"
    verbose_name = _("Finance")

    def set_sql(self) -> list[str]:
        from guanxi.erp.finance.guards import guards_sql

        return guards_sql()

    def prepare_set(self, account_set) -> None:
        """Every legal entity gets books after the chart of its country."""
        from guanxi.erp.finance.charts import complete_books

        complete_books()
