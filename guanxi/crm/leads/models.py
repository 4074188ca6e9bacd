"""Leads, the opportunities they become, and the stages these pass."""

from decimal import Decimal

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q
from django.db.models.functions import Now, TruncDate
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import MoneyField, PhoneField, PriceField, QuantityField, RateField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import SOURCES, Contact, Industry, Master, Party, Region

OPPORTUNITY_SERIES = series("leads.opportunity", "OP-{year}-{n:05}")
LEAD_SERIES = series("leads.lead", "LD-{year}-{n:05}")
KINDS = [("new", _("New business")), ("more", _("More from a customer")), ("renewal", _("Renewal")), ("tender", _("Tender"))]
VERDICTS = [("taken", _("Lead")), ("trap", _("Sent by a machine")), ("links", _("Advertising")), ("flood", _("Too many at once"))]
STAGE_KINDS = [("open", _("Under way")), ("won", _("Won")), ("lost", _("Lost"))]


def _days_since(day: str) -> Func:
    """SQL: whole days from that day to today."""
    return Func(TruncDate(Now()), F(day), arg_joiner=" - ", template="(%(expressions)s)", output_field=models.IntegerField())


class LossReason(Master):
    """Why a lead or an opportunity came to nothing."""

    class Meta(Master.Meta):
        verbose_name = _("Reason for losing")
        verbose_name_plural = _("Reasons for losing")


class Competitor(Master):
    """Who else offers what we offer."""

    website = models.URLField(_("Web site"), max_length=200, blank=True)
    strengths = models.TextField(_("Strengths"), blank=True)
    weaknesses = models.TextField(_("Weaknesses"), blank=True)

    class Meta(Master.Meta):
        verbose_name = _("Competitor")
        verbose_name_plural = _("Competitors")


class Pipeline(Master):
    """A way of selling, with stages of its own."""

    is_default = models.BooleanField(_("Default"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("Pipeline")
        verbose_name_plural = _("Pipelines")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_pipeline",
                violation_error_message=_("There is a default pipeline already."),
            )
        ]


