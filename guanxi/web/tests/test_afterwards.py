"""What is said before and after an act, and where one is then."""

from __future__ import annotations

import re

import pytest

from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.views.models import SavedView
from guanxi.shared.parties.models import Party

SURE = "You cannot take this back yourself"


def told(visitor) -> str:
    """The message that the next page shows."""
    found = re.search(r'id="toasts".*?<div class="toast.*?<span[^>]*>(.*?)</span>', visitor.get("today/").content.decode(), re.S)
    return found[1] if found else ""


def target_of(answer) -> str:
    return answer.headers.get("HX-Redirect") or answer.headers.get("Location", "")


@pytest.fixture
def lead(admin, inside):
    with inside():
        return create_record(Lead, {"name": "Screws", "company": "Northern", "person": "Ann"}, actor=system_actor()).result


def test_a_qualified_lead_leads_on_to_its_opportunity_and_without_one_stays(admin, inside, lead):
    answer = admin.post(f"leads/{lead.pk}/act/leads.qualify_lead/", {"opportunity": "Forty screws", "key": "q1"})
    with inside():
        made = Opportunity.objects.get(lead=lead)
        other = create_record(Lead, {"name": "Nuts", "company": "Southern"}, actor=system_actor()).result
    assert target_of(answer) == f"/alpha/opportunities/{made.pk}/"
    assert told(admin) == "The lead is qualified."
    answer = admin.post(f"leads/{other.pk}/act/leads.qualify_lead/", {"opportunity": "", "key": "q2"})
    assert target_of(answer) == f"/alpha/leads/{other.pk}/"


@pytest.mark.parametrize(
    ("language", "pinned", "noted", "plain"),
    [("en", "Pinned to the side bar.", "Written down.", "Start following: done."), ("zh-hans", "已固定到侧栏。", "已记下。", "开始跟进：已完成。")],
)
def test_what_was_done_is_told_in_a_sentence(visitor, inside, lead, language, pinned, noted, plain):
    admin = visitor("administrator", language=language)
    with inside():
        party = create_record(Party, {"name": "Acme"}, actor=system_actor()).result
    admin.post("act/views.pin_view/", {"screen": "leads", "view": "mine", "key": "p1", "back": "/alpha/leads/"})
    assert told(admin) == pinned
    note = {"kind": "note", "target_model": "parties.party", "target_id": str(party.pk), "body": "Called", "key": "n1"}
    admin.post("act/activities.record_activity/", note)
    assert told(admin) == noted
    admin.post(f"leads/{lead.pk}/act/leads.follow_lead/", {"next_step": "Call", "key": "f1"})
    assert told(admin) == plain


def test_only_who_may_not_undo_is_told_that_it_cannot_be_taken_back(admin, visitor, inside):
    able = visitor(grants={"views.savedview": "view add change delete", "views.delete_view": "own", "acts.undo_act": "own", "leads.lead": "view"})
    with inside():
        for owner, key in ((able, "able"), (admin, "admin")):
            SavedView.objects.create(screen="leads", owner_id=owner.member_id, name=key, query="q=x", shown_as="list")
        mine = SavedView.objects.get(name="able")
    dialog = able.get(f"views/{mine.pk}/act/views.delete_view/").content.decode()
    assert SURE not in dialog and "Go on only if this is what you want." in dialog
    poor = visitor(grants={"views.savedview": "view", "views.delete_view": "company", "leads.lead": "view"})
    with inside():
        SavedView.objects.filter(pk=mine.pk).update(owner_id=poor.member_id)
    assert SURE in poor.get(f"views/{mine.pk}/act/views.delete_view/").content.decode()


def test_leads_are_assigned_by_one_button_in_the_bar_of_many(admin, inside, lead):
    page = admin.get("leads/").content.decode()
    bar = page[page.index("data-picked hidden"):page.index("data-unpick")]
    assert bar.count("data-bulk-sheet") and "leads.assign_lead" in bar and "column=owner" not in bar
    with inside():
        customer = create_record(Party, {"name": "Acme"}, actor=system_actor()).result
        create_record(Opportunity, {"name": "Forty screws", "customer": customer.pk}, actor=system_actor())
    page = admin.get("opportunities/").content.decode()
    assert "column=owner" in page, "no operation gives opportunities their owner"
