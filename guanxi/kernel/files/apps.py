from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class FilesConfig(ModuleConfig):
    name = "guanxi.kernel.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        super().ready()
        from guanxi.kernel.acts.writer import WHEN_DELETED
        from guanxi.kernel.api import routes
        from guanxi.kernel.files import api
        from guanxi.kernel.files.operations import remove_files_of
        from guanxi.kernel.openapi import document

        WHEN_DELETED.append(remove_files_of)
        routes.PARTS_OF_ROWS["files"] = api.routes_below
        document.PARTS_OF_ROWS.append(api.described)
        document.PART_SCHEMAS["File"] = api.file_schema()

    def leave_set(self, key: str) -> None:
        from guanxi.kernel.files.storage import Storage

        Storage(key).drop()
