"""Comments in the timeline of every record, and the box in which they are written."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.timeline import Composer, Entry, composer, first_rows, timeline_source
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.discussion.queries import comment_entries, comments_about
from guanxi.kernel.records.record import Record


@timeline_source
def timeline_comments(record: Record, actor: Actor, limit: int) -> list[Entry]:
    return [entry for _comment, entry in comment_entries(first_rows(comments_about, record, actor, limit), record, actor)]


@composer
def comment_composer(record: Record, actor: Actor) -> Composer | None:
    if record.about_another or not actor.may("discussion.add_comment"):
        return None
    label, row_id = record.ref()
    return Composer(
        "discussion.add_comment", "body", "kind", (("comment", _("Comment")),), {"target_model": label, "target_id": row_id},
        placeholder=_("Say something to your colleagues; @ speaks to somebody in particular"), button=_("Comment"), order=90,
    )
