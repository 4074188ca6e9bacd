from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "guanxi.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from guanxi.kernel.columns.registry import declared_columns
        from guanxi.kernel.screens import checks  # noqa: F401
        from guanxi.web import setup  # noqa: F401

        # Choices among screens and channels are complete only now that all modules are there.
        declared_columns.cache_clear()
