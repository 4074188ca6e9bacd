"""Pages about records that are perhaps the same: what they say, and what they keep to themselves (M1.11, X10)."""

from __future__ import annotations

import re

import pytest

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.likeness.declared import alike_of
from guanxi.kernel.likeness.models import LikeCheck
from guanxi.kernel.likeness.scanning import scan
from guanxi.kernel.notices.models import Notification
from guanxi.shared.merging.models import Merge
from guanxi.shared.parties.models import Party

TYPED = {"name": "恒川液压有限公司"}


@pytest.fixture
def pair(admin) -> tuple[int, int]:
    with in_set("alpha"):
        actor = actor_of(admin.member_id)
        names = ("恒川液压有限公司", "恒川液压公司")
        made = [create_record(Party, {"name": name, "phone": "0519-55507188"}, actor=actor).result.pk for name in names]
        scan(alike_of(Party))
    return made[0], made[1]


class TestTheBox:
    def test_what_is_there_is_named_with_the_reason_and_a_way_to_it(self, admin, pair):
        answer = admin.post("customers/alike/", TYPED, part=True).content.decode()
        assert "same name" in answer and f"/alpha/customers/{pair[0]}/" in answer

    def test_the_same_words_are_not_asked_twice(self, admin, pair):
        typed = re.search(r'name="alike_typed" value="(\w+)"', admin.post("customers/alike/", TYPED, part=True).content.decode())[1]
        assert admin.post("customers/alike/", {**TYPED, "alike_typed": typed}, part=True).status_code == 204

    def test_of_what_one_may_not_see_nothing_but_its_owner_is_on_the_page(self, visitor, admin, pair):
        seller = visitor("salesperson")
        answer = admin.post("customers/alike/", TYPED, part=True).content.decode()
        assert "恒川液压有限公司" in answer
        hidden = seller.post("customers/alike/", TYPED, part=True).content.decode()
        with in_set("alpha"):
            owner = str(Member.objects.get(pk=admin.member_id))
            ticket = LikeCheck.objects.filter(member_id=seller.member_id, hidden_id=pair[0]).get().ticket
        assert f"looked after by {owner}" in hidden and ticket in hidden
        assert "恒川" not in hidden and "0519" not in hidden and not re.search(rf"\b({pair[0]}|{pair[1]})\b", hidden)
        asked = seller.post("customers/alike/ask/", {"ticket": ticket, "reason": "They rang"}, part=True)
        assert asked.status_code == 204 and "has been asked" in asked.headers["HX-Trigger"].encode().decode("unicode_escape")
        with in_set("alpha"):
            assert Notification.objects.get(kind="asked_about").member_id == admin.member_id

    def test_without_the_right_it_is_as_if_it_were_not_there(self, visitor, admin):
        blind = visitor(grants={"parties.party": "view:own add", "parties.contact": "view:own"})
        before = blind.post("customers/alike/", TYPED, part=True).content
        with in_set("alpha"):
            create_record(Party, TYPED, actor=actor_of(admin.member_id))
        assert blind.post("customers/alike/", TYPED, part=True).content == before

    def test_in_a_choice_field_it_can_be_taken_instead(self, admin, pair):
        answer = admin.post("customers/alike/use/", {"id": str(pair[0])}, part=True)
        assert (answer.status_code, f'"id": {pair[0]}' in answer.headers["HX-Trigger"]) == (204, True)


class TestMerging:
    def test_the_list_compares_side_by_side_and_the_page_says_what_moves(self, admin, pair):
        listed = admin.get("customers/duplicates/").content.decode()
        assert f"/alpha/customers/{pair[0]}/merge/?with={pair[1]}" in listed and "same name" in listed
        page = admin.get(f"customers/{pair[0]}/merge/?with={pair[1]}").content.decode()
        assert "Nothing refers to the one that goes." in page or "What moves to" in page
        assert "恒川液压公司" in admin.get(f"customers/{pair[0]}/merge/").content.decode()

    def test_what_was_merged_leads_to_the_one_that_stayed_on_pages_and_in_the_api(self, admin, pair):
        first, second = pair
        sent = admin.post(f"customers/{first}/merge/", {"with": str(second), "stays": str(second), "take.name": "own"})
        assert (sent.status_code, sent.headers["Location"]) == (303, f"/alpha/customers/{second}/")
        gone = admin.get(f"customers/{first}/")
        assert (gone.status_code, gone.headers["Location"]) == (303, f"/alpha/customers/{second}/")
        with in_set("alpha"):
            assert Merge.objects.get().survivor_id == second
            _row, token = make_key(Member.objects.get(pk=admin.member_id), "test")
        answer = admin.client.get(f"/api/alpha/customers/{first}", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "merged")
        assert answer.json()["error"]["survivor"] == {"model": "parties.party", "id": second}

    def test_a_draft_of_a_program_is_compared_too(self, admin, pair):
        with in_set("alpha"):
            _row, token = make_key(Member.objects.get(pk=admin.member_id), "test")

        def asked(body):
            headers = {"Authorization": f"Bearer {token}"}
            return admin.client.post("/api/alpha/customers/duplicates", body, content_type="application/json", headers=headers)

        found = asked({"name": "恒川液压有限责任公司", "phone": "55507188"}).json()
        assert [(one["id"], one["score"], one["why"]) for one in found["duplicates"]] == [(pk, 100, "same name, same telephone") for pk in pair]
        assert found["masked"] == [] and asked({"nonsense": 1}).status_code == 400

    def test_who_may_not_merge_is_offered_nothing(self, visitor, pair):
        assert visitor("salesperson").get(f"customers/{pair[0]}/merge/?with={pair[1]}").status_code in (403, 404)
        page = visitor(grants={"parties.party": "view"}).get("customers/duplicates/").content.decode()
        assert "merge/" not in page and "not merge them: none of your roles holds the right to merge." in page
