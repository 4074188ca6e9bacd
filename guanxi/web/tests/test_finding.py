"""What the palette offers, and that the keys on the sheet are the keys that work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from guanxi.config.stamp import PACKAGE
from guanxi.kernel.screens.screen import SCREENS
from guanxi.web.helptexts import folder_of, headings, help_on, texts_of
from guanxi.web.markdown import html_of
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

    def test_whatever_one_may_make_or_bring_in_is_offered_by_its_words_in_either_language(self, visitor):
        offered = of(visitor("administrator", language="zh-hans"), "search/places/")
        new = {one["url"]: one for one in offered["new"]}
        quotation, team = new["/alpha/sales/quotations/new/"], new["/alpha/setup/teams/new/"]
        assert quotation["label"] == "新建报价单" and quotation["names"] == ["new quotation", "新建报价单"] and "more" not in quotation
        assert {"xinjianbaojiadan", "xjbjd"} <= set(quotation["keys"].split()) and team["more"]
        imports = {one["url"]: one["names"] for one in offered["imports"]}
        assert imports["/alpha/customers/import/"] == ["import customers", "导入客户"]
        seller = of(visitor(grants={"sales.quotation": "add"}), "search/places/")
        assert [one["url"] for one in seller["new"]] == ["/alpha/sales/quotations/new/"]
        assert [one["url"] for one in seller["imports"]] == ["/alpha/sales/quotations/import/"]

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


class TestHelp:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_every_screen_has_its_help_in_both_languages(self, language):
        without = [path for path, screen in SCREENS.items() if screen.__module__.startswith("guanxi.") and ".tests." not in screen.__module__
                   and not all(help_on(path, language))]
        assert not without
        for path in (*SCREENS, "start", "today", "me", "bell"):
            assert bool(re.search("[\u4e00-\u9fff]", help_on(path, language)[1])) == (language == "zh-hans"), path

    def test_no_help_outlives_its_screen(self):
        for file in PACKAGE.rglob("HELP*.md"):
            for path in texts_of(file.parent, "en" if file.name == "HELP.md" else "zh-hans"):
                assert path in ("", "start", "today", "me", "bell") or folder_of(path) == file.parent, f"{file}: {path}"

    def test_it_says_what_the_reader_may_do_and_leads_into_the_guide(self, visitor):
        seller = visitor("salesperson", language="zh-hans").get("help/?of=sales/orders", HX_Request="true").content.decode()
        assert "审核并预留库存" in seller and "/alpha/guide/#从订单到收款" in seller
        reader = visitor(grants={"sales.order": "view"}).get("help/?of=sales/orders", HX_Request="true").content.decode()
        assert "Confirm and reserve</em>" in reader and "What you can do with one" not in reader
        assert "Press <code>Ctrl K</code>" not in reader

    def test_both_guides_have_the_same_parts(self, admin):
        assert len(headings("en")) == len(headings("zh-hans"))
        assert '<h2 id="lists">Lists</h2>' in admin.get("guide/").content.decode()

    def test_a_text_of_ours_becomes_html_and_signs_in_it_do_not(self):
        assert html_of("a **b** *c* `*d*` <e>\n\n- f\n  g\n- [h](/i) [j](http://k)") == (
            "<p>a <strong>b</strong> <em>c</em> <code>*d*</code> &lt;e&gt;</p>\n<ul><li>f g</li><li><a href=\"/i\">h</a> j</li></ul>"
        )
