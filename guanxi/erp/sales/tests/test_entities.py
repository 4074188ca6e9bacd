"""Two legal entities in one account set: each with its own books, numbers, warehouse, currency and taxes (M22.2, M22.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import WantedLine, deliver_order, invoice_order, order_quotation, place_order
from guanxi.erp.sales.screens import OrderScreen
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.refusals import Invalid
from guanxi.shared.parties.screens import PartyScreen
from tests.support.paper import pages_of


def _order(world, actor=None, **values):
    given = {"customer": world.customer.pk, "lines": [{"product": world.screw.pk, "quantity": "4"}], **values}
    return create_record(Order, given, actor=actor or world.actor, by_id=True).result


class TestWhoseDocument:
    def test_a_member_makes_documents_of_the_entity_they_work_for(self, abroad):
        order = _order(abroad)
        line = order.lines.get()
        assert (order.entity, order.warehouse, order.currency) == (abroad.entity, abroad.warehouse, "EUR")
        assert (line.unit_price, line.tax.code, line.unit_cost) == (Decimal("1.50"), "NL21", Decimal("0.80"))
        assert order.number.startswith("NL-SO-") and order.number.endswith("-00001")

    def test_another_entity_can_be_chosen_and_brings_its_own_terms(self, abroad):
        order = _order(abroad, entity=abroad.default.pk)
        assert (order.entity, order.warehouse.code, order.currency) == (abroad.default, "WH1", "CNY")
        assert order.lines.get().tax.code == "VAT13" and order.number.startswith("SO-") and order.number.endswith("-00001")

    def test_a_warehouse_says_whose_order_it_is(self, abroad):
        assert _order(abroad, warehouse=Warehouse.objects.get(code="WH1").pk).entity == abroad.default

    def test_a_warehouse_of_another_entity_is_refused(self, abroad):
        with pytest.raises(Invalid) as refused:
            _order(abroad, entity=abroad.default.pk, warehouse=abroad.warehouse.pk)
        assert refused.value.errors == {"warehouse": ["This warehouse belongs to another legal entity; choose one of its own."]}

    def test_a_document_stays_with_its_entity(self, abroad):
        order = _order(abroad)
        with pytest.raises(Invalid) as refused:
            change_record(order, {"entity": abroad.default.pk}, actor=abroad.actor, by_id=True)
        assert list(refused.value.errors) == ["entity"]
        change_record(order, {"entity": "", "note": "kept"}, actor=abroad.actor, by_id=True)
        order.refresh_from_db()
        assert (order.entity, order.note) == (abroad.entity, "kept")

    def test_a_quotation_s_order_is_of_the_same_entity(self, abroad):
        given = {"customer": abroad.customer.pk, "entity": abroad.entity.pk, "lines": [{"product": abroad.screw.pk, "quantity": "1"}]}
        quotation = create_record(Quotation, given, actor=abroad.at_home, by_id=True).result
        order = order_quotation(quotation, actor=abroad.actor)
        assert (order.entity, order.warehouse) == (abroad.entity, abroad.warehouse) and quotation.number.startswith("NL-QT-")

    def test_goods_are_received_for_the_warehouse_s_entity(self, abroad):
        assert abroad.receipt.entity == abroad.entity and abroad.receipt.number.startswith("NL-")

    def test_masters_are_shared_and_so_are_their_numbers(self, abroad):
        assert not abroad.customer.code.startswith("NL-")


class TestTheWholeChain:
    @pytest.fixture
    def paid(self, abroad):
        order = place_order(abroad.customer, actor=abroad.actor, lines=[WantedLine(product=abroad.screw, quantity=Decimal(4))])
        delivery = deliver_order(order, actor=abroad.actor)
        invoice = invoice_order(order, actor=abroad.actor)
        # Whoever records the money works for the other entity; the invoice says whose it is.
        receipt = record_receipt(abroad.customer, actor=abroad.at_home, amount=Decimal("5.00"), invoices=[invoice])
        return abroad, delivery, invoice, receipt

    def test_delivery_invoice_and_receipt_follow_the_order(self, paid):
        abroad, delivery, invoice, receipt = paid
        invoice.refresh_from_db()
        assert {delivery.entity_id, invoice.entity_id, receipt.entity_id} == {abroad.entity.pk}
        assert all(row.number.startswith("NL-") for row in (delivery, invoice, receipt))
        assert (invoice.net, invoice.tax, invoice.open_amount, receipt.currency) == (Decimal("6.00"), Decimal("1.26"), Decimal("2.26"), "EUR")

    def test_money_without_a_word_goes_to_the_entity_that_waits_for_it(self, paid):
        abroad, _delivery, invoice, _receipt = paid
        receipt = record_receipt(abroad.customer, actor=abroad.at_home, amount=Decimal("2.26"))
        invoice.refresh_from_db()
        assert (receipt.entity, receipt.currency, invoice.open_amount) == (abroad.entity, "EUR", Decimal(0))
        assert record_receipt(abroad.customer, actor=abroad.at_home, amount=Decimal(1)).entity == abroad.default

    def test_each_entity_s_papers_carry_its_own_letterhead(self, paid):
        abroad, _delivery, invoice, _receipt = paid
        for asked in ({}, {"record": abroad.customer, "form": "statement"}):
            page = "".join(pages_of(print_document(asked.pop("record", invoice), actor=abroad.at_home, language="en", **asked).pdf))
            assert "HarbourB.V." in page and "Veemkade27" in page, asked

    def test_a_customer_s_figures_are_those_of_the_books_in_their_currency(self, paid):
        abroad = paid[0]
        for actor in (abroad.actor, abroad.at_home):
            [row] = ListQuery(PartyScreen, actor, {"columns": "sales_of_year,receivable", "q": "De Brug"}, set_key="alpha").fetch()
            found = [(row[name].value, row[name].currency) for name in ("sales_of_year", "receivable")]
            assert found == [(Decimal("6.0000"), "EUR"), (Decimal("2.2600"), "EUR")]


class TestWhatIsShown:
    def test_lists_name_the_entity_once_there_are_two(self, trade):
        alone = ListQuery(OrderScreen, trade.actor, {}, set_key="alpha")
        assert "entity" not in [column.name for column in alone.columns]
        create_record(Entity, {"code": "NL", "name": "Harbour B.V.", "currency": "EUR", "country": "NL"}, actor=trade.actor)
        several = ListQuery(OrderScreen, actor_of(trade.actor.member_id), {}, set_key="alpha")
        assert "entity" in [column.name for column in several.columns]
