"""The files of a record: `…/<id>/files` lists and takes them, `…/<id>/files/<file>` gives one, takes a new version, removes it."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import require
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.routes import Handler, nothing_here, whole_id
from guanxi.kernel.api.shapes import Json, simple
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach_file, remove_file, replace_file
from guanxi.kernel.files.queries import attachments_of
from guanxi.kernel.files.serving import download
from guanxi.kernel.openapi.answers import READS, responses
from guanxi.kernel.openapi.document import ROW_ID, endpoint, head_of, named_schema
from guanxi.kernel.openapi.schemas import Schema
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.screen import Screen

FIELD = "file"
FORM: Schema = {
    "type": "object", "required": [FIELD],
    "properties": {FIELD: {"type": "string", "format": "binary"}, "name": {"type": "string"}, "description": {"type": "string"}},
}


def routes_below(call: Call, screen: type[Screen], row_id: int, rest: list[str]) -> dict[str, Handler]:
    """What may be asked of `…/<id>/files` and of `…/<id>/files/<file>`."""
    if not has_files(screen) or len(rest) > 1:
        raise nothing_here()
    if not rest:
        return {"GET": lambda: listed(call, screen, row_id), "POST": lambda: added(call, screen, row_id)}
    file_id = whole_id(rest[0])
    return {
        "GET": lambda: given(call, screen, row_id, file_id), "POST": lambda: replaced(call, screen, row_id, file_id),
        "DELETE": lambda: removed(call, screen, row_id, file_id),
    }


def has_files(screen: type[Screen]) -> bool:
    """A file has no files of its own."""
    return not screen.model.about_another


def described(screen: type[Screen], actor: Actor) -> Schema:
    """The same for the description: files go in as forms and come out as bytes."""
    if not has_files(screen) or not actor.may("view", Attachment):
        return {}
    rows = {"type": "object", "properties": {"rows": {"type": "array", "items": named_schema("File")}}, "required": ["rows"]}
    listing: Schema = {"parameters": [ROW_ID], "get": {**head_of(screen, "list_files", _("Files")), "responses": responses("200", rows, READS)}}
    binary = {"description": _("Download"), "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    one: Schema = {
        "parameters": [ROW_ID, {"name": "file", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
        "get": {**head_of(screen, "read_file", _("Download")), "responses": responses("200", None, READS) | {"200": binary}},
    }
    form, answer = "multipart/form-data", named_schema("File")
    if actor.may("files.attach_file"):
        listing |= endpoint("post", screen, "attach_file", attach_file.label, FORM, answer, status="201", sent=form)
    if actor.may("files.replace_file"):
        one |= endpoint("post", screen, "replace_file", replace_file.label, FORM, answer, sent=form)
    if actor.may("files.remove_file"):
        one |= endpoint("delete", screen, "remove_file", remove_file.label, None, None, status="204")
    return {f"/{screen.path}/{{id}}/files": listing, f"/{screen.path}/{{id}}/files/{{file}}": one}


def file_schema() -> Schema:
    text, whole = {"type": "string"}, {"type": "integer"}
    return {"type": "object", "properties": {
        "id": whole, "version": whole, "name": text, "description": text, "number": whole, "size": whole, "media_type": text, "kind": text,
        "sha256": text, "added_at": {"type": "string", "format": "date-time"}, "added_by": named_schema("Reference")}}


def listed(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    """The files of the record itself, newest first."""
    rows = attachments_of(_record(call, screen, row_id), call.actor)
    return json_answer({"rows": [shape(row) for row in rows]})


def added(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    """A new file from a form with one part “file”; “name” and “description” may come beside it."""
    record, key, sent = _record(call, screen, row_id), call.key, _sent(call)
    content = store(sent, sent.name or "")
    given = {
        "target_model": record.label(), "target_id": record.pk, "content": content, "name": call.request.POST.get("name") or sent.name or "",
        "description": call.request.POST.get("description", ""),
    }
    outcome = perform(attach_file, actor=call.actor, key=key, arguments=given)
    return _answer(outcome, 201)


def given(call: Call, screen: type[Screen], row_id: int, file_id: int) -> HttpResponseBase:
    """Its bytes; `?version=` for an earlier one."""
    file = _file(call, screen, row_id, file_id)
    wanted = call.parameters.get("version", "")
    if not wanted or wanted == str(file.number):
        return download(call.request, file.content, file.name)
    earlier = file.versions.filter(number=int(wanted)).select_related("content").first() if wanted.isdecimal() and len(wanted) < 9 else None
    if earlier is None:
        raise Missing(_("There is no such version."))
    return download(call.request, earlier.content, earlier.name)


def replaced(call: Call, screen: type[Screen], row_id: int, file_id: int) -> HttpResponse:
    """A new version, sent as a new file is."""
    file, key, sent = _file(call, screen, row_id, file_id), call.key, _sent(call)
    content = store(sent, sent.name or "")
    outcome = perform(replace_file, file.pk, actor=call.actor, key=key, arguments={"content": content, "name": call.request.POST.get("name", "")})
    return _answer(outcome, 200)


def removed(call: Call, screen: type[Screen], row_id: int, file_id: int) -> HttpResponse:
    record = _record(call, screen, row_id)
    if Attachment.objects.filter(pk=file_id).exclude(target_model=record.label(), target_id=record.pk).exists():
        raise Missing(_("There is no such file, or you may not see it."))
    outcome = perform(remove_file, file_id, actor=call.actor, key=call.key)
    return HttpResponse(status=204, headers={"Idempotency-Replayed": "true"} if outcome.replayed else None)


def shape(file: Attachment) -> Json:
    """A file as JSON."""
    return {
        "id": file.pk, "version": file.version, "name": file.name, "description": file.description, "number": file.number,
        "size": file.content.size, "media_type": file.content.media_type, "kind": file.content.kind, "sha256": file.content.sha256,
        "added_at": simple("moment", file.added_at), "added_by": {"id": file.added_by_id, "code": file.added_by.code, "title": file.added_by.name},
    }


def _answer(outcome: Any, status: int) -> HttpResponse:
    if outcome.awaiting is not None:
        return json_answer({"act": outcome.act_id, "awaiting": {"id": outcome.awaiting.pk, "title": outcome.awaiting.title}}, 202)
    if outcome.result is None:
        raise Missing(_("It was saved, and is no longer there."))
    file = Attachment.objects.select_related("content", "added_by").get(pk=outcome.result.pk)
    return json_answer(shape(file), status, {"Idempotency-Replayed": "true"} if outcome.replayed else None)


def _record(call: Call, screen: type[Screen], row_id: int) -> Any:
    require(call.actor, "view", screen.model)
    require(call.actor, "view", Attachment)
    record = screen.model.objects.visible_to(call.actor).filter(pk=row_id).first()
    if record is None:
        raise Missing(_("There is no such %(what)s, or you may not see it.") % {"what": screen.model._meta.verbose_name})
    return record


def _file(call: Call, screen: type[Screen], row_id: int, file_id: int) -> Attachment:
    file = attachments_of(_record(call, screen, row_id), call.actor).filter(pk=file_id).first()
    if file is None:
        raise Missing(_("There is no such file, or you may not see it."))
    return file


def _sent(call: Call) -> UploadedFile:
    kind = call.request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise Problem(415, "unsupported_media_type", _("Send the file as multipart/form-data, in a part named “file”."))
    files = call.request.FILES.getlist(FIELD)
    if len(files) != 1:
        raise Problem(400, "bad_request", _("Send exactly one file, in a part named “file”."))
    return files[0]
