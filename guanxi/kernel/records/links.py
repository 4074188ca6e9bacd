"""Making and following links between document lines."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from guanxi.kernel.records.models import Link


def link_lines(kind: str, pairs: Iterable[tuple], posted_on: date | None = None) -> None:
    """`pairs` of (from line, to line, quantity), as one statement."""
    Link.objects.bulk_create(
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
    rows = Link.objects.filter(from_model=model_label, from_id__in=list(ids), kind=kind).values("from_id")
    return {row["from_id"]: row["total"] for row in rows.annotate(total=Sum("quantity")).order_by()}


def post_links(to_model: str, to_ids: Iterable[int], on: date) -> None:
    Link.objects.filter(to_model=to_model, to_id__in=list(to_ids), posted_on__isnull=True).update(
        posted_on=on, version=F("version") + 1
    )
