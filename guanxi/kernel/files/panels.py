"""The tab “Files” on the page of every record."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.files.queries import files_on
from guanxi.kernel.files.screens import AttachmentScreen
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.panels import Panel, panel


@panel(None, _("Files"), order=95, key="files", template="files/panel.html")
def files(record: Record, actor: Any) -> Panel | None:
    if record.about_another:
        return None
    columns = ("preview", "name", "about", "kind", "size", "number", "added_by", "added_at", "description")
    return Panel(AttachmentScreen, files_on(record), columns, sort="-added_at")
