"""Attaching, renaming, replacing and removing files."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.about.sight import party_of, target_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.events.publish import publish
from guanxi.kernel.files.events import FileAttached, FileRemoved, FileReplaced
from guanxi.kernel.files.models import Attachment, AttachmentVersion, StoredContent
from guanxi.kernel.reading.names import clean_name
from guanxi.kernel.records.record import Record, model_named
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.search.index import forget_records, index_records

_LABELS = {
    "target_model": gettext_lazy("About (kind of record)"), "target_id": gettext_lazy("About (record)"), "content": gettext_lazy("Content"),
    "name": gettext_lazy("Name"), "description": gettext_lazy("Description"),
}


@operation(label=gettext_lazy("Attach file"), icon="paperclip", labels=_LABELS)
def attach_file(*, actor: Actor, target_model: str, target_id: int, content: StoredContent, name: str, description: LongText = "") -> Attachment:
    """Put a file that has been stored to a record."""
    record = target_of(target_model, target_id, actor)
    _require_scope(record, actor)
    made = Attachment.objects.create(
        target_model=target_model, target_id=target_id, party_id=party_of(record), content=content, kind=content.kind, size=content.size,
        name=clean_name(name), description=description.strip(), added_by_id=actor.member_id, added_at=actor.now,
    )
    _needed(content)
    index_records(Attachment, [made.pk])
    publish(FileAttached(made.pk), subject=record, party_id=made.party_id, title=made.name)
    return made


@operation(label=gettext_lazy("Rename"), icon="pencil", labels=_LABELS)
def rename_file(file: Attachment, *, actor: Actor, name: str, description: LongText = "") -> Attachment:
    """Give a file another name or description."""
    file.assign(name=clean_name(name), description=description.strip())
    file.flush()
    index_records(Attachment, [file.pk])
    _touch(file)
    return file


@operation(label=gettext_lazy("New version"), icon="upload", labels=_LABELS)
def replace_file(file: Attachment, *, actor: Actor, content: StoredContent, name: str = "") -> Attachment:
    """Put a newer content in place of a file's; the one before is kept as an earlier version."""
    if content.pk == file.content_id:
        raise Refused(_("This is the content that the file has already."))
    AttachmentVersion.objects.create(
        attachment=file, number=file.number, name=file.name, content_id=file.content_id, added_by_id=file.added_by_id, added_at=file.added_at,
    )
    file.assign(
        content=content, kind=content.kind, size=content.size, number=file.number + 1, name=clean_name(name) if name else file.name,
        added_by_id=actor.member_id, added_at=actor.now,
    )
    file.flush()
    _needed(content)
    index_records(Attachment, [file.pk])
    publish(FileReplaced(file.pk, file.number), subject=_record(file), party_id=file.party_id, title=file.name)
    return file


@operation(label=gettext_lazy("Remove"), icon="trash", tone="danger", labels=_LABELS)
def remove_file(file: Attachment, *, actor: Actor) -> Record:
    """Take a file with its earlier versions away from its record; undoing brings it back."""
    record = _record(file)
    remove_attachments([file.pk])
    publish(FileRemoved(file.pk), subject=record, party_id=file.party_id, title=file.name)
    return record


def attach(record: Record, content: StoredContent, name: str, actor: Actor, *, description: str = "") -> Attachment:
    """`attach_file` for code that has the record at hand."""
    label, row_id = record.ref()
    return attach_file(actor=actor, target_model=label, target_id=row_id, content=content, name=name, description=description)


def remove_attachments(ids: Sequence[int]) -> None:
    Attachment.objects.filter(pk__in=list(ids)).delete()
    forget_records(Attachment, ids)


def remove_files_of(model: type[Record], ids: Sequence[int]) -> None:
    """Files go with the records they are on."""
    found = list(Attachment.objects.filter(target_model=model.label(), target_id__in=list(ids)).values_list("pk", flat=True))
    if found:
        remove_attachments(found)


def move_files(source: Record, target: Record) -> int:
    """All files of one record to another of any kind, when the two are made one; how many."""
    rows = Attachment.objects.filter(target_model=source.label(), target_id=source.pk)
    ids = list(rows.values_list("pk", flat=True))
    rows.updated(target_model=target.label(), target_id=target.pk, party_id=party_of(target))
    index_records(Attachment, ids)
    return len(ids)


def _require_scope(record: Record, actor: Actor) -> None:
    """With the right in the scope "changeable" only to records that one may change."""
    scopes = actor.named_scopes("files.attach_file", "do")
    act = act_scope()
    if "company" in scopes or (act is not None and act.operation != "files.attach_file"):
        return
    if "changeable" not in scopes or not type(record).objects.visible_to(actor, "change").filter(pk=record.pk).exists():
        raise Forbidden(_("You may attach files only to records that you may change."))


def _record(file: Attachment) -> Record:
    return model_named(file.target_model)._base_manager.get(pk=file.target_id)


def _needed(content: StoredContent) -> None:
    StoredContent.objects.filter(pk=content.pk, unused_at__isnull=False).update(unused_at=None)


def _touch(file: Attachment) -> None:
    """Open pages of the record look again."""
    scope = act_scope()
    if scope is not None:
        scope.touched.append((file.target_model, file.target_id))
