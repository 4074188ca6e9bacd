"""Open lines that a change of price, cost or product model touches: seen in one list, and decided line by line (X5, M21.2)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import CompatibilityRule, Configuration, Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.jobs import look_for_changes
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.operations import accept_affected_line, hold_affected_line, release_affected_line, requote_affected_line
from guanxi.erp.sales.impact.screens import AffectedLineScreen
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    accept_quotation,
    complete_order,
    confirm_order,
    deliver_order,
    invoice_order,
    order_quotation,
    place_order,
    send_quotation,
)
from guanxi.erp.sales.pricing.configured import offer_configuration
from guanxi.erp.sales.pricing.repricing import reprice_order
from guanxi.erp.sales.screens import QuotationScreen
from guanxi.erp.sales.tests.conftest import product, receive
from guanxi.kernel.about.timeline import timeline_of
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.deeds.deed import Deed
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.refusals import Invalid, Missing, Refused
from guanxi.shared.parties.models import Party

D = Decimal


def offer(trade, *wanted, **values):
    lines = [{"product": product, "quantity": quantity, **more} for product, quantity, more in wanted]
    return create_record(Quotation, {"customer": trade.customer.pk, "lines": lines, **values}, actor=trade.actor).result


def seen(trade):
    """What stands in the list, by document and in the order of the lines."""
    return list(AffectedLine.objects.visible_to(trade.actor).order_by("kind", "document_id", "source_id"))


def again(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def dearer(trade):
    """10 screws at 10.00 and 2 nuts offered; 4 screws ordered, 1 of them delivered; then screws cost 7.50 instead of 6.00."""
    trade.quotation = offer(trade, ("SCREW", "10", {}), ("NUT", "2", {}))
    trade.order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(4))])
    deliver_order(trade.order, actor=trade.actor, lines=[PartialLine(line=trade.order.lines.get(), quantity=D(1))])
    receive(trade.actor, [(trade.screw, 99, D("9.00"))], kind="purchase")
    look_again(trade.actor)
    trade.rows = {row.kind: row for row in seen(trade)}
    return trade


class TestWhatIsListed:
    def test_lines_of_offers_and_the_rest_of_orders_with_the_margin_before_and_after(self, dearer):
        rows = seen(dearer)
        assert [(r.kind, r.number, r.reason, r.quantity, r.unit_cost, r.cost_now) for r in rows] == [
            ("order", dearer.order.number, "cost", 3, 6, D("7.5")), ("quotation", dearer.quotation.number, "cost", 10, 6, D("7.5")),
        ]
        assert [(r.margin, r.margin_now, r.margin_requoted) for r in rows] == [
            (D("12.00"), D("7.50"), D("7.50")), (D("40.00"), D("25.00"), D("25.00")),
        ]

    def test_a_new_list_price_counts_and_what_was_typed_by_hand_is_measured_by_the_rules_too(self, trade):
        quotation = offer(trade, ("SCREW", "10", {"unit_price": "9.50"}), ("NUT", "2", {}))
        change_record(trade.screw, {"list_price": "11"}, actor=trade.actor)
        look_again(trade.actor)
        [row] = seen(trade)
        assert (row.reason, row.price, row.price_now, row.margin, row.margin_now, row.margin_requoted, row.document_id) == (
            "price", D("9.5"), 11, D("35.00"), D("35.00"), D("50.00"), quotation.pk,
        )

    def test_a_promotion_that_ends_is_no_change_of_price(self, trade):
        from guanxi.erp.pricing.models import Promotion
        from guanxi.erp.pricing.operations import end_promotion, start_promotion

        promotion = create_record(Promotion, {"code": "WEEK", "name": "Week", "kind": "percent", "share": "10%"}, actor=trade.actor).result
        start_promotion(promotion, actor=trade.actor)
        assert offer(trade, ("SCREW", "1", {})).net == D("9.00")
        end_promotion(promotion, actor=trade.actor)
        assert look_again(trade.actor) == []

    def test_promotions_count_in_the_price_of_today_until_an_order_has_taken_them(self, trade):
        from guanxi.erp.pricing.models import Promotion
        from guanxi.erp.pricing.operations import start_promotion

        lines = [{"product": "SCREW", "quantity": "1"}]
        draft, confirmed = (create_record(Order, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result for _each in range(2))
        quotation = offer(trade, ("SCREW", "1", {}))
        confirm_order(confirmed, actor=trade.actor)
        promotion = create_record(Promotion, {"code": "WEEK", "name": "Week", "kind": "percent", "share": "10%"}, actor=trade.actor).result
        start_promotion(promotion, actor=trade.actor)
        change_record(trade.screw, {"list_price": "20"}, actor=trade.actor)
        look_again(trade.actor)
        assert [(row.document_id, row.price_now) for row in seen(trade)] == [(draft.pk, 18), (confirmed.pk, 20), (quotation.pk, 18)]
        requote_affected_line(seen(trade)[0], actor=trade.actor, keep="price_list")
        assert again(draft).net == again(reprice_order(again(draft), actor=trade.actor)).net == 18

    def test_an_order_that_is_done_is_nothing_to_decide_on_any_more(self, dearer):
        deliver_order(dearer.order, actor=dearer.actor)
        invoice_order(dearer.order, actor=dearer.actor)
        complete_order(again(dearer.order), actor=dearer.actor)
        look_again(dearer.actor, product_ids={dearer.screw.pk})
        assert [(row.kind, row.quantity) for row in seen(dearer)] == [("quotation", 10)]

    def test_a_line_that_was_changed_since_is_not_shown_with_old_figures(self, dearer):
        lines = [{"id": line.pk, "unit_price": "12"} for line in dearer.quotation.lines.order_by("position")]
        change_record(dearer.quotation, {"lines": lines}, actor=dearer.actor, by_id=True)
        assert [row.kind for row in seen(dearer)] == ["order"]

    def test_each_sees_those_of_their_documents_and_costs_only_with_the_right(self, dearer, member):
        seller = member("salesperson")
        assert not AffectedLine.objects.visible_to(seller)
        AffectedLine.objects.filter(kind="quotation").update(owner=seller.member_id)
        assert [row.kind for row in AffectedLine.objects.visible_to(seller)] == ["quotation"]
        assert not member("storekeeper").may("view", AffectedLine)

    def test_a_document_sums_up_its_affected_lines_and_its_list_finds_it(self, dearer):
        assert [again(one).margin_change for one in (dearer.quotation, dearer.order)] == [D("-15.00"), D("-4.50")]
        query = ListQuery(QuotationScreen, dearer.actor, {"f.margin_change": "!0"}, set_key="alpha")
        assert [row["number"].value for row in query.fetch()] == [dearer.quotation.number] and not query.notes
        accept_affected_line(dearer.rows["quotation"], actor=dearer.actor)
        assert again(dearer.quotation).margin_change == 0

    def test_a_rule_may_go_by_the_document_the_change_of_cost_and_the_margin_that_is_left(self, dearer):
        def found(**filters):
            query = ListQuery(AffectedLineScreen, dearer.actor, {f"f.{name}": value for name, value in filters.items()}, set_key="alpha")
            assert not query.notes
            return sorted(query.rows.values_list("number", flat=True))

        both = sorted([dearer.quotation.number, dearer.order.number])
        assert found(document=f"sales.quotation:{dearer.quotation.pk}") == [dearer.quotation.number]
        assert (found(cost_change="25%"), found(cost_change="..24%")) == (both, [])
        assert (found(rate_now="25%"), found(rate_now="26%..")) == (both, [])

    def test_less_than_a_hundredth_is_no_change(self, trade):
        offer(trade, ("SCREW", "1", {}))
        receive(trade.actor, [(trade.screw, 1, D("9.00"))], kind="purchase")
        assert look_again(trade.actor) == []

    def test_the_owner_is_told_once_when_goods_arrive_dearer(self, dearer):
        AffectedLine.objects.all().delete()
        deliver_all("alpha")
        deliver_all("alpha")
        [notice] = Notification.objects.filter(kind="cost_changed")
        assert notice.arguments["documents"] == f"{dearer.quotation.number}, {dearer.order.number}"

    def test_the_questions_are_as_many_for_thirty_documents_as_for_three(self, trade):
        def questions():
            with CaptureQueriesContext(connection) as asked:
                look_again(trade.actor)
            return len(asked)

        for _time in range(3):
            offer(trade, ("SCREW", "1", {}), ("NUT", "2", {}))
        few = questions()
        for number in range(27):
            customer = create_record(Party, {"name": f"Customer {number}"}, actor=trade.actor).result
            offer(trade, ("SCREW", "1", {}), ("NUT", "2", {}), customer=customer.pk)
        assert questions() == few < 20

    def test_owners_are_told_once(self, dearer):
        AffectedLine.objects.all().delete()
        look_for_changes.function(actor=dearer.actor)
        look_for_changes.function(actor=dearer.actor)
        [notice] = Notification.objects.filter(kind="cost_changed")
        assert notice.arguments["documents"] == f"{dearer.quotation.number}, {dearer.order.number}"


class TestDeciding:
    def test_accepted_the_price_stays_and_the_line_asks_no_more(self, dearer):
        accept_affected_line(dearer.rows["quotation"], actor=dearer.actor)
        quotation = again(dearer.quotation)
        assert (quotation.net, quotation.cost, again(dearer.rows["quotation"]).status) == (D("104.00"), D("77.00"), "accepted")
        assert look_again(dearer.actor) == []
        assert AffectedLine.objects.filter(status="open").get().kind == "order"

    def test_quoted_anew_it_keeps_its_margin_rate_and_no_other_line_moves(self, dearer):
        change_record(dearer.nut, {"standard_cost": "1.5", "list_price": "3"}, actor=dearer.actor)
        requote_affected_line(dearer.rows["quotation"], actor=dearer.actor)
        [screw, nut] = dearer.quotation.lines.order_by("position")
        assert (screw.unit_price, screw.unit_cost, screw.net, nut.unit_price, nut.unit_cost) == (D("12.50"), D("7.5"), D("125.00"), 2, 1)
        quotation = again(dearer.quotation)
        assert (quotation.net, quotation.cost, quotation.total) == (D("129.00"), D("77.00"), D("145.77"))

    def test_or_takes_the_price_of_today_and_what_was_sent_becomes_a_draft(self, dearer):
        change_record(dearer.screw, {"list_price": "11"}, actor=dearer.actor)
        send_quotation(dearer.quotation, actor=dearer.actor)
        look_again(dearer.actor)
        row = again(dearer.rows["quotation"])
        assert row.reason == "both"
        requote_affected_line(row, actor=dearer.actor, keep="price_list")
        line = dearer.quotation.lines.order_by("position").first()
        assert (line.unit_price, line.price_steps[-1]["kind"], again(dearer.quotation).status) == (11, "list_price", "draft")
        assert (again(row).outcome_model, again(row).outcome_id) == ("sales.quotation", dearer.quotation.pk)

    def test_quoted_anew_at_the_price_that_it_has_nothing_would_change_and_what_was_sent_stays(self, trade):
        quotation = offer(trade, ("SCREW", "10", {}))
        send_quotation(quotation, actor=trade.actor)
        change_record(trade.screw, {"list_price": "11"}, actor=trade.actor)
        look_again(trade.actor)
        [row] = seen(trade)
        with pytest.raises(Refused, match="^Nothing would change: “SCREW” would be quoted at the price that it has"):
            requote_affected_line(row, actor=trade.actor, keep="margin_rate")
        assert (again(quotation).status, again(row).status, again(quotation).lines.get().price_steps[-1]["kind"]) == ("sent", "open", "list_price")
        requote_affected_line(again(row), actor=trade.actor, keep="price_list")
        told = [entry.text for entry in timeline_of(again(quotation), trade.actor, "alpha")]
        assert (again(quotation).status, told[0]) == ("draft", "Quotation %(title)s taken back as a draft, to be revised")

    def test_beside_a_confirmed_order_its_rest_is_offered_at_the_new_price(self, dearer):
        requote_affected_line(dearer.rows["order"], actor=dearer.actor)
        row = again(dearer.rows["order"])
        made = Quotation.objects.get(pk=row.outcome_id)
        line = made.lines.get()
        assert (line.quantity, line.unit_price, made.customer_id, made.status) == (3, D("12.50"), dearer.customer.pk, "draft")
        assert dearer.order.number in made.note and again(dearer.order).lines.get().unit_price == 10
        assert look_again(dearer.actor) == [], "it was decided on"

    def test_a_held_offer_is_withdrawn_and_goes_out_again_only_after_a_decision(self, dearer):
        send_quotation(dearer.quotation, actor=dearer.actor)
        hold_affected_line(dearer.rows["quotation"], actor=dearer.actor)
        quotation = again(dearer.quotation)
        assert quotation.status == "withdrawn"
        look_again(dearer.actor)
        from guanxi.erp.sales.operations import revise_quotation

        revise_quotation(quotation, actor=dearer.actor)
        with pytest.raises(Refused, match="“SCREW” is held"):
            send_quotation(again(quotation), actor=dearer.actor)
        accept_affected_line(again(dearer.rows["quotation"]), actor=dearer.actor)
        send_quotation(again(quotation), actor=dearer.actor)

    def test_what_is_held_is_refused_before_anybody_is_asked_to_approve(self, dearer):
        approvers = Role.objects.get(key="sales_manager")
        ApprovalRule.objects.create(name={"en": "All"}, operation="sales.send_quotation", condition="total > 0", approvers=approvers)
        hold_affected_line(dearer.rows["quotation"], actor=dearer.actor)
        with pytest.raises(Refused, match="“SCREW” is held, since its Cost changed"):
            perform(send_quotation, dearer.quotation.pk, actor=dearer.actor, raw={})
        assert (ApprovalRequest.objects.count(), again(dearer.quotation).status) == (0, "draft")

    def test_an_accepted_offer_that_is_held_becomes_no_order_and_is_not_quoted_anew(self, dearer):
        accept_quotation(dearer.quotation, actor=dearer.actor)
        row = dearer.rows["quotation"]
        hold_affected_line(row, actor=dearer.actor)
        with pytest.raises(Refused, match="is held"):
            order_quotation(again(dearer.quotation), actor=dearer.actor)
        assert not requote_affected_line.is_possible(again(row))
        with pytest.raises(Refused, match="^The customer has accepted this price"):
            requote_affected_line(again(row), actor=dearer.actor)
        release_affected_line(again(row), actor=dearer.actor)
        assert order_quotation(again(dearer.quotation), actor=dearer.actor).net == D("104.00")

    def test_a_held_order_stands_still(self, dearer):
        hold_affected_line(dearer.rows["order"], actor=dearer.actor)
        order = again(dearer.order)
        assert (order.hold, order.hold_note) == ("other", "SCREW: Cost")

    def test_what_was_changed_meanwhile_is_not_decided(self, dearer):
        Order.objects.get(pk=dearer.order.pk).lines.update(unit_price=D("9"))
        with pytest.raises(Missing):
            perform(accept_affected_line, dearer.rows["order"].pk, actor=dearer.actor, raw={})


@pytest.fixture
def press(trade):
    """A press for 1,000.00 that costs 600.00 with a motor of 75 kW (+200.00, cost 120.00) and cooled by air, offered twice."""
    for code, position in (("motor", 1), ("cooling", 2)):
        create_record(Feature, {"code": code, "name": code.capitalize(), "position": position}, actor=trade.actor)
    made = product(trade.actor, "PRESS", "1000", "600")
    trade.model = create_record(ProductModel, {"product": made.pk, "lines": [
        {"feature": "motor", "code": "kw55", "name": "55 kW"},
        {"feature": "motor", "code": "kw75", "name": "75 kW", "surcharge": "200", "cost": "120"},
        {"feature": "cooling", "code": "air", "name": "Air"}, {"feature": "cooling", "code": "water", "name": "Water"},
    ]}, actor=trade.actor).result
    options = [ChosenOption(one) for one in Chooser(trade.model).chosen({"motor": "kw75", "cooling": "air"})]
    trade.configuration = save_configuration(trade.model, actor=trade.actor, choices=options)
    trade.quotation = offer_configuration(trade.configuration, actor=trade.actor, quantity=D(2), customer=trade.customer)
    return trade


def reprice_option(trade, **values):
    lines = [{"id": option.pk, **(values if option.code == "kw75" else {})} for option in trade.model.options.order_by("position")]
    change_record(trade.model, {"lines": lines}, actor=trade.actor, by_id=True)


def forbid(trade):
    values = {"model": trade.model.pk, "name": {"en": "The large motor needs water.", "zh-hans": "大电机须水冷。"}}
    create_record(CompatibilityRule, {**values, "when": 'motor = "kw75"', "must": 'cooling = "water"'}, actor=trade.actor)
    look_again(trade.actor)


class TestModels:
    def test_nothing_is_listed_while_the_model_is_as_it_was(self, press):
        assert look_again(press.actor) == [] and press.quotation.margin_change == 0

    def test_another_surcharge_and_cost_give_price_and_margin_before_and_after(self, press):
        reprice_option(press, surcharge="260", cost="150")
        look_again(press.actor)
        [row] = seen(press)
        assert (row.reason, row.price, row.price_now, row.unit_cost, row.cost_now) == ("model", 1200, 1260, 720, 750)
        assert (row.margin, row.margin_now, row.margin_requoted) == (D("960.00"), D("900.00"), D("1020.00"))

    def test_quoted_anew_it_has_a_new_configuration_with_what_the_options_add_today(self, press):
        reprice_option(press, surcharge="260", cost="150")
        look_again(press.actor)
        requote_affected_line(seen(press)[0], actor=press.actor, keep="price_list")
        line = press.quotation.lines.select_related("configuration").get()
        assert (line.unit_price, line.unit_cost, line.configuration.surcharge, line.configuration.choices) == (
            1260, 750, 260, {"motor": "kw75", "cooling": "air"},
        )
        assert line.configuration_id != press.configuration.pk and look_again(press.actor) == []
        assert [one["kind"] for one in line.price_steps] == ["list_price", "options"]

    def test_what_the_rules_of_today_forbid_is_said_in_both_languages_and_is_not_quoted_as_it_is(self, press):
        forbid(press)
        [row] = seen(press)
        assert (row.reason, dict(row.misfit)) == ("misfit", {"en": "The large motor needs water.", "zh-hans": "大电机须水冷。"})
        assert Configuration.objects.get().misfit.in_language("zh-hans") == "大电机须水冷。"
        assert not requote_affected_line.is_possible(row) and accept_affected_line.is_possible(row)
        with pytest.raises(Refused, match="^It can no longer be made as it was chosen: choose other options in the document"):
            perform(requote_affected_line, row.pk, actor=press.actor, raw={"keep": "margin_rate"})
        accept_affected_line(row, actor=press.actor)
        assert look_again(press.actor) == []

    def test_an_option_that_is_gone_and_a_feature_that_came_are_said(self, press):
        create_record(Feature, {"code": "colour", "name": "Colour", "position": 3}, actor=press.actor)
        lines = [{"id": option.pk} for option in press.model.options.order_by("position") if option.code != "kw75"]
        lines += [{"feature": "colour", "code": "red", "name": "Red"}]
        features = {row.code: row.pk for row in Feature.objects.all()}
        lines[-1]["feature"] = features["colour"]
        change_record(press.model, {"lines": lines}, actor=press.actor, by_id=True)
        look_again(press.actor)
        assert str(seen(press)[0].misfit).split("\n") == [
            "An option chosen for “motor” is no longer offered.", "“Colour” has to be decided now.",
        ]

    def test_changing_a_model_or_a_price_asks_for_a_look_and_selling_does_not(self, press, monkeypatch):
        asked = []
        monkeypatch.setattr(look_for_changes, "later", lambda **values: asked.append(values))
        offer(press, ("SCREW", "1", {}))
        assert asked == []
        reprice_option(press, surcharge="260")
        change_record(press.screw, {"list_price": "12"}, actor=press.actor)
        assert asked == [{"once": "sales.look_for_changes"}] * 2


def test_a_whole_list_is_decided_by_rule(dearer):
    """All that a filter finds, each by the same act (kernel/deeds)."""
    for row in AffectedLine.objects.visible_to(dearer.actor).filter(status="open", reason="cost"):
        perform(accept_affected_line, row.pk, actor=dearer.actor, raw={})
    assert AffectedLine.objects.filter(status="open").count() == 0
    assert Order.objects.get(pk=dearer.order.pk).cost == D("30.00")
    with pytest.raises(Invalid):
        perform(requote_affected_line, dearer.rows["order"].pk, actor=dearer.actor, raw={"keep": "nonsense"})


def test_the_trial_of_quoting_anew_asks_for_all_rows_together(trade):
    """As many questions for twelve lines of twelve offers as for one, one of which the customer has accepted."""
    quotations = [offer(trade, ("SCREW", "1", {})) for _time in range(12)]
    send_quotation(quotations[0], actor=trade.actor)
    accept_quotation(quotations[0], actor=trade.actor)
    receive(trade.actor, [(trade.screw, 99, D("9.00"))], kind="purchase")
    look_again(trade.actor)
    rows, deed = seen(trade), Deed(AffectedLine, requote_affected_line.name)

    def tried(some):
        with CaptureQueriesContext(connection) as asked:
            problems = deed.survey([row.pk for row in some], trade.actor)
        return problems, len(asked)

    accepted = next(row for row in rows if row.document_id == quotations[0].pk)
    words = "The customer has accepted this price: accept the change, or hold the line and talk to the customer."
    (one, few), (all_of_them, many) = tried([accepted]), tried(rows)
    assert one == all_of_them == [(accepted.pk, words)]
    assert (len(rows), many) == (12, few)
