"""Goods that arrive, are counted, change their place (M15.1, M15.3, M14.4)."""

from datetime import date
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import JournalEntry
from guanxi.erp.inventory.models import GoodsReceipt, Location, StockBalance, StockMove, Warehouse
from guanxi.erp.inventory.operations import (
    adjust_stock,
    cancel_receipt,
    make_default_warehouse,
    receive_goods,
    transfer_stock,
)
from guanxi.erp.inventory.queries import Stock, average_costs, default_warehouse, stock_of
from guanxi.erp.inventory.tests.world import (
    balances,
    customer,
    on_hand,
    product,
    proved,
    receive,
    reserve,
    sources,
    value_of,
    warehouse,
)
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import ProductUnit, Unit


class TestReceiving:
    def test_goods_bought_wait_for_their_invoice(self, alpha):
        screw = product(alpha)
        receipt = receive(alpha, (screw, "10", "4.125"))
        assert (receipt.number, receipt.status, receipt.value) == (f"GR-{alpha.today.year}-00001", "received", Decimal("41.25"))
        assert on_hand(screw) == (10, 0) and value_of(screw) == (10, Decimal("41.25"))
        assert balances(alpha) == {"stock": Decimal("41.25"), "goods_received_not_invoiced": Decimal("-41.25")}
        move = StockMove.objects.get()
        assert (move.quantity, move.value, move.document) == (10, Decimal("41.25"), receipt.number)
        assert (move.from_location.kind, move.to_location.code) == ("supplier", "WH1")
        assert proved() == []

    @pytest.mark.parametrize(("kind", "use", "entry"), [("opening", "opening_balance", "opening"), ("other", "stock_difference", "goods_receipt")])
    def test_opening_stock_and_finds_have_accounts_of_their_own(self, alpha, kind, use, entry):
        receive(alpha, (product(alpha), "10", "4"), kind=kind)
        assert balances(alpha) == {"stock": Decimal(40), use: Decimal(-40)}
        assert JournalEntry.objects.get().kind == entry

    def test_a_cost_left_out_is_the_average_of_what_is_there_else_the_standard_cost(self, alpha):
        screw = product(alpha, standard_cost="3")
        receive(alpha, (screw, "10", None))
        receive(alpha, (screw, "10", "5"))
        assert value_of(screw) == (20, Decimal(80)) and average_costs([screw.pk], alpha.entity_id) == {screw.pk: Decimal(4)}
        receive(alpha, (screw, "5", None))
        assert value_of(screw) == (25, Decimal(100))

    def test_other_units_are_counted_in_the_base_unit(self, alpha):
        screw, box = product(alpha), Unit.objects.get(code="box")
        ProductUnit.objects.create(product=screw, unit=box, factor=Decimal(12))
        receipt = create_record(
            GoodsReceipt, {"lines": [{"product": screw.pk, "quantity": "2", "unit": box.pk, "unit_cost": "24"}]}, actor=alpha
        ).result
        receive_goods(receipt, actor=alpha)
        move = StockMove.objects.get()
        assert (move.quantity, move.entered_quantity, move.unit) == (24, 2, box)
        assert value_of(screw) == (24, 48)

    def test_a_unit_the_product_does_not_have_and_nothing_are_refused(self, alpha):
        screw = product(alpha)
        with pytest.raises(Invalid, match="not traded in this unit"):
            create_record(GoodsReceipt, {"lines": [{"product": screw.pk, "quantity": "2", "unit": "box"}]}, actor=alpha)
        with pytest.raises(Invalid, match="more than zero"):
            create_record(GoodsReceipt, {"lines": [{"product": screw.pk, "quantity": "0"}]}, actor=alpha)
        with pytest.raises(Invalid, match="at least one line"):
            create_record(GoodsReceipt, {"lines": []}, actor=alpha)

    def test_what_is_received_stays_and_what_is_cancelled_does_not_come(self, alpha):
        screw = product(alpha)
        receipt = receive(alpha, (screw, "1", "1"))
        for again in (receive_goods, cancel_receipt):
            with pytest.raises(Refused, match="Received"):
                again(receipt, actor=alpha)
        with pytest.raises(Refused, match="can no longer be changed"):
            change_record(receipt, {"note": "x"}, actor=alpha)
        draft = create_record(GoodsReceipt, {"lines": [{"product": screw.pk, "quantity": "2"}]}, actor=alpha).result
        cancel_receipt(draft, actor=alpha)
        assert on_hand(screw) == (1, 0)

    def test_services_are_not_stocked(self, alpha):
        with pytest.raises(Refused, match="no goods"):
            receive(alpha, (product(alpha, kind="service"), "1", "1"))

    def test_a_day_to_come_is_refused(self, alpha):
        with pytest.raises(Refused, match="has not come yet"):
            receive(alpha.on(date(2026, 1, 1)), (product(alpha), "1", "1"), received_on="2026-02-01")


