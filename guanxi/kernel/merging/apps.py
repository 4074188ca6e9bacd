from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class MergingConfig(ModuleConfig):
    name = "guanxi.kernel.merging"
    label = "merging"
    verbose_name = _("Merging")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.acts.undo import UNDOERS
        from guanxi.kernel.api import routes
        from guanxi.kernel.merging import api
        from guanxi.kernel.merging.following import former_words, survivor_of
        from guanxi.kernel.merging.undoing import undo_merge
        from guanxi.kernel.openapi import document
        from guanxi.kernel.records.gone import FOLLOWED
        from guanxi.kernel.search.index import MORE_WORDS

        UNDOERS["merging.merge_records"] = undo_merge
        FOLLOWED.append(survivor_of)
        MORE_WORDS.append(former_words)
        routes.PARTS_OF_LISTS[api.NAME] = api.duplicates
        document.PARTS_OF_ROWS.append(api.described)

    def set_sql(self) -> list[str]:
        from guanxi.kernel.merging.guards import guards_sql

        return guards_sql()
