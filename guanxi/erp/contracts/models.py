"""Clauses and templates, contracts with what is agreed in them, who signed, proposals, and what is to be paid when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.erp.sales.models import Order, OrderLine, Quotation, SalesDocument, SalesLine, line_checks
from guanxi.erp.sales.ports import billed, paid
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.files.models import StoredContent
from guanxi.kernel.numbers.series import series
from guanxi.kernel.printing.speech import LANGUAGES
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.record import AppendOnly, Record
from guanxi.kernel.values import MoneyField, RateField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.parties.models import Contact, Master, Party

CONTRACT_SERIES = series("contracts.contract", "CT-{year}-{n:05}")
PROPOSAL_SERIES = series("contracts.proposal", "PP-{year}-{n:05}")
CALL_OFF = "call_off"
"""The kind of link from a contract to an order that was called off from it."""
_CHOSEN = list(LANGUAGES.items())
_LANGUAGE = {"max_length": 9, "choices": _CHOSEN, "blank": True}


class Clause(Master):
    """A part of a contract or proposal, ready to be chosen: its title is the name, its words may hold merge fields."""

    KINDS = [
        ("scope", _("Subject and scope")), ("price", _("Price and payment")), ("delivery", _("Delivery and acceptance")),
        ("warranty", _("Warranty")), ("liability", _("Liability")), ("secrecy", _("Confidentiality")), ("term", _("Term and termination")),
        ("law", _("Law and disputes")), ("other", _("Other")),
    ]

    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="other")
    text = TranslatedField(_("Text"), is_long=True)

    class Meta(Master.Meta):
        verbose_name = _("Clause")
        verbose_name_plural = _("Clauses")


class DocumentTemplate(Master):
    """What a proposal or a contract is made of: opening words, and clauses in their order."""

    KINDS = [("contract", _("Contract")), ("proposal", _("Proposal"))]

    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="contract")
    language = models.CharField(_("Language"), help_text=_("Empty: the customer's."), **_LANGUAGE)  # type: ignore[arg-type]
    opening = TranslatedField(_("Opening words"), is_long=True, blank=True)

    class Meta(Master.Meta):
        verbose_name = _("Document template")
        verbose_name_plural = _("Document templates")


class TemplateClause(Record):
    part_of = "template"

    template = models.ForeignKey(DocumentTemplate, models.CASCADE, related_name="lines", verbose_name=_("Document template"))
    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    clause = models.ForeignKey(Clause, models.PROTECT, verbose_name=_("Clause"), related_name="+")

    class Meta:
        verbose_name = _("Clause of a template")
        verbose_name_plural = _("Clauses of templates")
        ordering = ["position", "id"]


def _lines_called_off() -> Any:
    orders = Link.objects.filter(from_model="contracts.contract", from_id=OuterRef(OuterRef(OuterRef(OuterRef("pk")))), kind=CALL_OFF)
    return OrderLine.objects.filter(order_id__in=orders.values("to_id"))


class Contract(SalesDocument):
    """What was agreed with a customer. A framework contract is called off by orders; each contract leads to orders at its prices."""

    KINDS = [("single", _("Single contract")), ("framework", _("Framework contract"))]
    RENEWALS = [("none", _("Ends")), ("notice", _("Owner is told")), ("automatic", _("Renewed by itself"))]

    lifecycle = Lifecycle(
        {
            "draft": _("Draft"), "approved": _("Approved"), "sent": _("Sent"), "signed": pgettext_lazy("of a contract", "Signed"),
            "ended": _("Ended"), "terminated": _("Terminated"), "replaced": _("Replaced"), "cancelled": _("Cancelled"),
        },
        draft=["approved", "cancelled"],
        approved=["sent", "signed", "draft", "cancelled"],
        sent=["signed", "draft", "cancelled"],
        signed=["ended", "terminated", "replaced"],
        tones={"approved": "blue", "sent": "orange", "signed": "green", "terminated": "red", "cancelled": "red"},
    )
    restricted = {"see_margin": ("cost", "margin", "margin_rate")}
    number_series = CONTRACT_SERIES
    numbered_on = "drawn_on"

    billed_amount = derived(_("Invoiced"), "money", lambda: billed(_lines_called_off), currency="currency")
    paid_amount = derived(_("Paid"), "money", lambda: paid(_lines_called_off), currency="currency")
    """With tax, of the orders called off from it, after credit notes."""

    status = lifecycle.field()
    title = models.CharField(_("Title"), max_length=120, blank=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="single")
    drawn_on = models.DateField(_("Drawn up on"), blank=True)
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    renewal = models.CharField(_("At its end"), max_length=10, choices=RENEWALS, default="none")
    notice_days = models.PositiveSmallIntegerField(_("Days of notice"), default=30, help_text=_("So long before the end its owner is told."))
    tolerance = RateField(_("May be exceeded by"), default=0, help_text=_("Of the quantities that are called off."))
    quotation = models.ForeignKey(
        Quotation, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("Quotation"), related_name="+"
    )
    template = models.ForeignKey(DocumentTemplate, models.PROTECT, null=True, blank=True, verbose_name=_("Document template"), related_name="+")
    language = models.CharField(_("Language"), **_LANGUAGE)  # type: ignore[arg-type]
    wording = models.TextField(
        _("Wording"), blank=True,
        help_text=_("Left empty, the words of the template are taken. A line that begins with # is the title of a clause."),
    )
    changed_clauses = models.CharField(_("Clauses unlike the template"), max_length=300, blank=True, editable=False)
    text = models.TextField(_("Text as agreed"), blank=True, editable=False)
    """The wording with its merge fields filled in, from its approval on."""
    amends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("Amends"), related_name="amendments"
    )
    document = models.ForeignKey(StoredContent, models.PROTECT, null=True, editable=False, verbose_name=_("Document"), related_name="+")
    fingerprint = models.CharField(_("Fingerprint"), max_length=64, blank=True, editable=False)
    """SHA-256 of the document as it was given out."""
    signed_on = models.DateField(_("Signed on"), null=True, editable=False)
    period_from = models.DateField(_("Present period from"), null=True, editable=False)
    """Since its last renewal: what was called off before counts no more."""
    next_from = models.DateField(_("Next period from"), null=True, editable=False)
    """Renewed before the present period is over: until this day, calls count in the present one."""
    ended_on = models.DateField(_("Ended on"), null=True, editable=False)
    ended_because = models.CharField(_("Reason of the end"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("Contract")
        verbose_name_plural = _("Contracts")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_from__lte=F("valid_until")),
                name="contract_period", violation_error_message=_("The last day of validity is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gte=0, tolerance__lte=1), name="contract_tolerance",
                violation_error_message=_("The tolerance lies between 0 and 100 %."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-drawn_on"], name="contract_customer"),
            models.Index(fields=["valid_until"], condition=Q(status="signed"), name="contract_running"),
        ]


def _called() -> CombinedExpression:
    """What the orders called off from the contract hold of the line's product, in the line's unit."""
    began, ends = (
        Coalesce(OuterRef(OuterRef(f"contract__{name}")), Value(day), output_field=models.DateField())
        for name, day in (("period_from", date.min), ("next_from", date.max))
    )
    orders = Link.objects.filter(
        from_model="contracts.contract", from_id=OuterRef(OuterRef("contract_id")), kind=CALL_OFF, posted_on__gte=began,
        posted_on__lt=ends,
    ).values("to_id")
    lines = OrderLine.objects.filter(product_id=OuterRef("product_id"), order_id__in=Subquery(orders)).exclude(order__status="cancelled")
    total = lines.order_by().values("product_id").annotate(total=Sum(F("quantity") * F("factor"))).values("total")
    exact = DecimalField(max_digits=38, decimal_places=12)
    return Coalesce(Subquery(total, output_field=exact), Value(Decimal(0)), output_field=exact) / F("factor")


class ContractLine(SalesLine):
    """A product with the quantity and price agreed; a contract has each product once."""

    part_of = "contract"

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="lines", verbose_name=_("Contract"))

    called_quantity = derived(_("Called off"), "quantity", _called)
    open_quantity = derived(_("Still open"), "quantity", lambda: F("quantity") - _called())

    class Meta(SalesLine.Meta):
        verbose_name = _("Contract line")
        verbose_name_plural = _("Contract lines")
        constraints = line_checks("contract_line")


class Signature(AppendOnly):
    """Who signed a contract on each side, when, where and how, and what exactly was signed."""

    access_paths = {"own": "contract__owner", "team": "contract__owner__team", "party": "contract__customer"}
    title_field = "their_name"
    MEANS = [("paper", _("On paper")), ("seal", _("With seals on paper")), ("electronic", _("Electronically"))]

    contract = models.OneToOneField(Contract, models.PROTECT, related_name="signature", verbose_name=_("Contract"))
    signed_on = models.DateField(_("Signed on"))
    our_name = models.CharField(_("Signed for us"), max_length=120)
    our_position = models.CharField(_("Our position"), max_length=120, blank=True)
    their_name = models.CharField(_("Signed for the customer"), max_length=120)
    their_position = models.CharField(_("Their position"), max_length=120, blank=True)
    place = models.CharField(_("Place"), max_length=120, blank=True)
    means = models.CharField(_("Means"), max_length=10, choices=MEANS)
    file = models.ForeignKey(StoredContent, models.PROTECT, null=True, verbose_name=_("Content of the signed file"), related_name="+")
    file_name = models.CharField(_("Signed file"), max_length=200, blank=True)
    file_hash = models.CharField(_("Fingerprint of the signed file"), max_length=64, blank=True)
    fingerprint = models.CharField(_("Fingerprint of the document"), max_length=64)
    recorded_by = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Recorded by"), related_name="+")
    at = models.DateTimeField(_("Recorded at"))

    class Meta:
        verbose_name = _("Signature")
        verbose_name_plural = _("Signatures")


class Proposal(Customisable):
    """A document around a quotation: what the customer needs, what we offer for it, and on which terms."""

    business_key = "number"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    loaded_with = ("quotation", "customer", "owner", "entity")
    lifecycle = Lifecycle({"draft": _("Draft"), "issued": _("Issued")}, draft=["issued"], issued=["draft"], tones={"issued": "green"})
    number_series = PROPOSAL_SERIES
    numbered_on = "drawn_on"

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True)
    status = lifecycle.field()
    quotation = models.ForeignKey(Quotation, models.PROTECT, verbose_name=_("Quotation"), related_name="+")
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", editable=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, verbose_name=_("Contact"), related_name="+")
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", editable=False)
    title = models.CharField(_("Title"), max_length=120, blank=True)
    drawn_on = models.DateField(_("Drawn up on"), blank=True)
    template = models.ForeignKey(DocumentTemplate, models.PROTECT, null=True, blank=True, verbose_name=_("Document template"), related_name="+")
    language = models.CharField(_("Language"), **_LANGUAGE)  # type: ignore[arg-type]
    needs = models.TextField(_("What the customer needs"), blank=True)
    wording = models.TextField(
        _("Wording"), blank=True,
        help_text=_("Left empty, the words of the template are taken. A line that begins with # is the title of a clause."),
    )

    class Meta:
        verbose_name = _("Proposal")
        verbose_name_plural = _("Proposals")


class Instalment(Record):
    """A part of what a contract or an order comes to: when it is to be paid, and what became of it."""

    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    loaded_with = ("contract", "order", "customer", "owner", "entity")
    title_field = "title"
    EVENTS = [
        ("day", _("On a day")), ("signing", _("After signing")), ("delivery", _("After delivery")), ("invoice", _("After the invoice")),
        ("acceptance", _("After acceptance")),
    ]
    STAGES = [
        ("planned", _("Planned")), ("requested", _("Invoice requested")), ("invoiced", _("Invoiced")), ("partly", _("Collected in part")),
        ("collected", _("Collected")),
    ]
    tones = {"status": {"requested": "orange", "invoiced": "blue", "partly": "blue", "collected": "green"}}
    handed_over = ~Q(status="collected")

    contract = models.ForeignKey(Contract, models.CASCADE, null=True, related_name="instalments", verbose_name=_("Contract"), editable=False)
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="+", verbose_name=_("Sales order"), editable=False)
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", editable=False)
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+", editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", editable=False)
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, editable=False)
    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    title = models.CharField(pgettext_lazy("of an instalment", "Title"), max_length=120, editable=False)
    share = RateField(pgettext_lazy("of an instalment", "Share"), default=0, editable=False)
    amount = MoneyField(_("Amount"), editable=False)
    event = models.CharField(pgettext_lazy("of an instalment", "Due"), max_length=10, choices=EVENTS, default="day", editable=False)
    days = models.PositiveSmallIntegerField(_("Days after it"), default=0, editable=False)
    due_on = models.DateField(pgettext_lazy("of an instalment", "Due on"), null=True, editable=False, db_index=True)
    status = models.CharField(pgettext_lazy("of an instalment", "Stage"), max_length=10, choices=STAGES, default="planned", editable=False)
    invoiced = MoneyField(_("Invoiced"), default=0, editable=False)
    collected = MoneyField(_("Collected"), default=0, editable=False)
    requested_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Invoice requested by"), related_name="+", editable=False)
    requested_at = models.DateTimeField(_("Invoice requested at"), null=True, editable=False)
    note = models.CharField(_("Note"), max_length=300, blank=True)

    open_amount = derived(_("Not collected"), "money", F("amount") - F("collected"), currency="currency")

    class Meta:
        verbose_name = _("Instalment")
        verbose_name_plural = _("Instalments")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(contract__isnull=True) ^ Q(order__isnull=True), name="instalment_of_one"),
            models.CheckConstraint(condition=Q(amount__gt=0, invoiced__gte=0, collected__gte=0), name="instalment_amounts"),
        ]
        indexes = [models.Index(fields=["customer", "due_on"], name="instalment_customer")]

    @property
    def of(self) -> Any:
        """The contract or order it is planned for."""
        return self.contract or self.order
