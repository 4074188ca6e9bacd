"""How versions, links, answers and terms are seen."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink, QuotationVersion, QuotationVersionLine, TermsText
from guanxi.kernel.screens.screen import Lines, Screen


class QuotationVersionScreen(Screen):
    model = QuotationVersion
    path = "sales/quotation-versions"
    icon = "versions"
    teaches = _("Each offer as it was sent: revising one makes a new version, and the old one stays.")
    columns = ("number", "quotation", "edition", "customer", "at", "sender", "valid_until", "net", "total", "margin_rate")
    filters = ("quotation", "customer", "at", "sender", "valid_until", "total")
    search = ("number",)
    sections = {
        _("Quotation version"): ("quotation", "edition", "at", "sender", "customer", "contact", "quoted_on", "valid_until"),
        _("Terms"): ("entity", "payment_term", "currency", "owner", "terms_text", "note"),
    }
    lines = Lines(
        QuotationVersionLine, "section product description quantity unit unit_price discount tax inclusion", parent="version_of",
        shown="promised_on margin_rate net", section="section", subtotal="net", apart=("inclusion", "optional"),
    )
    value_templates = {"inclusion": "components/inclusion.html"}
    default_sort = "-at"
    title = "number"
    subtitle = ("customer", "contact", "sender")
    facts = ("total", "margin", "margin_rate")
    totals = ("net", "tax", "total")
    may_create = False
    may_edit = False


class OfferLinkScreen(Screen):
    model = OfferLink
    path = "sales/offer-links"
    icon = "link"
    teaches = _("Ways to the customer's page of an offer: who was given one, until when it is open, and when it was looked at.")
    columns = ("given_to", "quotation", "made_by", "at", "ends_on", "revoked_at", "first_seen_at", "last_seen_at", "seen_count")
    filters = ("quotation", "quotation__customer", "made_by", "at", "ends_on", "revoked_at", "first_seen_at")
    sections = {_("Link for the customer"): (
        "quotation", "given_to", "message", "made_by", "at", "ends_on", "revoked_at", "first_seen_at", "last_seen_at", "seen_count",
    )}
    default_sort = "-at"
    title = "given_to"
    subtitle = ("quotation",)
    hidden_operations = ("open_offer", "accept_offer", "comment_offer", "ask_change")
    may_create = False
    may_edit = False


class OfferAnswerScreen(Screen):
    model = OfferAnswer
    path = "sales/offer-answers"
    icon = "signature"
    teaches = _("What customers said on the page of their offer: yes with a name, a comment, or what they want otherwise.")
    columns = ("name", "kind", "quotation", "edition", "at", "position", "total", "text")
    filters = ("kind", "quotation", "quotation__customer", "at")
    search = ("name", "text")
    sections = {_("Customer's answer"): (
        "quotation", "edition", "kind", "at", "name", "position", "signature", "text", "chosen", "total", "link", "origin",
    )}
    default_sort = "-at"
    title = "name"
    subtitle = ("kind", "quotation")
    may_create = False
    may_edit = False


class TermsTextScreen(Screen):
    model = TermsText
    path = "setup/terms-texts"
    icon = "file-description"
    teaches = _("Words on which you offer, in both languages; a quotation takes them over and may say them otherwise.")
    menu = ("setup", 45)
    columns = ("code", "name", "text")
    filters = ("archived_at",)
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Terms text"): ("code", "name", "text")}
