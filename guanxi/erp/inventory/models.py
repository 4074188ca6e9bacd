"""Where goods are, how many, what they cost, and the documents by which they come and go."""

from decimal import Decimal

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import NullIf, Round
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import AppendOnly, Record
from guanxi.kernel.values import MoneyField, PriceField, QuantityField, TranslatedField, round_quantity
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party

_QUANTITY = DecimalField(max_digits=19, decimal_places=6)
DELIVERY_SERIES = series("inventory.delivery", "DN-{year}-{n:05}")
RECEIPT_SERIES = series("inventory.goodsreceipt", "GR-{year}-{n:05}")


class Warehouse(Customisable):
    """A place where an entity keeps goods, with one or more stock locations in it."""

    business_key = "code"
    title_field = "name"

    code = models.CharField(_("Code"), max_length=20, unique=True)
    name = TranslatedField(_("Name"))
    entity = models.ForeignKey(Entity, models.PROTECT, blank=True, verbose_name=_("Legal entity"), related_name="+")
    address = models.CharField(_("Address"), max_length=200, blank=True)
    transfer_days = models.PositiveSmallIntegerField(
        _("Days of a transfer"), default=2, validators=[MaxValueValidator(99)],
        help_text=_("Working days until goods sent from here are in another warehouse of the legal entity."),
    )
    is_default = models.BooleanField(_("Default"), default=False, editable=False)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Warehouse")
        verbose_name_plural = _("Warehouses")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["entity"], condition=Q(is_default=True), name="one_default_warehouse")]


_INSIDE = ("stock", "quarantine")


class Location(Record):
    """A place goods move from or to: in a warehouse, or outside (customers, suppliers, losses, the time before)."""

    business_key = "code"
    title_field = "name"
    KINDS = [
        ("stock", _("In stock")), ("quarantine", _("Returned, to be inspected")), ("customer", _("Customers")),
        ("supplier", _("Suppliers")), ("loss", _("Losses and finds")),
        ("opening", _("Opening stock")),
    ]

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, verbose_name=_("Warehouse"), related_name="locations")
    code = models.CharField(_("Code"), max_length=40, unique=True)
    name = TranslatedField(_("Name"))
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="stock", editable=False)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Location")
        verbose_name_plural = _("Locations")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=_INSIDE, warehouse__isnull=False) | ~Q(kind__in=_INSIDE) & Q(warehouse__isnull=True),
                name="stock_is_in_a_warehouse",
                violation_error_message=_("A stock location belongs to a warehouse."),
            ),
            models.UniqueConstraint(fields=["kind"], condition=~Q(kind__in=_INSIDE), name="one_place_outside"),
            models.UniqueConstraint(fields=["warehouse"], condition=Q(kind="quarantine"), name="one_quarantine_a_warehouse"),
        ]


class StockMove(AppendOnly):
    """One movement of a product between two locations, with its value in the entity's currency."""

    restricted = {"see_cost": ("value",)}

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+", db_index=False)
    quantity = QuantityField(_("Quantity"))
    """In the product's base unit."""
    entered_quantity = QuantityField(_("Entered quantity"))
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("Unit"), related_name="+", db_index=False)
    value = MoneyField(_("Value"), currency_field="entity__currency")
    from_location = models.ForeignKey(Location, models.PROTECT, verbose_name=_("From"), related_name="+", db_index=False)
    to_location = models.ForeignKey(Location, models.PROTECT, verbose_name=_("To"), related_name="+", db_index=False)
    moved_on = models.DateField(_("Date"))
    at = models.DateTimeField(_("Posted at"))
    party = models.ForeignKey(Party, models.PROTECT, null=True, verbose_name=_("Business partner"), related_name="+", db_index=False)
    document = models.CharField(_("Document"), max_length=30, blank=True)
    """The number of the document, or the reason of a count."""
    source_model = models.CharField(max_length=60, blank=True, editable=False)
    source_id = models.BigIntegerField(null=True, editable=False)
    act_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("Stock move")
        verbose_name_plural = _("Stock moves")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, value__gte=0), name="move_forwards"),
            models.CheckConstraint(condition=~Q(from_location=F("to_location")), name="move_somewhere_else"),
        ]
        indexes = [
            models.Index(fields=["product", "-moved_on", "-id"], name="move_product"),
            models.Index(fields=["source_id", "source_model"], name="move_source"),
        ]


def _free() -> Case:
    return Case(When(location__kind="stock", then=F("on_hand") - F("reserved")), default=Value(Decimal(0)), output_field=_QUANTITY)


