"""Making and following links between document lines."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import DecimalField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from guanxi.kernel.database.known import known
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.records.models import Link


def link_lines(kind: str, pairs: Iterable[tuple], posted_on: date | None = None) -> None:
    """`pairs` of (from line, to line, quantity), as one statement."""
    insert_rows(
        [
            Link(
                kind=kind, from_model=source._meta.label_lower, from_id=source.pk, to_model=target._meta.label_lower,
                to_id=target.pk, quantity=quantity, posted_on=posted_on,
            )
            for source, target, quantity in pairs
        ]
    )


def linked_quantity(model_label: str, kind: str, *, posted: bool | None = True) -> Coalesce:
    """SQL: how much of a line went on by links of `kind`; posted ones, drafts (False) or both (None)."""
    links = Link.objects.filter(from_model=model_label, from_id=OuterRef("pk"), kind=kind).order_by()
    if posted is not None:
        links = links.filter(posted_on__isnull=not posted)
    total = links.values("from_id").annotate(total=Sum("quantity")).values("total")
    return Coalesce(Subquery(total), Value(Decimal(0)), output_field=DecimalField(max_digits=19, decimal_places=6))


def linked_quantities(model_label: str, kind: str, ids: Iterable[int]) -> dict[int, Decimal]:
    """By line id: how much went on, drafts included, in one query."""
    return dict(_gone_on(model_label, kind, list(ids)))


@known
def _gone_on(model_label: str, kind: str, ids: list[int]) -> Any:
    rows = Link.objects.filter(from_model=model_label, from_id__any=ids, kind=kind).order_by().values("from_id")
    return rows.annotate(total=Sum("quantity")).values_list("from_id", "total")


@known
def links_from(model_label: str, ids: list[int]) -> Any:
    """The links that go out from these lines, oldest first."""
    return Link.objects.filter(from_model=model_label, from_id__any=ids).order_by("pk")


def post_links(to_model: str, to_ids: Iterable[int], on: date) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE records_link SET posted_on = %s, version = version + 1 WHERE to_model = %s AND to_id = ANY(%s) AND posted_on IS NULL",
            [on, to_model, list(to_ids)],
        )
