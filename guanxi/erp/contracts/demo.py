"""Contracts of a few customers in every state, a framework that was called off twice, and plans that are collected in part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from docx import Document

from guanxi.erp.contracts.billing import collect_instalment, invoice_instalment
from guanxi.erp.contracts.calling import CalledLine, call_off
from guanxi.erp.contracts.collecting import PlannedInstalment, plan_contract, plan_order, request_invoice, schedule_instalment
from guanxi.erp.contracts.models import Clause, Contract, DocumentTemplate, Instalment
from guanxi.erp.contracts.operations import (
    amend_contract,
    approve_contract,
    cancel_contract,
    end_contract,
    send_contract,
    sign_contract,
    terminate_contract,
)
from guanxi.erp.contracts.proposing import issue_proposal, propose_quotation
from guanxi.erp.contracts.writing import write_contract
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import confirm_order, deliver_order
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation_named, perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.operations import attach
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

SELLER = "li"
CLAUSES = (
    ("SCOPE", "scope", {"zh-hans": "标的", "en": "Subject"}, {
        "zh-hans": "卖方按上表所列品名、规格和数量向买方供货。",
        "en": "The seller supplies the goods listed above in kind, specification and quantity.",
    }),
    ("PAY", "price", {"zh-hans": "价款与支付", "en": "Price and payment"}, {
        "zh-hans": "合同总价（含税）为 {{ total }}。合同签订后 7 日内支付 30%，发货后支付 60%，验收合格后 30 日内支付其余 10%。",
        "en": "The price with tax is {{ total }}: 30 % within 7 days of signing, 60 % on delivery, 10 % within 30 days of acceptance.",
    }),
    ("DELIV", "delivery", {"zh-hans": "交货与验收", "en": "Delivery and acceptance"}, {
        "zh-hans": "卖方送货至买方指定地点。买方应在收货后 10 日内验收，逾期未提出书面异议的视为验收合格。",
        "en": "The goods are delivered to the place named by the buyer, who accepts or objects in writing within 10 days.",
    }),
    ("WARR", "warranty", {"zh-hans": "质量保证", "en": "Warranty"}, {
        "zh-hans": "质保期为自验收合格之日起 12 个月。质保期内因质量问题产生的维修、更换费用由卖方承担。",
        "en": "Twelve months from acceptance; repair and replacement of faulty goods are at the seller's cost.",
    }),
    ("LATE", "liability", {"zh-hans": "违约责任", "en": "Delay"}, {
        "zh-hans": "任何一方逾期的，每逾期一日按逾期部分金额的万分之五支付违约金，总额不超过合同总价的 5%。",
        "en": "Whoever is late pays 0.05 % of the part concerned for each day, at most 5 % of the price.",
    }),
    ("CALL", "scope", {"zh-hans": "分批下单", "en": "Call-offs"}, {
        "zh-hans": "本合同有效期自 {{ valid_from }} 至 {{ valid_until }}，买方在约定数量内分批下达订单，价格以本合同为准。",
        "en": "From {{ valid_from }} until {{ valid_until }} the buyer calls the goods off by orders at the prices of this contract.",
    }),
    ("LAW", "law", {"zh-hans": "争议解决", "en": "Disputes"}, {
        "zh-hans": "因本合同产生的争议由双方协商解决；协商不成的，提交卖方所在地人民法院。",
        "en": "Disputes go to the courts at the seller's seat.",
    }),
)
OPENING = {
    "zh-hans": "买方 {{ customer.name }} 与卖方 {{ company.name }} 经友好协商，订立本合同，共同遵守。",
    "en": "{{ customer.name }} (the buyer) and {{ company.name }} (the seller) agree as follows.",
}
TEMPLATES = (
    ("SALE", "contract", "", {"zh-hans": "购销合同", "en": "Sales contract"}, OPENING, "SCOPE PAY DELIV WARR LATE LAW"),
    ("FRAME", "contract", "", {"zh-hans": "年度框架合同", "en": "Framework contract"}, OPENING, "SCOPE CALL DELIV WARR LAW"),
    (
        "BOTH", "contract", "bilingual", {"zh-hans": "购销合同（中英文）", "en": "Sales contract in two languages"}, OPENING,
        "SCOPE PAY DELIV WARR LAW",
    ),
    ("PROP", "proposal", "", {"zh-hans": "解决方案建议书", "en": "Proposal"}, {
        "zh-hans": "感谢贵司的信任。我们根据沟通中了解到的情况，提出以下方案。",
        "en": "Thank you for your trust. From what we learnt of your needs we propose the following.",
    }, "DELIV WARR"),
)
INSTALMENTS = (("预付款", "0.3", "signing", 7), ("发货款", "0.6", "delivery", 0), ("验收款", "0.1", "acceptance", 30))
LINES: dict[str, Sequence[tuple[str, str]]] = {
    "plan": (("SFU1605", "20"), ("BK12", "20")), "frame": (("HGH20CA", "240"), ("HGR15", "120")), "small": (("BK12", "30"), ("BF12", "30")),
    "other": (("SFU1605", "8"),),
}
CALLS = (("HGH20CA", "60"), ("HGH20CA", "36"))
CHANGED = ("12 个月", "18 个月")
TITLES = {"frame": "直线导轨年度框架合同", "plan": "丝杠备件采购合同"}
OURS, THEIRS, PLACE = "张伟", "总经理", "常州"
WORD_FILE, WORD_HEAD = "购销合同.docx", ("品名", "数量", "单价", "金额")
REASONS = {
    "terminated": "客户产线停建，双方协商解除", "cancelled": "客户改为直接下单", "note": "客户要求本周内收到发票",
    "released": "已按合同收到预付款",
}
NEEDS = "现有产线定位精度不足，换线时间长。希望在不停产的前提下，分两期更换直线导轨与滚珠丝杠，并由供应商负责安装调试。"


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    director = demo.actors[demo.company.director].on(demo.today - timedelta(days=150), 9)
    templates = _masters(words, director)
    story = _Story(demo, words, templates)
    story.collected_in_part()
    story.framework()
    story.in_every_state()
    story.proposal()
    story.plan_of_an_order()


def _masters(words: Any, actor: Actor) -> dict[str, DocumentTemplate]:
    clauses = {
        code: create_record(Clause, {"code": code, "kind": kind, "name": name, "text": text}, actor=actor).result
        for code, kind, name, text in words.CLAUSES
    }
    found = {}
    for code, kind, language, name, opening, used in words.TEMPLATES:
        lines = [{"clause": clauses[one].pk} for one in used.split()]
        given = {"code": code, "kind": kind, "language": language, "name": name, "opening": opening, "lines": lines}
        found[code] = create_record(DocumentTemplate, given, actor=actor, by_id=True).result
    attach(found["SALE"], store(BytesIO(_word_file(words)), words.WORD_FILE), words.WORD_FILE, actor)
    return found


def _word_file(words: Any) -> bytes:
    """A layout of the company's own, as it would be made in Word."""
    document = Document()
    document.add_heading("{{ title }}", 1)
    document.add_paragraph("{{ number }}")
    document.add_paragraph("{{ opening }}")
    table = document.add_table(rows=4, cols=4)
    for row, texts in enumerate((
        words.WORD_HEAD, ("{%tr for line in lines %}",),
        ("{{ line.product }}", "{{ line.quantity }} {{ line.unit }}", "{{ line.unit_price }}", "{{ line.net }}"), ("{%tr endfor %}",),
    )):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    document.add_paragraph("{{ total }}  {{ in_words }}")
    for text in ("{%p for one in clauses %}", "{{ one.number }}  {{ one.title }}", "{{ one.text }}", "{%p endfor %}"):
        document.add_paragraph(text)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


