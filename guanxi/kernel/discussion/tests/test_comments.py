"""Speaking about records: who may read, speak, be mentioned, and what is kept (M1.2)."""

from dataclasses import replace

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.about.timeline import composer_of, timeline_of
from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.discussion.following import follower_ids, followers_of
from guanxi.kernel.discussion.mentions import candidates
from guanxi.kernel.discussion.models import Comment, Follower
from guanxi.kernel.discussion.operations import (
    LONGEST,
    add_comment,
    answer_comment,
    delete_comment,
    edit_comment,
    follow_record,
    unfollow_record,
)
from guanxi.kernel.discussion.queries import comment_entries, comments_about
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Forbidden, Missing, Refused
from guanxi.shared.activities.queries import timeline
from guanxi.shared.parties.models import Contact, Party


def party(actor, name="Hengchuan"):
    return create_record(Party, {"name": name}, actor=actor).result


def on(record):
    label, pk = record.ref()
    return {"target_model": label, "target_id": pk}


def row_of(actor):
    return Member.objects.get(pk=actor.member_id)


@pytest.fixture
def people(alpha, member):
    east = Team.objects.create(name="East")
    return {
        "li": member("salesperson", name="李敏", team=east), "wang": member("salesperson", name="王强", team=east),
        "chief": member("sales_manager", name="Emma Reed", team=east), "store": member("storekeeper", name="赵磊"),
    }


def readers(people):
    return [name for name, who in people.items() if Comment.objects.visible_to(who).exists()]


class TestSight:
    def test_a_comment_is_read_by_whoever_sees_its_record(self, alpha, people):
        add_comment(actor=people["li"], **on(party(people["li"])), body="first words")
        assert readers(people) == ["li", "chief", "store"]

    def test_who_loses_sight_of_the_record_loses_what_was_said_and_what_they_said(self, alpha, people):
        mine = party(people["li"])
        add_comment(actor=people["li"], **on(mine), body="x")
        change_record(mine, {"owner": people["wang"].member_id}, actor=alpha, by_id=True)
        assert readers(people) == ["wang", "chief", "store"]

    def test_without_the_right_to_comments_nothing_is_read_though_the_record_is(self, alpha, member):
        Role.objects.create(key="guest", name={"en": "Guest"}, grants={"parties.party": "view"})
        mine = party(alpha)
        add_comment(actor=alpha, **on(mine), body="inside talk")
        guest = member("guest")
        assert not Comment.objects.visible_to(guest).exists() and not comments_about(mine, guest).exists()
        assert composer_of(mine, guest) is None
        assert all("inside" not in entry.detail for entry in timeline_of(mine, guest, "alpha"))

    def test_nobody_speaks_of_what_they_may_not_see(self, alpha, people):
        hidden = party(people["li"])
        for what in (on(hidden), {"target_model": "parties.party", "target_id": 999_999}, {"target_model": "no.such", "target_id": 1}):
            for say in (add_comment, follow_record):
                with pytest.raises(Missing, match=r"^There is no such record, or you may not see it\.$"):
                    say(actor=people["wang"], **what, **({"body": "x"} if say is add_comment else {}))

    def test_nothing_is_said_of_a_comment_but_answers(self, alpha):
        comment = add_comment(actor=alpha, **on(party(alpha)), body="x")
        with pytest.raises(Missing):
            add_comment(actor=alpha, **on(comment), body="y")
        assert composer_of(comment, alpha) is None


