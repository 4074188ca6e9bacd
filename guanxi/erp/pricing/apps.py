from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class PricingConfig(ModuleConfig):
    name = "guanxi.erp.pricing"
    label = "pricing"
    verbose_name = _("Prices")
