"""Pages below the list of every screen."""

from __future__ import annotations

from django.urls import path

from guanxi.kernel.screens.screen import SCREENS
from guanxi.web.transfer import exports, imports

urlpatterns = [
    found
    for screen in SCREENS.values()
    for found in (
        path(f"<set:set_key>/{screen.path}/import/", imports.upload_page, {"screen": screen}),
        path(f"<set:set_key>/{screen.path}/import/<int:pk>/", imports.import_page, {"screen": screen}),
        path(f"<set:set_key>/{screen.path}/import/<int:pk>/progress/", imports.progress, {"screen": screen}),
        path(f"<set:set_key>/{screen.path}/import/<int:pk>/errors/", imports.error_file, {"screen": screen}),
        path(f"<set:set_key>/{screen.path}/export/", exports.export, {"screen": screen}),
        path(f"<set:set_key>/{screen.path}/export/<int:pk>/", exports.fetch, {"screen": screen}),
        path(f"<set:set_key>/{screen.path}/pivot/export/", exports.export_pivot, {"screen": screen}),
    )
]
