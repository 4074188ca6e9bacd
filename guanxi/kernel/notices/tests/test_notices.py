"""Who is told of what: exactly once, never of their own acts, never of what they may not see (M22.7)."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from guanxi.kernel.access.actor import visitor_actor
from guanxi.kernel.access.models import Deputy, Member, Role, Team
from guanxi.kernel.access.standing import in_place_of
from guanxi.kernel.acts.models import Act, ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request, decline_request, undo_act
from guanxi.kernel.acts.writer import change_record, change_records, create_record, create_records
from guanxi.kernel.discussion.operations import add_comment, delete_comment, edit_comment, follow_record, unfollow_record
from guanxi.kernel.events.live import may_follow
from guanxi.kernel.events.models import Event, EventDelivery
from guanxi.kernel.events.publish import EVENTS, REACTIONS, EventBase, Origin, publish, rebuild
from guanxi.kernel.events.worker import deliver_all, reaction_named
from guanxi.kernel.notices.jobs import announce_digests, forget_read_notices
from guanxi.kernel.notices.kinds import KINDS, notify
from guanxi.kernel.notices.models import Notification, NotificationPreference
from guanxi.kernel.notices.operations import choose_notices, read_notifications
from guanxi.kernel.notices.queries import notices_of, unread_count
from guanxi.kernel.notices.raising import raise_notices
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.operations import assign_owner, set_credit_limit


def party(actor, name="Hengchuan", **values):
    return create_record(Party, {"name": name, **values}, actor=actor, by_id=True).result


def on(record):
    label, pk = record.ref()
    return {"target_model": label, "target_id": pk}


def row_of(actor):
    return Member.objects.get(pk=actor.member_id)


def told(actor, **asked):
    """What the bell of this member shows after the worker has done its work."""
    deliver_all("alpha")
    assert not EventDelivery.objects.exclude(error="").exists()
    return [one.text for one in notices_of(actor, "alpha", limit=20, **asked)]


@pytest.fixture
def people(alpha, member):
    east = Team.objects.create(name="East")
    return {
        "li": member("salesperson", name="Li", team=east), "wang": member("salesperson", name="Wang", team=east),
        "chief": member("sales_manager", name="Chief", team=east), "store": member("storekeeper", name="Store"),
    }


class TestComments:
    def test_who_is_mentioned_and_who_follows_are_told_and_who_speaks_is_not(self, alpha, people):
        mine = party(people["li"])
        comment = add_comment(actor=people["chief"], **on(mine), body="@Store please\nlook at <b>this</b>")
        assert told(people["store"]) == ["Chief mentioned you on Hengchuan"]
        assert told(people["li"]) == ["Chief commented on Hengchuan"]
        assert told(people["chief"]) == [] == told(people["wang"])
        [notice] = notices_of(people["store"], "alpha", limit=5)
        assert (notice.body, notice.url) == ("@Store please look at <b>this</b>", f"/alpha/customers/{mine.pk}/#comment-{comment.pk}")

    def test_one_who_is_mentioned_and_follows_is_told_once(self, alpha, people):
        mine = party(people["li"])
        add_comment(actor=people["chief"], **on(mine), body="@Li x")
        assert told(people["li"]) == ["Chief mentioned you on Hengchuan"]

    def test_a_reaction_that_runs_twice_tells_once(self, alpha, people):
        mine = party(people["li"])
        add_comment(actor=people["chief"], **on(mine), body="@Store @Li x")
        deliver_all("alpha")
        before = list(Notification.objects.order_by("pk").values())
        row = Event.objects.get(name="CommentAdded")
        event = rebuild(row.name, row.payload, Origin(row.pk, row.member_id, row.subject_model, row.subject_id))
        reaction_named("notices.tell_of_comment").function(event, actor=alpha)
        assert list(Notification.objects.order_by("pk").values()) == before and len(before) == 2
        assert Event.objects.filter(name="NotificationRaised").count() == 2

    def test_a_change_tells_those_mentioned_anew(self, alpha, people):
        comment = add_comment(actor=people["chief"], **on(party(people["li"])), body="x")
        deliver_all("alpha")
        edit_comment(comment, actor=people["chief"], body="x @Store")
        assert told(people["store"]) == ["Chief mentioned you on Hengchuan"] and len(told(people["li"])) == 1

    def test_what_is_taken_back_is_told_no_longer(self, alpha, people):
        comment = add_comment(actor=people["chief"], **on(party(people["li"])), body="@Store secret")
        assert len(told(people["store"])) == 1
        delete_comment(comment, actor=people["chief"])
        assert told(people["store"]) == [] and unread_count(people["store"]) == 0

    def test_followers_are_told_until_they_follow_no_more(self, alpha, people):
        mine = party(people["li"])
        follow_record(actor=people["store"], **on(mine))
        unfollow_record(actor=people["li"], **on(mine))
        add_comment(actor=people["chief"], **on(mine), body="x")
        assert told(people["store"]) == ["Chief commented on Hengchuan"] and told(people["li"]) == []


class TestSight:
    def test_who_lost_the_record_before_the_worker_came_is_not_told(self, alpha, people):
        mine = party(people["li"])
        follow_record(actor=people["li"], **on(mine))
        add_comment(actor=people["chief"], **on(mine), body="secret")
        Party.objects.filter(pk=mine.pk).update(owner=people["wang"].member_id)
        assert told(people["li"]) == [] and not Notification.objects.filter(member=people["li"].member_id).exists()

    def test_who_loses_the_record_afterwards_sees_neither_title_nor_count(self, alpha, people):
        mine = party(people["li"])
        add_comment(actor=people["chief"], **on(mine), body="secret")
        assert (told(people["li"]), unread_count(people["li"])) == (["Chief commented on Hengchuan"], 1)
        Party.objects.filter(pk=mine.pk).update(owner=people["wang"].member_id)
        assert (told(people["li"]), unread_count(people["li"])) == ([], 0)
        assert not Notification.objects.visible_to(people["li"]).exists()
        Party.objects.filter(pk=mine.pk).update(owner=people["li"].member_id)
        assert (told(people["li"]), unread_count(people["li"])) == (["Chief commented on Hengchuan"], 1)

    def test_nobody_reads_what_another_was_told(self, alpha, people):
        add_comment(actor=people["chief"], **on(party(people["li"])), body="@Store x")
        deliver_all("alpha")
        assert {one.member_id for one in Notification.objects.visible_to(alpha)} <= {alpha.member_id}
        today = alpha.today
        deputy = Deputy.objects.create(principal=row_of(people["store"]), deputy=row_of(people["li"]), valid_from=today, valid_until=today)
        standing = in_place_of(people["li"], "deputy", deputy.pk)
        assert (notices_of(standing, "alpha", limit=5), unread_count(standing)) == ([], 0)
        assert not Notification.objects.visible_to(standing).exists()

    def test_without_the_right_to_notices_or_comments_nothing_is_told(self, alpha, people, member):
        Role.objects.create(key="reader", name={"en": "Reader"}, grants={"parties.party": "view", "notices.notification": "view:own"})
        Role.objects.create(key="blind", name={"en": "Blind"}, grants={"parties.party": "view", "discussion.comment": "view"})
        reader, blind = member("reader"), member("blind")
        mine = party(people["li"])
        from guanxi.kernel.discussion.following import add_followers

        add_followers(mine, [reader.member_id, blind.member_id], alpha.now)
        add_comment(actor=people["chief"], **on(mine), body="x")
        assert told(reader) == [] == told(blind)
        assert not Notification.objects.filter(member__in=[reader.member_id, blind.member_id]).exists()

    def test_a_page_follows_its_own_member_s_bell_alone(self, alpha, people):
        li, wang = people["li"].member_id, people["wang"].member_id
        assert may_follow("alpha", li, [f"member:{li}", f"member:{wang}", "member:x", "member:"]) == [f"member:{li}"]


class TestGiven:
    def test_the_new_owner_is_told_however_it_was_given(self, alpha, people):
        first, second = party(people["li"], "First"), party(people["li"], "Second")
        change_record(first, {"owner": people["wang"].member_id}, actor=alpha, by_id=True)
        assert told(people["wang"]) == ["Admin gave you First"]
        assign_owner(second, actor=alpha, owner=row_of(people["wang"]))
        assert told(people["wang"]) == ["Admin gave you Second", "Admin gave you First"]
        party(alpha, "Third", owner=people["wang"].member_id)
        assert told(people["wang"])[0] == "Admin gave you Third"
        change_record(first, {"note": "x"}, actor=alpha)
        assert len(told(people["wang"])) == 3

    def test_many_at_once_are_one_notice(self, alpha, people):
        rows = create_records(Party, [{"name": f"P{n}", "owner": people["li"].member_id} for n in range(12)], actor=alpha, by_id=True).result
        assert told(people["li"]) == ["Admin gave you P0 and 11 more"]
        change_records(Party, [row.pk for row in rows], {"owner": people["wang"].member_id}, actor=alpha, by_id=True)
        assert told(people["wang"]) == ["Admin gave you P0 and 11 more"]

    def test_what_one_makes_or_takes_oneself_is_not_told(self, alpha, people):
        mine = party(people["li"])
        assign_owner(mine, actor=alpha, owner=Member.objects.get(pk=alpha.member_id))
        assert told(people["li"]) == [] == told(alpha) and not Event.objects.filter(name="RecordAssigned").exists()


class TestApprovals:
    @pytest.fixture
    def waiting(self, alpha, people, member):
        role = Role.objects.create(key="director", name={"en": "Director"}, grants={
            "acts.approvalrequest": "view:decided", "acts.approve_request": "decided", "acts.decline_request": "decided",
            "notices.notification": "view",
        })
        ApprovalRule.objects.create(name={"en": "High"}, operation="parties.set_credit_limit", condition="limit > 1000", approvers=role)
        Role.objects.create(key="credit", name={"en": "Credit"}, grants={
            "parties.party": "view", "parties.set_credit_limit": "company", "acts.approvalrequest": "view:own", "notices.notification": "view",
        })
        asker, director = member("credit", name="Asker"), member("director", name="Boss")
        outcome = perform(set_credit_limit, party(alpha), actor=asker, raw={"limit": "5000"})
        return asker, director, ApprovalRequest.objects.get(pk=outcome.awaiting.pk)

    def test_whoever_may_decide_is_asked_and_whoever_asked_is_told(self, alpha, waiting):
        asker, director, request = waiting
        assert told(director) == ["Asker asks for your approval: Hengchuan"] and told(asker) == []
        approve_request(request, actor=director)
        assert told(asker) == ["Boss approved what you asked for: Hengchuan"] and len(told(director)) == 1

    def test_the_first_of_two_approvals_says_that_another_is_awaited(self, alpha, waiting):
        asker, director, first = waiting
        high = first.rule
        ApprovalRule.objects.create(name={"en": "Very high"}, operation=high.operation, condition="limit > 2000", approvers=high.approvers)
        perform(set_credit_limit, party(alpha), actor=asker, raw={"limit": "7000"})
        one, other = ApprovalRequest.objects.exclude(pk=first.pk).order_by("pk")
        approve_request(one, actor=director)
        assert told(asker) == ["Boss approved what you asked for, which waits for others as well: Hengchuan"]
        approve_request(other, actor=director)
        assert "Boss approved what you asked for: Hengchuan" in told(asker)

    def test_a_refusal_comes_with_its_reason(self, alpha, waiting):
        asker, director, request = waiting
        decline_request(request, actor=director, note="Too much")
        assert told(asker) == ["Boss declined what you asked for: Hengchuan"]
        assert [one.body for one in notices_of(asker, "alpha", limit=5)] == ["Too much"]

    def test_a_deputy_is_asked_too(self, alpha, people, waiting):
        asker, director, request = waiting
        today = alpha.today
        Deputy.objects.create(principal=row_of(director), deputy=row_of(people["store"]), valid_from=today, valid_until=today)
        assert told(people["store"]) == ["Asker asks for your approval: Hengchuan"]


@dataclass(frozen=True)
class TeamPraised(EventBase):
    label = "Team %(title)s praised"


# Known while its test runs, and to nobody else.
del EVENTS["TeamPraised"]


def test_giving_a_record_away_can_be_undone(alpha, people):
    customer = party(alpha)
    outcome = change_record(customer, {"owner": people["li"].member_id}, actor=alpha, by_id=True)
    undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)
    assert Party.objects.get(pk=customer.pk).owner_id == alpha.member_id


class TestDeclared:
    def test_a_module_s_event_is_told_by_one_line(self, alpha, people, monkeypatch):
        monkeypatch.setitem(EVENTS, "TeamPraised", TeamPraised)
        monkeypatch.setitem(REACTIONS, "TeamPraised", [])
        notify(TeamPraised, to=lambda event, team: Member.objects.filter(team=team).values_list("pk", flat=True), reason="system")
        team = Team.objects.get(name="East")
        publish(TeamPraised(), subject=team)
        assert told(people["li"]) == ["Team East praised"] == told(people["chief"]) and told(people["store"]) == []
        for name in [name for name in KINDS if name.startswith("TeamPraised")]:
            KINDS.pop(name)
        assert told(people["li"]) == [], "what nobody can say any more is not shown"


class TestReading:
    def test_words_are_of_the_reader_s_language_and_of_today_s_title(self, alpha, people):
        mine = party(people["li"])
        add_comment(actor=people["chief"], **on(mine), body="@Store x")
        deliver_all("alpha")
        Party.objects.filter(pk=mine.pk).update(name="恒川")
        with override("zh-hans"):
            assert [one.text for one in notices_of(people["store"], "alpha", limit=5)] == ["Chief 在恒川中提到了你"]
        with override("en"):
            assert [one.text for one in notices_of(people["store"], "alpha", limit=5)] == ["Chief mentioned you on 恒川"]

    def test_one_some_or_all_are_marked_as_read_and_never_another_s(self, alpha, people):
        mine = party(people["li"])
        for word in ("a", "b", "c"):
            add_comment(actor=people["chief"], **on(mine), body=f"@Store {word}")
        deliver_all("alpha")
        rows = list(Notification.objects.filter(member=people["store"].member_id).order_by("pk"))
        read_notifications(actor=people["li"], notification=rows[0])
        read_notifications(actor=people["li"], until=rows[2].pk)
        assert unread_count(people["store"]) == 3 and unread_count(people["li"]) == 3
        read_notifications(actor=people["store"], notification=rows[2])
        assert unread_count(people["store"]) == 2
        read_notifications(actor=people["store"], until=rows[0].pk, reason="due")
        assert unread_count(people["store"]) == 2
        read_notifications(actor=people["store"], until=rows[0].pk)
        assert [one.body for one in notices_of(people["store"], "alpha", limit=5, unread=True)] == ["@Store b"]
        Notification.objects.filter(pk=rows[2].pk).updated(read_at=None)
        read_notifications(actor=people["store"], notifications=rows[1:2])
        assert [one.body for one in notices_of(people["store"], "alpha", limit=5, unread=True)] == ["@Store c"]
        read_notifications(actor=people["store"])
        assert unread_count(people["store"]) == 0 and len(told(people["store"])) == 3

    def test_they_are_filtered_and_paged(self, alpha, people):
        mine = party(people["li"])
        for number in range(5):
            add_comment(actor=people["chief"], **on(mine), body=f"{number}")
        change_record(party(alpha, "Other"), {"owner": people["li"].member_id}, actor=alpha, by_id=True)
        deliver_all("alpha")
        assert told(people["li"], reason="assigned") == ["Admin gave you Other"]
        first = notices_of(people["li"], "alpha", limit=3, reason="comment")
        rest = notices_of(people["li"], "alpha", limit=3, reason="comment", before=first[-1].pk)
        assert [one.body for one in (*first, *rest)] == ["4", "3", "2", "1", "0"]
        Notification.objects.filter(pk=first[0].pk).update(at=rest[-1].at - timedelta(hours=1))
        late = notices_of(people["li"], "alpha", limit=4, reason="comment")
        rest = notices_of(people["li"], "alpha", limit=4, reason="comment", before=late[-1].pk)
        assert [one.body for one in (*late, *rest)] == ["3", "2", "1", "0", "4"]

    def test_the_number_of_queries_is_the_same_for_one_and_for_twenty(self, alpha, people):
        def count(ask):
            with CaptureQueriesContext(connections["default"]) as captured:
                ask()
            return len(captured)

        mine = party(people["li"])
        add_comment(actor=people["chief"], **on(mine), body="@Store x")
        deliver_all("alpha")
        asked = (lambda: notices_of(people["store"], "alpha", limit=30), lambda: unread_count(people["store"]))
        few = [count(ask) for ask in asked]
        for number in range(20):
            add_comment(actor=people["chief"], **on(party(people["li"], f"P{number}")), body="@Store x")
        deliver_all("alpha")
        assert (few, [count(ask) for ask in asked]) == ([3, 2], [3, 2])


class TestWays:
    def test_who_wants_to_hear_nothing_hears_nothing(self, alpha, people):
        choose_notices(actor=people["store"], mention="off")
        choose_notices(actor=people["store"], comment="off")
        mine = party(people["li"])
        follow_record(actor=people["store"], **on(mine))
        add_comment(actor=people["chief"], **on(mine), body="@Store x")
        assert told(people["store"]) == []
        choose_notices(actor=people["store"], mention="page")
        assert dict(NotificationPreference.objects.values_list("reason", "delivery")) == {"mention": "page", "comment": "off"}
        add_comment(actor=people["chief"], **on(mine), body="@Store y")
        assert len(told(people["store"])) == 1 and not Event.objects.filter(name="NotificationRaised", payload__member_id=people["store"].member_id)

    def test_mail_at_once_is_announced_for_each(self, alpha, people):
        add_comment(actor=people["chief"], **on(party(people["li"])), body="@Store x")
        deliver_all("alpha")
        row = Notification.objects.get(member=people["store"].member_id)
        event = Event.objects.get(name="NotificationRaised")
        assert event.payload == {"notification_id": row.pk, "member_id": row.member_id} and row.mailed_at == row.at

    def test_the_day_s_mail_holds_each_unread_notice_once(self, alpha, people):
        choose_notices(actor=people["li"], comment="digest")
        mine = party(people["li"])
        for word in ("a", "b", "c"):
            add_comment(actor=people["chief"], **on(mine), body=word)
        deliver_all("alpha")
        rows = list(Notification.objects.filter(member=people["li"].member_id).order_by("-pk"))
        read_notifications(actor=people["li"], notification=rows[0])
        assert (announce_digests(alpha), announce_digests(alpha)) == (1, 0)
        assert Event.objects.get(name="DigestMade").payload == {"member_id": people["li"].member_id, "notification_ids": [rows[1].pk, rows[2].pk]}

    def test_what_was_read_ninety_days_ago_is_forgotten(self, alpha, people):
        mine = party(people["li"])
        for word in ("old", "new", "unread"):
            add_comment(actor=people["chief"], **on(mine), body=word)
        deliver_all("alpha")
        rows = list(Notification.objects.order_by("pk"))
        for row, days in ((rows[0], 91), (rows[1], 89)):
            Notification.objects.filter(pk=row.pk).update(read_at=alpha.now - timedelta(days=days))
        Notification.objects.filter(pk=rows[2].pk).update(at=alpha.now - timedelta(days=200))
        forget_read_notices(actor=alpha)
        assert [one.body for one in notices_of(people["li"], "alpha", limit=5)] == ["new", "unread"]


def test_whoever_came_by_a_public_page_is_named_in_the_reader_s_language(alpha, people):
    visitor = visitor_actor({}, "en")
    record = party(people["li"])
    raise_notices(next(iter(KINDS.values())), [people["li"].member_id], record, key="seen", at=alpha.now, caused_by=visitor.member_id)
    for language, name in (("en", "Visitor"), ("zh-hans", "访客")):
        with override(language):
            [notice] = notices_of(people["li"], "alpha", limit=5)
        assert notice.member == (visitor.member_id, name)
