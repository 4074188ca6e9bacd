"""Orders on hold: put there by hand or by credit, released by who may, by money, by approval (M14.3, M14.7, X8)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.inventory.models import StockBalance
from guanxi.erp.inventory.operations import ship_delivery
from guanxi.erp.sales.credit.crediting import OnHold
from guanxi.erp.sales.credit.holds import ask_prepayment, ask_release, hold_order, prepayment_wanted, release_order, why_held
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import PartialLine, WantedLine, confirm_order, create_delivery, deliver_order, place_order
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from guanxi.kernel.values import Translated
from guanxi.shared.parties.models import Party

D = Decimal


def place(trade, quantity: int) -> Order:
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(quantity))])


def reserved(trade) -> Decimal:
    return StockBalance.objects.get(product=trade.screw, location__kind="stock").reserved


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def limited(trade):
    """A limit of 113.00, which is ten screws, and the usual policy."""
    CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
    Party.objects.filter(pk=trade.customer.pk).update(credit_limit=D(113))
    trade.customer.refresh_from_db()
    return trade


class TestByHand:
    def test_on_hold_it_reserves_nothing_and_released_it_does_again(self, trade):
        order = place(trade, 10)
        assert reserved(trade) == 10
        hold_order(order, actor=trade.actor, reason="customer", note="Moves in May")
        assert (again(order).hold, again(order).hold_note, reserved(trade)) == ("customer", "Moves in May", 0)
        release_order(order, actor=trade.actor)
        found = again(order)
        assert (found.hold, found.hold_note, found.held_at, found.is_cleared, reserved(trade)) == ("", "", None, False, 10)

    def test_a_planned_delivery_does_not_leave_while_it_is_on_hold(self, trade):
        order = place(trade, 10)
        delivery = create_delivery(order, actor=trade.actor, lines=[PartialLine(line=order.lines.get(), quantity=D(6))])
        hold_order(order, actor=trade.actor, reason="terms")
        with pytest.raises(OnHold, match="Terms to be settled"):
            ship_delivery(delivery, actor=trade.actor)
        with pytest.raises(OnHold):
            deliver_order(again(order), actor=trade.actor)
        release_order(order, actor=trade.actor)
        assert ship_delivery(delivery, actor=trade.actor).status == "shipped"

    def test_a_draft_on_hold_is_confirmed_and_stays_on_hold(self, trade):
        lines = [{"product": "SCREW", "quantity": "3"}]
        order = create_record(Order, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        hold_order(order, actor=trade.actor)
        confirm_order(order, actor=trade.actor)
        assert (again(order).status, again(order).hold, reserved(trade)) == ("confirmed", "other", 0)

    def test_it_is_told_on_the_timeline(self, trade):
        order = place(trade, 1)
        hold_order(order, actor=trade.actor)
        release_order(order, actor=trade.actor, note="Settled")
        told = Event.objects.filter(subject_id=order.pk, subject_model="sales.order", name__in=("OrderHeld", "OrderReleased")).order_by("pk")
        assert [(event.name, event.payload["hold"]) for event in told] == [("OrderHeld", "other"), ("OrderReleased", "other")]

    def test_what_is_not_on_hold_is_not_released(self, trade):
        with pytest.raises(Refused):
            release_order(place(trade, 1), actor=trade.actor)


class TestWhoMay:
    @pytest.fixture
    def seller(self, limited, member):
        seller = member("salesperson")
        Party.objects.filter(pk=limited.customer.pk).update(owner=seller.member_id)
        return seller

    def own(self, limited, seller, quantity: int) -> Order:
        order = place(limited, quantity)
        Order.objects.filter(pk=order.pk).update(owner=seller.member_id)
        return again(order)

    def test_a_salesperson_releases_what_they_put_on_hold_but_no_credit(self, limited, seller):
        mine = self.own(limited, seller, 1)
        hold_order(mine, actor=seller, reason="customer")
        release_order(mine, actor=seller)
        held = self.own(limited, seller, 100)
        with pytest.raises(Refused, match="ask whoever keeps the accounts"):
            release_order(held, actor=seller)
        assert again(held).hold == "credit"

    def test_whoever_keeps_the_accounts_releases_it_and_it_is_not_stopped_again(self, limited, seller, member):
        held = self.own(limited, seller, 20)
        release_order(held, actor=member("accountant"))
        assert (again(held).hold, again(held).is_cleared) == ("", True)
        assert deliver_order(again(held), actor=limited.actor).status == "shipped"

    def test_a_release_that_is_asked_for_waits_and_is_done_when_it_is_approved(self, limited, seller, member):
        held = self.own(limited, seller, 20)
        outcome = perform(ask_release, held.pk, actor=seller, raw={"reason": "Pays on Friday"})
        assert str(outcome.awaiting.rule) == "Credit: whoever keeps the accounts decides" and again(held).hold == "credit"
        approve_request(outcome.awaiting, actor=member("accountant"))
        assert (again(held).hold, again(held).is_cleared, reserved(limited)) == ("", True, 20)

    def test_without_a_rule_asking_is_refused_and_nothing_is_released(self, limited, seller):
        ApprovalRule.objects.filter(operation="sales.ask_release").update(is_active=False)
        held = self.own(limited, seller, 20)
        with pytest.raises(Refused, match="No approval rule"):
            ask_release(held, actor=seller, reason="please")
        assert again(held).hold == "credit"

    def test_a_storekeeper_holds_and_releases_nothing(self, limited, seller, member):
        keeper, order = member("storekeeper"), self.own(limited, seller, 1)
        for refused in (hold_order, release_order, ask_prepayment):
            with pytest.raises(Forbidden):
                refused(order, actor=keeper)


class TestMoney:
    def test_a_receipt_releases_the_oldest_orders_that_the_credit_now_allows(self, limited):
        assert place(limited, 10).hold == ""
        first, second = place(limited, 6), place(limited, 6)
        record_receipt(limited.customer, actor=limited.actor, amount=D("70"))
        deliver_all("alpha")
        assert (again(first).hold, again(second).hold) == ("", "credit")
        assert reserved(limited) == 16
        record_receipt(limited.customer, actor=limited.actor, amount=D("65.60"))
        deliver_all("alpha")
        assert again(second).hold == ""

    def test_a_prepayment_is_asked_for_what_the_credit_lacks(self, limited):
        order = place(limited, 15)
        assert prepayment_wanted(order, limited.actor) == {"amount": D("56.50")}
        ask_prepayment(order, actor=limited.actor)
        assert (again(order).hold, again(order).prepayment) == ("prepayment", D("56.50"))

    def test_it_lies_between_nothing_and_the_total(self, limited):
        order = place(limited, 1)
        for amount in ("0", "-1", "11.31"):
            with pytest.raises(Invalid, match="More than 0, and no more than the order comes to: ¥11.30."):
                ask_prepayment(order, actor=limited.actor, amount=D(amount))

    def test_the_reason_of_a_hold_starts_as_credit_where_that_is_what_stands_in_the_way(self, limited):
        CreditPolicy.objects.update(at_order="warn")
        assert why_held(place(limited, 20), limited.actor) == {"reason": "credit"}
        Party.objects.filter(pk=limited.customer.pk).update(credit_limit=None)
        assert why_held(again(place(limited, 1)), limited.actor) == {}
