"""What waits for goods, by which rule they are given out, and on which days a legal entity works."""

from typing import ClassVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import GoodsReceiptLine, Warehouse
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import QuantityField
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

PROMISED_FROM = [
    ("stock", _("From stock")), ("receipt", _("Expected receipt")), ("lead_time", _("Usual lead time")), ("wanted", _("As wanted")),
    ("unknown", _("No date known")), ("hand", _("Promised by hand")),
    ("supplier", _("From the supplier")), ("made", _("Put together")),
]
TONES = {
    "stock": "green", "receipt": "blue", "lead_time": "amber", "wanted": "grey", "unknown": "red", "hand": "violet", "supplier": "blue",
    "made": "blue",
}


class PromisedLine(models.Model):
    """What a line of a quotation or an order holds of its promise."""

    tones: ClassVar[dict[str, dict[str, str]]] = {"promised_from": TONES}

    promised_on = models.DateField(_("Promised on"), null=True, editable=False)
    promised_from = models.CharField(_("Promise"), max_length=10, choices=PROMISED_FROM, blank=True, editable=False)

    class Meta:
        abstract = True


def _next_receipt(name: str):
    """Of the product's next expected receipt in the warehouse."""

    def expression() -> Subquery:
        lines = GoodsReceiptLine.objects.filter(
            product_id=OuterRef("product_id"), receipt__warehouse_id=OuterRef("warehouse_id"), receipt__status="draft"
        )
        return Subquery(lines.order_by("receipt__received_on", "receipt_id").values(f"receipt__{name}")[:1])

    return expression


class WaitingLine(Record):
    """A confirmed line that needs goods which are not reserved for it, and how many are missing."""

    title_field = "document"
    access_paths: ClassVar[dict[str, str]] = {"own": "owner", "team": "owner__team", "party": "customer"}
    record_columns: ClassVar[dict] = {"order": _("Document")}

    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+", db_index=False, editable=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, verbose_name=_("Warehouse"), related_name="+", db_index=False, editable=False)
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", editable=False)
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+", editable=False)
    quantity = QuantityField(_("Missing"), editable=False)
    """In base units."""
    wanted_on = models.DateField(_("Requested on"), null=True, editable=False)
    promised_on = models.DateField(_("Promised on"), null=True, editable=False)
    ordered_on = models.DateField(_("Ordered on"), editable=False)
    document = models.CharField(_("Number"), max_length=30, editable=False)
    order_model = models.CharField(max_length=60, editable=False)
    order_id = models.BigIntegerField(editable=False)
    source_model = models.CharField(max_length=60, editable=False)
    source_id = models.BigIntegerField(editable=False)

    receipt = derived(_("Waits for"), "text", _next_receipt("number"))
    receipt_on = derived(_("Arrives on"), "date", _next_receipt("received_on"))

    class Meta:
        verbose_name = _("Waiting line")
        verbose_name_plural = _("Waiting for goods")
        ordering = ["promised_on", "ordered_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source_id", "source_model", "product"], name="one_waiting_a_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="waiting_positive"),
        ]
        indexes = [
            models.Index(fields=["product", "warehouse"], name="waiting_product"),
            models.Index(fields=["order_id", "order_model"], name="waiting_order"),
        ]


CRITERIA = [
    ("promised", _("Promised day")), ("requested", _("Requested day")), ("tier", _("Customer tier")), ("ordered", _("Order day")),
]


class AllocationRule(Record):
    """In which order goods that are short in a warehouse are given out."""

    title_field = "warehouse"

    warehouse = models.OneToOneField(Warehouse, models.CASCADE, verbose_name=_("Warehouse"), related_name="+")
    first_by = models.CharField(_("First by"), max_length=10, choices=CRITERIA, default="promised")
    then_by = models.CharField(_("Then by"), max_length=10, choices=CRITERIA, default="ordered")
    is_whole = models.BooleanField(
        _("Whole orders only"), default=False, help_text=_("An order gets goods only when all it waits for is there; else it gets parts.")
    )
    is_automatic = models.BooleanField(_("When goods arrive"), default=True, help_text=_("Goods that arrive are given out at once."))

    class Meta:
        verbose_name = _("Allocation rule")
        verbose_name_plural = _("Allocation rules")


class DayOff(Record):
    """A day on which nobody works, or a weekend day that is worked in exchange."""

    title_field = "name"

    entity = models.ForeignKey(
        Entity, models.CASCADE, null=True, blank=True, verbose_name=_("Legal entity"), related_name="+", help_text=_("All when empty.")
    )
    falls_on = models.DateField(_("Day"))
    name = models.CharField(_("Name"), max_length=60)
    is_worked = models.BooleanField(
        _("Worked all the same"), default=False, help_text=_("A Saturday or Sunday that is worked in exchange for another day.")
    )

    class Meta:
        verbose_name = _("Day off")
        verbose_name_plural = _("Days off")
        ordering = ["falls_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "falls_on"], nulls_distinct=False, name="one_entry_a_day", violation_error_message=_("This day is entered already.")
            )
        ]


