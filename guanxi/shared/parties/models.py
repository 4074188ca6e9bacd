"""Companies and people one does business with, and how they are reached."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from guanxi.kernel.access.models import Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.values import MoneyField, PhoneField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.kernel.values.translated import language_of_name
from guanxi.shared.parties.countries import WRITTEN_CLOSE, country_choices
from guanxi.shared.parties.credit_codes import check_credit_code
from guanxi.shared.parties.masters import Channel, Industry, Master, PartyCategory, PaymentTerm, Region

__all__ = [
    "Address", "Channel", "Contact", "Industry", "Master", "Party", "PartyCategory", "PartyEmail", "PartyPhone", "PaymentTerm",
    "Region", "Relation",
]

PARTY_SERIES = series("parties.party", "C-{n:05}")
CONTACT_SERIES = series("parties.contact", "CT-{n:05}")

KINDS = [("company", _("Company")), ("person", _("Person"))]
TIERS = [("A", _("Tier A")), ("B", _("Tier B")), ("C", _("Tier C")), ("D", _("Tier D"))]
SOURCES = [
    ("visit", _("Salesperson's visit")), ("call", _("Cold call")), ("website", _("Web site")), ("exhibition", _("Exhibition")),
    ("campaign", _("Campaign")), ("referral", _("Referral")), ("partner", _("Partner")), ("tender", _("Tender")),
    ("platform", _("Trading platform")), ("other", _("Other source")),
]
ADDRESS_KINDS = [("office", _("Office")), ("delivery", _("Delivery address")), ("billing", _("Invoice address")), ("other", _("Other address"))]
PHONE_KINDS = [
    ("work", _("Office telephone")), ("mobile", _("Mobile")), ("fax", _("Fax")), ("home", _("Home telephone")), ("service", _("Hotline")),
    ("other", _("Other number")),
]
EMAIL_KINDS = [
    ("work", _("Work e-mail")), ("invoice", _("For invoices")), ("orders", _("For orders")), ("private", _("Private e-mail")),
    ("other", _("Other e-mail")),
]
RELATION_KINDS = [
    ("customer_of", _("is a customer of")), ("distributor_of", _("is a distributor of")), ("supplier_of", _("is a supplier of")),
    ("partner_of", _("is a partner of")), ("competitor_of", _("is a competitor of")), ("pays_for", _("pays the invoices of")),
    ("receives_for", _("receives the goods of")), ("recommended", _("recommended")),
]
PURCHASE_ROLES = [
    ("decider", _("Decision maker")), ("influencer", _("Influencer")), ("buyer", _("Buyer")), ("user", _("User")),
    ("technical", _("Technical evaluator")), ("finance", _("Finance")), ("gatekeeper", _("Gatekeeper")),
]


def _name_sort() -> models.CharField:
    """The name as a dictionary orders it, Chinese by pinyin; kept by the completion, compared byte by byte."""
    return models.CharField(max_length=120, blank=True, editable=False, db_collation="C")


class Party(Customisable):
    """A company or a person: customer, supplier, partner, or several of these at once."""

    business_key = "code"
    title_field = "name"
    access_paths = {"own": "owner", "team": "owner__team", "party": "pk", "masked": "pk"}
    sorted_as = {"name": "name_sort"}
    unlisted = ("name_sort",)
    tones = {"tier": {"A": "green", "B": "blue", "C": "grey", "D": "grey"}}
    number_series = PARTY_SERIES
    number_field = "code"

    code = models.CharField(_("Code"), max_length=30, unique=True, blank=True, help_text=_("Left empty, the next number is taken."))
    name = models.CharField(_("Name"), max_length=160)
    short_name = models.CharField(_("Short name"), max_length=60, blank=True)
    name_sort = _name_sort()
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="company")
    is_customer = models.BooleanField(_("Customer"), default=True)
    is_supplier = models.BooleanField(_("Supplier"), default=False)
    is_partner = models.BooleanField(_("Partner"), default=False)
    category = models.ForeignKey(PartyCategory, models.PROTECT, null=True, blank=True, verbose_name=_("Category"), related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, verbose_name=_("Sales channel"), related_name="+")
    tier = models.CharField(_("Tier"), max_length=1, choices=TIERS, blank=True)
    industry = models.ForeignKey(Industry, models.PROTECT, null=True, blank=True, verbose_name=_("Industry"), related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("Region"), related_name="+")
    country = models.CharField(_("Country or area"), max_length=2, choices=country_choices, blank=True)
    source = models.CharField(_("Source"), max_length=20, choices=SOURCES, blank=True)
    credit_code = models.CharField(
        _("Unified social credit code"), max_length=25, blank=True, validators=[check_credit_code],
        help_text=_("18 characters, as on the business licence."),
    )
    tax_number = models.CharField(_("Tax number"), max_length=30, blank=True)
    bank_account = models.CharField(_("Bank and account"), max_length=120, blank=True, help_text=_("As it stands on invoices."))
    language = models.CharField(
        _("Language"), max_length=10, choices=settings.LANGUAGES, blank=True,
        help_text=_("Of documents and letters. Empty: Chinese for a Chinese name, English for any other."),
    )
    website = models.URLField(_("Web site"), max_length=200, blank=True)
    phone = PhoneField(_("Telephone"), blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("Parent company"), related_name="subsidiaries"
    )
    owner = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, verbose_name=_("Owner"), related_name="+")
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True)
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, null=True, blank=True, verbose_name=_("Payment term"), related_name="+")
    credit_limit = MoneyField(_("Credit limit"), null=True, blank=True, help_text=_("Empty: no limit is set."))
    note = models.TextField(_("Note"), blank=True)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Customer or company")
        verbose_name_plural = _("Customers and companies")
        indexes = [
            models.Index(fields=["name_sort", "id"], name="party_by_name"),
            models.Index(fields=["owner", "name_sort"], name="party_by_owner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code=""), name="one_party_per_credit_code",
                violation_error_message=_("There is already a company with this unified social credit code; look for it before entering it twice."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="party_not_its_own_parent",
                violation_error_message=_("A company cannot be its own parent."),
            ),
            models.CheckConstraint(
                condition=Q(credit_limit__isnull=True) | Q(credit_limit__gte=0), name="credit_limit_not_negative",
                violation_error_message=_("A credit limit cannot be less than zero."),
            ),
        ]

    @property
    def called(self) -> str:
        """How people call it in a sentence."""
        return self.short_name or self.name

    @property
    def written_language(self) -> str:
        """In which language it is written to."""
        return self.language or language_of_name(self.name)


class Contact(Customisable):
    """A person at a party. Who may see the party may see its people."""

    business_key = "code"
    title_field = "name"
    access_paths = {"own": "party__owner", "team": "party__owner__team", "party": "party", "masked": "pk"}
    sorted_as = {"name": "name_sort"}
    unlisted = ("name_sort",)
    number_series = CONTACT_SERIES
    number_field = "code"

    code = models.CharField(_("Code"), max_length=30, unique=True, blank=True, help_text=_("Left empty, the next number is taken."))
    party = models.ForeignKey(Party, models.CASCADE, verbose_name=_("Customer or company"), related_name="contacts")
    name = models.CharField(_("Name"), max_length=120)
    name_sort = _name_sort()
    salutation = models.CharField(_("Form of address"), max_length=40, blank=True)
    job_title = models.CharField(_("Job title"), max_length=80, blank=True)
    department = models.CharField(_("Department"), max_length=80, blank=True)
    purchase_role = models.CharField(_("Role in purchases"), max_length=12, choices=PURCHASE_ROLES, blank=True)
    reports_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, verbose_name=_("Reports to"), related_name="reports")
    phone = PhoneField(_("Telephone"), blank=True)
    mobile = PhoneField(_("Mobile"), blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    is_main = models.BooleanField(_("Main contact"), default=False, editable=False)
    note = models.TextField(_("Note"), blank=True)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Contact")
        verbose_name_plural = _("Contacts")
        indexes = [models.Index(fields=["name_sort", "id"], name="contact_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(is_main=True), name="one_main_contact",
                violation_error_message=_("Somebody has just entered the main contact; save again."),
            ),
            models.CheckConstraint(
                condition=Q(reports_to__isnull=True) | ~Q(reports_to=F("id")), name="contact_not_own_superior",
                violation_error_message=_("A person cannot report to themselves."),
            ),
        ]


class Address(Customisable):
    """Where a party is found, delivered to, or invoiced."""

    title_field = "one_line"
    part_of = "party"

    party = models.ForeignKey(Party, models.CASCADE, verbose_name=_("Customer or company"), related_name="addresses")
    kind = models.CharField(_("Kind"), max_length=10, choices=ADDRESS_KINDS, default="office")
    country = models.CharField(_("Country or area"), max_length=2, choices=country_choices, default="CN")
    province = models.CharField(_("Province or state"), max_length=60, blank=True)
    city = models.CharField(_("City"), max_length=60, blank=True)
    district = models.CharField(_("District"), max_length=60, blank=True)
    street = models.CharField(_("Street and number"), max_length=160, blank=True)
    postcode = models.CharField(_("Postcode"), max_length=15, blank=True)
    recipient = models.CharField(_("Recipient"), max_length=80, blank=True)
    phone = PhoneField(_("Telephone"), blank=True)
    is_default = models.BooleanField(_("Default of its kind"), default=False, editable=False)
    one_line = models.CharField(_("Address"), max_length=400, blank=True, editable=False)

    class Meta:
        verbose_name = _("Address")
        verbose_name_plural = _("Addresses")
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "kind"], condition=Q(is_default=True), name="one_default_address",
                violation_error_message=_("Somebody has just entered an address of this kind; save again."),
            )
        ]

    def written(self) -> str:
        """In one line, in the order of its country."""
        if self.country in WRITTEN_CLOSE and not (self.province + self.city + self.street).isascii():
            city = "" if self.city == self.province else self.city
            return "".join((self.province, city, self.district, self.street)) + (f" {self.postcode}" if self.postcode else "")
        place = " ".join(filter(None, (self.postcode, self.city)))
        with override("en"):
            country = "" if self.country == "CN" else str(self.get_country_display())
        return ", ".join(filter(None, (self.street, self.district, place, self.province, country)))


class PartyPhone(Record):
    """One more telephone number of a party."""

    title_field = "number"
    part_of = "party"

    party = models.ForeignKey(Party, models.CASCADE, verbose_name=_("Customer or company"), related_name="phones")
    kind = models.CharField(_("Kind"), max_length=10, choices=PHONE_KINDS, default="work")
    number = PhoneField(_("Telephone number"))
    note = models.CharField(_("Note"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("Telephone number")
        verbose_name_plural = _("Telephone numbers")
        ordering = ["id"]


class PartyEmail(Record):
    """One more e-mail address of a party."""

    title_field = "email"
    part_of = "party"

    party = models.ForeignKey(Party, models.CASCADE, verbose_name=_("Customer or company"), related_name="emails")
    kind = models.CharField(_("Kind"), max_length=10, choices=EMAIL_KINDS, default="work")
    email = models.EmailField(_("E-mail"))
    note = models.CharField(_("Note"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("E-mail address")
        verbose_name_plural = _("E-mail addresses")
        ordering = ["id"]


class RelationQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """Both ends must be visible: a relation would else tell that the other party is there."""
        rows = super().visible_to(actor, verb)
        return rows if actor.row_filter("view", Party) is True else rows.filter(to_party__in=Party.objects.visible_to(actor))


class Relation(Record):
    """What one party is to another, beside being its parent: a customer's customer, its distributor, who pays for it."""

    part_of = "from_party"
    title_field = "kind"

    from_party = models.ForeignKey(Party, models.CASCADE, verbose_name=_("Customer or company"), related_name="relations")
    kind = models.CharField(_("Relation"), max_length=15, choices=RELATION_KINDS)
    to_party = models.ForeignKey(Party, models.CASCADE, verbose_name=_("Other party"), related_name="reverse_relations")
    note = models.CharField(_("Note"), max_length=160, blank=True)

    objects = RelationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Relation")
        verbose_name_plural = _("Relations")
        constraints = [
            models.UniqueConstraint(
                fields=["from_party", "kind", "to_party"], name="one_relation_of_a_kind",
                violation_error_message=_("This relation is already entered."),
            ),
            models.CheckConstraint(
                condition=~Q(from_party=F("to_party")), name="relation_of_two",
                violation_error_message=_("A relation needs two different companies."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_party} {self.get_kind_display()} {self.to_party}"
