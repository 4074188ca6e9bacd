"""What each operator and function means: once in Python, once in SQL, and the same in both.

Every SQL pattern names each of its arguments exactly once and in order: that keeps the parameters in step, and a rule
costs PostgreSQL no more steps than it has parts. No pattern can fail: what has no answer is null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from typing import Any

from guanxi.kernel.rules.kinds import EXACT, PLACES, Kind, Value, to_places

NUMBER, TEXT, BOOLEAN, DATE = Kind.number, Kind.text, Kind.boolean, Kind.date
DAYS = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Function:
    """One meaning of a function: for these kinds of arguments, this kind of result."""

    usage: str
    gives: Kind
    fits: Callable[[Sequence[Kind]], bool]
    compute: Callable[..., Value]
    pattern: Callable[[int], str]
    strict: bool = True

    def __call__(self, arguments: Sequence[Value]) -> Value:
        if self.strict and any(argument is None for argument in arguments):
            return None
        return self.compute(*arguments)


def _exactly(*kinds: Kind) -> Callable[[Sequence[Kind]], bool]:
    return lambda given: tuple(given) == kinds


def _several(kind: Kind, least: int = 1) -> Callable[[Sequence[Kind]], bool]:
    return lambda given: len(given) >= least and all(one is kind for one in given)


def _choice(kind: Kind) -> Callable[[Sequence[Kind]], bool]:
    """if(condition, value, …, otherwise)."""
    return lambda given: (
        len(given) >= 3
        and len(given) % 2 == 1
        and all(one is (BOOLEAN if i % 2 == 0 else kind) for i, one in enumerate(given[:-1]))
        and given[-1] is kind
    )


def _fixed(pattern: str) -> Callable[[int], str]:
    return lambda _count: pattern


def _joined(opening: str, separator: str, closing: str = ")", part: str = "{}") -> Callable[[int], str]:
    return lambda count: opening + separator.join([part] * count) + closing


def _case(count: int) -> str:
    return "(CASE" + " WHEN {} THEN {}" * (count // 2) + " ELSE {} END)"


def _and(*arguments: Any) -> bool | None:
    return False if any(one is False for one in arguments) else None if None in arguments else True


def _or(*arguments: Any) -> bool | None:
    return True if any(one is True for one in arguments) else None if None in arguments else False


def _in(value: Value, *choices: Value) -> bool | None:
    if value is None:
        return None
    return True if value in choices else None if None in choices else False


def _if(*arguments: Value) -> Value:
    for condition, value in zip(arguments[::2], arguments[1::2], strict=False):
        if condition is True:
            return value
    return arguments[-1]


def _divide(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Exact, half away from zero at the last place: whole halves of that place, cut, then rounded."""
    if not divisor:
        return None
    doubled = EXACT.multiply(dividend, Decimal(2).scaleb(PLACES))
    halves = EXACT.divide_int(doubled, divisor)
    return to_places(EXACT.multiply(halves, Decimal(5).scaleb(-PLACES - 1)))


def _add_days(day: date, days: Decimal) -> date | None:
    number = day.toordinal() + int(to_places(days, 0))
    return date.fromordinal(number) if 1 <= number <= DAYS else None


def _whole(number: Decimal, rounding: str) -> Decimal:
    return EXACT.add(number.to_integral_value(rounding=rounding, context=EXACT), Decimal(0))


def _known(arguments: Sequence[Any]) -> list[Any]:
    return [one for one in arguments if one is not None]


# Letters of other scripts change case differently in Python, in each C library and in each version of PostgreSQL.
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_UPPER = {lower: upper for upper, lower in _LOWER.items()}

# A date may not leave the years 1 to 9999; the path filter gives null for the others and reads its number once.
_ADD_DAYS = (
    "(DATE '0001-01-01' + jsonb_path_query_first(to_jsonb({} - DATE '0001-01-01' {} round({{}}, 0)), "
    "'$ ? (@ >= 0 && @ < 3652059)')::numeric::integer)"
)

OPERATORS: dict[str, list[Function]] = {
    "+": [
        Function("number + number", NUMBER, _several(NUMBER, 2), lambda *a: reduce(EXACT.add, a), _joined("(", " + ")),
        Function("date + number", DATE, _exactly(DATE, NUMBER), _add_days, _fixed(_ADD_DAYS.format("{}", "+"))),
    ],
    "-": [
        Function("number - number", NUMBER, _exactly(NUMBER, NUMBER), EXACT.subtract, _fixed("({} - {})")),
        Function("date - date", NUMBER, _exactly(DATE, DATE), lambda a, b: Decimal((a - b).days), _fixed("({} - {})::numeric")),
        Function("date - number", DATE, _exactly(DATE, NUMBER), lambda day, days: _add_days(day, -days), _fixed(_ADD_DAYS.format("{}", "-"))),
        Function("-number", NUMBER, _exactly(NUMBER), EXACT.minus, _fixed("(- {})")),
    ],
    "*": [Function("number * number", NUMBER, _exactly(NUMBER, NUMBER), lambda a, b: to_places(EXACT.multiply(a, b)), _fixed("round({} * {}, 12)"))],
    "/": [
        Function(
            "number / number",
            NUMBER,
            _exactly(NUMBER, NUMBER),
            _divide,
            _fixed("round(div({} * 2000000000000, NULLIF({}, 0)) * 0.0000000000005, 12)"),
        )
    ],
    "&": [Function("text & text", TEXT, _several(TEXT, 2), lambda *a: "".join(a), _joined("(", " || "))],
    "and": [Function("condition and condition", BOOLEAN, _several(BOOLEAN, 2), _and, _joined("(", " AND "), strict=False)],
    "or": [Function("condition or condition", BOOLEAN, _several(BOOLEAN, 2), _or, _joined("(", " OR "), strict=False)],
    "not": [Function("not condition", BOOLEAN, _exactly(BOOLEAN), lambda a: not a, _fixed("(NOT {})"))],
    "=": [Function(f"{k} = {k}", BOOLEAN, _exactly(k, k), lambda a, b: a == b, _fixed("({} = {})")) for k in Kind],
    "!=": [Function(f"{k} != {k}", BOOLEAN, _exactly(k, k), lambda a, b: a != b, _fixed("({} <> {})")) for k in Kind],
    "in": [
        Function(f"{k} in ({k}, …)", BOOLEAN, _several(k, 2), _in, lambda count: "({} IN (" + ", ".join(["{}"] * (count - 1)) + "))", strict=False)
        for k in Kind
    ],
}
# Texts are ordered by code point, as Python does, whatever the order of the database is.
_ORDERED = {NUMBER: "{}", DATE: "{}", TEXT: '({} COLLATE "C")'}
for _sign, _compute in {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}.items():  # fmt: skip
    OPERATORS[_sign] = [
        Function(f"{k} {_sign} {k}", BOOLEAN, _exactly(k, k), _compute, _fixed(f"({part} {_sign} {part})")) for k, part in _ORDERED.items()
    ]


