"""Leaving a company: hand-over in sets, an end at once, and giving back (M22.1, M22.9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.keys import key_actor, make_key, split_token
from guanxi.kernel.access.models import Deputy, Member, Team
from guanxi.kernel.acts.models import Act, ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import change_record
from guanxi.kernel.events.live import may_follow
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.activities.models import Activity
from guanxi.shared.members.models import HandOver
from guanxi.shared.members.operations import Receiver, hand_over_records, leave_company, return_member, return_records
from guanxi.shared.members.queries import in_hand, ownable, owned_by
from guanxi.shared.parties.models import Party


@pytest.fixture
def people(alpha, member):
    """Wang leaves; Li and Chen stay."""
    return {name: Member.objects.get(pk=member("salesperson", name=name).member_id) for name in ("Wang", "Li", "Chen")}


@pytest.fixture
def hands(alpha, people):
    """Two customers, an open task, a finished task and a note in Wang's hands."""
    wang = people["Wang"]
    parties = [Party.objects.create(code=f"W{n}", name=f"Customer {n}", owner=wang) for n in (1, 2)]
    now = datetime.now(UTC)
    for kind, done in (("task", None), ("task", now), ("note", None)):
        Activity.objects.create(kind=kind, subject=kind, at=now, done_at=done, owner=wang)
    return parties


def owners(model):
    return dict(model.objects.order_by("pk").values_list("pk", "owner__name"))


def counts(member, **more):
    return {one.kind: one.count for one in owned_by(member, **more) if one.count}


class TestThePreview:
    def test_it_counts_what_is_in_hand_by_kind(self, people, hands):
        assert counts(people["Wang"]) == {"parties.party": 2, "activities.activity": 1}
        assert counts(people["Wang"], closed_too=True) == {"parties.party": 2, "activities.activity": 3}

    def test_every_kind_with_an_owner_is_counted_in_one_query(self, people):
        assert {"parties.party", "sales.order", "sales.quotation", "activities.activity"} <= {model.label() for model in ownable()}
        with CaptureQueriesContext(connection) as queries:
            owned_by(people["Wang"])
        assert len(queries) == 1


class TestHandingOver:
    def test_all_goes_to_the_successor_and_what_is_done_keeps_the_name(self, alpha, people, hands):
        hand_over_records(people["Wang"], actor=alpha, successor=people["Li"])
        assert set(owners(Party).values()) == {"Li"}
        assert [(a.kind, a.done_at is None, a.owner.name) for a in Activity.objects.order_by("pk")] == [
            ("task", True, "Li"), ("task", False, "Wang"), ("note", True, "Wang")]

    def test_a_kind_may_go_to_somebody_else(self, alpha, people, hands):
        hand_over_records(people["Wang"], actor=alpha, successor=people["Li"], receivers=[Receiver("activities.activity", people["Chen"])])
        assert [(h.kind, h.receiver.name, h.row_count) for h in HandOver.objects.order_by("kind")] == [
            ("activities.activity", "Chen", 1), ("parties.party", "Li", 2)]

    def test_it_is_one_act_with_a_history_of_every_row(self, alpha, people, hands):
        outcome = perform(hand_over_records, people["Wang"], actor=alpha, arguments={"successor": people["Li"]})
        steps = History.objects.filter(act_id=outcome.act_id, model="parties.party")
        assert {step.row_id for step in steps} == {party.pk for party in hands}
        assert all(step.changes["owner_id"] == [people["Wang"].pk, people["Li"].pk] for step in steps)

    def test_ten_times_the_rows_take_no_more_statements(self, alpha, people, hands):
        with CaptureQueriesContext(connection) as few:
            hand_over_records(people["Wang"], actor=alpha, successor=people["Li"])
        Party.objects.bulk_create([Party(code=f"L{n}", name=f"More {n}", owner=people["Li"]) for n in range(40)])
        with CaptureQueriesContext(connection) as many:
            hand_over_records(people["Li"], actor=alpha, successor=people["Chen"])
        assert len(many) == len(few)

    @pytest.mark.parametrize(
        ("who", "said"), [(None, "Say who takes over"), ("Wang", "theirs already"), ("Gone", "no longer active"), ("Blind", "may not see any")]
    )
    def test_nobody_gets_what_they_could_not_keep(self, alpha, people, hands, member, who, said):
        people["Gone"] = Member.objects.create(code="gone", name="Gone", is_active=False)
        people["Blind"] = Member.objects.get(pk=member(name="Blind").member_id)
        with pytest.raises(Refused, match=said):
            hand_over_records(people["Wang"], actor=alpha, successor=people.get(who))
        assert set(owners(Party).values()) == {"Wang"}

    def test_what_must_have_an_owner_cannot_go_to_the_pool(self, alpha, people, hands):
        with pytest.raises(Refused, match="always belong to somebody"):
            hand_over_records(people["Wang"], actor=alpha, successor=people["Li"], receivers=[Receiver("activities.activity", to_pool=True)])