class TestCounting:
    def _place(self):
        return Location.objects.get(code="WH1")

    def test_what_is_missing_is_a_loss_at_the_average_cost(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "3", "10"), (screw, "1", "1"))
        adjust_stock(screw, actor=alpha, location=self._place(), counted=Decimal(3), reason="Year end")
        assert value_of(screw) == (3, Decimal("23.25"))
        assert balances(alpha)["stock_difference"] == Decimal("7.75")
        assert StockMove.objects.latest("pk").document == "Year end"
        assert proved() == []

    def test_what_is_found_is_worth_what_the_others_cost(self, alpha):
        screw = product(alpha, standard_cost="99")
        receive(alpha, (screw, "3", "10"))
        adjust_stock(screw, actor=alpha, location=self._place(), counted=Decimal(4))
        assert value_of(screw) == (4, 40)
        bolt = product(alpha, "BOLT", standard_cost="2")
        adjust_stock(bolt, actor=alpha, location=self._place(), counted=Decimal(5))
        assert value_of(bolt) == (5, 10)
        adjust_stock(bolt, actor=alpha, location=self._place(), counted=Decimal(6), unit_cost=Decimal(8))
        assert value_of(bolt) == (6, 18)
        assert proved() == []

    def test_the_last_one_that_is_missing_takes_the_whole_value(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "3", "0.3333"))
        for left in (2, 1, 0):
            adjust_stock(screw, actor=alpha, location=self._place(), counted=Decimal(left))
        assert value_of(screw) == (0, 0) and balances(alpha)["stock_difference"] == Decimal(1)

    def test_goods_that_are_not_there_are_no_longer_reserved_the_newest_first(self, alpha):
        screw, (first, second) = product(alpha), sources(2)
        receive(alpha, (screw, "10", "1"))
        reserve(alpha, (first, screw, "6"), (second, screw, "4"))
        adjust_stock(screw, actor=alpha, location=self._place(), counted=Decimal(7))
        assert on_hand(screw) == (7, 7)
        assert proved() == []

    def test_a_count_that_agrees_changes_nothing(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "3", "10"))
        adjust_stock(screw, actor=alpha, location=self._place(), counted=Decimal(3))
        assert StockMove.objects.count() == 1

    def test_nonsense_is_refused(self, alpha):
        screw = product(alpha)
        with pytest.raises(Invalid, match="cannot be less than zero"):
            adjust_stock(screw, actor=alpha, location=self._place(), counted=Decimal(-1))
        with pytest.raises(Invalid, match="outside every warehouse"):
            adjust_stock(screw, actor=alpha, location=Location.objects.get(kind="customer"), counted=Decimal(1))
        with pytest.raises(Refused, match="is a service"):
            adjust_stock(product(alpha, "S", kind="service"), actor=alpha, location=self._place(), counted=Decimal(1))


