"""Deputies and looking as somebody else: never more than the principal, always both names (M22.1, M22.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Deputy, Look, Member, Role, Team
from guanxi.kernel.access.standing import StandingEnded, in_place_of
from guanxi.kernel.acts.models import Act, ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request, decline_request
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.shared.members.operations import end_deputy, move_team, name_deputy, see_as_member
from guanxi.shared.parties.models import Party


def row_of(actor):
    return Member.objects.get(pk=actor.member_id)


@pytest.fixture
def wang(alpha, member):
    """On holiday: a salesperson with a customer."""
    actor = member("salesperson", name="Wang")
    Party.objects.create(code="W1", name="Wang's customer", owner=row_of(actor))
    return actor


@pytest.fixture
def li(alpha, member):
    actor = member("salesperson", name="Li")
    Party.objects.create(code="L1", name="Li's customer", owner=row_of(actor))
    return actor


def deputise(principal, deputy, **days):
    day = principal.today
    return name_deputy(actor=principal, deputy=row_of(deputy), valid_from=days.get("begins", day), valid_until=days.get("ends", day))


class TestNamingADeputy:
    def test_one_names_a_deputy_for_oneself_and_an_administrator_for_others(self, alpha, wang, li):
        assert deputise(wang, li).principal_id == wang.member_id
        with pytest.raises(Forbidden, match="for yourself only"):
            name_deputy(actor=li, deputy=row_of(wang), valid_from=li.today, valid_until=li.today, principal=row_of(alpha))
        made = name_deputy(actor=alpha, deputy=row_of(wang), valid_from=li.today, valid_until=li.today, principal=row_of(li))
        assert made.principal_id == li.member_id

    @pytest.mark.parametrize(("days", "said"), [((0, -1), "lies before"), ((-9, -1), "in the past")])
    def test_days_that_make_no_sense_are_refused(self, wang, li, days, said):
        with pytest.raises(Refused, match=said):
            deputise(wang, li, begins=wang.today + timedelta(days[0]), ends=wang.today + timedelta(days[1]))

    def test_neither_oneself_nor_who_has_left_nor_the_same_twice(self, wang, li):
        with pytest.raises(Refused, match="own deputy"):
            deputise(wang, wang)
        deputise(wang, li)
        with pytest.raises(Refused, match="on some of these days"):
            deputise(wang, li)
        Member.objects.filter(pk=li.member_id).update(is_active=False)
        with pytest.raises(Refused, match="no longer active"):
            deputise(wang, li)


class TestStandingIn:
    def test_the_deputy_sees_and_may_exactly_what_the_principal_does(self, wang, li):
        stood = in_place_of(li, "deputy", deputise(wang, li).pk)
        assert [p.code for p in Party.objects.visible_to(stood)] == ["W1"]
        assert (stood.member_id, stood.person_id, stood.rights) == (wang.member_id, li.member_id, wang.rights)
        assert [p.code for p in Party.objects.visible_to(actor_of(li.member_id))] == ["L1"]

    def test_a_narrow_deputy_lends_nothing_of_their_own(self, wang, member):
        auditor = member("auditor")
        stood = in_place_of(auditor, "deputy", deputise(wang, auditor).pk)
        assert [p.code for p in Party.objects.visible_to(stood)] == ["W1"] and not stood.rights.sees_right("see_cost")

    def test_what_is_done_is_the_principal_s_and_signed_with_both_names(self, wang, li):
        stood = in_place_of(li, "deputy", deputise(wang, li).pk)
        outcome = create_record(Party, {"name": "New", "kind": "company"}, actor=stood)
        act = Act.objects.get(pk=outcome.act_id)
        assert (outcome.result.owner_id, act.member_id, act.done_by_id) == (wang.member_id, wang.member_id, li.member_id)

    @pytest.mark.parametrize("when", ["before", "after", "ended", "principal left", "deputy left", "somebody else"])
    def test_it_ends_by_itself(self, alpha, wang, li, member, when):
        days = {"before": (1, 2), "after": (-2, -1)}.get(when, (0, 0))
        made = Deputy.objects.create(
            principal=row_of(wang), deputy=row_of(li), valid_from=wang.today + timedelta(days[0]), valid_until=wang.today + timedelta(days[1]))
        if when == "ended":
            end_deputy(made, actor=wang)
        elif when.endswith("left"):
            Member.objects.filter(pk=(wang if when.startswith("principal") else li).member_id).update(is_active=False)
        with pytest.raises(StandingEnded):
            in_place_of(member("salesperson") if when == "somebody else" else li, "deputy", made.pk)

    def test_rights_over_people_are_not_lent(self, alpha, li):
        made = name_deputy(actor=alpha, deputy=row_of(li), valid_from=li.today, valid_until=li.today)
        stood = in_place_of(li, "deputy", made.pk)
        assert stood.may("view", Team) and stood.may("change", Party) and not stood.may("change", Team) and not stood.may("change", Role)
        for name in ("members.invite_member", "members.leave_company", "members.name_deputy", "api.make_access_key"):
            assert alpha.may(name) and not stood.may(name)
        with pytest.raises(Forbidden):
            perform(move_team, Team.objects.create(name="East"), actor=stood)

    def test_there_are_no_chains(self, wang, li, member):
        chen = member("salesperson", name="Chen")
        deputise(wang, li)
        through = in_place_of(chen, "deputy", deputise(li, chen).pk)
        with pytest.raises(StandingEnded):
            in_place_of(through, "deputy", Deputy.objects.get(principal=wang.member_id).pk + 99)
        assert "W1" not in {p.code for p in Party.objects.visible_to(through)}


@pytest.fixture
def approval(alpha, wang, member):
    """A request of Chen's that Wang, who holds the rule's role, may decide."""
    role = Role.objects.create(key="boss", name={"en": "Boss"})
    row_of(wang).roles.add(role)
    rule = ApprovalRule.objects.create(name={"en": "Large"}, operation="members.move_team", condition="true", approvers=role)
    chen = member("salesperson", name="Chen")
    team = Team.objects.create(name="East")

    def ask(requester=chen, asked_by=None):
        return ApprovalRequest.objects.create(
            rule=rule, operation="members.move_team", target_model="access.team", target_id=team.pk, title="East", arguments={},
            requester=row_of(requester), asked_by=row_of(asked_by) if asked_by else None, requested_at=alpha.now)

    return ask


class TestApprovalsOfThePrincipal:
    def test_they_stand_in_the_deputy_s_own_list_as_long_as_it_lasts(self, wang, li, approval):
        request = approval()
        assert not ApprovalRequest.objects.visible_to(li).exists()
        made = deputise(wang, li)
        assert ApprovalRequest.objects.visible_to(li).get() == request
        end_deputy(made, actor=wang)
        assert not ApprovalRequest.objects.visible_to(li).exists()

    def test_the_deputy_decides_in_the_principal_s_place(self, wang, li, approval):
        deputise(wang, li)
        assert perform(decline_request, approval(), actor=li, raw={"note": "no"}).result.decided_by_id == li.member_id

    def test_nobody_decides_what_they_asked_for_in_whosever_name(self, wang, li, approval):
        deputise(wang, li)
        for request in (approval(requester=li), approval(requester=wang, asked_by=li), approval(requester=wang)):
            with pytest.raises(Forbidden, match="Somebody else"):
                perform(approve_request, request, actor=li)

    def test_a_deputy_is_not_freed_from_asking(self, alpha, wang, li, approval):
        from guanxi.kernel.acts.approval import is_approver

        request = approval()
        stood = in_place_of(li, "deputy", deputise(wang, li).pk)
        assert is_approver(request.rule, actor_of(wang.member_id)) and not is_approver(request.rule, stood)


class TestLooking:
    def test_it_reads_what_the_other_sees_and_may_do_nothing(self, alpha, wang):
        look = see_as_member(row_of(wang), actor=alpha, reason="Help with the list")
        seen = in_place_of(alpha, "look", look.pk)
        assert [p.code for p in Party.objects.visible_to(seen)] == ["W1"]
        assert not any(seen.may(verb, Party) for verb in ("add", "change", "delete")) and not seen.may("sales.confirm_order")

    def test_nobody_looks_as_somebody_with_higher_rights(self, alpha, wang, member):
        helper = Role.objects.create(key="helper", name={"en": "Helper"}, grants={"members.see_as_member": "company", "access.member": "view"})
        person = actor_of(member("salesperson", "helper").member_id, language="en")
        assert see_as_member(row_of(wang), actor=person, reason="Help")
        for higher in (alpha, member("accountant")):
            with pytest.raises(Forbidden, match="rights that you have not"):
                see_as_member(row_of(higher), actor=person, reason="Curious")
        assert helper.assignments.count() == 1

    def test_it_ends_when_the_right_or_the_hour_is_over_or_the_other_rises(self, alpha, wang):
        look = see_as_member(row_of(wang), actor=alpha, reason="Help")
        Look.objects.filter(pk=look.pk).update(begun_at=alpha.now - timedelta(hours=1, seconds=1))
        with pytest.raises(StandingEnded):
            in_place_of(alpha, "look", look.pk)

    def test_a_reason_has_to_be_given_and_oneself_is_no_other(self, alpha, wang):
        with pytest.raises(Refused, match="Say why"):
            see_as_member(row_of(wang), actor=alpha, reason=" ")
        with pytest.raises(Refused, match="own eyes"):
            see_as_member(row_of(alpha), actor=alpha, reason="x")
