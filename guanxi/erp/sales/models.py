"""Quotations and orders, with their lines."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, DecimalField, F, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.finance.queries import company_currency
from guanxi.erp.inventory.models import Reservation, Warehouse
from guanxi.erp.pricing.models import StepsField
from guanxi.erp.promising.models import PromisedLine
from guanxi.erp.sales.billing import settlement
from guanxi.erp.sales.credit.holding import Holdable
from guanxi.erp.sales.impact import figures
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.links import linked_quantity
from guanxi.kernel.records.record import AppendOnly, Record
from guanxi.kernel.values import MoneyField, PriceField, QuantityField, RateField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Product, Tax, Unit
from guanxi.shared.parties.models import Channel, Contact, Party, PaymentTerm

QUOTATION_SERIES = series("sales.quotation", "QT-{year}-{n:05}")
ORDER_SERIES = series("sales.order", "SO-{year}-{n:05}")
REPLACEMENT = "replacement"
"""Kind of the link from the line of a return to the line of an order (or delivery) that brings the same goods once more."""
GIVEN_BACK = "given_back"
"""Kind of the link from the line of a return to the order line that became shorter by it."""


def _with_a_rate(expression: Any, field: models.Field) -> Case:
    return Case(When(rate__isnull=False, then=expression), output_field=field)


class SalesDocument(Customisable):
    """What quotations and orders have in common: a customer, terms, and totals kept as the sum of the lines."""

    business_key = "number"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    restricted = {"see_margin": ("cost", "margin", "margin_rate", "margin_change")}
    loaded_with: ClassVar[tuple[str, ...]] = ("customer", "owner", "entity", "payment_term")

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True)
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", limit_choices_to={"is_customer": True})
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, verbose_name=_("Contact"), related_name="+")
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    entity = models.ForeignKey(Entity, models.PROTECT, blank=True, verbose_name=_("Legal entity"), related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, verbose_name=_("Sales channel"), related_name="+")
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True)
    coupons = models.CharField(_("Coupons"), max_length=200, blank=True, help_text=_("Codes, with commas between them."))
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, null=True, blank=True, verbose_name=_("Payment term"), related_name="+")
    note = models.TextField(_("Note"), blank=True)
    net = MoneyField(_("Net"), default=0, editable=False)
    tax = MoneyField(_("Tax"), default=0, editable=False)
    total = MoneyField(_("Total"), default=0, editable=False)
    cost = MoneyField(_("Expected cost"), default=0, editable=False)
    rate = models.DecimalField(_("Exchange rate"), max_digits=19, decimal_places=8, null=True, default=1, editable=False)
    """Units of the books' currency for one of the document's, by which costs are reckoned; empty where none is known: then no margin is."""

    margin = derived(_("Margin"), "money", _with_a_rate(F("net") - F("cost"), MoneyField()), currency="currency")
    margin_rate = derived(_("Margin rate"), "percent", _with_a_rate((F("net") - F("cost")) / NullIf(F("net"), Value(Decimal(0))), RateField()))

    class Meta:
        abstract = True

    def why_unknown(self, name: str) -> str:
        """A margin that nobody can know is looked at by a person."""
        if name in ("margin", "margin_rate") and self.rate is None:
            # In its books' own currency it is reckoned all the same, unless goods are costed in the company's.
            missing = self.currency if self.currency != self.entity.currency else company_currency()
            return gettext("There is no exchange rate for %(currency)s on its day, so that its margin is not known.") % {"currency": missing}
        if name == "margin_rate" and not self.net:
            return gettext("Nothing is charged, so that there is no margin rate.")
        return super().why_unknown(name)


class SalesLine(PromisedLine, Record):
    """One product at its terms; unit, factor, price, tax and cost are kept as they were agreed."""

    title_field = "description"
    restricted = {"see_margin": ("unit_cost", "margin_rate")}

    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    section = models.CharField(pgettext_lazy("of lines", "Section"), max_length=80, blank=True)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+")
    configuration = models.ForeignKey(
        Configuration, models.PROTECT, null=True, blank=True, verbose_name=_("Configuration"), related_name="+", db_index=False
    )
    description = models.CharField(_("Description"), max_length=200, blank=True)
    quantity = QuantityField(_("Quantity"))
    unit = models.ForeignKey(Unit, models.PROTECT, blank=True, verbose_name=_("Unit"), related_name="+")
    factor = QuantityField(_("Base units"), default=1, editable=False)
    """Base units in one `unit`."""
    unit_price = PriceField(_("Unit price"), blank=True, currency_field="")
    discount = RateField(_("Discount"), blank=True)
    tax = models.ForeignKey(Tax, models.PROTECT, blank=True, verbose_name=_("Tax"), related_name="+")
    tax_rate = RateField(_("Tax rate"), default=0, editable=False)
    net = MoneyField(_("Net"), default=0, editable=False, currency_field="")
    tax_amount = MoneyField(_("Tax amount"), default=0, editable=False, currency_field="")
    total = MoneyField(_("Total"), default=0, editable=False, currency_field="")
    unit_cost = PriceField(_("Unit cost"), default=0, editable=False, currency_field="")
    """In the document's currency."""
    price_steps = StepsField(_("Why this price"))

    margin_rate = derived(_("Margin rate"), "percent", 1 - F("quantity") * F("unit_cost") / NullIf(F("net"), Value(Decimal(0))))

    class Meta:
        abstract = True
        ordering = ["position", "id"]


