"""What each rule gives, by hand-worked tables."""

from datetime import date
from decimal import Decimal

import pytest

from guanxi.kernel.rules import FUNCTIONS, Kind, RuleError, parse

SCOPE = {
    "amount": "number", "discount": "number", "nothing": "number", "region": "text", "empty": "text", "unknown": "text",
    "vip": "boolean", "unsure": "boolean", "ordered_on": "date", "never": "date", "customer.level": "text", "客户.额度": "number",
}  # fmt: skip
VALUES = {
    "amount": Decimal("12000"), "discount": Decimal("0.05"), "nothing": None, "region": "华东", "empty": "", "unknown": None,
    "vip": True, "unsure": None, "ordered_on": date(2026, 1, 31), "never": None, "customer.level": "A", "客户.额度": 500,
}  # fmt: skip
TODAY = date(2026, 3, 1)


def result(text):
    return parse(text, SCOPE).evaluate(VALUES, today=TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("100 / 10 / 5", "2"),
        ("-2 * -3", "6"),
        ("- - 2", "2"),
        ("5%", "0.05"),
        ("5 % + 1", "1.05"),
        (".5 + 2.", "2.5"),
        ("1 / 3", "0.333333333333"),
        ("2 / 3", "0.666666666667"),
        ("-2 / 3", "-0.666666666667"),
        ("0.000000000001 / 2", "0.000000000001"),
        ("-0.000000000001 / 2", "-0.000000000001"),
        ("0.000000000001 * 0.4", "0"),
        ("0.000000000001 * 0.5", "0.000000000001"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(2.345, 2)", "2.35"),
        ("round(1250, -2)", "1300"),
        ("round(-1249.99, -2)", "-1200"),
        ("floor(-1.5)", "-2"),
        ("ceiling(-1.5)", "-1"),
        ("abs(-3)", "3"),
        ("min(3, 1, nothing)", "1"),
        ("max(3, 1, nothing)", "3"),
        ("coalesce(nothing, 7)", "7"),
        ("days(ordered_on, today())", "29"),
        ("today() - ordered_on", "29"),
        ("year(ordered_on) * 10000 + month(ordered_on) * 100 + day(ordered_on)", "20260131"),
        ("length(region) + length('')", "2"),
        ("if(amount > 10000, 1, amount > 5000, 2, 3)", "1"),
        ("IF(unsure, 1, 2)", "2"),
        ("Amount * 2", "24000"),
        ("客户.额度 × ２ ÷ ４", "250"),
    ],
)
def test_numbers_are_decimal_and_rounded_half_away_from_zero(text, expected):
    assert result(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('amount * (1 - discount) > 10000 and region in ("east", "华东")', True),
        ("amount * （1 － discount） ＞ 10000 and region in （“east”，“华东”）", True),
        ('region not in ("east", "华北")', True),
        ('region <> "华东" or vip', True),
        ("not vip = true", False),
        ("amount ≥ 12000 and amount ≤ 12000 and not amount ≠ 12000 and amount == 12000", True),
        ("AND(vip, amount > 1) and OR(vip, false) and NOT(false)", True),
        ('contains(region, "东") and starts_with(region, "华") and contains(region, "")', True),
        ('"Z" < "a" and "a" < "华"', True),
        ('customer.level = "A" and Customer.Level = "A"', True),
        ('ordered_on < date("2026-02-01") and ordered_on + 1 = date("2026-02-01")', True),
        ("is_blank(empty) and is_blank(unknown) and is_blank(nothing) and not is_blank(region)", True),
        ("'it''s' = \"it's\" and \"a\"\"b\" = 'a\"b'", True),
        ("true and not false", True),
        ("amount in (1, 2, 12000)", True),
    ],
)
def test_conditions_read_as_a_spreadsheet_user_writes_them(text, expected):
    assert result(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing + 1", None),
        ("amount / 0", None),
        ("amount / nothing", None),
        ("nothing > 1", None),
        ("unsure and false", False),
        ("unsure and true", None),
        ("unsure or true", True),
        ("unsure or false", None),
        ("not unsure", None),
        ('unknown = "a"', None),
        ('unknown in ("a", "b")', None),
        ('"a" in ("a", unknown)', True),
        ('"a" in ("b", unknown)', None),
        ("region & unknown", None),
        ("min(nothing, nothing)", None),
        ("never + 1", None),
        ('date("9999-12-31") + 1', None),
        ('date("0001-01-01") - 1', None),
        ("ordered_on + 99999999999999999999", None),
    ],
)
def test_what_is_not_known_stays_unknown(text, expected):
    assert result(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"SO" & "-" & text(1.50)', "SO-1.5"),
        ("text(round(1234.5, -2))", "1200"),
        ("text(ordered_on)", "2026-01-31"),
        ('upper("aé华z") & lower("AÉ华Z")', "Aé华ZaÉ华z"),
        ('coalesce(unknown, "none")', "none"),
        ('max("a", region, "Z")', "华东"),
    ],
)
def test_texts_are_joined_written_and_compared(text, expected):
    assert result(text) == expected


def test_dates_move_by_days_and_half_days_round_up():
    assert result("ordered_on + 1.5") == date(2026, 2, 2)
    assert result("today() - 31") == date(2026, 1, 29)


def test_a_rule_knows_its_kind_and_its_names():
    rule = parse("if(vip, amount, 客户.额度) * 2 > 1 and today() > ordered_on", SCOPE)
    assert rule.kind is Kind.boolean
    assert rule.names == ("vip", "amount", "客户.额度", "ordered_on")
    assert rule.needs_today
    assert rule == parse(rule.text, SCOPE)


def test_today_comes_from_the_caller_and_never_from_the_clock():
    with pytest.raises(TypeError, match="caller gives the day"):
        parse("today()", {}).evaluate({})


def test_the_kind_a_caller_needs_is_checked():
    assert parse("vip", SCOPE, expect="boolean").kind is Kind.boolean
    with pytest.raises(RuleError, match="gives a number, but a condition"):
        parse("amount", SCOPE, expect=Kind.boolean)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 1.5), ("number", True), ("number", "1"), ("number", Decimal("NaN")), ("number", Decimal("Infinity")),
        ("number", Decimal(10) ** 40), ("text", 1), ("text", "x" * 10_001), ("boolean", 1), ("date", "2026-01-01"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused(kind, value):
    with pytest.raises(RuleError, match="The value of “x”"):
        parse("coalesce(x)", {"x": kind}).evaluate({"x": value})


def test_values_are_taken_at_twelve_places():
    assert parse("x", {"x": "number"}).evaluate({"x": Decimal("0.0000000000005")}) == Decimal("0.000000000001")


def test_every_function_of_the_table_has_a_way_to_write_it():
    assert {name for name in FUNCTIONS if not FUNCTIONS[name][0].usage.startswith(name + "(")} == set()
