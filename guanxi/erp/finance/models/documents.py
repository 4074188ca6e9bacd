"""Invoices, receipts, refunds, and which money pays which invoice or is paid back. All are written once, by operations."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import AppendOnly
from guanxi.kernel.values import MoneyField, PriceField, QuantityField, RateField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party

INVOICE_SERIES = series("finance.invoice", "INV-{year}-{n:05}", gapless_by_law=True)
RECEIPT_SERIES = series("finance.receipt", "RC-{year}-{n:05}", gapless_by_law=True)
REFUND_SERIES = series("finance.refund", "RF-{year}-{n:05}", gapless_by_law=True)
BASE = "entity__currency"
METHODS = [("bank", _("Bank")), ("cash", _("Cash"))]


class PostedDocument(Customisable):
    """A posted document: only its status and what is still open may change, which a trigger guards too."""

    business_key = "number"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    keeps_owner = True
    lifecycle = Lifecycle(
        {"posted": _("Posted"), "reversed": _("Reversed")}, posted=["reversed"], editable=(),
        tones={"posted": "blue", "reversed": "grey"},
    )

    number = models.CharField(_("Number"), max_length=30, unique=True, editable=False)
    status = lifecycle.field()
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", editable=False)
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+", editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, editable=False)
    rate = models.DecimalField(_("Exchange rate"), max_digits=19, decimal_places=8, default=1, editable=False)
    """Units of the books' currency for one unit of `currency`, on the day of posting."""
    note = models.CharField(_("Note"), max_length=200, blank=True, editable=False)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, verbose_name=_("Reverses"), related_name="reversed_by", editable=False
    )

    class Meta:
        abstract = True


class Invoice(PostedDocument):
    """A claim on a customer. What takes it back, whole (reversal) or in part (credit note), is another invoice with negative amounts (红字发票)."""

    issued_on = models.DateField(_("Issued on"), editable=False)
    due_on = models.DateField(_("Due on"), editable=False)
    net = MoneyField(_("Net"), editable=False)
    tax = MoneyField(_("Tax"), editable=False)
    total = MoneyField(_("Total"), editable=False)
    open_amount = MoneyField(_("Open amount"), editable=False)
    open_base = MoneyField(_("Open in the books' currency"), currency_field=BASE, editable=False)
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, verbose_name=_("Credit note for"), related_name="credit_notes", editable=False, db_index=False
    )
    credited_amount = MoneyField(_("Credited"), default=0, editable=False)
    """What credit notes took off it; of a credit note its own total, which is set off against its invoice at once."""

    paid_amount = derived(_("Paid"), "money", F("total") - F("credited_amount") - F("open_amount"), currency="currency")

    class Meta:
        verbose_name = _("Invoice")
        verbose_name_plural = _("Invoices")
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gte=0, open_amount__gte=0, open_amount__lte=F("total"))
                | Q(total__lt=0, open_amount__lte=0, open_amount__gte=F("total")),
                name="open_within_total",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-issued_on"], name="invoice_customer"),
            models.Index(fields=["-issued_on", "-id"], name="invoice_day"),
            models.Index(fields=["customer", "due_on"], condition=~Q(open_amount=0), include=["open_base"], name="invoice_open"),
            models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="invoice_credits"),
        ]


class InvoiceLine(AppendOnly):
    """What is billed, at its terms; net and tax are each rounded once, half up."""

    part_of = "invoice"

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", verbose_name=_("Invoice"))
    position = models.PositiveIntegerField(_("#"), default=1, editable=False)
    section = models.CharField(pgettext_lazy("of lines", "Section"), max_length=80, blank=True)
    product = models.ForeignKey(Product, models.PROTECT, null=True, verbose_name=_("Product"), related_name="+")
    description = models.CharField(_("Description"), max_length=200, blank=True)
    quantity = QuantityField(_("Quantity"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, verbose_name=_("Unit"), related_name="+", db_index=False)
    unit_price = PriceField(_("Unit price"), currency_field="invoice__currency")
    discount = RateField(_("Discount"), default=0)
    tax_rate = RateField(_("Tax rate"), default=0)
    net = MoneyField(_("Net"), currency_field="invoice__currency")
    tax_amount = MoneyField(_("Tax"), currency_field="invoice__currency")
    total = MoneyField(_("Total"), currency_field="invoice__currency")

    class Meta:
        verbose_name = _("Invoice line")
        verbose_name_plural = _("Invoice lines")
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=Q(total=F("net") + F("tax_amount")), name="invoice_line_total")]