class TestWords:
    def test_one_s_own_words_are_changed_by_oneself_alone_and_the_old_ones_are_kept(self, alpha, people):
        comment = add_comment(actor=people["li"], **on(party(people["li"])), body="first")
        edit_comment(comment, actor=people["li"], body="second")
        comment.refresh_from_db()
        assert (comment.body, comment.edited_at) == ("second", people["li"].now)
        steps = History.objects.filter(model="discussion.comment", row_id=comment.pk, kind="changed")
        assert [step.changes["body"] for step in steps] == [["first", "second"]]
        for who in (people["chief"], people["store"]):
            with pytest.raises(Forbidden):
                edit_comment(comment, actor=who, body="other")
        with pytest.raises(Forbidden, match="Only 李敏 can change what they said"):
            edit_comment(comment, actor=alpha, body="other")

    def test_who_deletes_is_the_author_or_holds_the_right_for_all(self, alpha, people):
        mine = party(people["li"])
        first = add_comment(actor=people["li"], **on(mine), body="first")
        answer = answer_comment(first, actor=people["store"], body="answer")
        with pytest.raises(Forbidden):
            delete_comment(first, actor=people["store"])
        delete_comment(first, actor=people["li"])
        answer.refresh_from_db()
        assert answer.answers_id is None and list(Comment.objects.values_list("body", flat=True)) == ["answer"]
        delete_comment(answer, actor=alpha)
        assert not Comment.objects.exists()

    @pytest.mark.parametrize("body", ["", "  \n ", "x" * (LONGEST + 1)])
    def test_empty_and_endless_texts_are_refused(self, alpha, body):
        mine = party(alpha)
        with pytest.raises(Refused) as refused:
            add_comment(actor=alpha, **on(mine), body=body)
        assert refused.value.field == "body" and not Comment.objects.exists()

    def test_what_cannot_be_stored_is_refused_in_words(self, alpha):
        mine = party(alpha)
        for body in ("a\x00b", "a\ud800b"):
            with pytest.raises(Refused, match="cannot be stored"):
                perform(add_comment, actor=alpha, raw={**on(mine), "body": body})

    def test_it_stands_in_the_timeline_of_its_record_and_of_its_customer(self, alpha, people):
        mine = party(people["li"])
        person = create_record(Contact, {"party": mine.pk, "name": "Zhou"}, actor=people["li"], by_id=True).result
        first = add_comment(actor=people["li"], **on(person), body="<b>call</b> him")
        answer_comment(first, actor=people["li"], body="done")
        here = [entry for entry in timeline_of(person, people["li"], "alpha") if entry.icon == "message"]
        assert [(entry.text, entry.detail, entry.answers) for entry in here] == [
            ("commented", "done", "李敏: <b>call</b> him"), ("commented", "&lt;b&gt;call&lt;/b&gt; him", ""),
        ]
        assert [[step.url.partition("/act/")[2].partition("/")[0] for step in entry.steps] for entry in here] == [
            ["discussion.answer_comment", "discussion.edit_comment", "discussion.delete_comment"]] * 2
        there = [entry for entry in timeline(mine, people["store"]).entries if entry.icon == "message"]
        assert [(entry.text, entry.title, entry.url) for entry in there] == [
            ("commented on %(title)s", "Contact", f"/alpha/contacts/{person.pk}/#comment-{pk}") for pk in (first.pk + 1, first.pk)
        ]
        assert [len(entry.steps) for entry in there] == [1, 1]

    def test_the_number_of_queries_is_the_same_for_one_and_for_twenty(self, alpha, people):
        mine = party(people["li"])

        def count():
            with CaptureQueriesContext(connections["default"]) as captured:
                comment_entries(comments_about(mine, people["li"])[:40], mine, people["li"])
            return len(captured)

        add_comment(actor=people["li"], **on(mine), body="@赵磊 x")
        few = count()
        for _ in range(20):
            add_comment(actor=people["li"], **on(mine), body="@Emma Reed @赵磊 x")
        assert (few, count()) == (2, 2)


