"""Credit that guides: what a customer owes and will owe, and what follows at each step (M14.7, X8)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.credit.queries import CreditStopped, exposures_of
from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.finance.operations import record_receipt, reverse_invoice
from guanxi.erp.inventory.models import Reservation
from guanxi.erp.inventory.operations import ship_delivery
from guanxi.erp.returns.operations import ReturnedLine, return_goods
from guanxi.erp.sales.credit.api import credit_of
from guanxi.erp.sales.credit.crediting import OnHold, check_of
from guanxi.erp.sales.credit.holds import ask_prepayment, prepayment_wanted
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    cancel_order,
    complete_order,
    confirm_order,
    create_delivery,
    deliver_order,
    invoice_order,
    place_order,
)
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.values import Translated
from guanxi.shared.parties.models import Party

D = Decimal


@pytest.fixture
def policy(trade):
    def write(**values) -> CreditPolicy:
        return create_record(CreditPolicy, {"name": {"en": "Usual"}, **values}, actor=trade.actor).result

    return write


@pytest.fixture
def limited(trade):
    def limit(amount: str | None) -> Party:
        Party.objects.filter(pk=trade.customer.pk).update(credit_limit=amount and D(amount))
        trade.customer.refresh_from_db()
        return trade.customer

    return limit


def place(trade, quantity: int, product=None) -> Order:
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=product or trade.screw, quantity=D(quantity))])


def parts(trade) -> dict[str, Decimal]:
    found = exposures_of([trade.customer], trade.actor)[trade.customer.pk]
    return {part: amount for part, amount in found.parts.items() if amount} | {"total": found.total}


class TestExposure:
    """A screw costs 10.00 and 1.30 tax."""

    def test_it_goes_with_the_order_from_promise_to_money(self, trade):
        assert parts(trade) == {"total": 0}
        order = place(trade, 10)
        assert parts(trade) == {"ordered": D("113.00"), "total": D("113.00")}
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=order.lines.get(), quantity=D(4))])
        assert parts(trade) == {"delivered": D("45.20"), "ordered": D("67.80"), "total": D("113.00")}
        invoice_order(order, actor=trade.actor)
        assert parts(trade) == {"invoiced": D("45.20"), "ordered": D("67.80"), "total": D("113.00")}
        record_receipt(trade.customer, actor=trade.actor, amount=D("50"))
        assert parts(trade) == {"prepaid": D("4.80"), "ordered": D("67.80"), "total": D("63.00")}

    def test_what_is_only_drafted_or_cancelled_is_not_in_it(self, trade):
        lines = [{"product": "SCREW", "quantity": "10"}]
        create_record(Order, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor)
        cancel_order(place(trade, 5), actor=trade.actor)
        assert parts(trade) == {"total": 0}

    def test_a_service_is_ordered_until_it_is_invoiced(self, trade):
        order = place(trade, 2, trade.service)
        assert parts(trade)["ordered"] == D("271.20")
        invoice_order(order, actor=trade.actor)
        assert parts(trade) == {"invoiced": D("271.20"), "total": D("271.20")}

    def test_an_order_completed_early_owes_what_left(self, trade):
        order = place(trade, 10)
        delivery = deliver_order(order, actor=trade.actor, lines=[PartialLine(line=order.lines.get(), quantity=D(4))])
        complete_order(order, actor=trade.actor)
        assert parts(trade) == {"delivered": D("45.20"), "total": D("45.20")}
        return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(1))])
        assert parts(trade) == {"delivered": D("33.90"), "total": D("33.90")}

    def test_a_reversed_invoice_is_delivered_and_not_invoiced_again(self, trade):
        order = place(trade, 4)
        deliver_order(order, actor=trade.actor)
        reverse_invoice(invoice_order(order, actor=trade.actor), actor=trade.actor)
        assert parts(trade) == {"delivered": D("45.20"), "total": D("45.20")}

    def test_what_is_overdue_is_known_with_the_oldest_day(self, trade):
        order = place(trade, 4)
        deliver_order(order, actor=trade.actor)
        invoice = invoice_order(order, actor=trade.actor)
        later = trade.actor.on(invoice.due_on + timedelta(days=12), 9)
        found = exposures_of([trade.customer], later)[trade.customer.pk]
        assert (found.overdue, found.overdue_days(later.today)) == (D("45.20"), 12)
        assert exposures_of([trade.customer], trade.actor)[trade.customer.pk].overdue == 0

    def test_of_many_customers_it_is_one_question(self, trade, django_assert_num_queries):
        others = [create_record(Party, {"name": f"Other {n}"}, actor=trade.actor).result for n in range(20)]
        place(trade, 1)
        with django_assert_num_queries(1):
            found = exposures_of([trade.customer, *others], trade.actor)
        assert [found[p.pk].total for p in (trade.customer, *others[:2])] == [D("11.30"), 0, 0]

    def test_orders_in_a_foreign_currency_count_by_the_rate_of_the_day_or_the_last_that_was_posted(self, trade):
        line = {"product": "SCREW", "quantity": "1", "unit_price": "100", "tax": "VAT0"}
        order = create_record(Order, {"customer": trade.customer.pk, "currency": "EUR", "lines": [line]}, actor=trade.actor).result
        confirm_order(order, actor=trade.actor)
        found = exposures_of([trade.customer], trade.actor)[trade.customer.pk]
        assert (found.total, found.uncounted) == (0, ("EUR",))
        other = create_record(Party, {"name": "Other"}, actor=trade.actor).result
        record_receipt(other, actor=trade.actor, amount=D(1), currency="EUR", rate=D("7.5"))
        found = exposures_of([trade.customer], trade.actor)[trade.customer.pk]
        assert (found.total, found.uncounted) == (D("750.00"), ())
        ExchangeRate.objects.create(currency="EUR", base="CNY", valid_from=trade.actor.today, rate=D("7.8"))
        assert exposures_of([trade.customer], trade.actor)[trade.customer.pk].total == D("780.00")


class TestOrders:
    def test_without_a_policy_nothing_is_asked_of_a_limit(self, trade, limited):
        limited("1")
        assert place(trade, 10).hold == ""

    def test_up_to_the_limit_it_passes_and_beyond_it_is_held(self, trade, policy, limited):
        policy()
        limited("113")
        assert place(trade, 10).hold == ""
        held = place(trade, 1)
        assert (held.status, held.hold) == ("confirmed", "credit")
        assert not Reservation.objects.filter(source_id=held.lines.get().pk).exists()

    def test_an_order_on_hold_takes_no_credit_from_the_next_one(self, trade, policy, limited):
        policy()
        limited("113")
        assert (place(trade, 50).hold, place(trade, 10).hold, place(trade, 1).hold) == ("credit", "", "credit")
        assert parts(trade) == {"ordered": D("113.00"), "total": D("113.00")}

    def test_the_tolerance_is_per_cent_of_the_limit(self, trade, policy, limited):
        policy(tolerance="10%")
        limited("113")
        assert (place(trade, 11).hold, place(trade, 1).hold) == ("", "credit")

    def test_a_warning_lets_it_pass(self, trade, policy, limited):
        policy(at_order="warn")
        limited("1")
        assert place(trade, 10).hold == ""

    def test_a_tier_has_its_own_policy(self, trade, policy, limited):
        policy()
        policy(tier="A", at_order="none")
        limited("1")
        assert place(trade, 1).hold == "credit"
        Party.objects.filter(pk=trade.customer.pk).update(tier="A")
        trade.customer.refresh_from_db()
        assert place(trade, 1).hold == ""

    def test_a_policy_that_is_switched_off_asks_nothing(self, trade, policy, limited):
        policy(is_active=False)
        limited("1")
        assert place(trade, 1).hold == ""

    def test_a_draft_is_looked_at_when_it_is_confirmed(self, trade, policy, limited):
        policy()
        limited("20")
        lines = [{"product": "SCREW", "quantity": "10"}]
        order = create_record(Order, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        assert order.hold == ""
        confirm_order(order, actor=trade.actor)
        order.refresh_from_db()
        assert (order.hold, order.status) == ("credit", "confirmed")

    def test_late_invoices_hold_it_whatever_the_limit(self, trade, policy):
        policy(days_overdue=10)
        order = place(trade, 1)
        deliver_order(order, actor=trade.actor)
        invoice = invoice_order(order, actor=trade.actor)
        for days, hold in ((10, ""), (11, "credit")):
            later = trade.actor.on(invoice.due_on + timedelta(days=days), 9)
            made = place_order(trade.customer, actor=later, lines=[WantedLine(product=trade.screw, quantity=D(1))])
            assert made.hold == hold

    def test_a_share_to_be_prepaid_holds_it_and_says_how_much(self, trade, policy):
        policy(prepaid_share="30%")
        order = place(trade, 10)
        assert (order.hold, order.prepayment) == ("prepayment", D("33.90"))

    def test_two_active_policies_for_one_tier_are_refused(self, trade, policy):
        policy(tier="B", is_active=False)
        policy(tier="B")
        with pytest.raises(Invalid, match="active policy for this tier already"):
            policy(tier="B")


class TestFigures:
    def test_the_check_says_what_a_document_adds_and_the_ways_out(self, trade, policy, limited):
        policy()
        limited("100")
        place(trade, 5)
        lines = [{"product": "SCREW", "quantity": "10"}]
        for model, step in ((Order, "order"), (Quotation, "quotation")):
            document = create_record(model, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
            check = check_of(document, trade.actor)
            assert check is not None and check.step == step
            assert (check.exposure.total, check.limit, check.free, check.adds) == (D("56.50"), D(100), D("43.50"), D("113.00"))
            assert (check.total, check.excess, check.most, check.to_pay) == (D("169.50"), D("69.50"), D("43.50"), D("69.50"))
            assert check.ways == ("prepay", "approval", "hold", "less")
            assert check.sentences() == ["With ¥113.00 more the customer would owe ¥169.50; the limit is ¥100.00, passed by ¥69.50."]
            assert check.sentences(with_figures=False) == ["The customer's credit limit is passed."]

    def test_where_no_prepayment_is_enough_a_release_is_what_is_left(self, trade, policy, limited):
        """226.00 are owed, 11.30 are ordered, the limit is 100.00: 137.30 too much, of which the order can bring 11.30."""
        policy()
        limited("300")
        place(trade, 20)
        limited("100")
        order = create_record(Order, {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "1"}]}, actor=trade.actor).result
        check = check_of(order, trade.actor)
        assert (check.excess, check.payable(), check.ways) == (D("137.30"), D("11.30"), ("approval", "hold"))
        assert check.ways_in_words() == [
            "ask whoever keeps the accounts to release it, as even all of it paid in advance would not be enough", "confirm it on hold",
        ]
        assert prepayment_wanted(order, trade.actor) == {"amount": D("11.30")}

    def test_a_tolerance_is_said_so_that_the_sentence_adds_up(self, trade, policy, limited):
        policy(tolerance="10%")
        limited("100")
        order = place(trade, 10)
        assert (order.hold, check_of(order, trade.actor).sentences()) == ("credit", [
            "With ¥113.00 more the customer would owe ¥113.00; the limit is ¥100.00, with its tolerance ¥110.00, passed by ¥3.00."
        ])

    def test_what_is_late_is_asked_for_beside_the_prepayment_which_settles_no_invoice(self, trade, policy, limited):
        """113.00 are overdue, 113.00 more are ordered, the limit is 100.00: 126.00 too much, of which the overdue invoice takes 113.00."""
        policy(days_overdue="10")
        limited("200")
        first = place(trade, 10)
        deliver_order(first, actor=trade.actor)
        invoice = invoice_order(first, actor=trade.actor)
        limited("100")
        later = trade.actor.on(invoice.due_on + timedelta(days=11), 9)
        order = place_order(trade.customer, actor=later, lines=[WantedLine(product=trade.screw, quantity=D(10))])
        check = check_of(order, later)
        assert (check.excess, check.late, check.to_prepay, check.to_pay) == (D("126.00"), D("113.00"), D("13.00"), D("126.00"))
        assert check.ways_in_words()[0] == "ask for the overdue ¥113.00 and a prepayment of ¥13.00"
        assert prepayment_wanted(order, later) == {"amount": D("13.00")}
        told = credit_of(order, later)
        assert (told["to_prepay"], told["overdue"], told["to_pay"]) == ("13.00", "113.00", "126.00")
        ask_prepayment(order, actor=later)
        receive_prepayment(Order.objects.get(pk=order.pk), actor=later, amount=D(13))
        assert Order.objects.get(pk=order.pk).hold == "prepayment"
        record_receipt(trade.customer, actor=later, amount=D(113))
        deliver_all("alpha")
        assert Order.objects.get(pk=order.pk).hold == ""

    def test_a_confirmed_order_is_in_the_exposure_already(self, trade, policy, limited):
        policy()
        limited("200")
        check = check_of(place(trade, 10), trade.actor)
        assert (check.exposure.total, check.adds, check.free, check.is_passed) == (D("113.00"), 0, D("87.00"), True)

    def test_a_customer_whom_nobody_limits_has_no_figures(self, trade):
        assert check_of(place(trade, 1), trade.actor) is None


class TestGoods:
    def test_nothing_of_an_order_on_hold_is_delivered(self, trade, policy, limited):
        policy()
        limited("1")
        order = place(trade, 1)
        with pytest.raises(OnHold, match="is on hold .Customer credit.: nothing of it is delivered") as refusal:
            create_delivery(order, actor=trade.actor)
        assert refusal.value.code == "order_on_hold"

    def test_goods_do_not_leave_when_the_policy_stops_them(self, trade, policy, limited):
        rule = policy(at_order="warn", at_release="none", at_shipment="stop")
        limited("50")
        order = place(trade, 10)
        delivery = create_delivery(order, actor=trade.actor)
        with pytest.raises(CreditStopped, match="owes ¥113.00; the limit is ¥50.00, passed by ¥63.00") as refusal:
            ship_delivery(delivery, actor=trade.actor)
        assert refusal.value.code == "credit_exceeded"
        Order.objects.filter(pk=order.pk).update(is_cleared=True)
        ship_delivery(delivery, actor=trade.actor)
        assert rule.at_shipment == "stop"

    def test_a_delivery_is_not_made_when_the_policy_stops_it(self, trade, policy, limited):
        policy(at_order="none", at_release="stop")
        limited("50")
        order = place(trade, 10)
        with pytest.raises(CreditStopped):
            create_delivery(order, actor=trade.actor)

    def test_who_may_not_see_what_customers_owe_reads_no_figures(self, trade, policy, limited, member):
        policy(at_order="warn", at_shipment="stop")
        limited("50")
        delivery = create_delivery(place(trade, 10), actor=trade.actor)
        with pytest.raises(CreditStopped) as refusal:
            ship_delivery(delivery, actor=member("storekeeper"))
        assert "¥" not in str(refusal.value) and "credit limit is passed" in str(refusal.value)


def test_an_ordinary_order_pays_one_question_for_credit(trade, django_assert_max_num_queries):
    """No policy: one question to the policies and nothing else; names in both languages are not read."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        place(trade, 1)
    assert [q["sql"] for q in asked if "credit_" in q["sql"] and "credit_creditaccount" in q["sql"]] == []
    assert len([q for q in asked if 'FROM "credit_creditpolicy"' in q["sql"]]) == 1
    CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
    with CaptureQueriesContext(connection) as again:
        place(trade, 1)
    assert len(again) == len(asked)
