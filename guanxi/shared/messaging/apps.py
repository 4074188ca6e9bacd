from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class MessagingConfig(ModuleConfig):
    name = "guanxi.shared.messaging"
    label = "messaging"
    verbose_name = _("Messages")

    def quiet_sql(self) -> list[tuple[str, list]]:
        return [
            ("UPDATE messaging_mailserver SET is_active = false, is_default = false, version = version + 1 WHERE kind <> 'catch' AND is_active", []),
            ("UPDATE messaging_message SET status = 'cancelled', version = version + 1 WHERE status = 'queued'", []),
        ]

    def finish_set(self, account_set) -> None:
        from guanxi.shared.messaging.ports import sync_ready_texts

        sync_ready_texts()
