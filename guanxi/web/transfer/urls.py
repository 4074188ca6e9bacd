"""Pages below the list of a screen."""

from __future__ import annotations

from django.urls import URLPattern, path

from guanxi.kernel.screens.screen import Screen
from guanxi.web.transfer import exports, imports


def transfer_pages(screen: type[Screen]) -> list[URLPattern]:
    more = {"screen": screen}
    return [
        path("import/", imports.upload_page, more),
        path("import/<int:pk>/", imports.import_page, more),
        path("import/<int:pk>/progress/", imports.progress, more),
        path("import/<int:pk>/errors/", imports.error_file, more),
        path("export/", exports.export, more),
        path("export/<int:pk>/", exports.fetch, more),
        path("pivot/export/", exports.export_pivot, more),
    ]
