"""Deliveries: whole, in parts, never more than there is, at the moving average cost (M14.4, M15.1, M15.3)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.erp.finance.models import JournalEntry
from guanxi.erp.finance.operations import close_period
from guanxi.erp.finance.tests.world import period
from guanxi.erp.inventory.models import Delivery, DeliveryLine, Reservation, StockMove
from guanxi.erp.inventory.operations import ShippedLine, cancel_delivery, release_stock, ship_delivery
from guanxi.erp.inventory.screens import whole_delivery
from guanxi.erp.inventory.tests.world import (
    balances,
    customer,
    deliver,
    on_hand,
    product,
    proved,
    receive,
    reserve,
    sources,
    value_of,
    warehouse,
)
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import change_record, create_record, delete_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.links import linked_quantities
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import round_money

JANUARY = date(2026, 1, 15)


def _links(source):
    return [(link.quantity, link.posted_on) for link in Link.objects.filter(from_id=source.pk, kind="delivery").order_by("pk")]


class TestShipping:
    def test_goods_leave_at_their_average_cost(self, alpha):
        screw, party = product(alpha), customer(alpha)
        receive(alpha, (screw, "10", "4"), (screw, "10", "5"))
        delivery = ship_delivery(deliver(alpha, party, (screw, "6")), actor=alpha, carrier="SF", tracking="SF1")
        assert (delivery.status, delivery.shipped_on, delivery.cost) == ("shipped", alpha.today, Decimal(27))
        assert (delivery.carrier, delivery.tracking) == ("SF", "SF1")
        assert delivery.lines.get().cost == Decimal(27) and on_hand(screw) == (14, 0) and value_of(screw) == (14, 63)
        assert balances(alpha) == {"stock": 63, "cost_of_sales": 27, "goods_received_not_invoiced": -90}
        move = StockMove.objects.latest("pk")
        assert (move.to_location.kind, move.party, move.document, move.source_id) == ("customer", party, delivery.number, delivery.lines.get().pk)
        assert proved() == []

    def test_the_entry_says_whose_and_which_cost_it_is(self, alpha):
        screw, party = product(alpha), customer(alpha)
        receive(alpha, (screw, "10", "4"))
        delivery = ship_delivery(deliver(alpha, party, (screw, "6")), actor=alpha)
        entry = JournalEntry.objects.get(kind="delivery")
        [cost, stock] = entry.lines.order_by("position")
        assert (cost.account.code, cost.debit, cost.product, cost.party, cost.salesperson_id) == ("5401", 24, screw, party, delivery.owner_id)
        assert (stock.account.code, stock.credit, stock.source_id) == ("1405", 24, delivery.lines.get().pk)

    def test_the_last_unit_takes_what_is_left_of_the_value(self, alpha):
        screw, party = product(alpha), customer(alpha)
        receive(alpha, (screw, "3", "0.3333"))
        costs = [ship_delivery(deliver(alpha, party, (screw, "1")), actor=alpha).cost for _ in range(3)]
        assert costs == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")] and value_of(screw) == (0, 0)

    def test_two_lines_of_one_product_share_its_stock_and_its_value(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "3", "0.3333"))
        delivery = ship_delivery(deliver(alpha, customer(alpha), (screw, "1"), (screw, "2")), actor=alpha)
        assert [line.cost for line in delivery.lines.order_by("position")] == [Decimal("0.33"), Decimal("0.67")]

    def test_services_are_delivered_without_stock(self, alpha):
        screw, fitting = product(alpha), product(alpha, "FIT", kind="service")
        receive(alpha, (screw, "1", "4"))
        delivery = ship_delivery(deliver(alpha, customer(alpha), (fitting, "2"), (screw, "1")), actor=alpha)
        assert [line.cost for line in delivery.lines.order_by("position")] == [0, 4]
        only = ship_delivery(deliver(alpha, customer(alpha, "B"), (fitting, "1")), actor=alpha)
        assert only.status == "shipped" and proved() == []

    def test_goods_without_value_leave_without_an_entry(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "5", "0"))
        ship_delivery(deliver(alpha, customer(alpha), (screw, "5")), actor=alpha)
        assert not JournalEntry.objects.exists() and on_hand(screw) == (0, 0)

    def test_it_is_announced_with_its_lines(self, alpha):
        screw, party = product(alpha), customer(alpha)
        receive(alpha, (screw, "5", "1"))
        delivery = ship_delivery(deliver(alpha, party, (screw, "5")), actor=alpha)
        event = Event.objects.get(name="DeliveryShipped")
        assert (event.party_id, event.payload["line_ids"]) == (party.pk, [delivery.lines.get().pk])

    def test_a_closed_month_takes_no_delivery(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "5", "1"))
        close_period(period(alpha, JANUARY), actor=alpha)
        with pytest.raises(Refused, match="2026-01 are closed"):
            ship_delivery(deliver(alpha, customer(alpha), (screw, "5")), actor=alpha, shipped_on=JANUARY)

    def test_fifty_lines_take_as_many_statements_as_one(self, alpha):
        party = customer(alpha)
        goods = [product(alpha, f"P{n}") for n in range(50)]
        receive(alpha, *[(item, "9", "1.11") for item in goods])

        def statements(count):
            of = sources(count)
            reserve(alpha, *[(source, item, "1") for source, item in zip(of, goods, strict=False)])
            delivery = deliver(alpha, party, *[(item, "1") for item in goods[:count]], of=of)
            with CaptureQueriesContext(connections["default"]) as queries:
                ship_delivery(delivery, actor=alpha)
            return len(queries)

        statements(1)
        assert statements(1) == statements(50) <= 26
        assert proved() == []


class TestTooMuch:
    def test_more_than_is_there_is_refused_by_product_and_figures(self, alpha):
        screw, bolt = product(alpha), product(alpha, "BOLT")
        receive(alpha, (screw, "5", "1"), (bolt, "1", "1"))
        with pytest.raises(Refused) as refusal:
            ship_delivery(deliver(alpha, customer(alpha), (screw, "6"), (bolt, "2")), actor=alpha)
        assert str(refusal.value) == "SFU: 6 piece wanted, 5 on hand. BOLT: 2 piece wanted, 1 on hand."

    def test_a_product_that_was_never_there_has_none_on_hand(self, alpha):
        with pytest.raises(Refused, match="SFU: 1 piece wanted, 0 on hand"):
            ship_delivery(deliver(alpha, customer(alpha), (product(alpha), "1")), actor=alpha)

    def test_what_is_reserved_for_others_stays(self, alpha):
        screw, (first, second) = product(alpha), sources(2)
        receive(alpha, (screw, "10", "1"))
        reserve(alpha, (first, screw, "8"))
        with pytest.raises(Refused, match="3 piece wanted, 10 on hand, of which 8 are reserved for others"):
            ship_delivery(deliver(alpha, customer(alpha), (screw, "3"), of=[second]), actor=alpha)

    def test_goods_in_another_warehouse_do_not_count(self, alpha):
        screw, other = product(alpha), warehouse(alpha, "WH2", "A-01")
        receive(alpha, (screw, "10", "1"))
        with pytest.raises(Refused, match="0 on hand"):
            ship_delivery(deliver(alpha, customer(alpha), (screw, "3"), warehouse=other), actor=alpha)


class TestParts:
    def test_the_rest_stays_with_the_line_it_comes_from(self, alpha):
        screw, party, [source] = product(alpha), customer(alpha), sources()
        receive(alpha, (screw, "10", "1"), received_on=str(JANUARY))
        reserve(alpha, (source, screw, "10"))
        delivery = deliver(alpha, party, (screw, "10"), of=[source])
        assert _links(source) == [(10, None)]
        ship_delivery(delivery, actor=alpha, lines=[ShippedLine(delivery.lines.get(), Decimal(4))], shipped_on=JANUARY)
        assert delivery.lines.get().quantity == 4 and _links(source) == [(4, JANUARY)]
        assert on_hand(screw) == (6, 6)
        second = deliver(alpha, party, (screw, "6"), of=[source])
        assert linked_quantities("access.team", "delivery", [source.pk]) == {source.pk: 10}
        ship_delivery(second, actor=alpha)
        assert on_hand(screw) == (0, 0) and not Reservation.objects.exists()
        assert proved() == []

    def test_a_line_of_which_nothing_leaves_is_taken_off(self, alpha):
        screw, bolt, (first, second) = product(alpha), product(alpha, "BOLT"), sources(2)
        receive(alpha, (screw, "5", "1"))
        delivery = deliver(alpha, customer(alpha), (screw, "5"), (bolt, "5"), of=[first, second])
        [screws, bolts] = delivery.lines.order_by("position")
        ship_delivery(delivery, actor=alpha, lines=[ShippedLine(screws, Decimal(5)), ShippedLine(bolts, Decimal(0))])
        assert [line.product for line in delivery.lines.all()] == [screw] and _links(second) == []
        assert proved() == []

    def test_more_than_the_delivery_says_another_delivery_s_line_and_nothing_are_refused(self, alpha):
        screw, party = product(alpha), customer(alpha)
        receive(alpha, (screw, "9", "1"))
        delivery, other = deliver(alpha, party, (screw, "2")), deliver(alpha, party, (screw, "2"))
        with pytest.raises(Invalid, match="Between 0 and 2"):
            ship_delivery(delivery, actor=alpha, lines=[ShippedLine(delivery.lines.get(), Decimal(3))])
        with pytest.raises(Invalid, match="another delivery"):
            ship_delivery(delivery, actor=alpha, lines=[ShippedLine(other.lines.get(), Decimal(1))])
        with pytest.raises(Refused, match="nothing to ship"):
            ship_delivery(delivery, actor=alpha, lines=[ShippedLine(delivery.lines.get(), Decimal(0))])

    def test_the_dialog_begins_with_everything(self, alpha):
        delivery = deliver(alpha, customer(alpha), (product(alpha), "2"))
        assert whole_delivery(delivery, alpha) == {"lines": [{"line": delivery.lines.get().pk, "quantity": 2}]}


class TestDrafts:
    def test_a_changed_line_takes_its_link_along(self, alpha):
        screw, [source] = product(alpha), sources()
        delivery = deliver(alpha, customer(alpha), (screw, "10"), of=[source])
        line = delivery.lines.get()
        change_record(delivery, {"lines": [{"id": line.pk, "product": screw.pk, "quantity": "7", "unit": line.unit_id}]}, actor=alpha)
        assert _links(source) == [(7, None)]

    def test_a_deleted_delivery_frees_its_lines_and_an_undone_deletion_takes_them_again(self, alpha):
        screw, [source] = product(alpha), sources()
        receive(alpha, (screw, "10", "1"))
        delivery = deliver(alpha, customer(alpha), (screw, "10"), of=[source])
        outcome = delete_record(delivery, actor=alpha)
        assert _links(source) == []
        undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)
        assert _links(source) == [(10, None)]
        ship_delivery(Delivery.objects.get(number=delivery.number), actor=alpha)
        assert proved() == []

    def test_a_cancelled_delivery_frees_its_lines_and_ships_no_more(self, alpha):
        screw, [source] = product(alpha), sources()
        delivery = deliver(alpha, customer(alpha), (screw, "10"), of=[source])
        cancel_delivery(delivery, actor=alpha, reason="Ordered twice")
        assert _links(source) == [] and delivery.note == "Ordered twice"
        with pytest.raises(Refused, match="Cancelled"):
            ship_delivery(delivery, actor=alpha)
        assert proved() == []

    def test_what_is_shipped_stands(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "10", "1"))
        delivery = ship_delivery(deliver(alpha, customer(alpha), (screw, "10")), actor=alpha)
        for forbidden in (lambda: change_record(delivery, {"note": "x"}, actor=alpha), lambda: delete_record(delivery, actor=alpha),
                          lambda: cancel_delivery(delivery, actor=alpha), lambda: ship_delivery(delivery, actor=alpha)):
            with pytest.raises(Refused):
                forbidden()
        with pytest.raises(Refused, match="ledger"):
            undo_act(Act.objects.filter(operation="inventory.ship_delivery").earliest("pk"), actor=alpha)

    def test_one_is_made_by_hand_for_a_sample(self, alpha):
        screw, party = product(alpha), customer(alpha)
        delivery = create_record(Delivery, {"customer": party.pk, "lines": [{"product": screw.pk, "quantity": "1"}]}, actor=alpha).result
        assert (delivery.warehouse.code, delivery.planned_on, delivery.lines.get().description) == ("WH1", alpha.today, "SFU")
        assert delivery.number.startswith("DN-")


class TestReserving:
    def test_what_is_free_is_held_and_no_more(self, alpha):
        screw, (first, second, third) = product(alpha), sources(3)
        receive(alpha, (screw, "10", "1"))
        assert reserve(alpha, (first, screw, "7"), (second, screw, "7")) == {(first.pk, screw.pk): 7, (second.pk, screw.pk): 3}
        assert reserve(alpha, (third, screw, "1")) == {(third.pk, screw.pk): 0}
        assert on_hand(screw) == (10, 10) and proved() == []

    def test_more_can_be_held_for_the_same_line_later(self, alpha):
        screw, [source] = product(alpha), sources()
        receive(alpha, (screw, "4", "1"))
        reserve(alpha, (source, screw, "10"))
        receive(alpha, (screw, "4", "1"))
        assert reserve(alpha, (source, screw, "6")) == {(source.pk, screw.pk): 4}
        assert Reservation.objects.get().quantity == 8 and proved() == []

    def test_one_line_may_hold_several_products(self, alpha):
        screw, bolt, [source] = product(alpha), product(alpha, "BOLT"), sources()
        receive(alpha, (screw, "4", "1"), (bolt, "4", "1"))
        reserve(alpha, (source, screw, "1"), (source, bolt, "2"))
        assert (on_hand(screw), on_hand(bolt)) == ((4, 1), (4, 2)) and proved() == []

    def test_released_it_is_free_for_others(self, alpha):
        screw, (first, second) = product(alpha), sources(2)
        receive(alpha, (screw, "10", "1"))
        reserve(alpha, (first, screw, "7"), (second, screw, "2"))
        release_stock("access.team", [first.pk])
        assert on_hand(screw) == (10, 2) and Reservation.objects.get().source_id == second.pk
        release_stock("access.team", [first.pk])
        assert proved() == []

    def test_it_is_taken_from_all_locations_of_the_warehouse(self, alpha):
        from guanxi.erp.inventory.models import Location
        from guanxi.erp.inventory.operations import adjust_stock

        screw, other, [source] = product(alpha, standard_cost="1"), warehouse(alpha, "WH2", "A-01", "A-02"), sources()
        for code, count in (("A-01", 3), ("A-02", 5)):
            adjust_stock(screw, actor=alpha, location=Location.objects.get(code=code), counted=Decimal(count))
        assert reserve(alpha, (source, screw, "4"), at=other) == {(source.pk, screw.pk): 4}
        delivery = ship_delivery(deliver(alpha, customer(alpha), (screw, "6"), of=[source], warehouse=other), actor=alpha)
        moves = StockMove.objects.filter(source_model="inventory.deliveryline").order_by("from_location__code")
        assert [(move.from_location.code, move.quantity) for move in moves] == [("A-01", 3), ("A-02", 3)]
        assert delivery.cost == 6 and on_hand(screw) == (2, 0) and proved() == []

    def test_fifty_lines_take_as_many_statements_as_one(self, alpha):
        goods = [product(alpha, f"P{n}") for n in range(50)]
        receive(alpha, *[(item, "9", "1") for item in goods])

        def statements(count):
            of = sources(count)
            with CaptureQueriesContext(connections["default"]) as queries:
                reserve(alpha, *[(source, item, "1") for source, item in zip(of, goods, strict=False)])
            return len(queries)

        assert statements(1) == statements(50) <= 4


class TestRights:
    def test_the_cost_of_a_delivery_is_not_for_every_eye(self, alpha, member):
        from guanxi.kernel.columns.registry import columns_of

        for who, sees in (("storekeeper", False), ("salesperson", False), ("accountant", True)):
            actor = member(who)
            assert actor.sees(columns_of(Delivery)["cost"]) is actor.sees(columns_of(DeliveryLine)["cost"]) is sees

    def test_a_storekeeper_ships_and_a_salesperson_looks_on(self, alpha, member):
        screw, seller = product(alpha), member("salesperson")
        receive(alpha, (screw, "10", "1"))
        party = customer(alpha, owner=seller.member_id)
        delivery = deliver(alpha, party, (screw, "1"))
        assert list(Delivery.objects.visible_to(seller)) == [delivery]
        with pytest.raises(Refused, match="may not"):
            ship_delivery(delivery, actor=seller)
        assert ship_delivery(delivery, actor=member("storekeeper")).status == "shipped"
        assert round_money(delivery.cost) == 1