class TestMentions:
    def test_a_mention_is_kept_as_a_reference_and_follows_a_new_name(self, alpha, people):
        mine = party(people["li"])
        comment = add_comment(actor=people["li"], **on(mine), body="请@赵磊备货, @emma reed.")
        store, chief = people["store"].member_id, people["chief"].member_id
        assert comment.body == f"请@[{store}|赵磊]备货, @[{chief}|Emma Reed]."
        assert set(comment.mentions.values_list("pk", flat=True)) == {store, chief}
        Member.objects.filter(pk=store).update(name="赵大磊")
        [(_row, entry)] = comment_entries(comments_about(mine, people["li"]), mine, people["li"])
        assert "@赵大磊</span>备货" in entry.detail
        assert Event.objects.get(name="CommentAdded").payload == {"comment_id": comment.pk, "mentioned": sorted([store, chief])}

    def test_whoever_may_not_see_the_record_cannot_be_mentioned(self, alpha, people):
        mine = party(people["li"])
        with pytest.raises(Refused, match="^王强 may not see this record, so they cannot be mentioned here") as refused:
            add_comment(actor=people["li"], **on(mine), body="@王强 look")
        assert refused.value.field == "body" and not Comment.objects.exists()
        with pytest.raises(Refused, match="may not see"):
            add_comment(actor=people["li"], **on(mine), body=f"@[{people['wang'].member_id}|Chief] look")
        with pytest.raises(Refused, match="#999999 may not see"):
            add_comment(actor=people["li"], **on(mine), body="@[999999|Nobody] look")

    def test_the_longest_name_wins_and_among_namesakes_the_one_chosen(self, alpha, people, member):
        longer, twin = member("storekeeper", name="赵磊磊"), member("storekeeper", name="赵磊")
        mine = party(people["li"])
        assert f"@[{longer.member_id}|" in add_comment(actor=people["li"], **on(mine), body="@赵磊磊").body
        with pytest.raises(Refused, match="There are several called 赵磊"):
            add_comment(actor=people["li"], **on(mine), body="@赵磊 a")
        assert f"@[{twin.member_id}|" in add_comment(actor=people["li"], **on(mine), body="@赵磊 a", mentions=[row_of(twin)]).body
        code = row_of(twin).code
        assert add_comment(actor=people["li"], **on(mine), body=f"@{code} a").body == f"@[{twin.member_id}|赵磊] a"

    def test_what_is_nobody_s_name_stays_as_it_was_written(self, alpha):
        body = "see a@赵磊.example, @nobody and @"
        assert add_comment(actor=alpha, **on(party(alpha)), body=body).body == body

    def test_typing_offers_by_name_sound_and_initials_and_says_who_may_not_see(self, alpha, people):
        from guanxi.kernel.search.index import index_records

        index_records(Member, [who.member_id for who in people.values()])
        mine = party(people["li"])
        for typed in ("赵", "zhaolei", "zl"):
            assert [(one.name, may) for one, may in candidates(mine, people["li"], typed, 8)] == [("赵磊", True)]
        assert [(one.name, may) for one, may in candidates(mine, people["li"], "王", 8)] == [("王强", False)]
        assert [may for _one, may in candidates(mine, people["li"], "", 8)][-1] is False
        blind = replace(people["li"], rights=replace(people["li"].rights, granted={"discussion.add_comment": {"do": frozenset({"company"})}}))
        assert candidates(mine, blind, "", 8) == []

    def test_a_change_tells_only_those_who_were_not_mentioned_before(self, alpha, people):
        comment = add_comment(actor=people["li"], **on(party(people["li"])), body="@赵磊 x")
        edit_comment(comment, actor=people["li"], body="@赵磊 @Emma Reed x")
        assert Event.objects.get(name="CommentEdited").payload == {"comment_id": comment.pk, "mentioned": [people["chief"].member_id]}


class TestFollowers:
    def test_owner_and_maker_follow_without_a_row_and_the_others_as_they_speak(self, alpha, people):
        mine = create_record(Party, {"name": "X", "owner": people["li"].member_id}, actor=alpha, by_id=True).result
        assert follower_ids(mine) == {people["li"].member_id, alpha.member_id} and not Follower.objects.exists()
        add_comment(actor=people["chief"], **on(mine), body="@赵磊 x")
        assert {one.name for one in followers_of(mine)} >= {"Emma Reed", "李敏", "赵磊"}
        assert follower_ids(mine) == {alpha.member_id, *(people[name].member_id for name in ("li", "chief", "store"))}

    def test_one_s_own_record_can_be_followed_no_more_and_again(self, alpha, people):
        mine = party(people["li"])
        unfollow_record(actor=people["li"], **on(mine))
        assert people["li"].member_id not in follower_ids(mine)
        add_comment(actor=people["store"], **on(mine), body="@李敏 x")
        assert people["li"].member_id not in follower_ids(mine), "a mention does not overrule it"
        follow_record(actor=people["li"], **on(mine))
        follow_record(actor=people["li"], **on(mine))
        assert people["li"].member_id in follower_ids(mine) and Follower.objects.filter(member=people["li"].member_id).count() == 1

    def test_making_a_record_writes_no_follower_and_no_event(self, alpha, people):
        party(people["li"])
        assert not Follower.objects.exists() and not Event.objects.filter(name__startswith="Comment").exists()
