from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class WebhooksConfig(ModuleConfig):
    name = "guanxi.kernel.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
