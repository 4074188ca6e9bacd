"""Goods that customers send back: announced, received into quarantine, inspected, settled."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import DeliveryLine, GoodsReceiptLine, Warehouse
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.links import linked_quantity
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import QuantityField
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party

RETURN_SERIES = series("returns.customerreturn", "RT-{year}-{n:05}")
REASONS = [
    ("damaged", _("Damaged on the way")), ("wrong_item", _("Wrong item")), ("defective", _("Defective")), ("not_wanted", _("Not wanted")),
    ("other", _("Other reason")),
]
WISHES = [("credit", _("Return for credit")), ("exchange", _("Exchange"))]


class CustomerReturn(Customisable):
    """What a customer wants to send back, or has sent back, of the deliveries of one legal entity."""

    business_key = "number"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    lifecycle = Lifecycle(
        {
            "announced": _("Announced"), "received": _("Arrived"), "inspected": _("Inspected"), "settled": _("Settled"),
            "cancelled": _("Cancelled"),
        },
        announced=["received", "cancelled"],
        received=["inspected"],
        inspected=["settled"],
        tones={"announced": "blue", "received": "orange", "inspected": "orange", "settled": "green", "cancelled": "grey"},
    )
    number_series = RETURN_SERIES
    numbered_on = "announced_on"
    loaded_with = ("customer", "owner", "entity", "warehouse")

    number = models.CharField(_("Number"), max_length=30, unique=True, editable=False)
    status = lifecycle.field()
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", editable=False)
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+")
    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("Warehouse"), related_name="+", db_index=False, editable=False,
        help_text=_("Where the goods come in."),
    )
    reason = models.CharField(_("Reason"), max_length=12, choices=REASONS, default="other")
    wish = models.CharField(_("Customer wants"), max_length=10, choices=WISHES, default="credit")
    note = models.TextField(_("Note"), blank=True)
    announced_on = models.DateField(_("Announced on"), editable=False)
    received_on = models.DateField(_("Received on"), null=True, editable=False)
    inspected_on = models.DateField(_("Inspected on"), null=True, editable=False)
    settled_on = models.DateField(_("Settled on"), null=True, editable=False)

    class Meta:
        verbose_name = _("Return")
        verbose_name_plural = _("Returns")
        indexes = [
            models.Index(fields=["customer", "-announced_on"], name="return_customer"),
            models.Index(fields=["-announced_on", "-id"], name="return_day"),
        ]


class CustomerReturnLine(Record):
    """Of one delivery line: what was announced, what came, and what was found; in the delivery line's unit."""

    part_of = "customer_return"
    title_field = "description"

    customer_return = models.ForeignKey(CustomerReturn, models.CASCADE, related_name="lines", verbose_name=_("Return"))
    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    delivery_line = models.ForeignKey(DeliveryLine, models.PROTECT, verbose_name=_("Delivery line"), related_name="returns", editable=False)
    receipt_line = models.ForeignKey(
        GoodsReceiptLine, models.PROTECT, null=True, verbose_name=_("Goods receipt line"), related_name="+", editable=False
    )
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+", editable=False)
    description = models.CharField(_("Description"), max_length=200, blank=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("Unit"), related_name="+", db_index=False, editable=False)
    factor = QuantityField(_("Base units"), default=1, editable=False)
    announced = QuantityField(_("Announced"), default=0, editable=False)
    received = QuantityField(_("Arrived"), default=0, editable=False)
    restocked = QuantityField(_("Back into stock"), default=0, editable=False)
    scrapped = QuantityField(_("Scrapped"), default=0, editable=False)
    sent_back = QuantityField(_("Back to the customer"), default=0, editable=False)
    finding = models.CharField(_("Finding"), max_length=200, blank=True, editable=False)

    credited = derived(_("Credited"), "quantity", lambda: linked_quantity("returns.customerreturnline", "credit"))
    replaced = derived(_("Ordered again"), "quantity", lambda: linked_quantity("returns.customerreturnline", "replacement"))

    class Meta:
        verbose_name = _("Return line")
        verbose_name_plural = _("Return lines")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(announced__gte=0, received__gte=0, restocked__gte=0, scrapped__gte=0, sent_back__gte=0), name="returned_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(restocked=0, scrapped=0, sent_back=0) | Q(received=F("restocked") + F("scrapped") + F("sent_back")),
                name="all_that_came_is_judged",
            ),
        ]

    @property
    def accepted(self) -> Decimal:
        """What we keep, and the customer gets credit or new goods for."""
        return self.restocked + self.scrapped
