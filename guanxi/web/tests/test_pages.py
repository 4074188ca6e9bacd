"""Lists, forms and operations of any kind of record, asked as a browser asks."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest

from guanxi.kernel.access.models import AccessKey, Member, Team
from guanxi.kernel.acts.models import Act


class TestForms:
    def test_one_key_makes_one_record_however_often_it_is_sent(self, admin, inside):
        key = uuid4().hex
        first = admin.post("setup/teams/new/", {"name": "South"}, key=key)
        again = admin.post("setup/teams/new/", {"name": "South"}, key=key)
        assert first.status_code == again.status_code == 303 and first["Location"] == again["Location"]
        with inside():
            assert Team.objects.filter(name="South").count() == 1

    def test_a_refused_form_comes_back_with_what_was_typed_and_what_is_wrong(self, admin, team):
        answer = admin.post("setup/members/new/", {"name": "", "code": "x", "email": "no address", "title": "Clerk"})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="Clerk"' in text and 'value="no address"' in text
        assert "“no address” is not an e-mail address." in text and text.count("This is needed.") == 1

    def test_htmx_gets_the_form_alone_and_an_address_when_it_is_saved(self, admin):
        wrong = admin.post("setup/teams/new/", {"name": ""}, part=True)
        assert wrong.status_code == 422 and wrong.content.decode().lstrip().startswith("<form")
        right = admin.post("setup/teams/new/", {"name": "East"}, part=True)
        assert right.status_code == 204 and "/alpha/setup/teams/" in right["HX-Redirect"]

    def test_a_new_form_starts_with_what_the_address_says(self, admin, team):
        text = admin.get(f"setup/members/new/?team={team.pk}&title=Clerk").content.decode()
        assert 'value="Clerk"' in text and 'value="North"' in text

    def test_a_text_stands_in_the_form_in_every_language_it_has(self, admin, inside):
        sent = {"code": "north", "name.en": "North", "name.zh-hans": "华北"}
        address = admin.post("setup/regions/new/", sent)["Location"].removeprefix("/alpha/")
        text = admin.get(f"{address}edit/").content.decode()
        assert 'name="name.en" value="North"' in text and 'name="name.zh-hans" value="华北"' in text

    def test_a_copy_leaves_out_what_must_be_unique(self, admin, inside):
        admin.post("setup/members/new/", {"name": "Anna", "code": "anna", "title": "Buyer", "kind": "staff", "is_active": "yes"})
        with inside():
            from guanxi.kernel.access.models import Member

            pk = Member.objects.get(code="anna").pk
        text = admin.get(f"setup/members/new/?copy={pk}").content.decode()
        assert 'value="Buyer"' in text and 'value="anna"' not in text

    def test_a_record_made_from_a_choice_field_is_told_to_the_page(self, admin):
        answer = admin.post("setup/teams/new/", {"name": "West", "quick": "1"}, part=True)
        made = json.loads(answer["HX-Trigger"])["created"]
        assert answer.status_code == 204 and made["label"] == "West"


class TestTwoPeople:
    """The second to save is shown both values (rule 7)."""

    @pytest.fixture
    def conflict(self, admin, team):
        admin.post(f"setup/teams/{team.pk}/edit/", {"name": "North and east", "version": team.version})
        return admin.post(f"setup/teams/{team.pk}/edit/", {"name": "Far north", "version": team.version})

    def test_both_values_are_shown_and_nothing_is_overwritten(self, conflict, team, inside):
        text = conflict.content.decode()
        assert conflict.status_code == 409
        assert "North and east" in text and "Far north" in text
        with inside():
            assert Team.objects.get(pk=team.pk).name == "North and east"

    def test_mine_may_be_kept(self, conflict, admin, team, inside):
        admin.post(f"setup/teams/{team.pk}/edit/", {"name": "Far north", "keep.name": "mine", "version": team.version + 1})
        with inside():
            assert Team.objects.get(pk=team.pk).name == "Far north"

    def test_theirs_may_be_kept(self, conflict, admin, team, inside):
        answer = admin.post(f"setup/teams/{team.pk}/edit/", {"name": "Far north", "keep.name": "theirs", "version": team.version + 1})
        assert answer.status_code == 303
        with inside():
            assert Team.objects.get(pk=team.pk).name == "North and east"


class TestUnsaved:
    """What is typed is offered again, on any device, until it is saved."""

    def keep(self, admin, form: str, fields: dict, version: str = ""):
        return admin.post("unsaved/", {"form": form, "version": version, "fields": json.dumps([[name, value] for name, value in fields.items()])})

    def test_a_new_form_goes_on_where_one_left_it_and_forgets_it_when_it_is_saved(self, admin):
        assert self.keep(admin, "setup/teams/new/", {"name": "Half a na"}).status_code == 204
        offered = admin.get("setup/teams/new/").content.decode()
        assert "You have typed something here that is not saved:" in offered and 'value="Half a na"' not in offered
        assert 'value="Half a na"' in admin.get("setup/teams/new/?unsaved=1").content.decode()
        admin.post("setup/teams/new/", {"name": "Half a name"})
        assert "not saved:" not in admin.get("setup/teams/new/").content.decode()

    def test_it_can_be_discarded(self, admin):
        self.keep(admin, "setup/teams/new/", {"name": "Half"})
        assert admin.post("unsaved/", {"discard": "setup/teams/new/"})["Location"] == "/alpha/setup/teams/new/"
        assert "not saved:" not in admin.get("setup/teams/new/").content.decode()

    def test_a_change_goes_on_with_its_version_so_that_a_conflict_is_still_seen(self, admin, team):
        form = f"setup/teams/{team.pk}/edit/"
        self.keep(admin, form, {"name": "Far north"}, str(team.version))
        admin.post(form, {"name": "North and east", "version": team.version})
        self.keep(admin, form, {"name": "Far north"}, str(team.version))
        page = admin.get(f"{form}?unsaved=1").content.decode()
        assert 'value="Far north"' in page and f'name="version" value="{team.version}"' in page

    def test_others_are_not_offered_it_administrators_neither(self, admin, visitor):
        self.keep(visitor("administrator"), "setup/teams/new/", {"name": "Mine alone"})
        page = admin.get("setup/teams/new/").content.decode() + admin.get("setup/teams/new/?unsaved=1").content.decode()
        assert "not saved:" not in page and "Mine alone" not in page

    def test_nonsense_disturbs_nobody(self, admin):
        for fields in ("", "[1]", '{"a": "b"}', "[[1, 2]]", "[" * 100_000):
            assert admin.post("unsaved/", {"form": "setup/teams/new/", "fields": fields}).status_code == 204
        assert "not saved:" not in admin.get("setup/teams/new/").content.decode()


class TestManyRows:
    def test_one_value_goes_into_all_rows_that_were_picked(self, admin, team, inside):
        for name in ("A", "B"):
            admin.post("setup/teams/new/", {"name": name})
        with inside():
            ids = ",".join(str(pk) for pk in Team.objects.filter(name__in=("A", "B")).values_list("pk", flat=True))
        sent = {"ids": ids, "what": "change", "column": "parent", "parent": str(team.pk)}
        tried = admin.post("setup/teams/bulk/", {**sent, "step": "check"}, part=True).content.decode()
        assert "2 rows can be done" in tried and "<dd>North</dd>" in tried
        with inside():
            assert not Team.objects.filter(parent=team.pk).exists()
        answer = admin.post("setup/teams/bulk/", {**sent, "step": "do"})
        assert answer.status_code == 303
        with inside():
            assert set(Team.objects.filter(parent=team.pk).values_list("name", flat=True)) == {"A", "B"}

    def test_what_was_so_already_is_told_and_offers_nothing_to_undo(self, admin, team):
        child = admin.post("setup/teams/new/", {"name": "A", "parent": str(team.pk)})["Location"].rstrip("/").rsplit("/", 1)[1]
        sent = {"ids": child, "what": "change", "column": "parent", "parent": str(team.pk), "step": "do"}
        admin.get("setup/teams/")
        shown = admin.get(admin.post("setup/teams/bulk/", sent)["Location"].removeprefix("/alpha/")).content.decode()
        assert "nothing had to be changed: it was so already." in shown and "undo/" not in shown

    def test_of_rows_some_of_which_are_refused_it_is_said_how_many_changed(self, admin, team):
        made = [admin.post("setup/teams/new/", {"name": name, "parent": str(team.pk)})["Location"].rstrip("/").rsplit("/", 1)[1] for name in "AB"]
        other = admin.post("setup/teams/new/", {"name": "C"})["Location"].rstrip("/").rsplit("/", 1)[1]
        sent = {"what": "change", "column": "parent", "parent": str(team.pk), "step": "do"}

        def done(*ids):
            address = admin.post("setup/teams/bulk/", {**sent, "ids": ",".join(map(str, ids))})["Location"].removeprefix("/alpha/")
            return admin.get(address).content.decode()

        admin.get("setup/teams/")
        # A team stands not below itself.
        same = done(*made, team.pk)
        assert "0 changed, 2 were so already and stayed as they were." in same and "2 were so already." in same
        assert "data-undo" not in same and "2 rows done" not in same
        some = done(*made, other, team.pk)
        assert "1 changed, 2 were so already and stayed as they were." in some and "Undo all of it" in some

    def test_a_unique_column_is_not_offered(self, admin, team):
        text = admin.get(f"setup/teams/bulk/?ids={team.pk}").content.decode()
        assert 'value="parent"' in text and 'value="name"' not in text

    def test_nothing_is_changed_without_a_choice(self, admin, team):
        assert admin.post("setup/teams/bulk/", {"ids": str(team.pk), "column": "", "step": "check"}, part=True).status_code == 422


    def test_rows_that_are_refused_are_told_with_their_reason_and_the_rest_is_done_and_undone_as_one(self, admin, team, inside):
        for name in ("A", "B"):
            admin.post("setup/teams/new/", {"name": name, "parent": str(team.pk)})
        with inside():
            ids = [*Team.objects.filter(name__in=("A", "B")).values_list("pk", flat=True), team.pk]
        sent = {"ids": ",".join(map(str, ids)), "what": "delete", "query": "?sort=name"}
        tried = admin.get(f"setup/teams/bulk/?what=delete&ids={sent['ids']}", HX_Request="true").content.decode()
        assert "3 rows can be done" in tried
        answer = admin.post("setup/teams/bulk/", {**sent, "step": "do"})
        assert answer["Location"] == "/alpha/setup/teams/?sort=name"
        with inside():
            act = Act.objects.get(operation="access.team.delete")
            assert Team.objects.filter(pk__in=ids).count() == 0
        assert admin.post(f"undo/{act.pk}/").status_code == 303
        with inside():
            assert sorted(Team.objects.filter(pk__in=ids).values_list("name", flat=True)) == ["A", "B", "North"]
            assert Team.objects.get(name="A").parent_id == team.pk

    def test_what_one_may_not_do_is_neither_offered_nor_done(self, visitor, team):
        reader = visitor(grants={"access.team": "view"})
        assert "data-bulk-sheet" not in reader.get("setup/teams/").content.decode()
        for what in ("change", "delete"):
            assert reader.get(f"setup/teams/bulk/?what={what}&ids={team.pk}").status_code == 403
            sent = {"what": what, "ids": str(team.pk), "column": "parent", "parent": "", "step": "do"}
            assert reader.post("setup/teams/bulk/", sent).status_code == 403


class TestBoards:
    def test_a_column_that_decides_asks_by_the_dialog_of_its_own_operation(self, admin, inside):
        from guanxi.crm.leads.models import Opportunity, Stage
        from guanxi.kernel.access.actor import actor_of
        from guanxi.kernel.acts.writer import create_record
        from guanxi.shared.parties.models import Party

        with inside():
            actor = actor_of(admin.member_id)
            party = create_record(Party, {"name": "Taishan"}, actor=actor).result
            pk = create_record(Opportunity, {"name": "Ten presses", "customer": party.pk, "amount": "70"}, actor=actor).result.pk
            stages = dict(Stage.objects.filter(pipeline__is_default=True).values_list("code", "pk"))
        board = admin.get("opportunities/board/").content.decode()
        assert dict(re.findall(r'data-pile="(\d+)" data-asks="([^"]+)"', board)) == {
            str(stages["won"]): "leads.win_opportunity", str(stages["lost"]): "leads.lose_opportunity",
        }
        asked = admin.get(f"opportunities/{pk}/act/leads.win_opportunity/", part=True).content.decode()
        assert re.findall(r'name="amount" value="([^"]*)"', asked) == ["70"]


class TestRights:
    def test_without_a_place_in_the_set_there_is_nothing(self, visitor):
        assert visitor("administrator").client.get("/beta/").status_code == 404

    def test_without_the_right_a_list_is_refused_in_words(self, visitor):
        answer = visitor(grants={"access.team": "view"}).get("setup/members/")
        assert answer.status_code == 403 and "Ask an administrator" in answer.content.decode()

    def test_a_reader_is_offered_nothing_to_change(self, visitor, team):
        reader = visitor(grants={"access.team": "view"})
        page = reader.get(f"setup/teams/{team.pk}/").content.decode()
        assert f"/alpha/setup/teams/{team.pk}/edit/" not in page and "/delete/" not in page
        assert reader.post(f"setup/teams/{team.pk}/edit/", {"name": "Mine", "version": "1"}).status_code == 403

    def test_why_says_which_role_allows_it(self, admin, team):
        assert "Administrator" in admin.get(f"setup/teams/{team.pk}/why/", HX_Request="true").content.decode()

    def test_a_place_that_was_taken_away_ends_at_once(self, admin, team, inside):
        from guanxi.kernel.access.models import Member

        with inside():
            Member.objects.filter(pk=admin.member_id).update(is_active=False)
        assert admin.get("setup/teams/").status_code == 403


class TestAView:
    def test_that_is_gone_says_so(self, admin, team):
        assert "This view is gone or no longer shared with you: everything is shown." in admin.get("setup/teams/?view=9999").content.decode()
        assert "the filters in the address still apply." in admin.get("setup/teams/?view=9999&f.name=North").content.decode()
        assert "This view is gone" not in admin.get("setup/teams/?view=all").content.decode()


class TestChoices:
    def test_they_fit_what_is_typed_and_say_whether_there_are_more(self, admin, team):
        answer = admin.get("choices/access.team/?q=nor").json()
        assert [(r["id"], r["label"]) for r in answer["results"]] == [(team.pk, "North")] and answer["more"] is False

    def test_a_model_that_is_not_there_or_not_allowed_is_refused_as_json(self, admin, visitor):
        assert admin.get("choices/nonsense.model/", Accept="application/json").status_code == 404
        answer = visitor(grants={}).get("choices/access.team/", Accept="application/json")
        assert answer.status_code == 403 and answer.json()["error"]

    def test_the_palette_finds_records_of_every_kind(self, admin, team):
        groups = admin.get("search/?q=north").json()["groups"]
        assert f"/alpha/setup/teams/{team.pk}/" in [item["url"] for group in groups for item in group["items"]]


    def test_the_palette_looks_first_in_what_stands_first_in_the_side_bar(self, admin):
        scopes = [one["path"] for one in admin.get("search/places/").json()["scopes"]]
        assert scopes.index("customers") < scopes.index("files") < scopes.index("sales/orders") < scopes.index("setup/members")
        assert scopes[0] == "customers" and len(scopes) == len(set(scopes))


class TestHistory:
    def test_it_tells_who_changed_which_value(self, admin, team):
        admin.post(f"setup/teams/{team.pk}/edit/", {"name": "Far north", "version": team.version})
        text = admin.get(f"setup/teams/{team.pk}/?tab=history").content.decode()
        assert "<del>North</del>" in text and "<ins>Far north</ins>" in text

    def test_a_deletion_shows_what_stands_in_its_way(self, admin, team):
        admin.post("setup/teams/new/", {"name": "Part", "parent": str(team.pk)})
        text = admin.get(f"setup/teams/{team.pk}/delete/", HX_Request="true").content.decode()
        assert "cannot be deleted" in text and "<b>1</b>" in text
        assert admin.post(f"setup/teams/{team.pk}/delete/").status_code == 409

    def test_it_goes_when_nothing_stands_in_the_way(self, admin, team):
        assert admin.post(f"setup/teams/{team.pk}/delete/").status_code == 303
        assert admin.get(f"setup/teams/{team.pk}/").status_code == 404


class TestTheShell:
    def test_a_stranger_is_sent_to_sign_in_and_a_script_is_told_so(self, static_files, rolled_back):
        from django.test import Client

        stranger = Client()
        assert stranger.get("/alpha/").headers["Location"].startswith("/accounts/login/")
        assert stranger.get("/alpha/choices/access.team/", headers={"Accept": "application/json"}).status_code == 401
        part = stranger.get("/alpha/setup/teams/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/alpha/x/"})
        assert part.status_code == 204 and "next=/alpha/x/" in part["HX-Redirect"]

    def test_the_language_stays_with_the_account(self, admin):
        assert "Teams" in admin.get("setup/teams/").content.decode()
        admin.client.post("/language/", {"language": "zh-hans", "next": "/alpha/setup/teams/"})
        assert "团队" in admin.get("setup/teams/").content.decode()

    def test_the_next_page_is_never_on_another_site(self, admin):
        assert admin.client.post("/language/", {"language": "en", "next": "//elsewhere.example/"})["Location"] == "/"

    @pytest.mark.parametrize("path", ["", "setup/teams/", "setup/teams/new/", "approvals/"])
    def test_no_page_holds_a_script_or_a_style_of_its_own(self, admin, path):
        text = admin.get(path, HX_Current_URL="").content.decode()
        assert " style=" not in text and "onclick=" not in text
        assert text.count("<script") == text.count("<script src=")


class TestWhatIsShownOnce:
    def test_a_new_key_stands_on_the_page_that_made_it_and_nowhere_else(self, admin, inside):
        with inside():
            member = Member.objects.get(code="admin")
        sent = {"name": "Scanner", "read_only": "yes"}
        key = uuid4().hex
        text = admin.post(f"setup/members/{member.pk}/act/api.make_access_key/", sent, key=key, part=True).content.decode()
        [token] = re.findall(r"gx_alpha_[0-9a-f]{64}", text)
        assert admin.client.get("/api/alpha/setup/members", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        again = admin.post(f"setup/members/{member.pk}/act/api.make_access_key/", sent, key=key, part=True)
        assert token not in again.content.decode() and again.status_code == 204
        assert token not in admin.get(f"setup/members/{member.pk}/?tab=history").content.decode()
        with inside():
            assert AccessKey.objects.filter(name="Scanner", may_write=False).count() == 1
            assert not Act.objects.filter(outcome__icontains=token[9:30]).exists()


class TestViews:
    def test_the_list_opens_with_the_chosen_view_and_all_shows_everything(self, admin, inside, team):
        values = {"name": "Only south", "query": "f.name=South", "shown_as": "list", "is_default": "yes", "is_pinned": "yes"}
        admin.post("setup/teams/views/save/", values)
        opened = admin.get("setup/teams/")
        assert opened.status_code == 303 and opened["Location"].endswith("&f.name=South")
        view = opened["Location"].removeprefix("/alpha/")
        shown = admin.get(view).content.decode()
        assert ">North</a>" not in shown and 'role="status">changed' not in shown
        assert ">North</a>" in admin.get("setup/teams/?view=all").content.decode()
        assert opened["Location"].replace("&", "&amp;") in admin.get("approvals/?q=x").content.decode(), "it stands in the side bar"
        assert 'role="status">changed' in admin.get(view + "&q=x").content.decode()

    def test_a_name_that_is_taken_is_said_in_the_dialog_and_nothing_typed_is_lost(self, admin):
        values = {"name": "Mine", "query": "q=x", "shown_as": "list"}
        assert admin.post("setup/teams/views/save/", values, part=True).status_code == 204
        again = admin.post("setup/teams/views/save/", values, part=True)
        assert again.status_code == 409
        assert "You have a view of this name already." in again.content.decode() and 'value="Mine"' in again.content.decode()

    def test_the_api_shows_a_list_through_a_view(self, admin, inside, team):
        from guanxi.kernel.access.keys import make_key
        from guanxi.kernel.access.models import Member
        from guanxi.kernel.views.models import SavedView

        admin.post("setup/teams/views/save/", {"name": "North", "query": "f.name=North&columns=name", "shown_as": "list"})
        with inside():
            _row, token = make_key(Member.objects.get(pk=admin.member_id), "views")
            pk = SavedView.objects.get().pk
        headers = {"Authorization": f"Bearer {token}"}
        listed = admin.client.get(f"/api/alpha/setup/teams?view={pk}", headers=headers).json()
        assert [row["name"] for row in listed["rows"]] == ["North"] and set(listed["rows"][0]) == {"id", "version", "name"}
        assert listed["view"] == {"key": str(pk), "name": "North", "is_cut": False}
        assert admin.client.get(f"/api/alpha/setup/teams?view={pk}&f.name=South", headers=headers).json()["rows"] == []
        assert admin.client.get("/api/alpha/setup/teams?view=99999", headers=headers).status_code == 400


def test_a_form_brings_every_language_of_a_text_and_loses_none(admin, inside):
    with inside():
        from guanxi.shared.parties.models import Region

        region = Region.objects.create(code="north", name={"en": "North", "zh-hans": "华北"})
    address = f"setup/regions/{region.pk}/edit/"
    text = admin.get(address).content.decode()
    assert 'value="North"' in text and 'value="华北"' in text
    assert admin.post(address, {"code": "north", "name.en": "The north", "name.zh-hans": "华北", "version": "1"}).status_code == 303
    with inside():
        region.refresh_from_db()
        assert region.name == {"en": "The north", "zh-hans": "华北"}