class Stage(Master):
    """How far an opportunity is, and how likely it is to be won there."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, verbose_name=_("Pipeline"), related_name="stages")
    position = models.PositiveSmallIntegerField(_("Order in the pipeline"), default=1)
    kind = models.CharField(_("Kind"), max_length=4, choices=STAGE_KINDS, default="open")
    chance = RateField(_("Chance"), default=0)
    """What a new opportunity in this stage is taken to have, 0 to 1."""
    is_quoted = models.BooleanField(_("Reached when a quotation is sent"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("Stage")
        verbose_name_plural = _("Stages")
        ordering = ["pipeline", "position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(chance__gte=0, chance__lte=1), name="stage_chance_a_fraction",
                violation_error_message=_("A chance lies between 0 and 100 %."),
            )
        ]


class Lead(Customisable):
    """Somebody who may want something, before it is known whether they are worth the effort."""

    business_key = "number"
    title_field = "name"
    access_paths = {"own": "owner", "team": "owner__team", "pool": "owner", "masked": "pk"}
    number_series = LEAD_SERIES
    lifecycle = Lifecycle(
        {"new": _("To be followed"), "working": _("Being followed"), "qualified": _("Qualified"), "disqualified": _("Given up")},
        new=["working", "qualified", "disqualified"],
        working=["qualified", "disqualified", "new"],
        disqualified=["working"],
        editable=("new", "working"),
        tones={"new": "blue", "working": "orange", "qualified": "green"},
    )

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True, editable=False)
    name = models.CharField(_("Subject"), max_length=160, help_text=_("What it is about, in a few words."))
    company = models.CharField(_("Company"), max_length=160, blank=True)
    person = models.CharField(_("Person"), max_length=120, blank=True)
    job_title = models.CharField(_("Job title"), max_length=80, blank=True)
    phone = PhoneField(_("Telephone"), blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    website = models.URLField(_("Web site"), max_length=200, blank=True)
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, blank=True, verbose_name=_("Industry"), related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("Region"), related_name="+")
    source = models.CharField(_("Source"), max_length=20, choices=SOURCES, blank=True)
    need = models.TextField(_("What they need"), blank=True)
    status = lifecycle.field()
    owner = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, verbose_name=_("Owner"), related_name="+", help_text=_("Nobody: it lies in the pool.")
    )
    received_on = models.DateField(_("Received on"), blank=True)
    next_step = models.CharField(_("Next step"), max_length=160, blank=True)
    next_on = models.DateField(_("Next step on"), null=True, blank=True)
    owned_on = models.DateField(_("With the owner since"), null=True, editable=False)
    form = models.ForeignKey("LeadForm", models.SET_NULL, null=True, editable=False, verbose_name=_("Web form"), related_name="leads")
    reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("Reason"), related_name="+"
    )
    customer = models.ForeignKey(Party, models.SET_NULL, null=True, editable=False, verbose_name=_("Customer"), related_name="+")
    """Whom it became."""

    age = derived(_("Days old"), "integer", lambda: _days_since("received_on"))

    class Meta:
        verbose_name = _("Lead")
        verbose_name_plural = _("Leads")
        indexes = [
            models.Index(fields=["owner", "-received_on"], name="lead_owner"),
            models.Index(fields=["-received_on", "-id"], name="lead_day"),
        ]


class Opportunity(Customisable):
    """A piece of business that may be won: with whom, how much, when, and how likely."""

    business_key = "number"
    title_field = "name"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    number_series = OPPORTUNITY_SERIES
    loaded_with = ("customer", "stage", "pipeline")
    lifecycle = Lifecycle(
        {"open": _("In progress"), "won": _("Won"), "lost": _("Lost"), "closed": _("Closed")},
        open=["won", "lost", "closed"],
        won=["open"],
        lost=["open"],
        closed=["open"],
        editable=("open",),
        tones={"open": "blue", "won": "green", "lost": "red"},
    )

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True, editable=False)
    name = models.CharField(_("Opportunity"), max_length=160)
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+", limit_choices_to={"is_customer": True})
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, verbose_name=_("Contact"), related_name="+")
    kind = models.CharField(_("Type"), max_length=10, choices=KINDS, default="new")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, blank=True, verbose_name=_("Pipeline"), related_name="+")
    stage = models.ForeignKey(Stage, models.PROTECT, blank=True, editable=False, verbose_name=_("Stage"), related_name="+")
    entered_at = models.DateTimeField(_("In this stage since"), editable=False)
    status = lifecycle.field()
    amount = MoneyField(_("Amount"), default=0, currency_field="currency")
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True)
    chance = RateField(_("Chance"), blank=True, help_text=_("Left empty, that of the stage is taken."))
    expected_on = models.DateField(_("Expected on"), null=True, blank=True)
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    source = models.CharField(_("Source"), max_length=20, choices=SOURCES, blank=True)
    competitors = models.ManyToManyField(Competitor, blank=True, verbose_name=_("Competitors"), related_name="+")
    next_step = models.CharField(_("Next step"), max_length=160, blank=True)
    next_on = models.DateField(_("Next step on"), null=True, blank=True)
    reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("Reason for losing"), related_name="+"
    )
    closed_on = models.DateField(_("Closed on"), null=True, editable=False)
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, editable=False, verbose_name=_("Lead"), related_name="opportunities")
    note = models.TextField(_("Note"), blank=True)

    weighted = derived(_("Weighted amount"), "money", F("amount") * F("chance"), currency="currency")
    is_late = derived(
        _("Overdue"), "boolean",
        lambda: ExpressionWrapper(
            Q(status="open") & (Q(expected_on__lt=TruncDate(Now())) | Q(next_on__lt=TruncDate(Now()))), output_field=BooleanField()
        ),
    )
    is_past = derived(
        _("Expected day passed"), "boolean",
        lambda: ExpressionWrapper(Q(status="open", expected_on__lt=TruncDate(Now())), output_field=BooleanField()),
    )
    is_step_late = derived(
        _("Next step overdue"), "boolean",
        lambda: ExpressionWrapper(Q(status="open", next_on__lt=TruncDate(Now())), output_field=BooleanField()),
    )
    has_no_next_step = derived(
        _("Without a next step"), "boolean", lambda: ExpressionWrapper(Q(status="open", next_step=""), output_field=BooleanField())
    )

    class Meta:
        verbose_name = _("Opportunity")
        verbose_name_plural = _("Opportunities")
        indexes = [
            models.Index(fields=["stage", "expected_on", "id"], condition=Q(status="open"), name="opportunity_board"),
            models.Index(fields=["customer", "-id"], name="opportunity_customer"),
            models.Index(fields=["owner", "expected_on"], name="opportunity_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(chance__gte=0, chance__lte=1), name="opportunity_chance_a_fraction",
                violation_error_message=_("A chance lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="opportunity_amount_not_negative",
                violation_error_message=_("An amount cannot be less than zero."),
            ),
        ]


class OpportunityLine(Record):
    """A product in question, how much of it and at about which price."""

    part_of = "opportunity"
    title_field = "description"

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="lines", verbose_name=_("Opportunity"))
    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+")
    description = models.CharField(_("Description"), max_length=200, blank=True)
    quantity = QuantityField(_("Quantity"), default=Decimal(1))
    unit_price = PriceField(_("Unit price"), blank=True, currency_field="")
    net = MoneyField(_("Net"), default=0, editable=False, currency_field="")

    class Meta:
        verbose_name = _("Product of an opportunity")
        verbose_name_plural = _("Products of opportunities")
        ordering = ["position", "id"]


class StageEntry(Record):
    """When an opportunity entered a stage, and by whom; it stayed until the next entry."""

    part_of = "opportunity"

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="entries", verbose_name=_("Opportunity"))
    stage = models.ForeignKey(Stage, models.PROTECT, verbose_name=_("Stage"), related_name="+")
    entered_at = models.DateTimeField(_("Entered"))
    days_before = models.PositiveIntegerField(_("Days in the stage before"), null=True)
    amount = MoneyField(_("Amount then"), default=0, currency_field="")
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("By"), related_name="+")

    class Meta:
        verbose_name = _("Stage entry")
        verbose_name_plural = _("Stage history")
        ordering = ["entered_at", "id"]
        indexes = [models.Index(fields=["opportunity", "entered_at"], name="stage_entry_of")]


class AssignmentRule(Record):
    """Who follows a new lead, and for how long: the first rule whose condition it fulfils decides."""

    name = TranslatedField(_("Name"))
    position = models.PositiveSmallIntegerField(_("Order"), default=1, help_text=_("Rules are asked in this order; the first that fits decides."))
    condition = models.TextField(
        _("Condition"), blank=True, help_text=_("Such as: source = \"website\" and region = \"east\". Empty: every lead.")
    )
    members = models.ManyToManyField(
        Member, verbose_name=_("Shared out among"), related_name="+", help_text=_("Each new lead goes to whoever has the fewest to follow.")
    )
    days_to_keep = models.PositiveSmallIntegerField(
        _("Back to the pool after days"), null=True, blank=True,
        help_text=_("So many days without a note, call, visit or task, and the lead lies in the pool again. Empty: never."),
    )
    is_active = models.BooleanField(_("Active"), default=True)

    title_field = "name"

    class Meta:
        verbose_name = _("Rule for assigning")
        verbose_name_plural = _("Rules for assigning")
        ordering = ["position", "id"]


class LeadForm(Master):
    """A form on the web site, through which people become leads."""

    intro = TranslatedField(_("Text above"), blank=True)
    thanks = TranslatedField(_("Text afterwards"), blank=True)
    consent = TranslatedField(_("Consent asked for"), blank=True, help_text=_("When given, the form cannot be sent without agreeing to it."))
    source = models.CharField(_("Source"), max_length=20, choices=SOURCES, default="website")
    sites = models.TextField(
        _("Web sites that may show it"), blank=True, help_text=_("One address per line, such as https://www.company.example. Empty: none.")
    )
    is_open = models.BooleanField(_("Is on line"), default=True)

    class Meta(Master.Meta):
        verbose_name = _("Web form")
        verbose_name_plural = _("Web forms")


class FormEntry(Record):
    """Something that was sent through a web form, and what became of it; kept for a month."""

    part_of = "form"
    tracked = False
    untracked_because = "nothing is changed in it, and it is kept for a month only"

    form = models.ForeignKey(LeadForm, models.CASCADE, verbose_name=_("Web form"), related_name="entries")
    at = models.DateTimeField(_("At"))
    verdict = models.CharField(_("Taken as"), max_length=10, choices=VERDICTS)
    origin = models.CharField(_("Sender, as a code"), max_length=20, editable=False)
    """A keyed hash of form, day and address of the sender: it tells floods, and nobody who it was."""
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, verbose_name=_("Lead"), related_name="+")

    class Meta:
        verbose_name = _("Entry of a web form")
        verbose_name_plural = _("Entries of web forms")
        indexes = [models.Index(fields=["form", "-at"], name="form_entry_of")]