def _one(usage: str, gives: Kind, takes: Sequence[Kind], compute: Callable[..., Value], pattern: str) -> list[Function]:
    return [Function(usage, gives, _exactly(*takes), compute, _fixed(pattern))]


FUNCTIONS: dict[str, list[Function]] = {
    "if": [Function("if(condition, value, otherwise)", k, _choice(k), _if, _case, strict=False) for k in Kind],
    "coalesce": [
        Function("coalesce(value, otherwise)", k, _several(k), lambda *a: next(iter(_known(a)), None), _joined("COALESCE(", ", "), strict=False)
        for k in Kind
    ],
    "is_blank": [
        Function("is_blank(value)", BOOLEAN, _exactly(k), lambda a: a is None, _fixed("({} IS NULL)"), strict=False) for k in (NUMBER, BOOLEAN, DATE)
    ]
    + [Function("is_blank(text)", BOOLEAN, _exactly(TEXT), lambda a: not a, _fixed("COALESCE({} = '', TRUE)"), strict=False)],
    "min": [
        Function("min(value, value, …)", k, _several(k), lambda *a: min(_known(a), default=None), _joined("LEAST(", ", ", ")", part), strict=False)
        for k, part in _ORDERED.items()
    ],
    "max": [
        Function("max(value, value, …)", k, _several(k), lambda *a: max(_known(a), default=None), _joined("GREATEST(", ", ", ")", part), strict=False)
        for k, part in _ORDERED.items()
    ],
    "abs": _one("abs(number)", NUMBER, [NUMBER], EXACT.abs, "abs({})"),
    "floor": _one("floor(number)", NUMBER, [NUMBER], lambda a: _whole(a, ROUND_FLOOR), "floor({})"),
    "ceiling": _one("ceiling(number)", NUMBER, [NUMBER], lambda a: _whole(a, ROUND_CEILING), "ceil({})"),
    "days": _one("days(from, to)", NUMBER, [DATE, DATE], lambda a, b: Decimal((b - a).days), "(- ({} - {}))::numeric"),
    "year": _one("year(date)", NUMBER, [DATE], lambda a: Decimal(a.year), "EXTRACT(YEAR FROM {})"),
    "month": _one("month(date)", NUMBER, [DATE], lambda a: Decimal(a.month), "EXTRACT(MONTH FROM {})"),
    "day": _one("day(date)", NUMBER, [DATE], lambda a: Decimal(a.day), "EXTRACT(DAY FROM {})"),
    "length": _one("length(text)", NUMBER, [TEXT], lambda a: Decimal(len(a)), "char_length({})::numeric"),
    "lower": _one("lower(text)", TEXT, [TEXT], lambda a: a.translate(_LOWER), 'lower({} COLLATE "C")'),
    "upper": _one("upper(text)", TEXT, [TEXT], lambda a: a.translate(_UPPER), 'upper({} COLLATE "C")'),
    "contains": _one("contains(text, part)", BOOLEAN, [TEXT, TEXT], lambda a, b: b in a, "(strpos({}, {}) > 0)"),
    "starts_with": _one("starts_with(text, part)", BOOLEAN, [TEXT, TEXT], lambda a, b: a.startswith(b), "starts_with({}, {})"),
    "text": _one("text(number)", TEXT, [NUMBER], lambda a: _plain(a), "trim_scale({})::text")
    + _one("text(date)", TEXT, [DATE], lambda a: a.isoformat(), "to_char({}, 'YYYY-MM-DD')"),
}


def _plain(number: Decimal) -> str:
    """Without exponent and without zeros at the end."""
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _rounding(places: int) -> Function:
    return Function(
        "round(number, places)", NUMBER, _exactly(NUMBER), lambda number: to_places(number, places),
        _fixed(f"round({{}}, {places})"),
    )  # fmt: skip


# The places of round() are written in the rule as a digit, so that the scale of every result is known beforehand.
ROUNDINGS = {places: _rounding(places) for places in range(-PLACES, PLACES + 1)}
