"""Python and PostgreSQL give one result for every rule and every value, and no text of a user reaches the SQL."""

import itertools
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.sql import Query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.kernel.rules import FUNCTIONS, parse
from guanxi.kernel.rules.functions import OPERATORS


class Subject(models.Model):
    """Never a table: its columns are given as VALUES."""

    amount = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    fine = models.DecimalField(max_digits=40, decimal_places=18, null=True)
    count = models.IntegerField(null=True)
    region = models.TextField(null=True)
    code = models.CharField(max_length=20, null=True)
    vip = models.BooleanField(null=True)
    paid = models.BooleanField(null=True)
    ordered_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    weight = models.FloatField(null=True)

    class Meta:
        app_label = "rules"
        managed = False
        db_table = "subject"


TYPES = {
    "amount": "numeric(30,6)", "fine": "numeric(40,18)", "count": "integer", "region": "text", "code": "varchar(20)",
    "vip": "boolean", "paid": "boolean", "ordered_on": "date", "due_on": "date",
}  # fmt: skip
SCOPE = {
    "amount": "number", "fine": "number", "count": "number", "region": "text", "code": "text", "vip": "boolean",
    "paid": "boolean", "ordered_on": "date", "due_on": "date",
}  # fmt: skip
COLUMNS = {name: F(name) for name in SCOPE}
TODAY = date(2026, 11, 23)


def compiled(rule):
    query = Query(Subject)
    return query.get_compiler(connection=connection).compile(rule.expression(COLUMNS, today=TODAY).resolve_expression(query))


def in_postgresql(rule, rows):
    sql, parameters = compiled(rule)
    values = ", ".join("(" + ", ".join(f"(%s)::{kind}" for kind in TYPES.values()) + ")" for _row in rows)
    names = ", ".join(f'"{name}"' for name in TYPES)
    given_values = [row[name] for row in rows for name in TYPES]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SELECT {sql} FROM (VALUES {values}) AS "subject"({names})', [*parameters, *given_values])
        return [row[0] for row in cursor.fetchall()]


def in_python(rule, rows):
    return [rule.evaluate(row, today=TODAY) for row in rows]


# ---- random rules, by kind ----------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.sampled_from(
    ["", "华东", "east", "East", "%", "%s", "it's", '"', "\\", "é", "Ｚ", "𠮷", "a", "{}", "ß", "İ"]
)
LITERALS = {
    "number": st.decimals("-1000000", "1000000", places=12).map(lambda n: f"({n:f})")
    | st.sampled_from(["0", "1", "2", "3", "0.5", "5%", "(-1)", "0.000000000001", "7", "1" + "0" * 39, "0.25", "100"]),
    "text": TEXTS.map(lambda text: '"' + text.replace('"', '""') + '"'),
    "boolean": st.sampled_from(["true", "false"]),
    "date": st.dates().map(lambda day: f'date("{day.isoformat()}")') | st.just("today()"),
}
KINDS = tuple(LITERALS)
COMPARES = ("=", "!=", "<", "<=", ">", ">=")


@st.composite
def rules(draw, kind, depth):
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        names = [name for name, of in SCOPE.items() if of == kind]
        return draw(st.sampled_from(names)) if draw(st.booleans()) else draw(LITERALS[kind])

    def part(of):
        return draw(rules(of, depth - 1))

    def several(of, least=1):
        return ", ".join(part(of) for _i in range(draw(st.integers(least, 3))))

    common = [lambda: f"if({part('boolean')}, {part(kind)}, {part(kind)})", lambda: f"coalesce({several(kind)})"]
    if kind != "boolean":
        common.append(lambda: f"{draw(st.sampled_from(['min', 'max']))}({several(kind)})")
    own = {
        "number": [
            lambda: f"({part('number')} {draw(st.sampled_from('+-*/'))} {part('number')})",
            lambda: f"({part('number')} {draw(st.sampled_from('*/'))} {part('number')})",
            lambda: f"(-{part('number')})",
            lambda: f"round({part('number')}, {draw(st.integers(-12, 12))})",
            lambda: f"{draw(st.sampled_from(['abs', 'floor', 'ceiling']))}({part('number')})",
            lambda: f"days({part('date')}, {part('date')})",
            lambda: f"({part('date')} - {part('date')})",
            lambda: f"{draw(st.sampled_from(['year', 'month', 'day']))}({part('date')})",
            lambda: f"length({part('text')})",
        ],
        "text": [
            lambda: f"({part('text')} & {part('text')})",
            lambda: f"{draw(st.sampled_from(['lower', 'upper']))}({part('text')})",
            lambda: f"text({part(draw(st.sampled_from(['number', 'date'])))})",
        ],
        "boolean": [
            lambda: f"({part('boolean')} {draw(st.sampled_from(['and', 'or', '=', '!=']))} {part('boolean')})",
            lambda: f"(not {part('boolean')})",
            lambda: f"is_blank({part(draw(st.sampled_from(KINDS)))})",
            lambda: "({} {} {})".format(
                part(of := draw(st.sampled_from(["number", "text", "date"]))), draw(st.sampled_from(COMPARES)), part(of)
            ),
            lambda: f"({part(of := draw(st.sampled_from(KINDS)))} {draw(st.sampled_from(['in', 'not in']))} ({several(of)}))",
            lambda: f"{draw(st.sampled_from(['contains', 'starts_with']))}({part('text')}, {part('text')})",
        ],
        "date": [lambda: f"({part('date')} {draw(st.sampled_from('+-'))} {part('number')})"],
    }
    return draw(st.sampled_from([*own[kind], *own[kind], *common]))()


