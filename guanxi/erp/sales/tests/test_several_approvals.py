"""Several rules on one act: each is answered by those it names, and only then the act is done (M22.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import accept_quotation, order_quotation, revise_quotation, send_quotation
from guanxi.erp.sales.tests.test_approval_rules import director as director
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request, decline_request, withdraw_request
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.refusals import Refused

DECIDES = {"acts.approvalrequest": "view", "acts.approve_request": "company", "acts.decline_request": "company", "notices.notification": "view"}


def again(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def watched(trade, director, member):
    """10 screws at 20 % off (80.00): above 60.00 the director decides, above 15 % off the controller. A salesperson wants to send it."""
    controller = Role.objects.create(key="controller", name={"en": "Controller"}, grants=DECIDES)
    Role.objects.filter(pk=director.pk).update(grants=DECIDES)
    for name, condition, role in (("Large", "net > 60", director), ("Deep", "largest_discount > 15%", controller)):
        ApprovalRule.objects.create(name={"en": name}, operation="sales.send_quotation", condition=condition, approvers=role)
    trade.seller, trade.director, trade.controller = member("salesperson"), member("director"), member("controller")
    lines = [{"product": trade.screw.pk, "quantity": "10", "discount": "20%"}]
    given = {"customer": trade.customer.pk, "owner": trade.seller.member_id, "lines": lines}
    trade.quotation = create_record(Quotation, given, actor=trade.actor, by_id=True).result
    return trade


def ask(trade):
    return perform(send_quotation, trade.quotation.pk, actor=trade.seller, raw={}).awaiting


def waiting(*statuses):
    rows = ApprovalRequest.objects.filter(status__in=statuses or ["waiting"]).select_related("rule").order_by("pk")
    return {str(row.rule): row for row in rows}


class TestAsking:
    def test_every_rule_that_applies_asks_those_it_names_and_all_reasons_are_said(self, watched):
        assert ask(watched).reasons == "Large; Deep"
        assert {name: row.facts for name, row in waiting().items()} == {"Large": {"net": "80"}, "Deep": {"largest_discount": "0.2"}}
        deliver_all("alpha")
        told = Notification.objects.filter(kind="approval_asked").values_list("member_id", flat=True)
        assert sorted(told) == sorted([watched.director.member_id, watched.controller.member_id])

    def test_it_is_said_with_all_reasons_where_it_cannot_be_asked_for(self, watched):
        with pytest.raises(Refused, match="^This needs approval first: Large; Deep\\."):
            send_quotation(watched.quotation, actor=watched.seller)

    def test_asked_twice_there_is_one_request_for_each_rule(self, watched):
        ask(watched)
        ask(watched)
        assert ApprovalRequest.objects.count() == 2

    def test_who_decides_by_one_rule_asks_for_the_others(self, watched):
        Member.objects.get(pk=watched.seller.member_id).roles.add(Role.objects.get(key="controller"))
        watched.seller = actor_of(watched.seller.member_id)
        assert ask(watched).reasons == "Large"


class TestAnswering:
    def test_the_act_is_done_with_the_last_approval_and_not_before(self, watched):
        ask(watched)
        approve_request(waiting()["Large"], actor=watched.director)
        assert again(watched.quotation).status == "draft" and list(waiting()) == ["Deep"]
        approve_request(waiting()["Deep"], actor=watched.controller)
        assert again(watched.quotation).status == "sent"

    def test_asked_again_what_was_approved_just_so_stays_approved(self, watched):
        ask(watched)
        approve_request(waiting()["Deep"], actor=watched.controller)
        assert ask(watched).reasons == "Large" and list(waiting()) == ["Large"]
        approve_request(waiting()["Large"], actor=watched.director)
        assert again(watched.quotation).status == "sent"

    @pytest.mark.parametrize("act", ["decline", "withdraw"])
    def test_declined_by_one_or_taken_back_nobody_has_to_decide_any_more(self, watched, act):
        ask(watched)
        if act == "decline":
            decline_request(waiting()["Deep"], actor=watched.controller, note="Too much off")
        else:
            Role.objects.filter(key="salesperson").update(grants={"acts.approvalrequest": "view", "acts.withdraw_request": "company"})
            withdraw_request(waiting()["Deep"], actor=actor_of(watched.seller.member_id))
        assert (again(watched.quotation).status, waiting()) == ("draft", {})
        assert waiting("withdrawn")["Large"].status == "withdrawn"

    def test_sent_by_somebody_who_need_not_ask_nobody_has_to_decide_any_more(self, watched):
        ask(watched)
        Member.objects.get(pk=watched.actor.member_id).roles.add(*Role.objects.filter(key__in=["director", "controller"]))
        send_quotation(again(watched.quotation), actor=actor_of(watched.actor.member_id))
        assert (again(watched.quotation).status, waiting()) == ("sent", {})

    def test_what_changed_after_one_approval_is_not_done_with_the_other(self, watched):
        ask(watched)
        approve_request(waiting()["Large"], actor=watched.director)
        line = watched.quotation.lines.get()
        change_record(again(watched.quotation), {"lines": [{"id": line.pk, "quantity": "30"}]}, actor=watched.actor, by_id=True)
        with pytest.raises(Refused, match="^Changed since it was asked: Large"):
            approve_request(waiting()["Deep"], actor=watched.controller)
        assert ask(watched).reasons == "Large; Deep"
        approve_request(waiting()["Deep"], actor=watched.controller)
        approve_request(waiting()["Large"], actor=watched.director)
        assert (again(watched.quotation).status, again(watched.quotation).net) == ("sent", Decimal("240.00"))

    def test_what_no_longer_applies_is_withdrawn_when_it_is_asked_again(self, watched):
        ask(watched)
        approve_request(waiting()["Large"], actor=watched.director)
        line = watched.quotation.lines.get()
        change_record(again(watched.quotation), {"lines": [{"id": line.pk, "quantity": "8", "discount": "0"}]}, actor=watched.actor, by_id=True)
        assert (again(watched.quotation).net, ask(watched)) == (Decimal("80.00"), None)
        assert again(watched.quotation).status == "sent" and list(waiting("withdrawn")) == ["Deep"]


class TestPastSending:
    WORDS = "^This needs approval first: Large; Deep\\. Ask for it with “Send”\\.$"

    @pytest.mark.parametrize("act", [accept_quotation, order_quotation])
    def test_what_was_never_sent_is_neither_accepted_nor_ordered_past_those_who_look_at_it(self, watched, act):
        with pytest.raises(Refused, match=self.WORDS):
            perform(act, watched.quotation.pk, actor=watched.seller, raw={})
        assert (again(watched.quotation).status, Order.objects.count(), ApprovalRequest.objects.count()) == ("draft", 0, 0)

    @pytest.mark.parametrize("act", [accept_quotation, order_quotation])
    def test_who_decides_by_every_rule_need_not_send_it_first(self, watched, act):
        Member.objects.get(pk=watched.seller.member_id).roles.add(*Role.objects.filter(key__in=("controller", "director")))
        perform(act, watched.quotation.pk, actor=actor_of(watched.seller.member_id), raw={})
        assert again(watched.quotation).status == {"accept_quotation": "accepted", "order_quotation": "ordered"}[act.key]

    def test_sent_with_approval_it_is_accepted_and_ordered_without_another(self, watched):
        ask(watched)
        for request in ApprovalRequest.objects.order_by("pk"):
            approve_request(request, actor={"Large": watched.director, "Deep": watched.controller}[str(request.rule)])
        perform(accept_quotation, watched.quotation.pk, actor=watched.seller, raw={})
        perform(order_quotation, watched.quotation.pk, actor=watched.seller, raw={})
        assert Order.objects.get().net == Decimal("80.00")

    def test_taken_back_to_a_draft_it_is_sent_again_first(self, watched):
        ask(watched)
        for request in ApprovalRequest.objects.order_by("pk"):
            approve_request(request, actor={"Large": watched.director, "Deep": watched.controller}[str(request.rule)])
        perform(revise_quotation, watched.quotation.pk, actor=watched.seller, raw={})
        with pytest.raises(Refused, match=self.WORDS):
            perform(order_quotation, watched.quotation.pk, actor=watched.seller, raw={})