class _Story:
    def __init__(self, demo: Demo, words: Any, templates: dict[str, DocumentTemplate]):
        self.demo, self.words, self.templates = demo, words, templates
        self.seller, self.director = demo.actors[words.SELLER], demo.actors[demo.company.director]
        self.accountant = demo.actors[demo.company.accountant]
        self.keeper = demo.actors[next(iter(demo.company.keepers.values()))]
        mine = Party.objects.filter(
            owner_id=self.seller.member_id, is_customer=True, currency__in=("", demo.company.currency), archived_at__isnull=True,
            contacts__isnull=False,
        )
        self.customers = list(mine.distinct().order_by("pk"))

    def day(self, days: int) -> date:
        return self.demo.today - timedelta(days=days)

    def draft(self, at: int, lines: str, days: int, template: str = "SALE", **values: Any) -> Contract:
        customer = self.customers[at % len(self.customers)]
        given = {
            "customer": customer, "contact": customer.contacts.order_by("pk").first(), "template": self.templates[template],
            "drawn_on": self.day(days),
            "lines": [{"product": self.demo.made["products"][code], "quantity": quantity} for code, quantity in self.words.LINES[lines]], **values,
        }
        row: Contract = create_record(Contract, given, actor=self.seller.on(self.day(days), 10)).result
        return row

    def sign(self, row: Contract, days: int) -> Contract:
        approve_contract(row, actor=self.director.on(self.day(days + 2), 11))
        send_contract(row, actor=self.seller.on(self.day(days + 2), 14))
        contact = row.contact
        sign_contract(
            row, actor=self.seller.on(self.day(days), 15), signed_on=self.day(days), their_name=contact.name if contact else self.words.OURS,
            their_position=self.words.THEIRS, our_name=self.words.OURS, place=self.words.PLACE,
        )
        return row

    def collected_in_part(self) -> None:
        """The advance came before anything was called off; what is due on delivery is invoiced and late; the acceptance is still to come."""
        row = self.draft(0, "plan", 64, title=self.words.TITLES["plan"])
        self.plan(row, 63)
        self.sign(row, 60)
        advance, delivery, _rest = Instalment.objects.filter(contract=row).order_by("position")
        collect_instalment(advance, actor=self.accountant.on(self.day(58), 10), received_on=self.day(58))
        order = call_off(Contract.objects.get(pk=row.pk), actor=self.seller.on(self.day(57), 9))
        confirm_order(order, actor=self.seller.on(self.day(57), 10))
        advance.refresh_from_db()
        invoice_instalment(advance, actor=self.accountant.on(self.day(54), 10))
        order = Order.objects.get(pk=order.pk)
        if order.hold:
            release = {"note": self.words.REASONS["released"]}
            perform(operation_named("sales.release_order"), order.pk, actor=self.accountant.on(self.day(40), 10), raw=release)
        deliver_order(Order.objects.get(pk=order.pk), actor=self.keeper.on(self.day(38), 15), shipped_on=self.day(38))
        schedule_instalment(delivery, actor=self.seller.on(self.day(37), 9), due_on=self.day(30))
        request_invoice(delivery, actor=self.seller.on(self.day(37), 10), note=self.words.REASONS["note"])
        delivery.refresh_from_db()
        invoice = invoice_instalment(delivery, actor=self.accountant.on(self.day(36), 10))
        half = (invoice.total / 2).quantize(Decimal("0.01"))
        record_receipt(row.customer, actor=self.accountant.on(self.day(20), 11), amount=half, received_on=self.day(20), invoices=[invoice])

    def plan(self, row: Contract, days: int) -> None:
        wanted = [PlannedInstalment(title=t, share=Decimal(share), event=event, days=n) for t, share, event, n in self.words.INSTALMENTS]
        plan_contract(row, actor=self.seller.on(self.day(days), 11), instalments=wanted)

    def framework(self) -> None:
        first = self.day(330)
        row = self.draft(
            1, "frame", 340, "FRAME", kind="framework", title=self.words.TITLES["frame"], valid_from=first, valid_until=first + timedelta(days=364),
            renewal="automatic", notice_days=45, tolerance="5%",
        )
        self.sign(row, 332)
        for (code, quantity), days in zip(self.words.CALLS, (70, 6), strict=True):
            line = row.lines.get(product__code=code)
            order = call_off(row, actor=self.seller.on(self.day(days), 10), lines=[CalledLine(line=line, quantity=Decimal(quantity))])
            if days > 10:
                confirm_order(order, actor=self.seller.on(self.day(days), 11))

    def in_every_state(self) -> None:
        words = self.words
        draft = self.draft(2, "small", 2)
        change_record(draft, {"wording": draft.wording.replace(*words.CHANGED)}, actor=self.seller.on(self.day(1), 10))
        perform(approve_contract, self.draft(3, "plan", 3).pk, actor=self.seller.on(self.day(1), 11), raw={})
        write_contract(Contract.objects.get(pk=draft.pk), actor=self.seller.on(self.day(1), 12))
        sent = self.draft(4, "other", 9, "BOTH")
        approve_contract(sent, actor=self.director.on(self.day(7), 11))
        send_contract(sent, actor=self.seller.on(self.day(6), 11))
        approve_contract(self.draft(5, "other", 5), actor=self.director.on(self.day(4), 11))
        cancel_contract(self.draft(6, "other", 40), actor=self.seller.on(self.day(30), 11), reason=words.REASONS["cancelled"])
        terminated = self.sign(self.draft(7, "small", 130), 125)
        terminate_contract(terminated, actor=self.director.on(self.day(80), 11), reason=words.REASONS["terminated"])
        end_contract(self.sign(self.draft(2, "other", 145), 140), actor=self.seller.on(self.day(60), 11))
        amended = self.sign(self.draft(3, "small", 90), 85)
        self.sign(amend_contract(amended, actor=self.seller.on(self.day(50), 10)), 45)

    def proposal(self) -> None:
        quotation = Quotation.objects.filter(owner_id=self.seller.member_id, status="sent").order_by("-quoted_on", "-pk").first()
        if quotation is not None:
            proposal = propose_quotation(
                quotation, actor=self.seller.on(self.day(2), 10), template=self.templates["PROP"], needs=self.words.NEEDS,
            )
            issue_proposal(proposal, actor=self.seller.on(self.day(2), 11))

    def plan_of_an_order(self) -> None:
        order = Order.objects.filter(owner_id=self.seller.member_id, status="confirmed", hold="").order_by("-ordered_on", "-pk").first()
        if order is not None:
            first, rest = (title for title, *_more in self.words.INSTALMENTS[:2])
            plan_order(order, actor=self.seller.on(self.day(1), 15), instalments=[
                PlannedInstalment(title=first, share=Decimal("0.5"), due_on=self.demo.today + timedelta(days=9)),
                PlannedInstalment(title=rest, share=Decimal("0.5"), due_on=self.demo.today + timedelta(days=39)),
            ])
