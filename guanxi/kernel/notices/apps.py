from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class NoticesConfig(ModuleConfig):
    name = "guanxi.kernel.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.acts.scope import AT_END
        from guanxi.kernel.notices.announcing import announce

        # Before the events of the act are written.
        AT_END.insert(0, announce)
