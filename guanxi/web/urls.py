"""Addresses: the shell, then every screen under `/<set>/<path>/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from guanxi.kernel.files.models import Attachment
from guanxi.kernel.likeness.declared import alike_of
from guanxi.kernel.printing.declared import forms_of
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.web.pages import account, api_docs, invitations
from guanxi.web.setup import SavedViewScreen
from guanxi.web.transfer.urls import transfer_pages
from guanxi.web.views import (
    bell,
    boards,
    calendars,
    cells,
    choices,
    conditions,
    drafting,
    duplicates,
    edits,
    files,
    finding,
    groupings,
    help,
    lists,
    operations,
    pivots,
    printing,
    records,
    saved_views,
    shell,
    talking,
    tour,
)
from guanxi.web.views.bulk import bulk_page
from guanxi.web.views.unsaved import keep_page


class SetKey:
    regex = "[a-z][a-z0-9_]{0,30}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(SetKey, "set")


def screen_urls() -> list[URLResolver]:
    """Each screen's pages below its path, so that an address is looked for among the screens, then among the pages of one."""
    return [path(f"{screen.path}/", include(pages_of(screen))) for screen in SCREENS.values()]


def pages_of(screen: type[Screen]) -> list[URLPattern]:
    """The fixed set of pages that every screen has."""
    more = {"screen": screen}
    found = [
        path("", lists.list_page, more),
        path("sums/", lists.list_sums, more),
        *([path("board/", boards.board_page, more), path("board/sums/", boards.board_sums, more)] if screen.board else []),
        *([path("calendar/", calendars.calendar_page, more)] if screen.calendar else []),
        path("pivot/", pivots.pivot_page, more),
        path("chart/", pivots.chart_page, more),
        *([path("funnel/", pivots.funnel_page, more)] if screen.funnel else []),
        *([path("regions/", pivots.regions_page, more)] if screen.regions else []),
        path("grouping/", groupings.list_grouping, more),
        path("filters/", lists.list_filters, more),
        path("filters/build/", conditions.builder_page, more),
        path("filters/build/part/", conditions.builder_part, more),
        path("sorting/", lists.list_sorting, more),
        path("columns/", lists.list_columns, more),
        path("views/save/", saved_views.save_page, more),
        path("new/", edits.new_page, more),
        *transfer_pages(screen),
        *duplicates_of(screen, more),
        path("preview/", drafting.preview, more),
        *(path(f"advice/{name}/", edits.advice, {**more, "name": name}) for name in screen.advice),
        path("bulk/", bulk_page, more),
        path("<int:pk>/", records.record_page, more),
        path("<int:pk>/peek/", records.peek, more),
        *([path("<int:pk>/day/", calendars.calendar_move, more)] if screen.calendar and screen.may_edit else []),
        path("<int:pk>/why/", records.why_page, more),
        path("<int:pk>/edit/", edits.edit_page, more),
        path("<int:pk>/cell/<str:name>/", cells.cell_page, more),
        path("<int:pk>/archive/", edits.archive, more),
        path("<int:pk>/delete/", edits.delete, more),
        path("<int:pk>/act/<str:operation>/", operations.act_on_record, more),
        path("<int:pk>/act/<str:operation>/effects/", operations.effects, more),
        path("<int:pk>/act/<str:operation>/preview/", operations.preview, more),
    ]
    if forms_of(screen.model):
        found += [path("print/", printing.print_list, more), path("<int:pk>/print/", printing.print_record, more)]
    if not screen.model.about_another:
        found.append(path("<int:pk>/files/", files.attach_page, more))
    if screen.model is Attachment:
        found += [
            path("<int:pk>/preview/", files.preview, more),
            path("<int:pk>/picture/<int:page>-<int:width>/", files.picture, more),
            path("<int:pk>/download/", files.download_file, more),
            path("<int:pk>/versions/", files.replace_page, more),
            path("<int:pk>/versions/<int:number>/", files.download_version, more),
        ]
    if screen is SavedViewScreen:
        found.append(path("<int:pk>/share/", saved_views.share_page, more))
    return found


def duplicates_of(screen: type[Screen], more: dict[str, type[Screen]]) -> list[URLPattern]:
    """Pages about records that are perhaps the same, where that was declared."""
    return [
        path("alike/", duplicates.alike_box, more), path("alike/use/", duplicates.use_alike, more), path("alike/ask/", duplicates.ask_page, more),
        path("duplicates/", duplicates.duplicates_page, more), path("<int:pk>/merge/", duplicates.merge_page, more),
        path("<int:pk>/merge/rows/", duplicates.moving_rows, more),
    ] if alike_of(screen.model) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("", shell.choose_set, name="sets"),
    path("language/", shell.set_language, name="set_language"),
    path("account/", account.profile, name="own_profile"),
    path("account/sessions/", account.sessions, name="own_sessions"),
    path("account/sessions/end/", account.end_session, name="end_session"),
    path("account/two-step/", account.two_step, name="two_step"),
    path("invitations/<set:set_key>/<str:secret>/", invitations.open_invitation, name="invitation"),
    path("api/<set:set_key>/docs", api_docs.docs, name="api_docs"),
    path("api/<set:set_key>/docs/", api_docs.docs),
    path("api/<set:set_key>/openapi.json", api_docs.openapi),
    path("<set:set_key>/", shell.enter_set, name="home"),
    path("<set:set_key>/search/", finding.search, name="search"),
    path("<set:set_key>/search/places/", finding.places, name="places"),
    path("<set:set_key>/help/", help.help_page, name="help"),
    path("<set:set_key>/tour/", tour.tour_page, name="tour"),
    path("<set:set_key>/guide/", help.guide_page, name="guide"),
    path("<set:set_key>/choices/<str:label>/", choices.choices, name="choices"),
    path("<set:set_key>/counts/", choices.counts, name="counts"),
    path("<set:set_key>/mentions/", talking.mentions, name="mentions"),
    path("<set:set_key>/bell/", bell.bell_page, name="bell"),
    path("<set:set_key>/bell/count/", bell.bell_count, name="bell_count"),
    path("<set:set_key>/bell/panel/", bell.bell_panel, name="bell_panel"),
    path("<set:set_key>/bell/read/", bell.read_shown, name="read_notices"),
    path("<set:set_key>/bell/settings/", bell.bell_settings, name="bell_settings"),
    path("<set:set_key>/bell/<int:pk>/", bell.open_notice, name="open_notice"),
    path("<set:set_key>/act/<str:operation>/", operations.act, name="act"),
    path("<set:set_key>/undo/<int:act_id>/", operations.undo, name="undo"),
    path("<set:set_key>/unsaved/", keep_page, name="unsaved"),
]
urlpatterns += [path("", include("guanxi.web.pages.urls")), path("<set:set_key>/", include(screen_urls()))]
