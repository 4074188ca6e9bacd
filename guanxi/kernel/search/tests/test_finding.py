"""What people find, in which order, and that nobody finds what they may not see."""

import random
from dataclasses import replace

import pytest
from django.db import connection
from django.utils.translation import override

from guanxi.kernel.access.grants import Rights, parse_grant
from guanxi.kernel.access.models import Entity, Member, Role, Team
from guanxi.kernel.search import beside, find, found_in, index, queries, registry, searchable
from guanxi.kernel.search.index import forget_records, index_missing, index_new, index_records, reindex
from guanxi.kernel.search.models import SearchEntry
from guanxi.kernel.search.reading import pinyin
from guanxi.kernel.search.text import of_model

NAMES = (
    "华为技术有限公司", "上海华为贸易有限公司", "华为", "中华联合集团", "曾国藩", "Acme Trading GmbH", "ACME（上海）3M公司", "吕布",
)  # fmt: skip


def able(actor, **grants):
    """The actor with these rights alone: `access_member="view:own"`, and field rights in `sees`."""
    sees = frozenset(grants.pop("sees", ()))
    return replace(actor, rights=Rights({name.replace("_", ".", 1): parse_grant(text) for name, text in grants.items()}, sees))


@pytest.fixture
def people(alpha, monkeypatch):
    """Members who are searched by name, code, telephone and the name of their team."""
    monkeypatch.setattr(registry, "_DECLARED", {})
    searchable("access.member", title="name", subtitle=("code", "kind", "team", "is_active"), names=("name", "code", "team__name"), phones=("phone",))
    searchable("access.entity", title="name", names=("name", "code"))
    searchable("access.role", title="name", names=("name",))
    team = Team.objects.create(name="华东销售部")
    Member.objects.bulk_create(
        Member(code=f"SO-2026-{i:05}", name=name, phone=f"+86 138-1234-{8000 + i}", team=team if i % 2 else None)
        for i, name in enumerate(NAMES)
    )
    reindex("access.member")
    yield alpha
    registry.declared_search.cache_clear()
    registry.dependents.cache_clear()


