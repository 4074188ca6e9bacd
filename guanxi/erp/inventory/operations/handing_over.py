"""A delivery in the warehouse and at the door: picked, packed, handed over. A company that ships at once needs none of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.events import DeliveryPicked, ProofRecorded
from guanxi.erp.inventory.models import Delivery, DeliveryLine, Package
from guanxi.erp.inventory.operations.deliveries import ShippedLine, lines_that_leave
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.records.refusals import Invalid

MOST_PACKAGES = 200
_LABELS = {
    "lines": gettext_lazy("Lines"), "line": gettext_lazy("Delivery line"), "quantity": gettext_lazy("Quantity"),
    "packages": gettext_lazy("Packages"), "weight": gettext_lazy("Weight (kg)"), "tracking": gettext_lazy("Tracking number"),
    "content": gettext_lazy("Content"), "carrier": gettext_lazy("Carrier"),
    "delivered_on": gettext_lazy("Delivered on"), "received_by": gettext_lazy("Received by"),
    "remarks": gettext_lazy("Remarks at delivery"), "proof": gettext_lazy("Photo or signature"),
}


@dataclass
class PackedPackage:
    """One parcel: its weight in kg, the carrier's number for it, what is in it."""

    weight: Decimal | None = None
    tracking: str = ""
    content: str = ""


def planned_lines(delivery: Delivery, actor: Any) -> dict[str, Any]:
    """What picking starts with: all that is planned."""
    return {"lines": [{"line": line.pk, "quantity": line.quantity} for line in delivery.lines.order_by("position", "pk")]}


def packages_so_far(delivery: Delivery, actor: Any) -> dict[str, Any]:
    """What packing starts with."""
    rows = delivery.packages.order_by("position")
    return {"carrier": delivery.carrier, "packages": [{"weight": row.weight, "tracking": row.tracking, "content": row.content} for row in rows]}


def proof_so_far(delivery: Delivery, actor: Any) -> dict[str, Any]:
    """What recording the proof starts with: the newest file of the delivery, which is likely to be the photo."""
    newest = Attachment.objects.visible_to(actor).filter(target_model=delivery.label(), target_id=delivery.pk).order_by("-pk").first()
    return {
        "delivered_on": delivery.delivered_on or actor.today, "received_by": delivery.received_by, "remarks": delivery.proof_note,
        "proof": delivery.proof or newest,
    }


@operation(label=gettext_lazy("Picked"), states=("draft",), icon="list-check", labels=_LABELS, proposes=planned_lines)
def pick_delivery(delivery: Delivery, *, actor: Actor, lines: list[ShippedLine] | None = None) -> Delivery:
    """What was really found: where it is less, the delivery is corrected before it ships, and the rest stays open on the order."""
    mine = lines_that_leave(delivery, lines)
    DeliveryLine.objects.bulk_update(mine, ["quantity"])
    delivery.assign(picked_at=actor.now)
    publish(DeliveryPicked(delivery.pk, delivery.customer_id), subject=delivery, party_id=delivery.customer_id)
    return delivery


@operation(label=gettext_lazy("Pack"), states=("draft", "shipped"), icon="package", labels=_LABELS, proposes=packages_so_far)
def pack_delivery(delivery: Delivery, *, actor: Actor, packages: list[PackedPackage], carrier: str = "") -> Delivery:
    """The parcels of the delivery, in place of those said before; one number of the carrier's is the delivery's own too."""
    errors: dict[str, list[str]] = {}
    for number, one in enumerate(packages):
        if one.weight is not None and not 0 < one.weight < 10**9:
            errors[f"packages.{number}.weight"] = [_("The weight has to be more than zero.")]
        for name in ("tracking", "content"):
            longest = Package._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
            if len(getattr(one, name)) > longest:
                errors[f"packages.{number}.{name}"] = [_("At most %(max)s characters.") % {"max": longest}]
    if len(carrier) > 80:
        errors["carrier"] = [_("At most %(max)s characters.") % {"max": 80}]
    if len(packages) > MOST_PACKAGES:
        errors["packages"] = [_("At most %(max)s packages.") % {"max": MOST_PACKAGES}]
    if errors:
        raise Invalid(errors)
    delivery.packages.all().delete()
    insert_rows([
        Package(
            delivery=delivery, position=position, number=f"{delivery.number}-{position}", weight=one.weight, tracking=one.tracking,
            content=one.content,
        )
        for position, one in enumerate(packages, start=1)
    ])
    first = packages[0].tracking if packages else ""
    delivery.assign(carrier=carrier or delivery.carrier, tracking=delivery.tracking or first)
    return delivery


@operation(label=gettext_lazy("Record proof of delivery"), states=("shipped",), icon="signature", labels=_LABELS, proposes=proof_so_far)
def record_proof(
    delivery: Delivery, *, actor: Actor, delivered_on: date, received_by: str, proof: Attachment | None = None, remarks: LongText = ""
) -> Delivery:
    """The customer has the goods: when, into whose hands, with a photo or signature: taken with the form, or a file of the delivery."""
    errors: dict[str, list[str]] = {}
    if delivered_on > actor.today:
        errors["delivered_on"] = [_("This day has not come yet.")]
    elif delivery.shipped_on is not None and delivered_on < delivery.shipped_on:
        errors["delivered_on"] = [_("This is before the day on which it was shipped.")]
    if not received_by.strip():
        errors["received_by"] = [_("Say who took the goods.")]
    elif len(received_by) > 120:
        errors["received_by"] = [_("At most %(max)s characters.") % {"max": 120}]
    if proof is not None and (proof.target_model, proof.target_id) != delivery.ref():
        errors["proof"] = [_("Choose a file of this delivery.")]
    if errors:
        raise Invalid(errors)
    delivery.assign(delivered_on=delivered_on, received_by=received_by.strip(), proof=proof, proof_note=remarks.strip())
    publish(
        ProofRecorded(delivery.pk, delivery.customer_id, delivered_on, received_by.strip()), subject=delivery, party_id=delivery.customer_id
    )
    return delivery