_CHECKS = [
    (Q(quantity__gt=0), "quantity_positive", _("The quantity has to be more than zero.")),
    (Q(unit_price__gte=0), "price_not_negative", _("The price cannot be less than zero.")),
    (Q(discount__gte=0, discount__lte=1), "discount_a_fraction", _("The discount lies between 0 and 100 %.")),
]


def line_checks(name: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(condition=rule, name=f"{name}_{suffix}", violation_error_message=message)
        for rule, suffix, message in _CHECKS
    ]


def _largest_discount(lines: Callable[[], type[SalesLine]], parent: str) -> Callable[[], Coalesce]:
    """The highest discount of a document's lines."""

    def expression() -> Coalesce:
        found = lines().objects.filter(**{parent: OuterRef("pk")}).order_by().values(parent).annotate(most=Max("discount")).values("most")
        return Coalesce(Subquery(found), Value(Decimal(0)), output_field=RateField())

    return expression


class Quotation(SalesDocument):
    """An offer to a customer."""

    largest_discount = derived(_("Largest discount"), "percent", _largest_discount(lambda: QuotationLine, "quotation"))
    margin_change = derived(_("Margin by new costs"), "money", figures.margin_change("quotation"), currency="currency")
    """By how much what the affected lines cost now changes it."""

    lifecycle = Lifecycle(
        {
            "draft": _("Draft"), "sent": _("Sent"), "change_asked": _("Change asked"), "accepted": _("Accepted"), "ordered": _("Ordered"),
            "declined": _("Declined"), "withdrawn": _("Withdrawn"),
        },
        draft=["sent", "accepted", "ordered", "declined"],
        sent=["change_asked", "accepted", "ordered", "declined", "withdrawn", "draft"],
        change_asked=["accepted", "ordered", "declined", "withdrawn", "draft"],
        accepted=["ordered", "declined"],
        declined=["draft"],
        withdrawn=["draft"],
        tones={"sent": "blue", "change_asked": "orange", "accepted": "green", "ordered": "green", "declined": "red"},
    )
    number_series = QUOTATION_SERIES
    numbered_on = "quoted_on"

    status = lifecycle.field()
    quoted_on = models.DateField(_("Quoted on"), blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    requested_on = models.DateField(_("Requested on"), null=True, blank=True)
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, verbose_name=_("Warehouse"), related_name="+",
        help_text=_("From where it would be delivered; the usual one when empty."),
    )
    terms = models.ForeignKey("sales.TermsText", models.PROTECT, null=True, blank=True, verbose_name=_("Terms"), related_name="+")
    terms_text = TranslatedField(
        _("Terms in words"), blank=True, is_long=True, help_text=_("Left empty, the words of the terms chosen are taken."),
    )
    edition = models.PositiveSmallIntegerField(_("Version sent"), default=0, editable=False)
    """Of the version that the customer has; 0 before the first."""

    class Meta:
        verbose_name = _("Quotation")
        verbose_name_plural = _("Quotations")
        indexes = [models.Index(fields=["customer", "-quoted_on"], name="quotation_customer")]


INCLUSIONS = [("firm", _("Fixed")), ("optional", _("Optional")), ("chosen", _("Chosen"))]


class QuotationLine(SalesLine):
    part_of = "quotation"
    tones = {**PromisedLine.tones, "inclusion": {"firm": "", "optional": "grey", "chosen": "green"}}

    quotation = models.ForeignKey(Quotation, models.CASCADE, related_name="lines", verbose_name=_("Quotation"))
    inclusion = models.CharField(_("Option"), max_length=8, choices=INCLUSIONS, default="firm")
    """What is optional and not chosen counts in no total and goes to no order."""
    margin_rate = derived(_("Margin rate"), "percent", figures.margin_rate("quotation"))

    class Meta(SalesLine.Meta):
        verbose_name = _("Quotation line")
        verbose_name_plural = _("Quotation lines")
        constraints = line_checks("quotation_line")


