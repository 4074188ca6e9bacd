"""Picking, packing, and the proof that the customer has the goods (M14.4)."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.inventory.models import Delivery, Location, Package
from guanxi.erp.inventory.operations import PackedPackage, ShippedLine, adjust_stock, pack_delivery, pick_delivery, record_proof, ship_delivery
from guanxi.erp.inventory.prints import picking_list
from guanxi.erp.inventory.tests.world import customer, deliver, on_hand, product, proved, receive, reserve, sources, warehouse
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.records.links import linked_quantities
from guanxi.kernel.records.refusals import Invalid, Refused

D = Decimal


class TestPicking:
    def test_what_was_not_found_stays_open_where_it_comes_from(self, alpha):
        screw, bolt, (first, second) = product(alpha), product(alpha, "BOLT"), sources(2)
        receive(alpha, (screw, "10", "1"), (bolt, "5", "1"))
        delivery = deliver(alpha, customer(alpha), (screw, "10"), (bolt, "5"), of=[first, second])
        [screws, bolts] = delivery.lines.order_by("position")
        pick_delivery(delivery, actor=alpha, lines=[ShippedLine(screws, D(7)), ShippedLine(bolts, D(0))])
        assert (delivery.status, delivery.picked_at) == ("draft", alpha.now)
        assert linked_quantities("access.team", "delivery", [first.pk, second.pk]) == {first.pk: 7}
        ship_delivery(delivery, actor=alpha)
        assert [line.quantity for line in delivery.lines.all()] == [7] and on_hand(screw) == (3, 0) and proved() == []

    def test_more_than_planned_and_nothing_at_all_are_refused(self, alpha):
        delivery = deliver(alpha, customer(alpha), (product(alpha), "2"))
        with pytest.raises(Invalid, match="Between 0 and 2"):
            pick_delivery(delivery, actor=alpha, lines=[ShippedLine(delivery.lines.get(), D(3))])
        with pytest.raises(Refused, match="nothing to ship"):
            pick_delivery(delivery, actor=alpha, lines=[])

    def test_the_list_goes_through_the_warehouse_place_by_place(self, alpha):
        screw, bolt, [source] = product(alpha, standard_cost="1"), product(alpha, "BOLT", standard_cost="1"), sources()
        there = warehouse(alpha, "WH2", "A-01", "A-02")
        for item, code, count in ((screw, "A-02", 4), (bolt, "A-01", 9), (screw, "A-01", 3)):
            adjust_stock(item, actor=alpha, location=Location.objects.get(code=code), counted=D(count))
        reserve(alpha, (source, screw, "2"), at=there)
        delivery = deliver(alpha, customer(alpha), (screw, "8"), (bolt, "1"), of=[source, source], warehouse=there)
        row = Delivery.objects.select_related("customer", "entity", "warehouse").get(pk=delivery.pk)
        [sheet] = picking_list([row], [Speech("en")], alpha)
        assert [(line[0], line[1], line[2]) for line in sheet.rows if isinstance(line, list)] == [
            ("A-01", sheet.rows[0][1], "1"), ("A-01", sheet.rows[1][1], "2"), ("A-01", sheet.rows[2][1], "1"),
            ("A-02", sheet.rows[3][1], "4"), ("not there", sheet.rows[4][1], "1"),
        ]
        assert print_document(row, actor=alpha, language="en").pdf.startswith(b"%PDF")


class TestPacking:
    def test_packages_are_numbered_and_replaced_as_a_whole(self, alpha):
        delivery = deliver(alpha, customer(alpha), (product(alpha), "2"))
        pack_delivery(delivery, actor=alpha, packages=[PackedPackage(D("12.5"), "SF100", "two boxes"), PackedPackage()], carrier="SF")
        assert [(p.number, p.weight, p.tracking) for p in delivery.packages.all()] == [
            (f"{delivery.number}-1", D("12.5"), "SF100"), (f"{delivery.number}-2", None, "")
        ]
        assert (delivery.carrier, delivery.tracking) == ("SF", "SF100")
        pack_delivery(delivery, actor=alpha, packages=[PackedPackage(D(1))])
        assert Package.objects.get().number == f"{delivery.number}-1"
        for wrong in (PackedPackage(D(0)), PackedPackage(tracking="x" * 81)):
            with pytest.raises(Invalid):
                pack_delivery(delivery, actor=alpha, packages=[wrong])


class TestProof:
    def test_it_says_when_and_into_whose_hands(self, alpha):
        screw = product(alpha)
        receive(alpha, (screw, "5", "1"))
        delivery = deliver(alpha, customer(alpha), (screw, "5"))
        with pytest.raises(Refused, match="not possible"):
            record_proof(delivery, actor=alpha, delivered_on=alpha.today, received_by="Li")
        ship_delivery(delivery, actor=alpha)
        record_proof(delivery, actor=alpha, delivered_on=alpha.today, received_by=" Ms Li, gate 2 ", remarks="One box dented")
        assert (delivery.status, delivery.delivered_on, delivery.received_by, delivery.proof_note) == (
            "shipped", alpha.today, "Ms Li, gate 2", "One box dented"
        )
        for day, who in ((alpha.today + timedelta(days=1), "Li"), (alpha.today - timedelta(days=1), "Li"), (alpha.today, " ")):
            with pytest.raises(Invalid):
                record_proof(delivery, actor=alpha, delivered_on=day, received_by=who)

    def test_the_photo_is_a_file_of_this_delivery(self, alpha):
        from guanxi.kernel.files.contents import store
        from guanxi.kernel.files.operations import attach

        screw = product(alpha)
        receive(alpha, (screw, "5", "1"))
        party = customer(alpha)
        delivery = ship_delivery(deliver(alpha, party, (screw, "5")), actor=alpha)
        mine, other = (
            attach(row, store(io.BytesIO(name.encode()), name), name, alpha) for row, name in ((delivery, "signed.txt"), (party, "other.txt"))
        )
        record_proof(delivery, actor=alpha, delivered_on=alpha.today, received_by="Li", proof=mine)
        assert delivery.proof == mine
        with pytest.raises(Invalid, match="file of this delivery"):
            record_proof(delivery, actor=alpha, delivered_on=alpha.today, received_by="Li", proof=other)
