from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class MessagingConfig(ModuleConfig):
    name = "guanxi.shared.messaging"
    label = "messaging"
    verbose_name = _("Messages")

    def finish_set(self, account_set) -> None:
        from guanxi.shared.messaging.ports import sync_ready_texts

        sync_ready_texts()
