"""Questions whose SQL is kept, and rows written by SQL that is kept, mean what Django's own mean."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.database.known import known, named
from guanxi.kernel.database.rows import insert_rows
from guanxi.shared.parties.models import Party


@known
def members_of(team_id, *, newest=False):
    rows = Member.objects.filter(team=team_id).select_related("team").order_by("code")
    return rows.reverse() if newest else rows


@known
def codes_of(ids, name):
    return Member.objects.filter(pk__any=ids).exclude(name=name).order_by("code").values_list("code", flat=True)


@known
def codes_named(ids, *, name):
    return Member.objects.filter(pk__any=ids, name=name).values_list("code", flat=True)


@known
def nobody(team_id):
    return Member.objects.filter(team=team_id).none()


@pytest.fixture
def teams(alpha):
    east, west = insert_rows([Team(name="East"), Team(name="West")])
    people = insert_rows([Member(code=f"m{n}", name=f"Member {n}", team=(east, west)[n % 2]) for n in range(5)])
    return east, west, people


class TestKnown:
    def test_other_values_give_other_rows_with_what_was_joined(self, teams):
        east, west, people = teams
        assert [(m.code, m.team.name) for m in members_of(east.pk)] == [("m0", "East"), ("m2", "East"), ("m4", "East")]
        with CaptureQueriesContext(connection) as asked:
            found = [(m.code, m.team.name) for m in members_of(west.pk)]
        assert found == [("m1", "West"), ("m3", "West")] and len(asked) == 1
        assert members_of(-1) == []

    def test_another_question_under_the_same_name_is_another_one(self, teams):
        east, _west, _people = teams
        assert [m.code for m in members_of(east.pk, newest=True)] == ["m4", "m2", "m0"]

    def test_lists_and_texts_may_change_too(self, teams):
        _east, _west, people = teams
        assert codes_of([people[0].pk, people[3].pk], "nobody") == ["m0", "m3"]
        assert codes_of([person.pk for person in people], "Member 2") == ["m0", "m1", "m3", "m4"]
        assert codes_of([], "nobody") == []


    def test_a_text_that_stays_the_same_is_taken_as_it_is(self, teams):
        _east, _west, people = teams
        name = "50%s of O'Neil\\'s %% \"share\" $1"
        Member.objects.filter(pk=people[2].pk).update(name=name)
        ids = [person.pk for person in people]
        assert codes_named(ids, name=name) == ["m2"] and codes_named(ids, name="Member 3") == ["m3"] and codes_named(ids[3:], name=name) == []

    def test_what_nothing_can_answer_is_not_asked(self, teams, django_assert_num_queries):
        east, _west, _people = teams
        with django_assert_num_queries(0):
            assert nobody(east.pk) == [] and nobody(east.pk) == []


class TestInsertedRows:
    def test_they_are_in_the_database_as_they_were_given(self, alpha):
        [made] = insert_rows([Party(code="P-1", name="泰山机械", name_sort="taishan", owner_id=alpha.member_id, note="a\\b {\"c\"}, NULL")])
        found = Party.objects.get(pk=made.pk)
        assert (found.name, found.note, found.owner_id, found.version, found.is_customer) == (
            "泰山机械", "a\\b {\"c\"}, NULL", alpha.member_id, 1, made.is_customer,
        )

    def test_what_the_column_cannot_hold_is_refused_and_not_cut(self, alpha):
        with pytest.raises(DataError), transaction.atomic():
            insert_rows([Team(name="x" * 500)])

    def test_none_is_none_and_nothing_is_nothing(self, alpha):
        [made] = insert_rows([Member(code="m9", name="Nine", user_id=None)])
        assert Member.objects.get(pk=made.pk).user_id is None
        assert insert_rows([]) == []


class TestNamed:
    def test_it_is_made_once_for_its_name_and_what_is_given_changes(self, teams):
        east, west, people = teams
        made = []

        def make(ids):
            made.append(ids)
            return Member.objects.filter(team=east, pk__any=ids).order_by("code").values_list("code", flat=True)

        whole, none = [one.pk for one in people], [people[1].pk]
        assert [named(("of a team", east.pk), make, (list,)).rows([ids]) for ids in (whole, none)] == [["m0", "m2", "m4"], []]
        assert len(made) == 1
        assert named(("all", west.pk), lambda: Member.objects.filter(team=west)).count() == 2

    def test_what_asks_the_database_while_it_is_made_is_not_kept(self, teams):
        east, _west, _people = teams

        def make():
            return Member.objects.filter(pk__in=list(Member.objects.filter(team=east).values_list("pk", flat=True)))

        assert named(("holds rows", east.pk), make) is None
        assert len(make()) == 3
