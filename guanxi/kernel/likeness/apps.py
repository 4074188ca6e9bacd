from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class LikenessConfig(ModuleConfig):
    name = "guanxi.kernel.likeness"
    label = "likeness"
    verbose_name = _("Duplicates")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.likeness import jobs  # noqa: F401
        from guanxi.kernel.likeness.keeping import keep_after_change
        from guanxi.kernel.search.index import WHEN_INDEXED

        WHEN_INDEXED.append(keep_after_change)