def names(q, actor, **options):
    return [hit.title for hit in find(q, actor, models=["access.member"], **options)]


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ("华为", ["华为", "华为技术有限公司", "上海华为贸易有限公司"]),
            ("华", ["华为", "华为技术有限公司", "吕布", "Acme Trading GmbH", "中华联合集团", "上海华为贸易有限公司"]),
            ("联合", ["中华联合集团"]),
            ("技", ["华为技术有限公司"]),
            ("司", ["ACME（上海）3M公司", "上海华为贸易有限公司", "华为技术有限公司"]),
            ("为技术", ["华为技术有限公司"]),
            ("限公", ["上海华为贸易有限公司", "华为技术有限公司"]),
            ("易有限公司", ["上海华为贸易有限公司"]),
            ("shuyouxiang", ["华为技术有限公司"]),
            ("xiangong", ["上海华为贸易有限公司", "华为技术有限公司"]),
            ("yxg", ["上海华为贸易有限公司", "华为技术有限公司"]),
            ("huawei", ["华为", "华为技术有限公司", "上海华为贸易有限公司"]),
            ("huaweijish", ["华为技术有限公司"]),
            ("HWJS", ["华为技术有限公司"]),
            ("hwjsyxgs", ["华为技术有限公司"]),
            ("shhwmy", ["上海华为贸易有限公司"]),
            ("zgf", ["曾国藩"]),
            ("zengguofan", ["曾国藩"]),
            ("lvbu", ["吕布"]),
            ("l", ["吕布"]),
            ("acme", ["ACME（上海）3M公司", "Acme Trading GmbH"]),
            ("gmb", ["Acme Trading GmbH"]),
            ("ａｃｍｅ trad", ["Acme Trading GmbH"]),
            ("acmetrading", ["Acme Trading GmbH"]),
            ("3m 上海", ["ACME（上海）3M公司"]),
            ("上海 公司", ["ACME（上海）3M公司", "上海华为贸易有限公司"]),
            ("8004", ["曾国藩"]),
            ("12348004", ["曾国藩"]),
            ("138 1234 8004", ["曾国藩"]),
            ("+86 138-1234-8004", ["曾国藩"]),
            ("SO-2026-00004", ["曾国藩"]),
            ("so202600004", ["曾国藩"]),
            ("00004", ["曾国藩"]),
            ("4", ["曾国藩"]),
            ("华为 销售部", ["上海华为贸易有限公司"]),
            ("不存在", []),
            ("   ", []),
            ("'); DROP TABLE access_member; --", []),
            ("a' | 'b':* & !\\", []),
        ],
    )
    def test_finds_the_nearest_first(self, people, q, expected):
        assert names(q, people) == expected

    @pytest.mark.parametrize(
        ("kept", "typed"),
        [
            ("+44 1225 555 010", ["01225 555010", "01225555010", "(01225) 555-010", "0044 1225 555010", "+44 1225 555 010", "555010", "5010"]),
            ("0519-85550123", ["0519-85550123", "0519 8555 0123", "051985550123", "85550123", "0123"]),
            ("+86 519 8555 0123", ["0519-85550123", "051985550123", "0086 519 85550123"]),
            ("0044 1225 555 010", ["0044 1225 555010", "01225555010"]),
        ],
    )
    def test_a_telephone_is_found_as_it_is_dialled_at_home_and_from_abroad(self, people, kept, typed):
        Member.objects.create(code="M1", name="Bath Roastery", phone=kept)
        Member.objects.create(code="M2", name="Another", phone="+44 1225 555 01")
        reindex("access.member")
        assert {q: names(q, people) for q in typed} == {q: ["Bath Roastery"] for q in typed}
        assert list(found_in(Member.objects.all(), typed[0], people).values_list("name", flat=True)) == ["Bath Roastery"]

    def test_zeros_before_a_short_number_are_not_taken_for_a_telephone(self, people):
        assert names("0012", people) == names("00000012", people) == []

    def test_tells_how_near_a_hit_is_and_what_it_is(self, people):
        hits = find("华为", people)
        assert [hit.score for hit in hits] == [3, 2, 1]
        assert hits[1].subtitle == "SO-2026-00000"
        assert hits[2].subtitle == "SO-2026-00001 · 华东销售部"
        assert Member.objects.get(pk=hits[0].id).name == "华为"

    def test_every_part_and_sound_of_a_name_finds_it(self, people):
        for name in NAMES[3:5]:
            for start in range(len(name)):
                for end in range(start + 1, len(name) + 1):
                    part = name[start:end]
                    assert name in names(part, people), part
                    full, initials = pinyin(part)
                    assert name in names(full, people), full
                    if len(initials) > 1:
                        assert name in names(initials, people), initials
                    for cut in range(2, len(full)):
                        assert name in names(full[:cut], people), full[:cut]

    def test_a_text_in_two_languages_is_found_in_both_and_shown_in_one(self, people):
        role = Role.objects.create(key="keeper", name={"en": "Bookkeeper", "zh-hans": "出纳员"})
        index_records(Role, [role.pk])
        with override("en"):
            assert [hit.title for hit in find("出纳", people)] == ["Bookkeeper"]
        with override("zh-hans"):
            assert [hit.title for hit in find("bookk", people)] == ["出纳员"]


