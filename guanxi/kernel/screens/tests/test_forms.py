"""What a browser sends back becomes raw values for the validator; nothing typed is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.columns.column import Column
from guanxi.kernel.screens.forms import FieldMaker, as_input, default_of, read_lines, read_values

TEAM = Column("team", "Team", "reference", relation=Team)
TEAMS = Column("teams", "Teams", "reference", relation=Team, many=True)
QUANTITY = Column("quantity", "Quantity", "quantity", required=True)
DISCOUNT = Column("discount", "Discount", "percent", default=Decimal(0))
ACTIVE = Column("is_active", "Active", "boolean")
NAME = Column("name", "Name", "translated")


def sent(text: str) -> QueryDict:
    return QueryDict(text)


class TestReading:
    def test_a_chosen_row_is_a_number_and_a_typed_one_a_key(self):
        assert read_values([TEAM], sent("team=12")) == {"team": 12}
        assert read_values([TEAM], sent("team=~12")) == {"team": "12"}
        assert read_values([TEAM], sent("team=~North")) == {"team": "North"}

    def test_several_chosen_rows_are_a_list(self):
        assert read_values([TEAMS], sent("teams=3&teams=4&teams=")) == {"teams": [3, 4]}

    def test_a_box_that_is_not_ticked_is_no(self):
        assert read_values([ACTIVE], sent("")) == {"is_active": False}
        assert read_values([ACTIVE], sent(""), partial=True) == {}
        assert read_values([ACTIVE], sent("is_active=yes")) == {"is_active": True}

    def test_a_text_in_two_languages_stays_in_two_languages(self):
        assert read_values([NAME], sent("name.en=Screw&name.zh-hans=螺丝")) == {"name": {"en": "Screw", "zh-hans": "螺丝"}}


class TestLines:
    COLUMNS = (TEAM, QUANTITY, DISCOUNT)

    def test_they_come_in_the_order_of_the_page(self):
        rows = read_lines(self.COLUMNS, sent("lines.5.team=1&lines.5.quantity=2&lines.2.team=7&lines.2.quantity=1"), "lines")
        assert [at for at, _values in rows] == [5, 2]

    def test_what_a_new_line_starts_with_does_not_make_it_a_line(self):
        assert default_of(QUANTITY) == "1" and default_of(DISCOUNT) == "0%"
        assert read_lines(self.COLUMNS, sent("lines.0.team=&lines.0.quantity=1&lines.0.discount=0%25"), "lines") == []

    def test_a_line_that_was_saved_keeps_its_id(self):
        [(_at, values)] = read_lines(self.COLUMNS, sent("lines.0.id=44&lines.0.team=9&lines.0.quantity=1"), "lines")
        assert values["id"] == "44"

    def test_names_of_other_fields_are_not_taken_for_lines(self):
        assert read_lines(self.COLUMNS, sent("lines.x.team=1&lines=2&lines.1=3&xlines.1.team=4"), "lines") == []


class TestShowing:
    @pytest.mark.parametrize(("column", "value", "shown"), [
        (QUANTITY, Decimal("1200.500000"), "1200.5"), (DISCOUNT, Decimal("0.125000"), "12.5%"), (QUANTITY, Decimal("300"), "300"),
        (Column("on", "On", "date"), date(2026, 1, 31), "2026-01-31"), (ACTIVE, False, False), (QUANTITY, None, ""),
    ])
    def test_a_value_stands_in_its_field_as_it_may_be_typed(self, column, value, shown):
        assert as_input(column, value) == shown

    def test_titles_of_all_references_come_with_one_query_per_relation(self, alpha, django_assert_num_queries):
        teams = [Team.objects.create(name=name) for name in ("North", "South")]
        maker = FieldMaker(alpha, "alpha")
        one, other = maker.field(TEAM, "team", teams[0].pk), maker.field(TEAM, "next", teams[1].pk)
        with django_assert_num_queries(1):
            maker.name_references()
        assert (one.title, other.title) == ("North", "South")

    def test_a_row_the_reader_may_not_see_is_not_named(self, alpha):
        from dataclasses import replace

        from guanxi.kernel.access.grants import Rights

        team = Team.objects.create(name="Secret")
        maker = FieldMaker(replace(alpha, rights=Rights()), "alpha")
        field = maker.field(TEAM, "team", team.pk)
        maker.name_references()
        assert (field.value, field.title) == ("", "")

    def test_what_was_typed_without_choosing_comes_back_as_typed(self, alpha):
        field = FieldMaker(alpha, "alpha").field(Column("owner", "Owner", "reference", relation=Member), "owner", "Nobody")
        assert (field.value, field.title) == ("~Nobody", "Nobody")
