"""Which files a record has."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from guanxi.kernel.about.timeline import PARTY
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.files.models import Attachment, AttachmentQuerySet
from guanxi.kernel.records.record import Record


def files_on(record: Record) -> AttachmentQuerySet:
    """The files of a record, of a party also those of whatever belongs to it; not yet limited to what anybody may see."""
    found = Q(target_model=record.label(), target_id=record.pk)
    if record.label() == PARTY:
        found |= Q(party_id=record.pk)
    return Attachment.objects.filter(found)  # type: ignore[return-value]


def attachments_of(record: Record, actor: Actor) -> QuerySet[Attachment]:
    """Files of the record itself that the actor may see, newest first, with their contents."""
    rows = Attachment.objects.visible_to(actor).filter(target_model=record.label(), target_id=record.pk)
    return rows.select_related("content", "added_by").order_by("-added_at", "-pk")
