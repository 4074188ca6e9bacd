"""Lines under headings: from the quotation to the invoice, on paper and by the API (M14.1, M5.11)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    confirm_order,
    create_delivery,
    deliver_order,
    invoice_order,
    order_quotation,
    place_order,
)
from guanxi.erp.sales.screens import OrderScreen, QuotationScreen
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.api.reading import record as record_as_json
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.refusals import Invalid
from tests.support.paper import pages_of

LINES = [
    {"product": "FIT", "quantity": "1", "section": ""},
    {"product": "SCREW", "quantity": "10", "section": "Drive"},
    {"product": "NUT", "quantity": "4", "section": "Drive"},
    {"product": "SCREW", "quantity": "1", "section": "Spare parts"},
]


@pytest.fixture
def quotation(trade):
    return create_record(Quotation, {"customer": trade.customer.pk, "lines": LINES}, actor=trade.actor).result


def _headings(document):
    return list(document.lines.order_by("position").values_list("section", flat=True))


def _text(record, trade):
    return "".join(pages_of(print_document(record, actor=trade.actor, language="en").pdf))


class TestAlongTheChain:
    def test_headings_go_with_their_lines_and_change_no_figure(self, trade, quotation):
        assert _headings(quotation) == ["", "Drive", "Drive", "Spare parts"]
        assert (quotation.net, quotation.tax, quotation.total) == tuple(map(Decimal, ("238", "30.94", "268.94")))
        order = order_quotation(quotation, actor=trade.actor)
        confirm_order(order, actor=trade.actor)
        assert (_headings(order), order.total) == (_headings(quotation), quotation.total)
        screw, spare = order.lines.filter(product__code="SCREW").order_by("position")
        parts = [PartialLine(spare, Decimal(1)), PartialLine(screw, Decimal(3))]
        assert _headings(create_delivery(order, actor=trade.actor, lines=parts)) == ["Drive", "Spare parts"]
        rest = deliver_order(order, actor=trade.actor)
        assert _headings(rest) == ["Drive", "Drive"]
        invoice = invoice_order(order, actor=trade.actor)
        assert _headings(invoice) == ["", "Drive", "Drive"] and invoice.net == 120 + 70 + 8

    def test_a_placed_order_takes_them(self, trade):
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(1), section="Drive")])
        assert _headings(order) == ["Drive"]

    def test_a_line_without_one_stands_before_all_headings(self, trade, quotation):
        with pytest.raises(Invalid) as refused:
            change_record(quotation, {"lines": [LINES[1], LINES[0]]}, actor=trade.actor)
        assert refused.value.errors == {"lines.1.section": ["Lines without a section stand first: give this one a section, or move it up."]}


class TestShown:
    def test_on_paper_each_has_its_heading_and_its_sum(self, trade, quotation):
        page = _text(quotation, trade)
        for text in ("13%120.00Drive2", "13%8.00Subtotal108.00Spareparts4", "13%10.00Subtotal10.00Net¥238.00"):
            assert text in page, text
        order = order_quotation(quotation, actor=trade.actor)
        assert "Subtotal108.00" in _text(order, trade)
        confirm_order(order, actor=trade.actor)
        note = _text(deliver_order(order, actor=trade.actor), trade)
        assert "Drive1" in note and "Spareparts3" in note and "Subtotal" not in note
        invoice = invoice_order(order, actor=trade.actor)
        assert "Subtotal108.00" in _text(invoice, trade)
        assert "小计108.00" in "".join(pages_of(print_document(invoice, actor=trade.actor, language="zh-hans").pdf))

    def test_the_api_says_what_each_comes_to(self, trade, quotation):
        found = record_as_json(trade.actor, QuotationScreen, quotation.pk)
        assert [line["section"] for line in found["lines"]] == ["", "Drive", "Drive", "Spare parts"]
        assert found["sections"] == [
            {"title": "", "lines": 1, "net": "120.00"}, {"title": "Drive", "lines": 2, "net": "108.00"},
            {"title": "Spare parts", "lines": 1, "net": "10.00"},
        ]
        plain = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(1))])
        assert record_as_json(trade.actor, OrderScreen, plain.pk)["sections"] == []
