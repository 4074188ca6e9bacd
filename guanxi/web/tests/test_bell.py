"""The bell's pages: only what is one's own, and only what one may still see."""

import re

import pytest

from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.discussion.operations import add_comment
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.models import Notification
from guanxi.shared.parties.models import Party
from guanxi.web.views import bell
from tests.access.world import person, undone


@pytest.fixture
def told(database, static_files):
    """A salesperson who was mentioned on their customer, and that customer."""
    with undone():
        who = person("alpha", "salesperson")
        with in_set("alpha"):
            mine = create_record(Party, {"name": "Hengchuan <b>"}, actor=actor_of(who.member.pk)).result
            label, pk = mine.ref()
            add_comment(actor=system_actor(), target_model=label, target_id=pk, body=f"@{who.member.code} <script>x</script>")
            deliver_all("alpha")
        yield who, mine


def notice_of(who):
    with in_set("alpha"):
        return Notification.objects.get(member=who.member.pk)


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_bell_counts_lists_and_leads_to_the_record(told):
    who, mine = told
    assert 'data-count="1"' in text(who.client.get("/alpha/bell/count/"))
    for path in ("panel/", "", "?reason=mention", "?unread=1"):
        page = text(who.client.get(f"/alpha/bell/{path}"))
        assert "mentioned you on <b>Hengchuan &lt;b&gt;</b>" in page and "&lt;script&gt;x" in page and "<script>x" not in page
    assert "mentioned you" not in text(who.client.get("/alpha/bell/?reason=due"))
    opened = who.client.get(f"/alpha/bell/{notice_of(who).pk}/")
    assert opened.status_code == 303 and opened.headers["Location"].startswith(f"/alpha/customers/{mine.pk}/#comment-")
    assert 'data-count="0"' in text(who.client.get("/alpha/bell/count/")) and "mentioned you" not in text(who.client.get("/alpha/bell/?unread=1"))


def test_who_lost_the_record_finds_nothing_by_any_way(told):
    who, mine = told
    pk = notice_of(who).pk
    with in_set("alpha"):
        Party.objects.filter(pk=mine.pk).update(owner=system_actor().member_id)
    for path in ("count/", "panel/", ""):
        page = text(who.client.get(f"/alpha/bell/{path}"))
        assert "Hengchuan" not in page and 'data-count="1"' not in page
    assert who.client.get(f"/alpha/bell/{pk}/").status_code == 404
    assert who.client.get("/alpha/choices/notices.notification/").json()["results"] == [] and notice_of(who).read_at is None


def say(who, mine, *words):
    """Mention them again; their unread notices."""
    with in_set("alpha"):
        label, pk = mine.ref()
        for word in words:
            add_comment(actor=system_actor(), target_model=label, target_id=pk, body=f"@{who.member.code} {word}")
        deliver_all("alpha")


def unread(who):
    with in_set("alpha"):
        rows = Notification.objects.filter(member=who.member.pk, read_at=None).select_related("comment").order_by("pk")
        return [row.comment.body.rpartition(" ")[2] for row in rows]


@pytest.mark.parametrize("path", ["panel/", "", "?reason=mention"])
def test_what_came_after_the_page_was_drawn_is_not_marked_as_read_whatever_its_number_and_time(told, path):
    who, mine = told
    say(who, mine, "shown", "late", "last")
    with in_set("alpha"):
        late = Notification.objects.filter(comment__body__endswith="late")
        late.update(member=system_actor().member_id)
    page = text(who.client.get(f"/alpha/bell/{path}"))
    with in_set("alpha"):
        # What is told within a longer transaction comes later, with a lower number and an earlier time.
        late.update(member=who.member.pk)
    sent = dict(re.findall(r'name="(new|older|reason)" value="([^"]*)"', page))
    say(who, mine, "later")
    answer = who.post("/alpha/bell/read/", sent)
    assert answer.status_code == 303 and unread(who) == ["late", "later"]


def test_all_is_marked_as_read_also_what_stands_on_earlier_pages(told, monkeypatch):
    who, mine = told
    monkeypatch.setattr(bell, "ON_PAGE", 2)
    say(who, mine, "a", "b", "c")
    page = text(who.client.get("/alpha/bell/"))
    sent = dict(re.findall(r'name="(new|older|reason)" value="([^"]*)"', page))
    assert sent["new"].count(",") == 1 and unread(who) == ["<script>x</script>", "a", "b", "c"]
    who.post("/alpha/bell/read/", sent)
    assert unread(who) == []


def test_another_s_number_changes_nothing_on_the_page_and_marks_nothing(told):
    who, mine = told
    say(who, mine, "a")
    other = person("alpha", "administrator")
    with in_set("alpha"):
        label, pk = mine.ref()
        add_comment(actor=actor_of(who.member.pk), target_model=label, target_id=pk, body=f"@{other.member.code} z")
        deliver_all("alpha")
        foreign = Notification.objects.filter(member=other.member.pk).latest("pk").pk
    for number in (foreign, 10**15):
        assert text(who.client.get(f"/alpha/bell/?before={number}")).count("mentioned you") == 2
        who.post("/alpha/bell/read/", {"new": str(foreign), "older": str(number)})
    assert len(unread(who)) == 2 and unread(other) == ["z"]


def test_another_s_notice_is_not_there(told):
    who, _mine = told
    admin = person("alpha", "administrator")
    assert admin.client.get(f"/alpha/bell/{notice_of(who).pk}/").status_code == 404
    assert admin.client.get("/alpha/choices/notices.notification/").json()["results"] == [] and notice_of(who).read_at is None
    assert who.client.get("/alpha/choices/notices.notification/").json()["results"] != []


def test_how_one_is_told_is_chosen_on_a_page(told):
    who, _mine = told
    assert '<option value="mail" selected>' in text(who.client.get("/alpha/bell/settings/"))
    saved = who.post("/alpha/act/notices.choose_notices/", {"mention": "off", "back": "/alpha/bell/settings/"})
    assert saved.status_code == 303
    assert '<option value="off" selected>' in text(who.client.get("/alpha/bell/settings/"))


def test_comments_are_made_and_read_through_the_api(told):
    who, mine = told
    made = who.api("POST", "alpha/comments/add_comment", {"target_model": "parties.party", "target_id": mine.pk, "body": "by API"})
    assert made.status_code in (200, 201), made.content
    listed = who.api("GET", f"alpha/comments?f.target_id={mine.pk}&sort=-at").json()["rows"]
    assert listed[0]["body"] == "by API" and len(listed) == 2
    assert person("alpha", "salesperson").api("GET", f"alpha/comments?f.target_id={mine.pk}").json()["rows"] == []