ROWS = st.fixed_dictionaries(
    {
        "amount": st.none() | st.decimals("-1e20", "1e20", places=6) | st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(-3)]),
        "fine": st.none() | st.decimals("-1000", "1000", places=18) | st.just(Decimal("0.0000000000005")),
        "count": st.none() | st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3),
        "region": st.none() | TEXTS,
        "code": st.none() | TEXTS,
        "vip": st.none() | st.booleans(),
        "paid": st.none() | st.booleans(),
        "ordered_on": st.none() | st.dates() | st.dates(TODAY - timedelta(40), TODAY + timedelta(40)),
        "due_on": st.none() | st.dates(),
    }
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.tuples(st.sampled_from(KINDS), st.integers(1, 4)).flatmap(lambda drawn: rules(*drawn)), st.lists(ROWS, min_size=1, max_size=6))
def test_python_and_postgresql_agree_on_every_rule(alpha, text, rows):
    rule = parse(text, SCOPE)
    assert in_postgresql(rule, rows) == in_python(rule, rows), text


# ---- every meaning, over every pair of telling values --------------------------------------------------------------------

PAIRS = {
    "number": list(itertools.product(map(Decimal, ("0", "1", "-1", "2.5", "-2.5", "0.000001", "-7", "123456789.123456")), repeat=2)),
    "text": list(itertools.product(("", "a", "A", "b", "aé", "É", "华东", "东", "%"), repeat=2)),
    "boolean": list(itertools.product((True, False), repeat=2)),
    "date": list(itertools.product((date.min, date.max, date(2026, 1, 31), date(2024, 2, 29)), repeat=2)),
}
for pairs in PAIRS.values():
    pairs += [(None, None)] + [(one, None) for one, _other in pairs] + [(None, other) for _one, other in pairs]
LEFT = {"number": "amount", "text": "region", "boolean": "vip", "date": "ordered_on"}
RIGHT = {"number": "fine", "text": "code", "boolean": "paid", "date": "due_on"}


def calls():
    """Each operator and function, written once for each kind that it takes."""
    for a, b in ((LEFT[kind], RIGHT[kind]) for kind in KINDS):
        yield from (f"{a} {sign} {b}" for sign in COMPARES if a != "vip" or sign in ("=", "!="))
        yield from (f"{a} in ({b})", f"{a} not in ({b}, {a})", f"coalesce({a}, {b})", f"is_blank({a})", f"if({a} = {b}, {b}, {a})")
        yield from (f"{name}({a}, {b})" for name in ("min", "max") if a != "vip")
    yield from (f"amount {sign} fine" for sign in "+-*/")
    yield from (f"{name}(amount)" for name in ("-", "abs", "floor", "ceiling", "text"))
    yield from (f"round(amount * 1000, {places})" for places in range(-12, 13))
    yield from ("vip and paid", "vip or paid", "not vip", "vip and paid and vip", "if(vip, 1, paid, 2, 3)", "if(vip, 'a', 'b')")
    yield from ("region & code", "lower(region)", "upper(region)", "length(region)", "contains(region, code)", "starts_with(region, code)")
    yield from ("ordered_on + fine", "ordered_on - fine", "ordered_on - due_on", "days(ordered_on, due_on)", "text(ordered_on)")
    yield from ("year(ordered_on)", "month(ordered_on)", "day(ordered_on)", "days(today(), due_on)")