class TestPlaces:
    def test_goods_are_carried_without_changing_their_value(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "10", "3"))
        other = warehouse(alpha, "WH2", "A-01")
        target = other.locations.get()
        transfer_stock(screw, actor=alpha, from_location=Location.objects.get(code="WH1"), to_location=target, quantity=Decimal(4))
        assert stock_of([screw.pk], other.pk) == {screw.pk: Stock(Decimal(4), Decimal(0))}
        assert value_of(screw) == (10, 30) and JournalEntry.objects.count() == 1
        assert proved() == []

    def test_only_free_goods_of_the_same_entity_are_carried(self, alpha):
        screw, [source], here = product(alpha), sources(), Location.objects.get(code="WH1")
        receive(alpha, (screw, "10", "3"))
        reserve(alpha, (source, screw, "8"))
        target = warehouse(alpha, "WH2", "A-01").locations.get()
        with pytest.raises(Refused, match="3 piece wanted, 2 free"):
            transfer_stock(screw, actor=alpha, from_location=here, to_location=target, quantity=Decimal(3))
        abroad = Entity.objects.create(code="X", name="Other")
        Warehouse.objects.filter(code="WH2").update(entity=abroad)
        with pytest.raises(Invalid, match="same legal entity"):
            transfer_stock(screw, actor=alpha, from_location=here, to_location=Location.objects.get(code="A-01"), quantity=Decimal(1))

    def test_a_new_warehouse_gets_its_place_with_the_first_goods(self, alpha):
        other, screw = warehouse(alpha, "WH2"), product(alpha)
        receive(alpha, (screw, "1", "1"), warehouse=other.pk)
        assert StockBalance.objects.get(product=screw).location.code == "WH2"

    def test_there_is_one_default_warehouse(self, alpha):
        other = warehouse(alpha, "A")
        assert default_warehouse(alpha.entity_id).code == "WH1"
        make_default_warehouse(other, actor=alpha)
        assert default_warehouse(alpha.entity_id) == other and Warehouse.objects.filter(is_default=True).count() == 1

    def test_warehouses_and_locations_stay_where_they_are(self, alpha):
        other, abroad = warehouse(alpha, "WH2", "A-01"), Entity.objects.create(code="X", name="Other")
        with pytest.raises(Invalid, match="stays with its legal entity"):
            change_record(other, {"entity": abroad.pk}, actor=alpha)
        with pytest.raises(Invalid, match="stays in its warehouse"):
            change_record(other.locations.get(), {"warehouse": default_warehouse(alpha.entity_id).pk}, actor=alpha)
        with pytest.raises(Invalid, match="belongs to a warehouse"):
            create_record(Location, {"code": "L", "name": "L"}, actor=alpha)


class TestRights:
    def test_a_storekeeper_neither_sees_nor_writes_costs(self, alpha, member):
        from guanxi.erp.inventory.models import GoodsReceiptLine
        from guanxi.kernel.columns.registry import columns_of

        keeper = member("storekeeper")
        assert not keeper.sees(columns_of(GoodsReceiptLine)["unit_cost"]) and not keeper.sees(columns_of(StockMove)["value"])
        screw = product(alpha, standard_cost="3")
        receipt = create_record(GoodsReceipt, {"lines": [{"product": screw.pk, "quantity": "2"}]}, actor=keeper).result
        receive_goods(receipt, actor=keeper)
        assert value_of(screw) == (2, 6)

    def test_a_salesperson_sees_the_stock_but_moves_nothing(self, alpha, member):
        seller = member("salesperson")
        assert seller.may("view", StockBalance) and not seller.may("view", StockMove)
        assert not seller.may("inventory.adjust_stock") and not seller.may("inventory.ship_delivery")
        assert customer(alpha).pk


class TestReturns:
    """What a customer sends back is entered by `erp/returns` (M14.4)."""

    def test_a_return_is_not_entered_by_hand(self, alpha):
        with pytest.raises(Invalid, match="Take back"):
            receive(alpha, (product(alpha), "1", "4"), kind="return")
