"""Files: attaching them to a record, looking at them, taking them down."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel.acts.operation import perform
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach_file, replace_file
from guanxi.kernel.files.serving import download, shown
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.visit import Visit, page, wants_json
from guanxi.web.views.acting import acting_on
from guanxi.web.views.records import record_of
from guanxi.web.views.say import tell

MOST_AT_ONCE = 50


def draw_refused(visit: Visit, pk: int) -> HttpResponse:
    """What was wrong, on the page one was on or to the script that asked."""
    assert visit.refused is not None and visit.screen is not None
    if wants_json(visit.request):
        return JsonResponse({"error": str(visit.refused)}, status=visit.refused.status)
    tell(visit, str(visit.refused), bad=True)
    return visit.redirect(visit.screen.url(visit.set_key, pk, _tab(visit)))


def _tab(visit: Visit) -> str:
    return "" if visit.screen is not None and visit.screen.model is Attachment else "?tab=files"


def _given(visit: Visit) -> tuple[str, list[Any]]:
    """The key and the files of the form, at least one."""
    key, given = visit.request.POST.get("key", ""), visit.request.FILES.getlist("file")
    if not key:
        raise Refused(_("The page was too old; load it again and repeat."))
    if not given:
        raise Refused(_("Choose a file first."))
    if len(given) > MOST_AT_ONCE:
        raise Refused(_("At most %(max)s files at a time.") % {"max": MOST_AT_ONCE})
    return key, given


@page("view", on_refused=draw_refused)
def attach_page(visit: Visit, pk: int) -> HttpResponse:
    """POST attaches one file or several, all or none; GET leads to the tab with the form."""
    assert visit.screen is not None
    record, made = record_of(visit, pk), []
    here = visit.screen.url(visit.set_key, pk, "?tab=files")
    if visit.request.method != "POST":
        return visit.redirect(here)
    key, given = _given(visit)
    for number, sent in enumerate(given):
        arguments = {
            "target_model": record.label(), "target_id": record.pk, "content": store(sent, sent.name or ""), "name": sent.name or "",
            "description": visit.request.POST.get("description", "")[:2000],
        }
        made.append(perform(attach_file, actor=visit.actor, key=f"{key}-{number}"[:100], arguments=arguments).result)
    if wants_json(visit.request):
        return JsonResponse({"files": [{"id": one.pk, "name": one.name} for one in made if one is not None]})
    tell(visit, ngettext("%(count)s file attached.", "%(count)s files attached.", len(made)) % {"count": len(made)})
    return visit.redirect(here)


@page("view", on_refused=draw_refused)
def replace_page(visit: Visit, pk: int) -> HttpResponse:
    """POST puts a new version in a file's place."""
    assert visit.screen is not None
    record_of(visit, pk)
    if visit.request.method == "POST":
        key, [sent, *_others] = _given(visit)
        outcome = perform(replace_file, pk, actor=visit.actor, key=key, arguments={"content": store(sent, sent.name or "")})
        if outcome.result is not None:
            tell(visit, _("Version %(number)s is there.") % {"number": outcome.result.number})
    return visit.redirect(visit.screen.url(visit.set_key, pk))


@page("view")
def preview(visit: Visit, pk: int) -> HttpResponse:
    """A look at a file beside what one is doing."""
    assert visit.screen is not None
    record = record_of(visit, pk)
    return visit.render("files/preview.html", {
        "record": record, "url": visit.screen.url(visit.set_key, pk), "acting": acting_on(record, visit.screen, visit.actor), "key": new_key(),
    })


@page("view")
def picture(visit: Visit, pk: int, page: int, width: int) -> HttpResponseBase:
    """One page of it, drawn small."""
    return shown(visit.request, record_of(visit, pk).content, page, width)


@page("view")
def download_file(visit: Visit, pk: int) -> HttpResponseBase:
    """The file itself."""
    record = record_of(visit, pk)
    return download(visit.request, record.content, record.name)


@page("view")
def download_version(visit: Visit, pk: int, number: int) -> HttpResponseBase:
    """What it was before."""
    earlier = record_of(visit, pk).versions.filter(number=number).select_related("content").first()
    if earlier is None:
        raise Missing(_("There is no such version."))
    return download(visit.request, earlier.content, earlier.name)