class TestTheIndex:
    def test_follows_a_changed_row(self, people):
        row = Member.objects.get(name="吕布")
        Member.objects.filter(pk=row.pk).update(name="貂蝉")
        index_records(Member, [row.pk])
        assert names("吕布", people) == []
        assert names("diaochan", people) == ["貂蝉"]

    def test_follows_a_related_row(self, people):
        team = Team.objects.get(name="华东销售部")
        Team.objects.filter(pk=team.pk).update(name="西北大区")
        index_records(Team, [team.pk])
        assert names("曾国藩 西北", people) == []
        assert names("吕布 xibei", people) == ["吕布"]
        assert find("吕布", people)[0].subtitle == "SO-2026-00007 · 西北大区"

    def test_forgets_rows_that_are_gone(self, people):
        first, second = Member.objects.filter(name__in=["吕布", "曾国藩"]).order_by("pk")
        Member.objects.filter(pk=first.pk).delete()
        forget_records(Member, [first.pk])
        assert not SearchEntry.objects.filter(model="access.member", object_id=first.pk).exists()
        Member.objects.filter(pk=second.pk).delete()
        index_records(Member, [second.pk])
        assert not SearchEntry.objects.filter(model="access.member", object_id=second.pk).exists()

    def test_is_made_anew_without_gaps_and_without_leftovers(self, people):
        before = list(SearchEntry.objects.filter(model="access.member").order_by("object_id").values_list("object_id", "title", "terms"))
        SearchEntry.objects.filter(object_id=before[0][0]).delete()
        for gone in (-1, 10**12):
            SearchEntry.objects.create(model="access.member", object_id=gone, title="x", subtitle="", terms="")
        assert reindex(Member) == len(before)
        assert before == list(SearchEntry.objects.filter(model="access.member").order_by("object_id").values_list("object_id", "title", "terms"))

    def test_rows_that_were_never_indexed_are_caught_up_with(self, people):
        Team.objects.create(name="华东二部")
        Member.objects.create(code="new", name="司马光")
        index_missing()
        assert names("smg", people) == ["司马光"]
        assert index_missing() == 0

    def test_takes_a_fixed_number_of_queries_for_any_number_of_rows(self, people, django_assert_num_queries):
        ids = list(Member.objects.values_list("pk", flat=True))
        with django_assert_num_queries(2):
            index_records("access.member", ids)

    def test_writes_nothing_where_nothing_changed(self, people):
        index_records(Member, Member.objects.values_list("pk", flat=True))
        assert set(SearchEntry.objects.filter(model="access.member").values_list("version", flat=True)) == {1}
        Member.objects.filter(name="吕布").update(name="貂蝉")
        index_records(Member, Member.objects.values_list("pk", flat=True))
        assert SearchEntry.objects.filter(version=2).values_list("title", flat=True).get() == "貂蝉"

    def test_another_connection_merges_what_is_not_even_committed(self, people, monkeypatch):
        monkeypatch.setattr(beside, "EVERY", 20)
        monkeypatch.setattr(index, "MANY", 20)
        rows = Member.objects.bulk_create([Member(code=f"new-{number}", name="司马光") for number in range(50)])
        with beside.worked_beside() as made:
            index_new(Member, [row.pk for row in rows])
            assert names("smg", people) == []
            made.write()
        with connection.cursor() as cursor:
            cursor.execute("SELECT merge_search_words()")
            assert cursor.fetchone() == (0,)
        assert len(names("smg", people, limit=100)) == 50

    def test_a_model_that_nobody_searches_costs_nothing(self, people, django_assert_num_queries):
        with django_assert_num_queries(0):
            index_records("acts.act", [1, 2])

    def test_names_that_lead_nowhere_are_refused(self, people):
        searchable("access.member", title="name", names=("name__length",))
        with pytest.raises(LookupError, match="no relation"):
            registry.searched("access.member")
        searchable("access.member", title="name", names=("nickname",))
        with pytest.raises(LookupError, match="has no field 'nickname'"):
            registry.searched("access.member")


