from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "guanxi.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from guanxi.kernel.screens import checks  # noqa: F401
        from guanxi.web import setup  # noqa: F401
