from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class SearchConfig(ModuleConfig):
    name = "guanxi.kernel.search"
    label = "search"
    verbose_name = _("Search")

    def set_sql(self) -> list[str]:
        from guanxi.kernel.search.beside import MERGE_SQL

        return [MERGE_SQL]

    def finish_set(self, account_set) -> None:
        from guanxi.kernel.search.index import index_missing

        index_missing()