class TestWhoFinds:
    def test_nobody_finds_kinds_of_records_that_they_may_not_see(self, people):
        assert find("华为", able(people)) == []
        assert find("华为", able(people, access_entity="view")) == []

    def test_a_member_finds_only_rows_in_scope(self, people, monkeypatch):
        monkeypatch.setattr(Member, "access_paths", {"team": "team"})
        actor = replace(able(people, access_member="view:team"), team_ids=(Team.objects.get(name="华东销售部").pk,))
        assert names("华为", actor) == ["上海华为贸易有限公司"]
        rows = Member.objects.visible_to(actor)
        assert [row.name for row in found_in(rows, "华为", actor)] == ["上海华为贸易有限公司"]

    def test_a_column_under_a_field_right_is_found_by_its_holders_only(self, people, monkeypatch):
        monkeypatch.setattr(Member, "restricted", {"see_phone": ("phone",)})
        registry.declared_search.cache_clear()
        reindex(Member)
        blind, seeing = able(people, access_member="view"), able(people, access_member="view", sees=("see_phone",))
        for q in ("8004", "13812348004", "138"):
            assert names(q, blind) == []
            assert "曾国藩" in names(q, seeing)
            assert not found_in(Member.objects.visible_to(blind), q, blind).exists()
            assert found_in(Member.objects.visible_to(seeing), q, seeing).filter(name="曾国藩").exists()
        assert names("曾国藩", blind) == ["曾国藩"]
        assert names("曾国藩 8004", seeing) == ["曾国藩"]

    def test_a_restricted_column_can_neither_be_the_title_nor_be_shown(self, people, monkeypatch):
        monkeypatch.setattr(Member, "restricted", {"see_names": ("name",), "see_code": ("code",)})
        registry.declared_search.cache_clear()
        with pytest.raises(LookupError, match="everybody may read"):
            registry.searched("access.member")
        monkeypatch.setattr(Member, "restricted", {"see_code": ("code",)})
        registry.declared_search.cache_clear()
        reindex(Member)
        assert find("曾国藩", people)[0].subtitle == ""

    def test_what_one_may_not_see_changes_nothing(self, people, monkeypatch):
        """Whichever way the search takes, rows out of sight may as well not be there."""
        monkeypatch.setattr(Member, "access_paths", {"team": "team"})
        team, other = Team.objects.get(name="华东销售部"), Team.objects.create(name="Others")
        chance = random.Random(5)
        letters = "华为技术上海"
        Member.objects.bulk_create(
            Member(code=f"M{i}", name="".join(chance.choices(letters, k=chance.randint(1, 4))), team=chance.choice([team, other]))
            for i in range(300)
        )
        reindex(Member)
        actor = replace(able(people, access_member="view:team"), team_ids=(team.pk,))
        typed = ["华", "华为", "上", "海技", "hw", "s", "jishu", "sh", "m1", "12"]

        def answers(few, newest=(10_000,), common=20_000):
            monkeypatch.setattr(queries, "COMMON", common)
            monkeypatch.setattr(queries, "FEW", few)
            monkeypatch.setattr(queries, "NEWEST", newest)
            hits = [find(q, actor, limit=7) for q in typed]
            rows = Member.objects.visible_to(actor)
            return hits, [sorted(found_in(rows, q, actor).values_list("pk", flat=True)) for q in typed]

        expected = answers(100_000)
        assert all(expected[0])
        assert answers(30) == answers(3) == answers(0) == answers(0, newest=(20,)) == answers(0, newest=(5, 50)) == expected
        assert answers(100_000, common=-1) == answers(3, common=-1) == answers(3, newest=(5, 50), common=-1) == expected
        # Words that others' rows have as well: what they find is still asked of the rows.
        with monkeypatch.context() as wider:
            wider.setitem(queries.REACHES, "access.member", lambda _actor: {of_model("access.member")})
            assert answers(100_000) == answers(3) == expected
            assert answers(100_000, common=-1) == answers(3, common=-1) == expected
        Member.objects.filter(team=other).delete()
        reindex(Member)
        assert answers(30) == answers(100_000) == expected


class TestHowItIsFound:
    def test_lists_keep_their_rows_when_nothing_is_typed(self, people):
        rows = Member.objects.visible_to(people)
        assert found_in(rows, "  ", people).count() == rows.count()
        assert found_in(rows, "--", people).count() == 0

    def test_a_list_of_a_model_that_is_not_searched_says_so(self, people):
        with pytest.raises(LookupError, match="is not searched"):
            found_in(Team.objects.all(), "x", people)

    def test_all_kinds_are_ranked_together(self, people):
        entity = Entity.objects.create(code="HW", name="华为")
        index_records(Entity, [entity.pk])
        assert [(hit.model, hit.title) for hit in find("华为", people, limit=3)][2] == ("access.member", "华为技术有限公司")
        assert {hit.model for hit in find("华为", people, limit=2)} == {"access.entity", "access.member"}
        assert find("hw", people, models=["access.entity"])[0].score == 3

    @pytest.mark.parametrize("q", ["华为", "华", "huawei", "hwjs", "8004", "SO-2026-00004"])
    def test_words_are_looked_up_in_the_index(self, people, q):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        assert "Bitmap Index Scan on search_terms" in found_in(Member.objects.visible_to(people), q, people).explain()

    def test_a_search_asks_the_database_few_things(self, people, django_assert_max_num_queries):
        with django_assert_max_num_queries(5):
            find("华", people)
