from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class OpenapiConfig(ModuleConfig):
    name = "guanxi.kernel.openapi"
    label = "openapi"
    verbose_name = _("Interface for programs")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.api import routes
        from guanxi.kernel.openapi.document import description

        for name in ("", "openapi.json"):
            routes.OF_THE_SET[name] = lambda call: description(call.actor, call.set_key)
