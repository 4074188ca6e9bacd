"""Two offers of this week on line: one that was changed at the customer's wish, one accepted with an option; terms, and least margins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.answering import VISITOR_GRANTS, accept_offer, ask_change, comment_offer, open_offer
from guanxi.erp.sales.offers.models import OfferLink, TermsText
from guanxi.erp.sales.operations import order_quotation, revise_quotation
from guanxi.erp.sales.sharing.links import count_view
from guanxi.erp.sales.sharing.mailing import mail_quotation
from guanxi.kernel.access.actor import Actor, visitor_actor
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.shared.catalog.models import Category
from guanxi.shared.demo import Demo
from guanxi.shared.messaging.models import MessageTemplate
from guanxi.shared.parties.models import Party

SELLER = "li"
TERMS = (
    ("EXW", {"zh-hans": "工厂交货", "en": "Ex works"}, {
        "zh-hans": "常州工厂交货，运费由买方承担。\n收到预付款后 20 个工作日内发货。\n质保期 12 个月，自发货日起算。",
        "en": "Ex works Changzhou; freight is paid by the buyer.\nShipped within 20 working days after the advance payment.\n"
              "12 months of warranty from the day of shipment.",
    }),
    ("DAP", {"zh-hans": "送货上门", "en": "Delivered at place"}, {
        "zh-hans": "含运费送至买方仓库，买方负责卸货。\n质保期 12 个月，自签收日起算。",
        "en": "Delivered to the buyer's warehouse, freight included; the buyer unloads.\n12 months of warranty from receipt.",
    }),
)
FLOORS = {"SCREW": "28%", "GUIDE": "30%", "MODULE": "25%", "CARE": "20%"}
FIRST_LINES = (
    {"product": "SFU1605", "quantity": "4", "section": "轴系"}, {"product": "BK12", "quantity": "4", "section": "轴系"},
    {"product": "GF25", "quantity": "4", "section": "轴系"}, {"product": "LG2", "quantity": "1", "inclusion": "optional", "section": "选配"},
)
CHANGED = {"SFU1605": {"quantity": "6", "discount": "3%"}, "BK12": {"quantity": "6"}}
ADDED = {"product": "BF12", "quantity": "6", "section": "轴系"}
WISH = "数量改为 6 套，另请补充支撑侧支座 BF12，价格能否优惠一些？"
SECOND_LINES = (
    {"product": "HGR15", "quantity": "6"}, {"product": "HGH20CA", "quantity": "12"},
    {"product": "INSTALL", "quantity": "1", "inclusion": "optional"}, {"product": "WIPER", "quantity": "24", "inclusion": "optional"},
)
TAKEN = "INSTALL"
QUESTION = "上门调试可以安排在下周吗？"
POSITION = "采购经理"


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    admin = demo.actors[demo.company.administrator].on(demo.today - timedelta(days=10))
    for code, name, text in words.TERMS:
        create_record(TermsText, {"code": code, "name": name, "text": text}, actor=admin)
    for code, floor in words.FLOORS.items():
        change_record(Category.objects.get(code=code), {"margin_floor": floor}, actor=admin)
    seller = demo.actors[words.SELLER]
    mine = Party.objects.filter(owner_id=seller.member_id, is_customer=True, currency__in=("", demo.company.currency), archived_at__isnull=True)
    first, second = mine.filter(contacts__email__gt="").distinct().order_by("pk")[:2]
    _changed(demo, first, seller, words)
    _accepted(demo, second, seller, words)


def _changed(demo: Demo, customer: Party, seller: Actor, words: Any) -> None:
    """Sent, questioned by the customer, revised, sent again and looked at."""
    quotation, link, person = _offered(demo, customer, seller, words, words.FIRST_LINES, days_ago=6)
    visitor = visitor_actor(VISITOR_GRANTS, demo.company.language)
    open_offer(link, actor=visitor.on(demo.today - timedelta(days=5), 10))
    ask_change(link, actor=visitor.on(demo.today - timedelta(days=5), 11), edition=1, name=person.name, text=words.WISH)
    quotation.refresh_from_db()
    later = seller.on(demo.today - timedelta(days=4), 14)
    revise_quotation(quotation, actor=later)
    lines = [
        {"id": line.pk, **words.CHANGED.get(line.product.code, {})} for line in quotation.lines.select_related("product").order_by("position")
    ]
    change_record(quotation, {"lines": [*lines[:-1], words.ADDED, lines[-1]]}, actor=later)
    quotation.refresh_from_db()
    mail_quotation(quotation, actor=later, contacts=[person], template=MessageTemplate.objects.get(code="quotation"))
    again = OfferLink.objects.filter(quotation=quotation).latest("pk")
    open_offer(again, actor=visitor.on(demo.today - timedelta(days=3), 9))
    again.refresh_from_db()
    count_view(again, visitor.on(demo.today - timedelta(days=2), 16))


def _accepted(demo: Demo, customer: Party, seller: Actor, words: Any) -> None:
    """Sent, asked about, accepted with one of its options, and ordered."""
    quotation, link, person = _offered(demo, customer, seller, words, words.SECOND_LINES, days_ago=5)
    visitor = visitor_actor(VISITOR_GRANTS, demo.company.language)
    open_offer(link, actor=visitor.on(demo.today - timedelta(days=4), 9))
    comment_offer(link, actor=visitor.on(demo.today - timedelta(days=4), 10), name=person.name, text=words.QUESTION)
    taken = quotation.lines.get(product__code=words.TAKEN).pk
    accept_offer(
        link, actor=visitor.on(demo.today - timedelta(days=2), 15), edition=1, name=person.name, position=words.POSITION,
        signature=person.name, options=str(taken),
    )
    quotation.refresh_from_db()
    order_quotation(quotation, actor=seller.on(demo.today - timedelta(days=1), 10))


def _offered(demo: Demo, customer: Party, seller: Actor, words: Any, lines: Any, *, days_ago: int) -> tuple[Quotation, OfferLink, Any]:
    day = demo.today - timedelta(days=days_ago)
    actor = seller.on(day, 11)
    person = customer.contacts.exclude(email="").order_by("-is_main", "pk").first()
    given = {
        "customer": customer.pk, "contact": person.pk, "quoted_on": day, "terms": TermsText.objects.get(code=words.TERMS[0][0]).pk,
        "lines": list(lines),
    }
    quotation: Quotation = create_record(Quotation, given, actor=actor, by_id=False).result
    mail_quotation(quotation, actor=actor, contacts=[person], template=MessageTemplate.objects.get(code="quotation"))
    return quotation, OfferLink.objects.get(quotation=quotation), person
