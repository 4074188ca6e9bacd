from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class OutboxConfig(ModuleConfig):
    name = "guanxi.kernel.outbox"
    label = "outbox"
    verbose_name = _("Outbox")

    def quiet_sql(self) -> list[tuple[str, list]]:
        return [(
            "UPDATE outbox_dispatch SET status = 'cancelled', leased_until_at = NULL, version = version + 1 WHERE status IN ('waiting', 'sending')",
            [],
        )]