class StockBalance(Record):
    """How much of a product is in a stock location, and how much of that is reserved. The sum of the moves, kept."""

    title_field = "product"
    tracked = False
    adds_up = ("on_hand", "reserved")

    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="balances", db_index=False, editable=False)
    location = models.ForeignKey(Location, models.PROTECT, verbose_name=_("Location"), related_name="balances", editable=False)
    on_hand = QuantityField(_("On hand"), default=0, editable=False)
    reserved = QuantityField(_("Reserved"), default=0, editable=False)

    available = derived(_("Available"), "quantity", _free)
    """Of goods that came back and nobody has looked at yet, nothing."""

    class Meta:
        verbose_name = _("Stock on hand")
        verbose_name_plural = _("Stock on hand")
        constraints = [
            models.UniqueConstraint(fields=["product", "location"], name="one_balance_a_place"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="on_hand_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="reserved_within_on_hand"),
        ]


def _average() -> ExpressionWrapper:
    price = DecimalField(max_digits=19, decimal_places=6)
    return ExpressionWrapper(Round(F("value") / NullIf(F("quantity"), Value(Decimal(0))), 6), output_field=price)


class StockCost(Record):
    """Quantity and value of a product in an entity's books; their quotient is the moving average cost."""

    title_field = "product"
    tracked = False
    adds_up = ("quantity", "value")
    restricted = {"see_cost": ("value", "average")}

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="costs", editable=False)
    quantity = QuantityField(_("Quantity"), default=0, editable=False)
    value = MoneyField(_("Value"), default=0, currency_field="entity__currency", editable=False)

    average = derived(_("Average cost"), "price", _average, currency="entity__currency")

    class Meta:
        verbose_name = _("Stock value")
        verbose_name_plural = _("Stock values")
        constraints = [
            models.UniqueConstraint(fields=["entity", "product"], name="one_cost_a_product"),
            models.CheckConstraint(condition=Q(quantity__gt=0, value__gte=0) | Q(quantity=0, value=0), name="no_value_without_goods"),
        ]


class Reservation(Record):
    """Goods in a location held for one line of another module's document; released or shipped with it."""

    tracked = False
    adds_up = ("quantity",)

    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+", db_index=False, editable=False)
    location = models.ForeignKey(Location, models.PROTECT, verbose_name=_("Location"), related_name="+", db_index=False, editable=False)
    quantity = QuantityField(_("Quantity"), editable=False)
    source_model = models.CharField(max_length=60, editable=False)
    source_id = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = _("Reservation")
        verbose_name_plural = _("Reservations")
        constraints = [
            models.UniqueConstraint(fields=["source_id", "source_model", "product", "location"], name="one_reservation_a_place"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_positive"),
        ]
        indexes = [models.Index(fields=["product", "location", "-id"], name="reservation_product")]


class StockLine(Record):
    """A product and a quantity on a stock document; unit and factor are kept as they were."""

    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+")
    description = models.CharField(_("Description"), max_length=200, blank=True)
    quantity = QuantityField(_("Quantity"))
    unit = models.ForeignKey(Unit, models.PROTECT, blank=True, verbose_name=_("Unit"), related_name="+", db_index=False)
    factor = QuantityField(_("Base units"), default=1, editable=False)
    """Base units in one `unit`."""

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    @property
    def base_quantity(self) -> Decimal:
        return round_quantity(self.quantity * self.factor)


def _positive(name: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(quantity__gt=0), name=name, violation_error_message=_("The quantity has to be more than zero.")
        )
    ]


class Delivery(Customisable):
    """Goods on their way to a customer: drafted, shipped (then it stands for ever), or cancelled."""

    business_key = "number"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    restricted = {"see_cost": ("cost",)}
    lifecycle = Lifecycle(
        {"draft": _("Draft"), "shipped": _("Shipped"), "cancelled": _("Cancelled")},
        draft=["shipped", "cancelled"],
        tones={"draft": "blue", "shipped": "green", "cancelled": "grey"},
    )
    number_series = DELIVERY_SERIES
    numbered_on = "planned_on"
    loaded_with = ("customer", "owner", "entity", "warehouse")

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True)
    status = lifecycle.field()
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", limit_choices_to={"is_customer": True})
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    entity = models.ForeignKey(Entity, models.PROTECT, blank=True, verbose_name=_("Legal entity"), related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, blank=True, verbose_name=_("Warehouse"), related_name="+", db_index=False)
    supplier = models.ForeignKey(
        Party, models.PROTECT, null=True, editable=False, verbose_name=_("Shipped by supplier"), related_name="+", db_index=False
    )
    """Whose goods go to the customer directly: they are never on a shelf of ours."""
    planned_on = models.DateField(_("Planned on"), blank=True)
    shipped_on = models.DateField(_("Shipped on"), null=True, editable=False)
    carrier = models.CharField(_("Carrier"), max_length=80, blank=True)
    tracking = models.CharField(_("Tracking number"), max_length=80, blank=True)
    note = models.TextField(_("Note"), blank=True)
    picked_at = models.DateTimeField(_("Picked at"), null=True, editable=False)
    delivered_on = models.DateField(_("Delivered on"), null=True, editable=False)
    """Known from the proof of delivery."""
    received_by = models.CharField(_("Received by"), max_length=120, blank=True, editable=False)
    proof = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, verbose_name=_("Proof of delivery"), related_name="+", db_index=False, editable=False
    )
    proof_note = models.TextField(_("Remarks at delivery"), blank=True, editable=False)
    cost = MoneyField(_("Cost of the goods"), default=0, currency_field="entity__currency", editable=False)

    class Meta:
        verbose_name = _("Delivery")
        verbose_name_plural = _("Deliveries")
        indexes = [
            models.Index(fields=["customer", "-planned_on"], name="delivery_customer"),
            models.Index(fields=["-planned_on", "-id"], name="delivery_day"),
        ]


