"""Lists as parameters arrive as they are, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from django.db import DataError, connections, transaction

from guanxi.kernel.database.backend.arrays import PlainListDumper

AWKWARD = ['', 'NULL', 'null', 'a,b', '{x}', 'with "quotes"', "it's", "back\\slash", " blanks ", "line\nbreak", "华为", "😀", None]


def arrived(kind: str, given: list) -> list:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT * FROM unnest(%s::{kind}[])", [given])
        return [value for (value,) in cursor.fetchall()]


@pytest.mark.usefixtures("alpha")
class TestLists:
    def test_texts_arrive_letter_by_letter(self):
        assert arrived("text", AWKWARD) == AWKWARD

    def test_numbers_keep_every_digit(self):
        given = [Decimal("0.10"), Decimal("-1E+3"), Decimal("12345678901234567890.123456"), None]
        assert arrived("numeric", given) == given

    def test_whole_numbers_of_any_size(self):
        given = [0, -1, 2**31, -(2**63), 2**63 - 1, None]
        assert arrived("bigint", given) == given

    def test_a_number_beyond_its_column_is_refused_and_not_cut(self):
        with pytest.raises(DataError), transaction.atomic():
            arrived("integer", [2**31])

    def test_days_moments_and_truth(self):
        assert arrived("date", [date(2026, 1, 31), None]) == [date(2026, 1, 31), None]
        moment = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
        assert arrived("timestamptz", [moment, None]) == [moment, None]
        assert arrived("boolean", [True, False, None]) == [True, False, None]

    def test_nothing_and_nulls_alone(self):
        assert arrived("bigint", []) == []
        assert arrived("text", [None, None]) == [None, None]

    def test_a_character_that_cannot_be_stored_is_refused(self):
        with pytest.raises((psycopg.DataError, ValueError), match="NUL"):
            PlainListDumper(list).upgrade(["a\x00b"], None).dump(["a\x00b"])

    def test_lists_within_lists_go_the_usual_way(self):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT %s::bigint[]", [[[1, 2], [3, 4]]])
            assert cursor.fetchone() == ([[1, 2], [3, 4]],)

