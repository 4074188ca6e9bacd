from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class WebhooksConfig(ModuleConfig):
    name = "guanxi.shared.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.openapi import document
        from guanxi.shared.webhooks.description import told_to

        document.MORE_PARTS.append(told_to)

    def quiet_sql(self) -> list[tuple[str, list]]:
        reason = gettext("This account set is a copy; switch the webhook on if the copy is to tell others.")
        return [
            ("UPDATE webhooks_webhookendpoint SET status = 'off', stop_reason = %s, version = version + 1 WHERE status = 'on'", [reason]),
            ("UPDATE webhooks_webhookdelivery SET status = 'withheld', version = version + 1 WHERE status = 'waiting'", []),
        ]