class DeliveryLine(StockLine):
    """What is shipped. Its source (an order line) is linked to it while it stands, by the database itself."""

    part_of = "delivery"
    title_field = "description"
    restricted = {"see_cost": ("cost",)}

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="lines", verbose_name=_("Delivery"))
    section = models.CharField(pgettext_lazy("of lines", "Section"), max_length=80, blank=True)
    cost = MoneyField(_("Cost of the goods"), null=True, currency_field="delivery__entity__currency", editable=False)
    """Known once it is shipped."""
    source_model = models.CharField(max_length=60, blank=True, editable=False)
    source_id = models.BigIntegerField(null=True, editable=False)

    class Meta(StockLine.Meta):
        verbose_name = _("Delivery line")
        verbose_name_plural = _("Delivery lines")
        constraints = _positive("delivery_quantity_positive")


class Package(Record):
    """One parcel or pallet of a delivery."""

    business_key = "number"
    part_of = "delivery"
    title_field = "number"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="packages", verbose_name=_("Delivery"))
    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    number = models.CharField(_("Number"), max_length=40, unique=True, editable=False)
    weight = models.DecimalField(_("Weight (kg)"), max_digits=12, decimal_places=3, null=True, blank=True)
    tracking = models.CharField(_("Tracking number"), max_length=80, blank=True)
    content = models.CharField(_("Content"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Package")
        verbose_name_plural = _("Packages")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__gt=0), name="package_weight_positive",
                violation_error_message=_("The weight has to be more than zero."),
            )
        ]


class GoodsReceipt(Customisable):
    """Goods that arrive: bought, sent back by a customer, found again, or there before the books were opened."""

    business_key = "number"
    KINDS = [("purchase", _("Purchase")), ("opening", _("Opening stock")), ("other", _("Other receipt")), ("return", _("Returned by a customer"))]
    restricted = {"see_cost": ("value",)}
    lifecycle = Lifecycle(
        {"draft": _("Draft"), "received": _("Received"), "cancelled": _("Cancelled")},
        draft=["received", "cancelled"],
        tones={"draft": "blue", "received": "green", "cancelled": "grey"},
    )
    number_series = RECEIPT_SERIES
    numbered_on = "received_on"

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True)
    status = lifecycle.field()
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="purchase")
    supplier = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, verbose_name=_("Supplier"), related_name="+", limit_choices_to={"is_supplier": True}
    )
    delivery = models.ForeignKey(
        Delivery, models.PROTECT, null=True, editable=False, verbose_name=_("Returned from delivery"), related_name="returns"
    )
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    entity = models.ForeignKey(Entity, models.PROTECT, blank=True, verbose_name=_("Legal entity"), related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, blank=True, verbose_name=_("Warehouse"), related_name="+", db_index=False)
    received_on = models.DateField(_("Received on"), blank=True)
    reference = models.CharField(_("Supplier's delivery note"), max_length=60, blank=True)
    note = models.TextField(_("Note"), blank=True)
    value = MoneyField(_("Value"), default=0, currency_field="entity__currency", editable=False)

    class Meta:
        verbose_name = _("Goods receipt")
        verbose_name_plural = _("Goods receipts")
        indexes = [
            models.Index(fields=["supplier", "-received_on"], name="goods_receipt_supplier"),
            models.Index(fields=["-received_on", "-id"], name="goods_receipt_day"),
        ]


class GoodsReceiptLine(StockLine):
    """What arrived, and what one unit of it costs without tax."""

    part_of = "receipt"
    restricted = {"see_cost": ("unit_cost", "value")}

    receipt = models.ForeignKey(GoodsReceipt, models.CASCADE, related_name="lines", verbose_name=_("Goods receipt"))
    unit_cost = PriceField(_("Unit cost"), blank=True, currency_field="receipt__entity__currency")
    value = MoneyField(_("Value"), default=0, currency_field="receipt__entity__currency", editable=False)

    class Meta(StockLine.Meta):
        verbose_name = _("Goods receipt line")
        verbose_name_plural = _("Goods receipt lines")
        constraints = [
            *_positive("receipt_quantity_positive"),
            models.CheckConstraint(
                condition=Q(unit_cost__gte=0), name="unit_cost_not_negative", violation_error_message=_("A cost cannot be less than zero.")
            ),
        ]


# What goes into delivery lines stands in a file of its own; Django looks for models only here.
import guanxi.erp.inventory.parts  # noqa: E402, F401
