"""What people type, files hold and programs send (M22.3)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parse import Unreadable, parse


def _parse(kind, raw, **options):
    return parse(Column("x", "X", kind, **options), raw, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("money", "1,234.50", Decimal("1234.50")),
        ("money", "¥ 12", Decimal("12")),
        ("quantity", "１２．５", Decimal("12.5")),
        ("percent", "13%", Decimal("0.13")),
        ("percent", "0.13", Decimal("0.13")),
        ("integer", "12.0", 12),
        ("date", "2026年1月5日", date(2026, 1, 5)),
        ("date", "1996/7/4", date(1996, 7, 4)),
        ("date", "1996-07-04 00:00:00", date(1996, 7, 4)),
        ("moment", "2026-01-31 14:30", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("boolean", "是", True),
        ("boolean", "", False),
        ("text", "  two   words ", "two words"),
        ("money", "", None),
        ("date", None, None),
    ],
)
def test_values_are_read_as_people_write_them(kind, raw, value):
    assert _parse(kind, raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("money", "abc"), ("money", "1e30"), ("money", "NaN"), ("money", "1.23456"), ("money", True), ("percent", "13"),
        ("integer", "1.5"), ("integer", "99999999999"), ("date", "2026-02-30"), ("date", "yesterday"), ("moment", "noon"),
        ("boolean", "perhaps"), ("email", "nobody"), ("url", "no address"), ("text", {"a": 1}), ("text", "a\x00b"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(kind, raw):
    with pytest.raises(Unreadable) as refusal:
        _parse(kind, raw)
    assert str(refusal.value)


def test_a_choice_is_taken_by_code_or_label_and_else_lists_what_there_is():
    choices = (("a", "Alpha"), ("b", "Beta"))
    assert _parse("choice", "b", choices=choices) == "b" and _parse("choice", "Alpha", choices=choices) == "a"
    with override("en"), pytest.raises(Unreadable, match=r"Alpha \(a\), Beta \(b\)"):
        _parse("choice", "c", choices=choices)


def test_of_very_many_choices_only_the_first_are_named_and_capitals_make_no_difference():
    choices = tuple((f"c{number}", f"Choice {number}") for number in range(75))
    assert _parse("choice", "C70", choices=choices) == _parse("choice", "choice 70", choices=choices) == "c70"
    with override("en"), pytest.raises(Unreadable, match=r"Choice 9 \(c9\), …\.") as refusal:
        _parse("choice", "nowhere", choices=choices)
    assert "Choice 10" not in str(refusal.value)


def test_a_telephone_has_a_digit():
    assert _parse("phone", "+44 20 7946 0018 ext. 3") and _parse("phone", "０２１-5050") and not _parse("phone", "")
    with override("en"), pytest.raises(Unreadable, match="“not-a-phone” has no digit; write a telephone number such as"):
        _parse("phone", "not-a-phone")


def test_a_text_too_long_says_by_how_much():
    with override("en"), pytest.raises(Unreadable, match="At most 3 characters; this has 5"):
        _parse("text", "abcde", max_length=3)