class Order(Holdable, SalesDocument):
    """A customer's order: confirmed it reserves stock; its deliveries and invoices are linked line by line."""

    largest_discount = derived(_("Largest discount"), "percent", _largest_discount(lambda: OrderLine, "order"))
    margin_change = derived(_("Margin by new costs"), "money", figures.margin_change("order"), currency="currency")
    billed_amount = derived(_("Invoiced"), "money", settlement.billed, currency="currency")
    """With tax, after credit notes; of an invoice over several orders the part of this one."""
    paid_amount = derived(_("Paid"), "money", settlement.received, currency="currency")
    """Prepayments too, before there is an invoice."""
    unpaid_amount = derived(_("Not collected"), "money", settlement.open_of("total"), currency="currency")
    """Not billed yet, or billed and open."""
    """By how much what the affected lines cost now changes it, as far as they are not delivered."""
    lifecycle = Lifecycle(
        {"draft": _("Draft"), "confirmed": _("Confirmed"), "done": _("Done"), "cancelled": _("Cancelled")},
        draft=["confirmed", "cancelled"],
        confirmed=["done", "cancelled"],
        tones={"confirmed": "blue", "done": "green", "cancelled": "red"},
    )
    number_series = ORDER_SERIES
    loaded_with = (*SalesDocument.loaded_with, "warehouse")
    numbered_on = "ordered_on"

    status = lifecycle.field()
    ordered_on = models.DateField(_("Ordered on"), blank=True)
    requested_on = models.DateField(_("Requested on"), null=True, blank=True)
    promised_on = models.DateField(_("Promised on"), null=True, editable=False)
    is_promised_by_hand = models.BooleanField(_("Promised by hand"), default=False, editable=False)
    """Else the day follows that of the lines."""
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, blank=True, verbose_name=_("Warehouse"), related_name="+")
    customer_reference = models.CharField(_("Customer's reference"), max_length=60, blank=True)
    freight = MoneyField(_("Freight"), default=0)
    """Noted only: it is not part of the order's value."""

    class Meta:
        verbose_name = _("Sales order")
        verbose_name_plural = _("Sales orders")
        indexes = [
            models.Index(fields=["customer", "-ordered_on"], name="order_customer"),
            models.Index(fields=["-ordered_on", "-id"], name="order_day"),
            models.Index(fields=["-held_at"], condition=~Q(hold=""), name="order_held"),
        ]


def _delivered() -> Coalesce:
    return linked_quantity("sales.orderline", "delivery")


def _planned() -> Coalesce:
    return linked_quantity("sales.orderline", "delivery", posted=False)


def _invoiced() -> Coalesce:
    return linked_quantity("sales.orderline", "invoice")


def _reserved() -> Coalesce:
    held = Reservation.objects.filter(source_model="sales.orderline", source_id=OuterRef("pk"), product_id=OuterRef("product_id")).order_by()
    total = held.values("source_id").annotate(total=Sum("quantity")).values("total")
    return Coalesce(Subquery(total), Value(Decimal(0)), output_field=DecimalField(max_digits=19, decimal_places=6))


class OrderLine(SalesLine):
    part_of = "order"
    restricted = {"see_margin": (*SalesLine.restricted["see_margin"], "supplier_cost")}

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("Sales order"))
    supplier = models.ForeignKey(
        Party, models.PROTECT, null=True, editable=False, verbose_name=_("Shipped by supplier"), related_name="+", db_index=False
    )
    """Who sends what is left of it to the customer directly, at `supplier_cost`: nothing of ours is reserved for it."""
    supplier_cost = PriceField(_("Supplier's price"), null=True, editable=False, currency_field="")
    """For one unit, in the order's currency. `unit_cost` is then the mean of what left before and what he is to send."""

    delivered_quantity = derived(_("Delivered"), "quantity", _delivered)
    planned_quantity = derived(_("In delivery"), "quantity", _planned)
    invoiced_quantity = derived(_("Invoiced"), "quantity", _invoiced)
    reserved_quantity = derived(_("Reserved"), "quantity", _reserved)
    """In base units."""
    margin_rate = derived(_("Margin rate"), "percent", figures.margin_rate("order"))
    net_amount = derived(_("Net amount"), "money", F("net"), currency="order__currency")
    """The line's own, with the currency of its order beside it."""

    class Meta(SalesLine.Meta):
        verbose_name = _("Order line")
        verbose_name_plural = _("Order lines")
        constraints = line_checks("order_line")


# The rows that go with a quotation stand in a file of their own; Django looks for models only here.
import guanxi.erp.sales.impact.models  # noqa: E402, F401
import guanxi.erp.sales.offers.models  # noqa: E402, F401
import guanxi.erp.sales.tracking.models  # noqa: E402, F401


class OrderChange(AppendOnly):
    """What was changed in a confirmed order, once for each change."""

    part_of = "order"

    order = models.ForeignKey(Order, models.PROTECT, related_name="changes", verbose_name=_("Sales order"))
    edition = models.PositiveIntegerField(_("Change no."))
    changes = models.JSONField(_("What was changed"), default=list)
    """[{"kind": quantity | unit_price | discount | added | removed | promised_on, "line", "before", "after"}]"""
    former_total = MoneyField(_("Total before"), currency_field="order__currency")
    total = MoneyField(_("Total"), currency_field="order__currency")
    reason = models.TextField(_("Reason"), blank=True)
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("By"), related_name="+")
    at = models.DateTimeField(_("At"))

    title_field = "edition"

    class Meta:
        verbose_name = _("Order change")
        verbose_name_plural = _("Order changes")
        constraints = [models.UniqueConstraint(fields=["order", "edition"], name="one_change_a_number")]
