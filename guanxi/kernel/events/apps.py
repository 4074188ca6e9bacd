from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class EventsConfig(ModuleConfig):
    name = "guanxi.kernel.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.acts.scope import AT_END
        from guanxi.kernel.events.publish import write_pending

        AT_END.append(write_pending)
