"""Who may see and fill in a custom field, and what is never told to others (M22.1, M22.4)."""

from __future__ import annotations

import pytest

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.api.tests.conftest import program_for
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.custom.models import CustomField
from guanxi.kernel.database.session import definitions_stamp, in_set
from guanxi.kernel.importing.writing import import_form
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Forbidden, Invalid
from guanxi.kernel.search import find
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.screens import PartyScreen
from guanxi.web.views.history import history_of

SECRET = "x_secret"


@pytest.fixture
def seller(alpha, member):
    return member("salesperson")


@pytest.fixture
def secret(alpha, define, seller):
    """A customer of the seller with a field that only accountants may see, and a formula over it."""
    field = define("secret", readers=["accountant"])
    define("marked", "formula", formula='x_secret & "!"')
    row = create_record(Party, {"name": "Heng", "owner": "admin", SECRET: "华星 hidden"}, actor=alpha).result
    Party.objects.filter(pk=row.pk).update(owner=seller.member_id)
    change_record(Party.objects.get(pk=row.pk), {SECRET: "华星 covered"}, actor=alpha)
    return field


class TestWhoMaySeeIt:
    @pytest.mark.parametrize("name", [SECRET, "x_marked"])
    def test_without_the_role_it_can_be_neither_shown_nor_filtered_nor_sorted(self, secret, seller, name):
        for params in ({"columns": name}, {f"f.{name}": "华"}, {"sort": name}):
            query = ListQuery(PartyScreen, seller, params, set_key="alpha")
            assert query.notes == [f"There is no column “{name}” here."]
            assert query.count == 1

    def test_nor_found_nor_read_in_the_history(self, secret, seller, member):
        row = Party.objects.get()
        assert find("华星", seller) == []
        assert [one.kind for one in history_of(row, PartyScreen, seller, "alpha")] == ["changed", "created"]
        assert all(str(label) != "Secret" for one in history_of(row, PartyScreen, seller, "alpha") for label, _old, _new in one.fields)
        both = member("salesperson", "accountant")
        assert [hit.id for hit in find("华星", both)] == [row.pk]

    def test_nor_imported_nor_written_nor_described(self, secret, seller):
        assert not {SECRET, "x_marked"} & set(import_form(PartyScreen, seller).columns)
        with pytest.raises(Invalid) as refusal:
            change_record(Party.objects.get(), {SECRET: "x"}, actor=seller)
        assert list(refusal.value.errors) == [SECRET]
        assert SECRET not in refusal.value.errors[SECRET][0].partition("there are:")[2]
        program = program_for(seller.member_id)
        described = program.get("openapi.json").content.decode()
        assert "x_secret" not in described and "x_marked" not in described
        answer = program.get("customers?f.x_secret=a")
        assert (answer.status_code, "“x_secret” here" in answer.json()["error"]["message"]) == (400, True)
        assert "x_secret" not in program.get(f"customers/{Party.objects.get().pk}").json()

    def test_a_right_that_is_taken_away_ends_with_the_next_look(self, secret, alpha, member):
        reader = member("salesperson", "accountant")
        assert SECRET in PartyScreen.available(reader)
        change_record(secret, {"readers": ["sales_manager"]}, actor=alpha)
        assert SECRET not in PartyScreen.available(actor_of(reader.member_id))
        assert find("华星", actor_of(reader.member_id)) == []

    def test_everybody_may_see_what_only_some_may_fill_in(self, alpha, define, seller):
        define("grade", writers=["sales_manager"])
        row = create_record(Party, {"name": "Heng"}, actor=seller).result
        assert "x_grade" in PartyScreen.available(seller)
        with pytest.raises(Invalid, match="There is no column “x_grade” to write"):
            change_record(row, {"x_grade": "A"}, actor=seller)


class TestWhoMayDefine:
    def test_only_who_has_the_right_to(self, seller, alpha):
        with pytest.raises(Forbidden):
            create_record(CustomField, {"record_kind": "parties.party", "name": {"en": "A"}}, actor=seller)
        assert not seller.may("view", CustomField) and not seller.may("custom.place_custom_field")


class TestPrograms:
    def test_the_api_writes_reads_filters_and_describes_it(self, alpha, every_kind):
        program = program_for(alpha.member_id)
        values = {"x_a_money": "12.5", "x_a_choices": ["south", "east"], "x_a_date": "2026-01-31", "x_a_boolean": True, "x_a_text": "t"}
        made = program.post("customers", {"name": "Heng", **values})
        assert made.status_code == 201, made.content
        shown = program.get(f"customers/{made.json()['id']}").json()
        assert {name: shown[name] for name in values} == {**values, "x_a_money": "12.50", "x_a_choices": ["south", "east"]}
        assert program.get("customers?f.x_a_choices=east&sort=-x_a_money&fields=x_a_date").json()["rows"][0]["x_a_date"] == "2026-01-31"
        schema = program.get("openapi.json").json()["components"]["schemas"]["customers"]["properties"]
        assert schema["x_a_choices"]["anyOf"][0]["items"] == {"type": "string", "enum": ["east", "south"]}
        assert program.patch(f"customers/{shown['id']}", {"x_a_choice": "west", "version": shown["version"]}).status_code == 422

    def test_a_kept_question_is_asked_anew_after_a_change_of_definitions(self, alpha, define):
        program = program_for(alpha.member_id)
        field = define("size", "formula", formula="1 + 1", shown_as="integer")
        pk = program.post("customers", {"name": "Heng"}).json()["id"]
        assert program.get(f"customers/{pk}?fields=x_size").json()["x_size"] == 2
        change_record(field, {"formula": "2 + 1"}, actor=alpha)
        assert program.get(f"customers/{pk}?fields=x_size").json()["x_size"] == 3


class TestOtherProcesses:
    def test_entering_the_set_reads_the_stamp_and_a_change_makes_it_another(self, fresh_database):
        from guanxi.kernel.access.actor import system_actor

        with in_set("alpha"):
            before = definitions_stamp()
            assert "x_budget" not in columns_of(Party)
        with in_set("alpha"):
            create_record(CustomField, {"record_kind": "parties.party", "name": {"en": "Budget"}}, actor=system_actor())
        with in_set("alpha"):
            assert definitions_stamp() != before and "x_budget" in columns_of(Party)
        with in_set("beta"):
            assert "x_budget" not in columns_of(Party)
        assert "x_budget" not in columns_of(Party)
