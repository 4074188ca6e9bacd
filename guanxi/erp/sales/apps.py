from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class SalesConfig(ModuleConfig):
    name = "guanxi.erp.sales"
    label = "sales"
    verbose_name = _("Sales")
    rooms = ("offers", "sharing", "tracking", "impact")
    more = (
        "offers.answering", "offers.api", "pricing.configured", "pricing.dropping", "billing.recognition", "credit.commitments",
        "impact.documents", "impact.noticing",
    )

    def ready(self) -> None:
        super().ready()
        from guanxi.erp.sales.credit import api
        from guanxi.kernel.api import routes
        from guanxi.kernel.openapi import document

        routes.PARTS_OF_ROWS[api.NAME] = api.routes_below
        routes.PARTS_OF_ROWS["effects"] = api.effects_below
        document.PARTS_OF_ROWS.append(api.described)

    def prepare_set(self, account_set) -> None:
        """Who decides about an order whose release was asked for."""
        from guanxi.erp.sales.seeds import prepare

        prepare()
