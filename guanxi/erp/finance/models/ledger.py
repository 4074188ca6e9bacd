"""Charts of accounts, periods, the journal, and the balances kept beside it."""

from collections.abc import Callable
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import AppendOnly, Record
from guanxi.kernel.values import MoneyField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

ENTRY_SERIES = series("finance.entry", "JV-{year}-{n:06}", model="finance.journalentry", gapless_by_law=True)
BASE = "entity__currency"


class Ledger(Record):
    """The books of one legal entity: which chart they follow, and how a wrong entry is taken back."""

    CHARTS = [("cn_small", _("Accounting standard for small enterprises (China)")), ("international", _("International"))]
    REVERSALS = [("red", _("Red-letter amounts on the same side")), ("opposite", _("The same amounts on the opposite side"))]

    entity = models.OneToOneField(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="books", editable=False)
    chart = models.CharField(_("Chart of accounts"), max_length=20, choices=CHARTS, editable=False)
    reversal = models.CharField(_("Reversals"), max_length=10, choices=REVERSALS)
    """Red-letter reversal keeps turnover true, as Chinese bookkeeping rules ask; elsewhere the sides are swapped."""

    title_field = "chart"

    class Meta:
        verbose_name = _("Ledger")
        verbose_name_plural = _("Ledgers")


class Account(Customisable):
    """One account of an entity's chart. Only postable ones take entries; the others add up those below them."""

    business_key = "code"
    title_field = "name"
    KINDS = [
        ("asset", _("Asset")), ("liability", _("Liability")), ("equity", _("Equity")), ("cost", _("Production cost")),
        ("income", _("Income")), ("expense", _("Expense")),
    ]
    SIDES = [("debit", _("Debit")), ("credit", _("Credit"))]

    entity = models.ForeignKey(Entity, models.PROTECT, blank=True, verbose_name=_("Legal entity"), related_name="+")
    code = models.CharField(_("Code"), max_length=20)
    name = TranslatedField(_("Name"))
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS)
    side = models.CharField(_("Normal side"), max_length=6, choices=SIDES)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("Part of"))
    is_postable = models.BooleanField(_("Takes entries"), default=True)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Account")
        verbose_name_plural = _("Accounts")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "code"], name="account_code", violation_error_message=_("This code is taken; choose another.")
            )
        ]


class AccountUse(Record):
    """Which account an automatic posting takes: receivables, revenue, output tax, stock …"""

    USES = [
        ("receivable", _("Receivables")), ("payable", _("Payables")), ("revenue", _("Revenue")), ("output_tax", _("Output tax")),
        ("stock", _("Stock of goods")), ("cost_of_sales", _("Cost of sales")), ("bank", _("Bank")), ("cash", _("Cash")),
        ("goods_received_not_invoiced", _("Goods received, not invoiced")), ("opening_balance", _("Opening balances")),
        ("stock_difference", _("Stock differences")), ("rounding", _("Rounding")), ("exchange_gain", _("Exchange gains")),
        ("exchange_loss", _("Exchange losses")), ("prepayment", _("Prepayments of customers")),
        ("scrap", _("Scrapped goods")), ("contract_liability", _("Billed ahead of delivery")),
        ("work_applied", _("Work applied to goods sold")),
    ]

    entity = models.ForeignKey(Entity, models.PROTECT, blank=True, verbose_name=_("Legal entity"), related_name="+", editable=False)
    use = models.CharField(_("Used for"), max_length=40, choices=USES, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("Account"), related_name="uses")

    title_field = "use"

    class Meta:
        verbose_name = _("Account use")
        verbose_name_plural = _("Account uses")
        constraints = [models.UniqueConstraint(fields=["entity", "use"], name="one_account_per_use")]


class Period(Record):
    """A month of one entity's books. Made when the first entry falls into it; nothing is posted once it is closed."""

    business_key = "code"
    lifecycle = Lifecycle(
        {"open": pgettext_lazy("month", "Open"), "closed": pgettext_lazy("month", "Closed")}, open=["closed"], closed=["open"], editable=(),
        tones={"open": "green", "closed": "grey"},
    )

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", editable=False)
    code = models.CharField(_("Month"), max_length=7, editable=False)
    starts_on = models.DateField(_("First day"), editable=False)
    ends_on = models.DateField(_("Last day"), editable=False)
    status = lifecycle.field()

    class Meta:
        verbose_name = _("Period")
        verbose_name_plural = _("Periods")
        ordering = ["-starts_on"]
        constraints = [models.UniqueConstraint(fields=["entity", "starts_on"], name="one_period_a_month")]