class Receipt(PostedDocument):
    """Money received from a customer; what is not allocated to invoices yet is an advance. Money for what is not invoiced yet may be
    taken in as a prepayment: it is a debt of ours until an invoice settles it."""

    received_on = models.DateField(_("Received on"), editable=False)
    method = models.CharField(_("Method"), max_length=10, choices=METHODS, default="bank", editable=False)
    reference = models.CharField(_("Bank reference"), max_length=80, blank=True, editable=False)
    is_prepayment = models.BooleanField(_("Prepayment"), default=False, editable=False)
    amount = MoneyField(_("Amount"), editable=False)
    unallocated = MoneyField(_("Not allocated"), editable=False)
    unallocated_base = MoneyField(_("Not allocated, in the books' currency"), currency_field=BASE, editable=False)
    refunded_amount = MoneyField(_("Paid back"), default=0, editable=False)

    allocated = derived(_("Allocated"), "money", F("amount") - F("unallocated") - F("refunded_amount"), currency="currency")

    class Meta:
        verbose_name = _("Receipt")
        verbose_name_plural = _("Receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, unallocated__gte=0, refunded_amount__gte=0, unallocated__lte=F("amount") - F("refunded_amount"))
                | Q(amount__lt=0, unallocated=0, refunded_amount=0),
                name="unallocated_within_amount",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-received_on"], name="receipt_customer"),
            models.Index(fields=["-received_on", "-id"], name="receipt_day"),
            models.Index(fields=["customer"], condition=Q(unallocated__gt=0), include=["unallocated_base"], name="receipt_free"),
        ]


class Allocation(AppendOnly):
    """Part of a receipt that pays part of an invoice; a negative one takes it back."""

    part_of = "receipt"

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="allocations", verbose_name=_("Receipt"))
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations", verbose_name=_("Invoice"))
    amount = MoneyField(_("Amount"), currency_field="invoice__currency")
    invoice_base = MoneyField(_("From the invoice, in the books' currency"), currency_field="invoice__entity__currency")
    receipt_base = MoneyField(_("From the receipt, in the books' currency"), currency_field="invoice__entity__currency")
    """The two differ by the exchange difference, which is posted with the allocation."""
    allocated_on = models.DateField(_("Allocated on"))
    act_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("Allocation")
        verbose_name_plural = _("Allocations")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="allocation_not_zero")]


class Refund(PostedDocument):
    """Money paid back to a customer out of what is free of their receipts. What takes it back is another refund with a negative amount."""

    paid_on = models.DateField(_("Paid on"), editable=False)
    method = models.CharField(pgettext_lazy("of a refund", "Method"), max_length=10, choices=METHODS, default="bank", editable=False)
    reference = models.CharField(_("Bank reference"), max_length=80, blank=True, editable=False)
    amount = MoneyField(_("Amount"), editable=False)
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, verbose_name=_("For credit note"), related_name="refunds", editable=False, db_index=False
    )
    """The note that had freed the money, where it is paid back for one."""

    class Meta:
        verbose_name = _("Refund")
        verbose_name_plural = _("Refunds")
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="refund_not_zero")]
        indexes = [
            models.Index(fields=["customer", "-paid_on"], name="refund_customer"),
            models.Index(fields=["-paid_on", "-id"], name="refund_day"),
            models.Index(fields=["credit_note"], condition=Q(credit_note__isnull=False), name="refund_credit_note"),
        ]


class RefundLine(AppendOnly):
    """Part of a receipt that was paid back; a negative one takes it back."""

    part_of = "refund"

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines", verbose_name=_("Refund"))
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="refunds", verbose_name=_("Receipt"))
    amount = MoneyField(_("Amount"), currency_field="refund__currency")
    receipt_base = MoneyField(_("From the receipt, in the books' currency"), currency_field="refund__entity__currency")

    class Meta:
        verbose_name = _("Refunded money")
        verbose_name_plural = _("Refunded money")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="refund_line_not_zero")]
