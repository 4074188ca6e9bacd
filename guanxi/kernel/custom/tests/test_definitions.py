"""Defining fields: what fits, what is refused, and what stands on a definition (M22.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils.translation import override

from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import operation_named, perform
from guanxi.kernel.acts.writer import archive_record, change_record, create_record, delete_record
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.custom.models import CustomField
from guanxi.kernel.custom.operations import place_custom_field
from guanxi.kernel.database.session import definitions_stamp
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.screens import PartyScreen


def party(actor, name="Hengchuan", **values):
    return create_record(Party, {"name": name, **values}, actor=actor).result


def refused(function, *arguments, **values):
    with pytest.raises(Invalid) as refusal:
        function(*arguments, **values)
    return refusal.value.errors


class TestANewField:
    def test_it_is_a_column_at_once_in_the_language_of_the_reader(self, define):
        define("", name={"en": "Annual budget", "zh-hans": "年度预算"})
        column = columns_of(Party)["x_annual_budget"]
        with override("zh-hans"):
            assert str(column.label) == "年度预算"
        with override("en"):
            assert str(column.label) == "Annual budget"

    def test_a_code_is_made_from_a_chinese_name_by_its_pinyin_and_numbered_when_taken(self, define):
        assert [define("", name={"zh-hans": "合同编号"}).code for _turn in "ab"] == ["hetongbianhao", "hetongbianhao_2"]

    def test_a_code_is_small_latin_letters_and_its_own(self, define):
        assert "code" in refused(define, "Budget")
        assert "code" in refused(define, "x'); drop table")
        define("budget")
        assert refused(define, "budget")["code"] == ["“budget” is taken by another field of this kind of record."]
        define("budget", on="catalog.product")

    def test_each_kind_needs_what_makes_it(self, define):
        assert refused(define, "a", "reference") == {"relation": ["Choose what it refers to."]}
        assert refused(define, "a", "choice") == {"lines": ["Enter the choices."]}
        assert refused(define, "a", "formula") == {"formula": ["Write the formula."]}
        assert "default_value" in refused(define, "a", "date", default_value="soon")
        two = [{"code": "a", "name": {"en": "A"}}, {"code": "a", "name": {"en": "B"}}]
        assert refused(define, "a", "choice", lines=two) == {"lines.1.code": ["“a” appears twice."]}

    def test_it_stands_in_the_section_that_it_names_in_either_language(self, define):
        define("one", section={"zh-hans": "分类"})
        define("two", section={"en": "Contracts", "zh-hans": "合同"})
        define("three")
        define("four", section={"en": "contracts"})
        sections = {str(label): names for label, names in PartyScreen.all_sections()}
        assert sections["Classification"][-1] == "x_one"
        assert (sections["Contracts"], sections["More about it"]) == (("x_two", "x_four"), ("x_three",))

    def test_moving_one_renumbers_the_others(self, define, alpha):
        first, second, third = (define(code) for code in ("a", "b", "c"))
        place_custom_field(third, actor=alpha, after=first)
        assert list(CustomField.objects.order_by("position").values_list("code", "position")) == [("a", 10), ("c", 20), ("b", 30)]
        with pytest.raises(Refused, match="same kind of record"):
            place_custom_field(first, actor=alpha, after=define("d", on="catalog.product"))

    def test_other_sets_have_their_own(self, define, database):
        from guanxi.kernel.access.models import Member
        from guanxi.kernel.database import in_set

        assert Member.objects.exists()
        define("budget")
        before = definitions_stamp()
        with in_set("alpha"):
            assert "x_budget" in columns_of(Party)
        assert definitions_stamp() == before


class TestChangingIt:
    def test_the_kind_changes_freely_while_there_is_no_value(self, define, alpha):
        field = define("size")
        change_record(field, {"kind": "integer"}, actor=alpha)
        assert columns_of(Party)["x_size"].kind == "integer"

    def test_with_values_it_can_only_become_wider(self, define, alpha):
        field = define("size", "integer")
        party(alpha, x_size="3")
        assert refused(change_record, field, {"kind": "text"}, actor=alpha) == {
            "kind": ["1 records have a value; it can only become: Decimal number, Amount of money."]
        }
        change_record(field, {"kind": "decimal"}, actor=alpha)
        assert Party.objects.get().x_size == Decimal(3)

    def test_the_code_and_the_kind_of_record_stay(self, define, alpha):
        field = define("size")
        errors = refused(change_record, field, {"code": "length", "record_kind": "catalog.product"}, actor=alpha)
        assert set(errors) == {"code", "record_kind"}

    def test_a_choice_that_records_have_is_not_taken_away(self, define, alpha):
        field = define("tier", "choice", lines=[{"code": "a", "name": {"en": "A"}}, {"code": "b", "name": {"en": "B"}}])
        party(alpha, x_tier="a")
        rest = [{"id": field.choices.get(code="b").pk, "code": "b", "name": {"en": "B"}}]
        assert refused(change_record, field, {"lines": rest}, actor=alpha) == {
            "lines": ["1 records have “A”: keep its code, and take the mark “Offered” away instead."]
        }

    def test_archived_it_stands_nowhere_and_restored_the_values_are_there(self, define, alpha):
        field = define("size", "integer")
        row = party(alpha, x_size="3")
        archive_record(field, actor=alpha)
        assert "x_size" not in columns_of(Party)
        change_record(row, {"name": "Other"}, actor=alpha)
        archive_record(field, actor=alpha, restore=True)
        assert Party.objects.get().x_size == 3


class TestFormulas:
    def test_it_reads_fields_of_the_program_others_that_were_added_and_other_formulas(self, define, alpha):
        define("budget", "money")
        define("share", "formula", formula="x_budget / 4", shown_as="money")
        define("words", "formula", formula='if(x_share > 10, "large", "small") & " " & name')
        define("half", "formula", formula="x_share / 2", shown_as="integer")
        row = party(alpha, "Heng", x_budget="100")
        assert (row.x_share, row.x_words, row.x_half) == (Decimal("25.0000"), "large Heng", 13)
        assert (columns_of(Party)["x_share"].kind, columns_of(Party)["x_words"].kind) == ("money", "text")

    def test_a_circle_is_refused(self, define, alpha):
        first = define("a", "formula", formula="1 + 1")
        define("b", "formula", formula="x_a + 1")
        define("c", "formula", formula="x_b + 1")
        errors = refused(change_record, first, {"formula": "x_c + 1"}, actor=alpha)
        assert errors == {"formula": ["“x_a” would be computed from itself: x_a → x_c → x_b → x_a."]}
        assert "formula" in refused(define, "d", "formula", formula="x_d + 1")

    def test_what_cannot_be_read_is_told_in_words(self, define):
        assert refused(define, "a", "formula", formula="nosuch + 1")["formula"][0].startswith("The name “nosuch” is not known here.")
        assert refused(define, "a", "formula", formula="name * 2")["formula"]

    def test_a_formula_of_the_day_is_that_of_the_reader(self, define, alpha):
        define("since", "date")
        define("days", "formula", formula="days(x_since, today())", shown_as="integer")
        row = party(alpha, x_since="2026-01-01")
        column = columns_of(Party)["x_days"]
        day = alpha.on(alpha.today.replace(year=2026, month=1, day=11))
        assert Party.objects.annotate(days=column.sql(day)).get().days == 10
        assert (column.is_timeless, row.x_days) == (False, None)


class TestWhatStandsOnIt:
    @pytest.fixture
    def rule(self, alpha, define):
        define("risk", "integer")
        return ApprovalRule.objects.create(
            name={"en": "Risky"}, operation="parties.assign_owner", condition="x_risk > 5", approvers=Role.objects.get(key="sales_manager")
        )

    def test_an_approval_rule_reads_it(self, alpha, rule, member):
        other = member("salesperson").member_id
        found = operation_named("parties.assign_owner")
        calm, risky = party(alpha, "Calm", x_risk="1"), party(alpha, "Risky", x_risk="9")
        assert perform(found, calm, actor=alpha, raw={"owner": other}).awaiting is None
        assert perform(found, risky, actor=alpha, raw={"owner": other}).awaiting.facts == {"x_risk": 9}

    def test_what_a_rule_or_a_formula_reads_is_neither_archived_nor_deleted(self, alpha, rule, define):
        field = CustomField.objects.get(code="risk")
        for away in (archive_record, delete_record):
            with pytest.raises(Refused, match="approval rule “Risky” could no longer be read"), transaction.atomic():
                away(field, actor=alpha)
        rule.delete()
        define("double", "formula", formula="x_risk * 2", name={"en": "Double"})
        with pytest.raises(Refused, match="formula of “Double” could no longer be computed"), transaction.atomic():
            archive_record(field, actor=alpha)
