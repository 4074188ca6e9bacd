from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class MergingConfig(ModuleConfig):
    name = "guanxi.shared.merging"
    label = "merging"
    verbose_name = _("Merging")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.api import routes
        from guanxi.kernel.openapi import document
        from guanxi.kernel.records.former import UNDOERS
        from guanxi.kernel.records.refusals import FOLLOWED
        from guanxi.kernel.search.index import MORE_WORDS
        from guanxi.shared.merging import api
        from guanxi.shared.merging.following import former_words, survivor_of
        from guanxi.shared.merging.undoing import undo_merge

        UNDOERS["merging.merge_records"] = undo_merge
        FOLLOWED.append(survivor_of)
        MORE_WORDS.append(former_words)
        routes.PARTS_OF_LISTS[api.NAME] = api.duplicates
        document.PARTS_OF_ROWS.append(api.described)

    def set_sql(self) -> list[str]:
        from guanxi.shared.merging.guards import guards_sql

        return guards_sql()
