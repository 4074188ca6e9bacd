"""Quotations and orders on paper: exact values, both languages, whose right it is (M5.11, M14.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.erp.inventory.models import Delivery
from guanxi.erp.sales.models import Order, Quotation, QuotationLine
from guanxi.erp.sales.offers.shown import shown_offer
from guanxi.erp.sales.operations import WantedLine, cancel_order, create_delivery, order_quotation, place_order, send_quotation
from guanxi.erp.sales.tracking.shown import tracked_order
from guanxi.kernel.access.models import Entity, Team
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.printing.declared import forms_for
from guanxi.kernel.printing.printing import print_document, print_documents
from guanxi.kernel.records.refusals import Forbidden, Missing, Refused
from guanxi.shared.catalog.paper import specification_of
from guanxi.shared.parties.models import Address, Contact
from tests.support.paper import pages_of


@pytest.fixture
def quotation(trade):
    lines = [{"product": "SCREW", "quantity": "10", "unit_price": "9.5", "discount": "5%"}, {"product": "NUT", "quantity": "2.5"}]
    return create_record(Quotation, {"customer": trade.customer.pk, "quoted_on": "2026-03-01", "lines": lines}, actor=trade.actor).result


def text_of(record, actor, **asked) -> str:
    return "\n".join(pages_of(print_document(record, actor=actor, **asked).pdf))


def test_a_quotation_has_its_figures_under_each_other(trade, quotation):
    send_quotation(quotation, actor=replace(trade.actor, now=datetime(2026, 3, 1, 4, tzinfo=UTC)))
    document = print_document(quotation, actor=trade.actor)
    [page] = pages_of(document.pdf)
    assert document.name == f"Quotation {quotation.number}.pdf"
    for text in ("HengchuanHydraulics", quotation.number, "1March2026", "31March2026", "10.0piece9.505%13%90.25", "2.5piece2.0013%5.00",
                 "¥95.25", "VAT13%on¥95.25", "¥12.38", "Totalwithtax¥107.63", "Page1of1"):
        assert text in page, text
    assert "DRAFT" not in page and "人民币" not in page


def test_in_chinese_the_amount_stands_in_capital_characters(trade, quotation):
    page = text_of(quotation, trade.actor, language="zh-hans")
    for text in ("报价单", "2026年3月1日", "人民币壹佰零柒元陆角叁分", "价税合计¥107.63", "草稿", "第1页，共1页", "折扣"):
        assert text in page, text


def test_the_customer_s_language_is_taken_when_none_is_named(trade, quotation):
    assert "Quotation" in text_of(quotation, trade.actor)
    change_record(trade.customer, {"language": "zh-hans"}, actor=trade.actor)
    assert "报价单" in text_of(quotation, trade.actor)
    both = text_of(quotation, trade.actor, language="bilingual")
    assert "报价单" in both and "Quotation" in both and "单价" in both and "Unitprice" in both
    with pytest.raises(Refused, match="bilingual"):
        print_document(quotation, actor=trade.actor, language="fr")


def test_the_letterhead_is_the_entity_s_and_the_address_the_customer_s(trade, quotation):
    Entity.objects.update(
        name="华启精密", english_name="Huaqi Precision", address="常州", english_address="Changzhou", tax_number="91320412MA1",
        bank_account="ICBC 62220000",
    )
    contact = create_record(Contact, {"party": trade.customer.pk, "name": "Kim Larsen", "mobile": "13800001111"}, actor=trade.actor).result
    create_record(Address, {"party": trade.customer.pk, "kind": "office", "country": "DE", "city": "Hamburg", "street": "Ring 1"}, actor=trade.actor)
    change_record(quotation, {"contact": contact.pk}, actor=trade.actor)
    page = text_of(quotation, trade.actor)
    for text in ("HuaqiPrecision", "Changzhou", "91320412MA1", "ICBC62220000", "KimLarsen", "13800001111", "Ring1,Hamburg,Germany"):
        assert text in page, text
    assert "华启精密" in text_of(quotation, trade.actor, language="zh-hans")


def test_a_cancelled_order_says_so(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(1))], customer_reference="PO-9")
    assert "PO-9" in text_of(order, trade.actor) and "CANCELLED" not in text_of(order, trade.actor)
    cancel_order(order, actor=trade.actor)
    assert "CANCELLED" in text_of(order, trade.actor)


def test_a_delivery_note_shows_no_price(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(3))])
    create_delivery(order, actor=trade.actor)
    page = text_of(Delivery.objects.get(), trade.actor)
    assert "Deliverynote" in page and "SCREW" in page and "3piece" in page and "DRAFT" in page
    assert "¥" not in page and "10.00" not in page


class TestRights:
    """What a member may not see is not printed for them."""

    def test_another_s_document_is_as_if_it_were_not_there(self, trade, quotation, member):
        seller = member("salesperson")
        with pytest.raises(Missing):
            print_document(quotation, actor=seller)
        with pytest.raises(Missing):
            print_documents(Quotation, [quotation.pk, 999_999], actor=trade.actor)
        with pytest.raises(Forbidden):
            print_document(Order(pk=1), actor=member())

    def test_who_may_not_read_a_column_that_stands_on_it_cannot_print_it(self, trade, quotation, member, monkeypatch):
        monkeypatch.setitem(Quotation.restricted, "see_prices", ("total",))
        from guanxi.kernel.columns.registry import declared_columns

        declared_columns.cache_clear()
        try:
            manager = member("sales_manager", team=Team.objects.create(name="North"))
            quotation.owner_id = manager.member_id
            quotation.save()
            assert forms_for(quotation, manager) == []
            with pytest.raises(Forbidden, match="Total"):
                print_document(quotation, actor=manager)
        finally:
            monkeypatch.undo()
            declared_columns.cache_clear()

    def test_of_a_customer_one_may_not_see_only_the_name_is_printed(self, trade, quotation, member):
        seller = member("salesperson")
        create_record(Address, {"party": trade.customer.pk, "country": "DE", "city": "Hamburg", "street": "Ring 1"}, actor=trade.actor)
        quotation.owner_id = seller.member_id
        quotation.save()
        page = text_of(quotation, seller)
        assert "HengchuanHydraulics" in page and "Hamburg" not in page


def test_many_documents_are_printed_with_as_many_queries_as_one(trade, quotation):
    lines = [{"product": "NUT", "quantity": "1"}] * 5
    more = [create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result for _ in range(4)]
    with CaptureQueriesContext(connections["default"]) as one:
        print_documents(Quotation, [quotation.pk], actor=trade.actor)
    with CaptureQueriesContext(connections["default"]) as many:
        found = pages_of(print_documents(Quotation, [quotation.pk, *(row.pk for row in more)], actor=trade.actor).pdf)
    assert len(found) == 5 and all("Page1of1" in page for page in found)
    assert len(one) == len(many) == 4


def test_under_what_was_chosen_the_product_s_own_specification_does_not_contradict_it(trade):
    change_record(trade.screw, {"specification": "M6 zinc"}, actor=trade.actor)
    lines = [{"product": "SCREW", "quantity": "1"}, {"product": "SCREW", "quantity": "1", "description": "SCREW · M8 · steel"}]
    quotation = create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
    send_quotation(quotation, actor=trade.actor)
    [(_title, shown, _sum)] = shown_offer(quotation, "en", trade.actor.today).sections
    assert [(line.name, line.detail) for line in shown] == [("SCREW", "SCREW · M6 zinc"), ("SCREW · M8 · steel", "SCREW")]
    assert text_of(quotation, trade.actor).count("M6zinc") == 1
    order = order_quotation(quotation, actor=trade.actor)
    assert [(line.name, line.detail) for line in tracked_order(order, "en").lines] == [
        ("SCREW", "SCREW · M6 zinc"), ("SCREW · M8 · steel", "SCREW"),
    ]
    trade.screw.refresh_from_db()
    named_anew = QuotationLine(product=trade.screw, description="For the pump", configuration_id=1)
    assert (specification_of(named_anew), specification_of(QuotationLine(product=trade.screw, description="For the pump"))) == ("", "M6 zinc")