class TestGivingBack:
    def test_rows_nobody_touched_since_go_back_and_the_others_stay(self, alpha, people, hands):
        hand_over_records(people["Wang"], actor=alpha, successor=people["Li"])
        change_record(hands[0], {"name": "Renamed"}, actor=alpha)
        handed = HandOver.objects.get(kind="parties.party")
        returned = return_records(handed, actor=alpha)
        assert (returned.returned_count, owners(Party)) == (1, {hands[0].pk: "Li", hands[1].pk: "Wang"})
        with pytest.raises(Refused, match="given back already"):
            return_records(handed, actor=alpha)

    def test_a_wrong_hand_over_is_undone_whole_while_nothing_was_touched(self, alpha, people, hands):
        outcome = perform(hand_over_records, people["Wang"], actor=alpha, arguments={"successor": people["Li"]})
        perform(undo_act, Act.objects.get(pk=outcome.act_id), actor=alpha)
        assert set(owners(Party).values()) == {"Wang"} and not HandOver.objects.exists()

    def test_when_all_were_touched_nothing_is_given_back(self, alpha, people, hands):
        hand_over_records(people["Wang"], actor=alpha, successor=people["Li"])
        for party in hands:
            change_record(party, {"name": f"{party.name}!"}, actor=alpha)
        with pytest.raises(Refused, match="touched since"):
            return_records(HandOver.objects.get(kind="parties.party"), actor=alpha)


class TestLeaving:
    def test_the_place_ends_at_once_on_every_face(self, alpha, people, hands):
        """Trust rule 10: pages, keys, streams and jobs."""
        wang = people["Wang"]
        _row, token = make_key(wang, "phone")
        assert actor_of(wang.pk) and key_actor(split_token(token)[1]) and may_follow("alpha", wang.pk, [f"parties.party:{hands[0].pk}"])
        leave_company(wang, actor=alpha, successor=people["Li"])
        assert actor_of(wang.pk) is None and key_actor(split_token(token)[1]) is None
        assert may_follow("alpha", wang.pk, [f"parties.party:{hands[0].pk}"]) == []
        wang.refresh_from_db()
        assert (wang.is_active, wang.left_on) == (False, alpha.today)
        assert Event.objects.get(name="MemberLeft").payload == {"member_id": wang.pk, "successor_id": people["Li"].pk, "row_count": 3}

    def test_approvals_deputies_teams_and_reports_are_cleared(self, alpha, people):
        wang, li = people["Wang"], people["Li"]
        rule = ApprovalRule.objects.create(name={"en": "x"}, operation="x", condition="true", approvers=wang.roles.get())
        request = ApprovalRequest.objects.create(
            rule=rule, operation="x", target_model="access.team", target_id=1, title="t", requester=wang, requested_at=alpha.now)
        deputy = Deputy.objects.create(principal=wang, deputy=li, valid_from=alpha.today, valid_until=alpha.today + timedelta(9))
        team = Team.objects.create(name="East", lead=wang)
        Member.objects.filter(pk=people["Chen"].pk).update(reports_to=wang)
        leave_company(wang, actor=alpha, successor=li)
        for row in (request, deputy, team):
            row.refresh_from_db()
        assert (request.status, deputy.ended_at is not None, team.lead_id) == ("withdrawn", True, li.pk)
        assert Member.objects.get(pk=people["Chen"].pk).reports_to_id == li.pk

    def test_nobody_leaves_with_something_in_hand(self, alpha, people, hands):
        with pytest.raises(Refused, match=r"Say who takes over: .*\(1\), .*\(2\)|Say who takes over: .*\(2\), .*\(1\)"):
            leave_company(people["Wang"], actor=alpha)
        assert actor_of(people["Wang"].pk) is not None

    def test_neither_oneself_nor_the_last_administrator_can_be_seen_out(self, alpha, people, member):
        admin = Member.objects.get(code="admin")
        with pytest.raises(Refused, match="themselves"):
            leave_company(admin, actor=alpha)
        from guanxi.kernel.access.actor import system_actor

        with pytest.raises(Refused, match="last administrator"):
            leave_company(admin, actor=system_actor())

    def test_who_left_by_mistake_comes_back(self, alpha, people):
        leave_company(people["Wang"], actor=alpha, successor=people["Li"])
        return_member(people["Wang"], actor=alpha)
        assert actor_of(people["Wang"].pk).may("sales.confirm_order")

    def test_closed_documents_keep_the_name_and_posted_ones_always(self, alpha, people):
        kinds = {one.kind: one for one in owned_by(people["Wang"], closed_too=True)}
        assert "finance.invoice" not in kinds and "finance.receipt" not in kinds
        open_orders = str(in_hand(kinds["sales.order"].model))
        assert [state for state in ("draft", "confirmed", "done", "cancelled") if state in open_orders] == ["draft", "confirmed"]
