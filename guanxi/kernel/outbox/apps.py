from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class OutboxConfig(ModuleConfig):
    name = "guanxi.kernel.outbox"
    label = "outbox"
    verbose_name = _("Outbox")
