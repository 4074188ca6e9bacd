"""What is said before and after an act, and where one is then."""

from __future__ import annotations

import re

import pytest

from guanxi.crm.leads.models import Lead
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.views.models import SavedView

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