def test_every_meaning_is_the_same_for_every_pair_of_values(alpha):
    assert {*FUNCTIONS, *OPERATORS} <= set(re.findall(r"\w+|[<>!=]+|[-+*/&]", " ".join(calls())))
    size = max(map(len, PAIRS.values()))
    rows = [dict.fromkeys(SCOPE) for _i in range(size)]
    for kind, some in PAIRS.items():
        for row, (one, other) in zip(rows, itertools.cycle(some), strict=False):
            row[LEFT[kind]], row[RIGHT[kind]] = one, other
    for text in calls():
        rule = parse(text, SCOPE)
        assert in_postgresql(rule, rows) == in_python(rule, rows), text


def test_a_quotient_close_to_half_a_place_is_rounded_as_it_is_and_not_twice(alpha):
    divisor = 10**30 + 1
    rows = [dict.fromkeys(SCOPE) | {"count": 1}]
    for numerator in (5 * 10**17, 5 * 10**17 + 1, 1, 15 * 10**17 + 1):
        rule = parse(f"count * {numerator} / {divisor}", SCOPE)
        doubled = 2 * numerator * 10**12
        expected = Decimal((doubled // divisor + 1) // 2).scaleb(-12)
        assert in_postgresql(rule, rows) == in_python(rule, rows) == [expected]


# ---- nothing unbound ----------------------------------------------------------------------------------------------------

WORDS = frozenset(
    re.findall(r"\w+", """AND OR NOT IN IS NULL TRUE CASE WHEN THEN ELSE END COALESCE LEAST GREATEST NULLIF EXTRACT YEAR MONTH DAY FROM DATE
    COLLATE C round div abs floor ceil char_length lower upper strpos starts_with trim_scale to_char jsonb_path_query_first
    to_jsonb numeric integer text boolean date YYYY MM DD s""")
)
NUMERALS = {"0", "2000000000000", "0.0000000000005", "3652059", "0001", "01"} | {str(places) for places in range(13)}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(KINDS).flatmap(lambda kind: rules(kind, 4)))
def test_nothing_that_was_typed_reaches_sql_unbound(alpha, text):
    sql, parameters = compiled(parse(text, SCOPE))
    assert sql.count("%s") == len(parameters)
    rest = re.sub(r'"subject"\."\w+"', "", sql)
    for word in re.findall(r"[^\W\d]\w*|[0-9][0-9.]*|[^\x00-\x7f]", rest):
        assert word in WORDS or word in NUMERALS, word
    assert set(re.findall(r"'[^']*'", rest)) <= {"''", "'0001-01-01'", "'YYYY-MM-DD'", "'$ ? (@ >= 0 && @ < 3652059)'"}
    assert not re.search(r";|--|/\*|\\|\$[^ ]", rest)


def test_an_attack_stays_a_text(alpha):
    rows = [dict.fromkeys(SCOPE)]
    for attack in ("'; DROP TABLE subject; --", "%s", "%(x)s", "\\'; SELECT 1", "$$ $1 {0} {}", "1)::numeric"):
        rule = parse('"' + attack + '" & "" = "' + attack + '"', SCOPE)
        assert in_postgresql(rule, rows) == [True]


def test_a_rule_filters_and_sorts_a_queryset(alpha):
    condition = parse("amount * (1 - 5%) > 10 and region in ('east', '华东')", SCOPE)
    price = parse("amount * 1.13", SCOPE)
    queryset = Subject.objects.filter(condition.expression(COLUMNS)).order_by(price.expression(COLUMNS).desc(nulls_last=True))
    sql, _parameters = queryset.query.sql_with_params()
    assert "WHERE ((round(" in sql
    assert "ORDER BY round(" in sql


def test_floats_have_no_place_in_a_rule(alpha):
    rule = parse("weight + 1", {"weight": "number"})
    query = Query(Subject)
    with pytest.raises(TypeError, match="float"):
        query.get_compiler(connection=connection).compile(
            rule.expression({"weight": F("weight")}).resolve_expression(query)
        )
