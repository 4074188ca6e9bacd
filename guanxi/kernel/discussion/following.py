"""Who follows a record: its owner, whoever made it, and those who asked for it, spoke of it or were mentioned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from guanxi.kernel.access.models import Member
from guanxi.kernel.access.scopes import access_path, rights_model
from guanxi.kernel.acts.models import Act
from guanxi.kernel.database.known import known
from guanxi.kernel.discussion.models import Follower
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record


def follower_ids(record: Record) -> set[int]:
    """Members who want to hear of the record. Who may, is asked where they are told."""
    return {one.pk for one in _who_follow(*record.ref(), model=type(record))}


def followers_of(record: Record) -> list[Member]:
    """The same as people of the staff, by name."""
    return [one for one in _who_follow(*record.ref(), model=type(record)) if one.kind == "staff" and one.is_active]


@known
def _who_follow(label: str, row_id: int, *, model: Any) -> Any:
    asked = Follower.objects.filter(target_model=label, target_id=row_id)
    # The maker is in whose act the row was made, which is not always done by whose session it is.
    act = Act.objects.filter(pk=OuterRef("act_id")).values("member_id")
    first = History.objects.filter(model=label, row_id=row_id, kind="created").order_by("pk")[:1]
    maker = first.annotate(maker_id=Coalesce(Subquery(act), "member_id", output_field=BigIntegerField())).values("maker_id")
    governing, prefix = rights_model(model)
    path = access_path(governing, "own")
    owner = Q(pk__in=model._base_manager.filter(pk=row_id).values(prefix + path)) if path else Q()
    wanted = owner | Q(pk__in=maker) | Q(pk__in=asked.values("member_id"))
    return Member.objects.filter(wanted).exclude(pk__in=asked.filter(is_muted=True).values("member_id")).order_by("name", "pk")


def add_followers(record: Record, member_ids: Iterable[int], at: datetime) -> None:
    """From now on they follow it, but for those who said that they do not want to."""
    label, row_id = record.ref()
    rows = [Follower(target_model=label, target_id=row_id, member_id=one, at=at) for one in sorted(set(member_ids))]
    Follower.objects.bulk_create(rows, ignore_conflicts=True)
