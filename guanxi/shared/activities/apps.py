from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class ActivitiesConfig(ModuleConfig):
    name = "guanxi.shared.activities"
    label = "activities"
    verbose_name = _("Activities")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.search.queries import REACHES
        from guanxi.shared.activities.models import LABEL, words_within_reach

        REACHES[LABEL] = words_within_reach

    def set_sql(self) -> list[str]:
        from guanxi.kernel.about.owners_sql import owners_sql

        return owners_sql()
