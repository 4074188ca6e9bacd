"""What a numbering rule must not do: give a number twice, or one that does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, Func, Max, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.columns.forms import Advice
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.numbers.models import NumberRule, NumberSeries
from guanxi.kernel.numbers.patterns import BadPattern, Pattern, day_of, may_meet, read_pattern
from guanxi.kernel.numbers.series import SERIES, Series
from guanxi.kernel.records.record import model_named

_OUTGROWN = 10**9


def complete_rules(drafts: Sequence[Draft], actor: Actor) -> None:
    """Every rule is readable, fits, and can meet neither a number that is there nor one of another legal entity."""
    entities = {entity.pk: entity for entity in Entity.objects.all()}
    for draft in drafts:
        declared = SERIES.get(draft.get("key") or "")
        entity = entities.get(draft.key("entity") or 0)
        if declared is None or entity is None:
            continue
        if draft.instance is not None and (draft.instance.key, draft.instance.entity_id) != (declared.key, entity.pk):
            draft.add_error("key", _("Which series and entity a rule is for stays as it is; make another rule."))
        if declared.is_gapless_by_law and draft.get("is_gapless") is False:
            draft.add_error("is_gapless", _("The law wants these numbers without gaps."))
        problem = problem_with(declared, draft.get("pattern") or "", draft.get("first_number") or 1, entity, entities)
        if problem:
            draft.add_error("pattern", problem)


def problem_with(declared: Series, text: str, first_number: int, entity: Entity, entities: Mapping[int, Entity]) -> str:
    """Why this pattern cannot be used; empty when it can."""
    try:
        pattern = read_pattern(text)
    except BadPattern as bad:
        return str(bad)
    model: Any = model_named(declared.model)
    longest = model._meta.get_field(model.number_field).max_length
    example = pattern.number(max(_OUTGROWN, first_number), date(2026, 12, 1), entity.code)
    if longest and len(example) > longest:
        return _("A number such as %(example)s is longer than the %(max)s characters there are.") % {"example": example, "max": longest}
    return _met(declared, pattern, entity, entities) or _taken(declared, pattern, first_number, entity)


def _met(declared: Series, pattern: Pattern, entity: Entity, entities: Mapping[int, Entity]) -> str:
    """Another legal entity whose numbers could be the same."""
    rules = dict(NumberRule.objects.filter(key=declared.key).values_list("entity_id", "pattern"))
    own = pattern.shapes(entity.code)
    for other in entities.values():
        theirs = rules.get(other.pk) or declared.usual(for_default_entity=other.is_default)
        if other.pk != entity.pk and may_meet(own, read_pattern(theirs).shapes(other.code)):
            return _("Numbers of %(entity)s (%(pattern)s) could be the same: put {entity} or another text into the pattern.") % {
                "entity": other.name, "pattern": theirs}
    return ""


def _taken(declared: Series, pattern: Pattern, first_number: int, entity: Entity) -> str:
    """A number that is there already and would be given again."""
    model: Any = model_named(declared.model)
    name = model.number_field
    # Of masters people may write the codes themselves: a code that is taken is passed over.
    if name != "number":
        return ""
    parts = sorted(pattern.names & {"year", "yy", "month"})
    rows = model._base_manager.filter(**{f"{name}__regex": f"^{_searched(pattern, entity.code)}$"}).order_by()
    rows = rows.annotate(**{f"_{part}": _part(name, pattern, entity.code, part) for part in parts}).values(*(f"_{part}" for part in parts))
    counters = dict(NumberSeries.objects.filter(key=declared.key, entity=entity).values_list("period", "next_number"))
    for row in rows.annotate(_last=Max(Cast(_part(name, pattern, entity.code, "n"), BigIntegerField()))):
        if row["_last"] is None:
            continue
        period = _period(row, pattern)
        if row["_last"] >= counters.get(period, first_number):
            number = pattern.number(row["_last"], day_of(period), entity.code)
            return _("%(number)s is there already and would be given again; choose another pattern or a higher first number.") % {"number": number}
    return ""


def _period(row: Mapping[str, Any], pattern: Pattern) -> int:
    year = int(row.get("_year") or 0) or 2000 + int(row.get("_yy") or 0)
    month = int(row.get("_month") or 1)
    return pattern.period(date(year, month, 1)) if 0 < year < 10_000 and 0 < month < 13 else 0


def _searched(pattern: Pattern, code: str, part: str = "") -> str:
    """The pattern for PostgreSQL, with `part` as the piece that is wanted."""
    return re.sub(r"\(\?P<(\w+)>", lambda found: "(" if found[1] == part else "(?:", pattern.matching(code).pattern)


def _part(name: str, pattern: Pattern, code: str, part: str) -> Func:
    return Func(F(name), Value(f"^{_searched(pattern, code, part)}$"), function="substring")


def advise_pattern(values: Mapping[str, Any], actor: Actor, record: Any = None) -> Advice:
    """The next numbers that a pattern would give today."""
    key = str(values.get("key") or getattr(record, "key", ""))
    entered = str(values.get("entity") or "")
    named = int(entered) if entered.isdecimal() and len(entered) < 19 else getattr(record, "entity_id", None) or actor.entity_id
    entity = Entity.objects.filter(pk=named).first()
    declared = SERIES.get(key)
    first = str(values.get("first_number") or "1")
    if declared is None or entity is None or not first.isdecimal() or len(first) > 15:
        return Advice()
    text = str(values.get("pattern") or "")
    problem = problem_with(declared, text, int(first), entity, {one.pk: one for one in Entity.objects.all()})
    if problem:
        return Advice((problem,), is_wrong=True)
    pattern = read_pattern(text)
    counter = NumberSeries.objects.filter(key=key, entity=entity, period=pattern.period(actor.today)).first()
    n = counter.next_number if counter is not None else int(first)
    if counter is not None and not values.get("is_gapless", True):
        n = max(n, int(first))
    again = {"": _("It never starts anew."), "year": _("It starts anew every year."), "month": _("It starts anew every month.")}
    return Advice((
        _("Next numbers: %(numbers)s …") % {"numbers": ", ".join(pattern.number(n + step, actor.today, entity.code) for step in range(3))},
        again[pattern.restarts],
    ))
