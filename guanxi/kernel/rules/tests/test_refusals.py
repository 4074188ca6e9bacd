"""What is refused, where, and with which advice; and that nothing else can come out of any text."""

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.kernel.rules import RuleError, parse

SCOPE = {"amount": "number", "region": "text", "vip": "boolean", "ordered_on": "date", "customer.region": "text"}


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "The rule is empty. Write for example: amount > 1000"),
        ("amont > 3", 0, "The name “amont” is not known here. Did you mean: amount?"),
        ("1 + customer.regoin", 4, "Did you mean: customer.region"),
        ("east", 0, "Put texts in quotes, or use one of these names: amount, customer.region, ordered_on, region, vip."),
        ("roud(1)", 0, "There is no function “roud”. Did you mean: round"),
        ("system('x')", 0, "There is no function “system”. The functions are: abs, "),
        ("region > 3", 7, "“>” cannot be used with: a text, a number. Write it as: number > number;"),
        ("vip + 1", 4, "“+” cannot be used with: a condition (yes or no), a number."),
        ("if(amount, 1, 2)", 0, "Write it as: if(condition, value, otherwise)."),
        ("if(vip, 1, 'a')", 0, "“if” cannot be used with"),
        ("region in ('a', 1)", 7, "“in” cannot be used with"),
        ("not amount", 0, "“not” cannot be used with: a number"),
        ("-region", 0, "“-” cannot be used with: a text"),
        ("vip < true", 4, "“<” cannot be used with"),
        ("min(vip)", 0, "“min” cannot be used with"),
        ("1 < 2 < 3", 6, "Join them with “and”"),
        ("1 +", 3, "The rule ends too early: a value is missing."),
        ("(1", 2, "The rule ends too early: “)” is missing."),
        ("(1 2)", 3, "“)” is missing before “2”."),
        ("1 2", 2, "“2” does not follow"),
        ("1)", 1, "“)” does not follow"),
        ("* 2", 0, "A value is missing before “*”."),
        ("vip and and vip", 8, "A value is missing before “and”."),
        ("region in 'a'", 10, "“(” is missing before “a”."),
        ("region not 'a'", 11, "“in” is missing before “a”."),
        ("min()", 4, "A value is missing before “)”."),
        ("amount @ 1", 7, "The sign “@” has no meaning here."),
        ("region = 'a", 9, "Add the closing quote '"),
        ("region = 'a\0b'", 11, "cannot be stored"),
        ("region = 'a\ud800'", 11, "cannot be stored"),
        ("1" * 41, 0, "The number is too long."),
        ("9" * 5000, 4000, "The rule has 5000 characters; at most 4000"),
        ("0.0000000000001", 0, "The number is too long."),
        ("0.00000000001%", 0, "The number is too long."),
        ("date('2026-02-30')", 5, 'date("2026-01-31")'),
        ("date(region)", 5, 'date("2026-01-31")'),
        ("date()", 5, "A value is missing"),
        ("today(1)", 0, "Write it as: today()."),
        ("round(1, 2, 3)", 0, "Write it as: round(number, 2)."),
        ("round(1, amount)", 9, "must be a whole number from -12 to 12"),
        ("round(1, 13)", 9, "must be a whole number from -12 to 12"),
        ("round(region, 1)", 0, "“round” cannot be used with: a text"),
        ("(" * 41 + "1" + ")" * 41, 40, "nested more than 40 deep"),
        ("1" + "-1" * 41, 79, "nested more than 40 deep"),
        ("1" + "+1" * 400, 798, "more than 400 parts"),
    ],
)
def test_a_refusal_says_where_and_what_to_do(text, position, message):
    with translation.override("en"), pytest.raises(RuleError) as refused:
        parse(text, SCOPE)
    assert message in refused.value.message
    assert refused.value.position == position


def test_a_refusal_speaks_the_readers_language():
    with translation.override("zh-hans"), pytest.raises(RuleError) as refused:
        parse("amont > 3", SCOPE)
    assert refused.value.message == "这里没有名称“amont”。是不是要写：amount？"


def test_long_chains_of_one_operator_are_not_deep():
    assert parse(" or ".join(["vip"] * 150), SCOPE).evaluate({"vip": False}) is False
    assert parse("+".join(["1"] * 150), SCOPE).evaluate({}) == 150
    assert parse("&".join(["'a'"] * 150), SCOPE).evaluate({}) == "a" * 150


def test_the_largest_products_stay_exact_and_quick():
    product = "1"
    for _level in range(6):
        product = f"({product}) * ({product})"
    product = product.replace("1", "amount")
    assert parse(product, SCOPE).evaluate({"amount": 10**39}) == 10 ** (39 * 64)


def _tried(text):
    try:
        parse(text, SCOPE)
    except RuleError as refused:
        assert refused.message
        assert 0 <= refused.position <= len(text)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_a_refusal(text):
    _tried(text)


WORDS = [
    "amount", "region", "vip", "ordered_on", "customer.region", "and", "or", "not", "in", "if", "round", "min", "date", "today",
    "(", ")", "(", ")", ",", "+", "-", "*", "/", "&", "<", "<=", "=", "<>", "!=", "5%", "1", "2.5", '"a"', "'b'", "“c”", "，", "（",
    "）", ".", "true", "false", "coalesce", "is_blank", '"2026-01-31"', "%", "__class__", "x.__init__", "{}", "%s", "\\", "''", "≥",
    "１",
]  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from(["", " "]))
def test_any_mix_of_its_words_is_a_rule_or_a_refusal(words, space):
    _tried(space.join(words))
