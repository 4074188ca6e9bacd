"""Who follows a record: its owner, whoever made it, and those who asked for it, spoke of it or were mentioned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from guanxi.kernel.about.sight import owner_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.models import Act
from guanxi.kernel.discussion.models import Follower
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record


def follower_ids(record: Record) -> set[int]:
    """Members who want to hear of the record. Who may, is asked where they are told."""
    asked = dict(Follower.objects.filter(target_model=record.label(), target_id=record.pk).values_list("member_id", "is_muted"))
    return {one for one in {owner_of(record), _maker_of(record), *asked} if one is not None and not asked.get(one)}


def _maker_of(record: Record) -> int | None:
    """In whose act the row was made, which is not always done by whose session it is."""
    act = Act.objects.filter(pk=OuterRef("act_id")).values("member_id")
    first = History.objects.filter(model=record.label(), row_id=record.pk, kind="created").order_by("pk")
    return first.annotate(maker_id=Coalesce(Subquery(act), "member_id", output_field=BigIntegerField())).values_list("maker_id", flat=True).first()


def followers_of(record: Record) -> list[Member]:
    """The same as people of the staff, by name."""
    return list(Member.objects.filter(pk__in=follower_ids(record), kind="staff", is_active=True).order_by("name", "pk"))


def add_followers(record: Record, member_ids: Iterable[int], at: datetime) -> None:
    """From now on they follow it, but for those who said that they do not want to."""
    label, row_id = record.ref()
    rows = [Follower(target_model=label, target_id=row_id, member_id=one, at=at) for one in sorted(set(member_ids))]
    Follower.objects.bulk_create(rows, ignore_conflicts=True)