class JournalEntry(AppendOnly):
    """One voucher: at least two lines whose debits equal their credits. A wrong one is reversed by another."""

    business_key = "number"
    KINDS = [
        ("invoice", _("Invoice")), ("receipt", _("Receipt")), ("exchange", _("Exchange difference")),
        ("settlement", _("Prepayment settled")), ("refund", _("Refund")), ("recognition", _("Revenue of what was billed ahead")),
        ("delivery", _("Delivery")),
        ("goods_receipt", _("Goods receipt")), ("opening", _("Opening balance")), ("stock_count", _("Stock count")),
        ("inspection", _("Inspection of returned goods")),
        ("manual", _("Manual entry")),
    ]

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    number = models.CharField(_("Voucher number"), max_length=30, unique=True, editable=False)
    posted_on = models.DateField(_("Date"), editable=False)
    period = models.ForeignKey(Period, models.PROTECT, verbose_name=_("Period"), related_name="entries", editable=False)
    kind = models.CharField(_("Kind"), max_length=20, choices=KINDS, editable=False)
    description = models.CharField(_("Summary"), max_length=200, blank=True, editable=False)
    total = MoneyField(_("Entry total"), currency_field=BASE, editable=False)
    line_count = models.PositiveIntegerField(_("Number of lines"), editable=False)
    """With `total` it seals the entry: a line added later is refused by the database."""
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, verbose_name=_("Reverses"), related_name="reversed_by", editable=False
    )
    source_model = models.CharField(max_length=60, blank=True, editable=False)
    source_id = models.BigIntegerField(null=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Posted by"), related_name="+", db_index=False, editable=False)
    act_id = models.BigIntegerField(null=True, editable=False)
    at = models.DateTimeField(_("Posted at"), editable=False)

    class Meta:
        verbose_name = _("Journal entry")
        verbose_name_plural = _("Journal entries")
        indexes = [
            models.Index(fields=["entity", "-posted_on", "-id"], name="entry_day"),
            models.Index(fields=["source_id", "source_model"], name="entry_source"),
        ]


class JournalLine(AppendOnly):
    """One side of an entry in the books' currency, with what it concerns. Either debit or credit; negative is red-letter."""

    part_of = "entry"
    record_columns = {"document": _("Document")}
    behind: ClassVar[dict[str, Callable[[int], Q]]] = {}
    """Model → the lines of what became of one of its rows: an order writes none itself. Said by modules that stand above."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="lines", verbose_name=_("Journal entry"))
    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False)
    position = models.PositiveIntegerField(_("#"), default=1, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("Account"), related_name="+", db_index=False)
    debit = MoneyField(_("Debit"), default=0, currency_field=BASE)
    credit = MoneyField(_("Credit"), default=0, currency_field=BASE)
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES)
    amount = MoneyField(_("Amount in currency"), default=0)
    """Signed (debit positive), in `currency`; equal to debit − credit when that is the books' own."""
    rate = models.DecimalField(_("Exchange rate"), max_digits=19, decimal_places=8, default=1)
    """Units of the books' currency for one unit of `currency`."""
    description = models.CharField(_("Summary"), max_length=200, blank=True)
    party = models.ForeignKey(Party, models.PROTECT, null=True, verbose_name=_("Business partner"), related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, verbose_name=_("Product"), related_name="+", db_index=False)
    salesperson = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Salesperson"), related_name="+", db_index=False)
    source_model = models.CharField(max_length=60, blank=True, editable=False)
    source_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("Journal line")
        verbose_name_plural = _("Journal lines")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(debit=0) & ~Q(credit=0) | ~Q(debit=0) & Q(credit=0),
                name="debit_or_credit",
                violation_error_message=_("A line has either a debit or a credit."),
            )
        ]
        indexes = [
            models.Index(fields=["account", "party"], name="line_account"),
            models.Index(fields=["party"], condition=Q(party__isnull=False), name="line_party"),
            models.Index(fields=["product"], condition=Q(product__isnull=False), name="line_product"),
            models.Index(fields=["source_id", "source_model"], condition=Q(source_id__isnull=False), name="line_source"),
        ]

    @classmethod
    def about(cls, name: str, label: str, row_id: int) -> Q:
        """The lines that a document wrote, or what became of it."""
        return cls.behind[label](row_id) if label in cls.behind else Q(entry__source_model=label, entry__source_id=row_id)

    @classmethod
    def record_sql(cls, name: str) -> Combinable:
        """The document that wrote the entry."""
        return super().record_sql("entry__source")


class AccountBalance(Record):
    """Turnover of an account in one period, kept with every entry and proved against the lines by `guanxi check`."""

    tracked = False

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("Account"), related_name="balances", db_index=False, editable=False)
    period = models.ForeignKey(Period, models.PROTECT, verbose_name=_("Period"), related_name="balances", editable=False)
    debit = MoneyField(_("Debit"), default=0, currency_field=BASE, editable=False)
    credit = MoneyField(_("Credit"), default=0, currency_field=BASE, editable=False)

    net = derived(_("Balance"), "money", F("debit") - F("credit"), currency=BASE)

    class Meta:
        verbose_name = _("Account balance")
        verbose_name_plural = _("Account balances")
        constraints = [models.UniqueConstraint(fields=["account", "period"], name="one_balance_a_period")]


class PartyTurnover(Record):
    """Turnover of a business partner on an account in one calendar year, kept with every entry: what sales and margin of a customer are read from."""

    title_field = "party"
    tracked = False
    adds_up = ("debit", "credit")

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Business partner"), related_name="+", db_index=False, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("Account"), related_name="+", db_index=False, editable=False)
    year = models.PositiveSmallIntegerField(_("Year"), editable=False)
    debit = MoneyField(_("Debit"), default=0, currency_field=BASE, editable=False)
    credit = MoneyField(_("Credit"), default=0, currency_field=BASE, editable=False)

    net = derived(_("Balance"), "money", F("debit") - F("credit"), currency=BASE)

    class Meta:
        verbose_name = _("Turnover of a partner")
        verbose_name_plural = _("Turnover of partners")
        constraints = [models.UniqueConstraint(fields=["party", "account", "year"], name="one_turnover_a_year")]
        indexes = [models.Index(fields=["account", "year"], name="turnover_account")]


class PartyBalance(Record):
    """What a customer owes an entity in one currency: open invoices less money not allocated yet."""

    tracked = False
    adds_up = ("receivable", "receivable_base")

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+", db_index=False, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Business partner"), related_name="balances", db_index=False, editable=False)
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, editable=False)
    receivable = MoneyField(_("Receivable"), default=0, editable=False)
    receivable_base = MoneyField(_("Receivable in the books' currency"), default=0, currency_field=BASE, editable=False)

    class Meta:
        verbose_name = _("Party balance")
        verbose_name_plural = _("Party balances")
        constraints = [models.UniqueConstraint(fields=["party", "entity", "currency"], name="one_balance_a_party")]
