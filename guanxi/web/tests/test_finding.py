"""What the palette offers, and that the keys on the sheet are the keys that work."""

from __future__ import annotations

import re
from pathlib import Path

from guanxi.config.stamp import PACKAGE
from guanxi.web.shortcuts import EVERYWHERE, GO, HERE

SOURCES = PACKAGE.parent / "frontend" / "src"


def of(visitor, path: str):
    return visitor.get(path, Accept="application/json").json()


class TestPalette:
    def test_one_kind_of_record_is_searched_alone(self, admin):
        admin.post("setup/teams/new/", {"name": "Nordwest"})
        admin.post("setup/members/new/", {"name": "Nordwestern", "code": "nordwestern", "kind": "staff", "is_active": "yes"})
        everywhere = [g["label"] for g in of(admin, "search/?q=nordwest")["groups"]]
        assert sorted(everywhere) == ["Members", "Teams"]
        assert [g["label"] for g in of(admin, "search/?q=nordwest&in=setup/teams")["groups"]] == ["Teams"]
        assert of(admin, "search/?q=nordwest&in=nowhere")["groups"] == []

    def test_places_are_found_by_their_name_in_either_language_and_by_pinyin(self, visitor):
        found = {one["url"]: one for one in of(visitor("administrator", language="zh-hans"), "search/places/")["places"]}
        assert found["/alpha/contacts/"]["label"] == "联系人"
        assert {"contacts", "联系人", "lianxiren", "lxr"} <= set(found["/alpha/contacts/"]["keys"].split())

    def test_nobody_is_offered_a_place_or_a_kind_that_is_not_theirs(self, visitor):
        offered = of(visitor(grants={"access.team": "view"}), "search/places/")
        assert [one["path"] for one in offered["scopes"]] == ["setup/teams"] and offered["new"] == []
        assert "/alpha/customers/" not in [one["url"] for one in offered["places"]]

    def test_records_opened_last_are_named_as_far_as_they_may_be_seen(self, admin, visitor, team):
        asked = f"search/places/?recent=setup/teams/{team.pk},setup/teams/999999,customers/x,nowhere/1"
        assert of(admin, asked)["recent"] == [
            {"label": "North", "detail": "Team", "icon": "hierarchy-2", "url": f"/alpha/setup/teams/{team.pk}/"}
        ]
        assert of(visitor(grants={}), asked)["recent"] == []


class TestKeys:
    def test_every_key_of_the_sheet_is_handled_in_the_scripts_and_no_other(self):
        scripts = "\n".join(path.read_text() for path in SOURCES.glob("*.js"))
        declared = {key.name for _heading, keys in EVERYWHERE for key in keys} - {HERE}
        assert set(re.findall(r'(?:shortcut|pressed)\((?:event, )?"(\w+)"', scripts)) == declared

    def test_every_key_that_something_on_a_page_has_is_on_the_sheet(self):
        templates = "\n".join(path.read_text() for path in Path(PACKAGE).rglob("*.html"))
        here = {key.keys[0] for _heading, keys in EVERYWHERE for key in keys if key.name == HERE}
        assert set(re.findall(r'data-key="(.)"', templates)) == here

    def test_no_key_means_two_things_in_one_place(self):
        for _heading, keys in EVERYWHERE:
            ways = [way for key in keys for way in key.keys]
            assert len(ways) == len(set(ways)) or _heading == "In a table"
        assert len(set(GO.values())) == len(GO)
