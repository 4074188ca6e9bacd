"""Numbers without gaps."""

from datetime import date

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.numbers.completion import advise_pattern
from guanxi.kernel.numbers.models import NumberRule, NumberSeries
from guanxi.kernel.numbers.patterns import BadPattern, may_meet, read_pattern
from guanxi.kernel.numbers.series import SERIES, Series, next_numbers
from guanxi.kernel.records.refusals import Invalid


@pytest.fixture(autouse=True)
def pattern(monkeypatch):
    monkeypatch.setitem(SERIES, "test.thing", Series("test.thing", "T-{year}-{n:04}", "access.entity"))


def test_numbers_follow_each_other_and_start_anew_each_year(alpha):
    entity = Entity.objects.get(is_default=True)
    assert next_numbers("test.thing", 2, on=date(2026, 5, 1), entity=entity) == ["T-2026-0001", "T-2026-0002"]
    assert next_numbers("test.thing", on=date(2026, 6, 1), entity=entity) == ["T-2026-0003"]
    assert next_numbers("test.thing", on=date(2027, 1, 1), entity=entity) == ["T-2027-0001"]


def test_another_entity_has_a_series_of_its_own_with_its_code_in_front(alpha):
    other = Entity.objects.create(code="HK", name="HK Ltd", currency="HKD")
    assert next_numbers("test.thing", on=date(2026, 5, 1), entity=other) == ["HK-T-2026-0001"]
    assert next_numbers("test.thing", on=date(2026, 5, 1), entity_id=other.pk) == ["HK-T-2026-0002"]


def test_what_belongs_to_no_entity_is_numbered_by_the_default_one(alpha):
    default = Entity.objects.get(is_default=True)
    assert next_numbers("test.thing", on=date(2026, 5, 1)) == ["T-2026-0001"]
    assert next_numbers("test.thing", on=date(2026, 5, 1), entity_id=default.pk) == ["T-2026-0002"]


def on(*day: int) -> date:
    return date(*day)


@pytest.fixture
def entity(alpha) -> Entity:
    return Entity.objects.get(is_default=True)


class TestPatterns:
    @pytest.mark.parametrize(("text", "number"), [
        ("SO-{year}-{n:05}", "SO-2026-00012"), ("{n}", "12"), ("{yy}{month}{n:4}", "26110012"), ("{entity}/发票/{year}.{n:03}", "HQ/发票/2026.012"),
    ])
    def test_a_pattern_is_written_by_its_parts(self, text, number):
        assert read_pattern(text).number(12, on(2026, 11, 24), "HQ") == number

    @pytest.mark.parametrize(("text", "word"), [
        ("SO-{year}", "needs the running number"), ("{n}{n}", "once"), ("{n.__class__}", "one of"), ("{n:05", "one of"), ("{n:99}", "at most 12"),
        ("A {n}", "letters, digits"), ("{month}-{n}", "no year"), ("", "from 1 to 60"), ("x" * 61, "from 1 to 60"), ("{n!r}", "one of"),
    ])
    def test_what_cannot_be_used_is_said(self, text, word):
        with pytest.raises(BadPattern, match=word):
            read_pattern(text)

    @pytest.mark.parametrize(("one", "other", "meets"), [
        ("A-{n:03}", "A-1{n:02}", True), ("A-{n:03}", "B-{n:03}", False), ("{year}{n:03}", "{yy}{n:05}", True), ("SO-{year}-{n}", "SO-{n}", False),
        ("{n:03}-A", "{n:03}-B", False), ("A{n}", "A{n}", True), ("{n}9", "8{n}", True), ("{entity}-{n}", "SO-{n}", False),
    ])
    def test_two_patterns_meet_when_one_number_could_be_of_both(self, one, other, meets):
        assert may_meet(read_pattern(one).shapes("HK"), read_pattern(other).shapes("HQ")) is meets


class TestRules:
    """An administrator's pattern for a series of an entity (M22.4)."""

    def rule(self, actor, pattern: str, *, key: str = "sales.order", entity: Entity | None = None, **values):
        entity = entity or Entity.objects.get(is_default=True)
        existing = NumberRule.objects.filter(key=key, entity=entity).first()
        given = {"pattern": pattern, **values}
        if existing is not None:
            return change_record(existing, given, actor=actor).result
        return create_record(NumberRule, {"key": key, "entity": entity.pk, **given}, actor=actor).result

    def test_every_series_has_one_from_the_beginning(self, alpha):
        assert set(NumberRule.objects.values_list("key", flat=True)) == set(SERIES) - {"test.thing"}

    def test_the_next_number_follows_it_and_goes_on_counting(self, alpha, entity):
        assert next_numbers("sales.order", 2, on=on(2026, 5, 1), entity=entity) == ["SO-2026-00001", "SO-2026-00002"]
        self.rule(alpha, "V{yy}-{n:04}")
        assert next_numbers("sales.order", on=on(2026, 5, 2), entity=entity) == ["V26-0003"]
        self.rule(alpha, "V{yy}{month}-{n:04}")
        assert next_numbers("sales.order", on=on(2026, 5, 2), entity=entity) == ["V2605-0001"], "every month a count of its own"
        assert NumberSeries.objects.get(key="sales.order", period=2026).patterns == ["SO-{year}-{n:05}", "V{yy}-{n:04}"]

    def test_taking_a_number_stays_one_statement(self, alpha, entity):
        with CaptureQueriesContext(connections["default"]) as queries:
            next_numbers("sales.order", 3, on=on(2026, 5, 1), entity_id=entity.pk)
        assert len(queries) == 1

    def test_a_period_begins_with_the_first_number(self, alpha, entity):
        self.rule(alpha, "SO-{year}-{n:05}", first_number="1000")
        assert next_numbers("sales.order", on=on(2026, 5, 1), entity=entity) == ["SO-2026-01000"]
        self.rule(alpha, "SO-{year}-{n:05}", first_number="5000")
        assert next_numbers("sales.order", on=on(2026, 5, 1), entity=entity) == ["SO-2026-01001"], "without gaps nothing is skipped"
        self.rule(alpha, "SO-{year}-{n:05}", is_gapless=False)
        assert next_numbers("sales.order", on=on(2026, 5, 1), entity=entity) == ["SO-2026-05000"]
        assert next_numbers("sales.order", on=on(2026, 5, 1), entity=entity) == ["SO-2026-05001"]

    def test_what_the_law_wants_without_gaps_stays_so(self, alpha):
        with pytest.raises(Invalid, match="The law wants"):
            self.rule(alpha, "INV-{year}-{n:05}", key="finance.invoice", is_gapless=False)

    def test_another_entity_cannot_get_the_same_numbers(self, alpha):
        other = Entity.objects.create(code="HK", name="HK Ltd", currency="HKD")
        with pytest.raises(Invalid, match="could be the same"):
            self.rule(alpha, "SO-{year}-{n:06}", entity=other)
        self.rule(alpha, "{entity}{year}-{n:05}", entity=other)
        assert next_numbers("sales.order", on=on(2026, 5, 1), entity_id=other.pk) == ["HK2026-00001"]
        assert next_numbers("sales.quotation", on=on(2026, 5, 1), entity_id=other.pk) == ["HK-QT-2026-00001"]

    def test_a_number_that_is_there_is_not_given_again(self, alpha, sold):
        sold("X-2026-0007", 2026)
        with pytest.raises(Invalid, match="X-2026-0007 is there already"):
            self.rule(alpha, "X-{year}-{n:04}")
        self.rule(alpha, "X-{year}-{n:05}")
        self.rule(alpha, "X-{year}-{n:04}", first_number="8")
        assert next_numbers("sales.order", on=on(2026, 5, 1), entity=Entity.objects.get(is_default=True)) == ["X-2026-0008"]

    def test_numbers_that_would_not_fit_are_refused(self, alpha):
        with pytest.raises(Invalid, match="longer than the 30 characters"):
            self.rule(alpha, "A-VERY-LONG-BEGINNING-{year}-{n:05}")

    def test_a_rule_stays_with_its_series(self, alpha):
        rule = NumberRule.objects.get(key="sales.order")
        with pytest.raises(Invalid, match="make another rule"):
            change_record(rule, {"key": "sales.quotation"}, actor=alpha)

    def test_the_next_numbers_are_shown_before_a_rule_is_saved(self, alpha, entity):
        next_numbers("sales.order", 2, on=alpha.today, entity=entity)
        rule = NumberRule.objects.get(key="sales.order")
        year = alpha.today.year
        shown = advise_pattern({"pattern": "A{year}-{n:03}", "first_number": "1"}, alpha, rule)
        assert shown.lines[0] == f"Next numbers: A{year}-003, A{year}-004, A{year}-005 …"
        assert advise_pattern({"pattern": "A"}, alpha, rule).is_wrong


@pytest.fixture
def sold(alpha):
    """An order that has this number already."""
    from guanxi.erp.sales.models import Order
    from tests.access.rows import Rows

    def make(number: str, year: int) -> Order:
        order = Rows(1).of(Order, 1)[0]
        Order.objects.filter(pk=order.pk).update(number=number, ordered_on=on(year, 1, 5))
        return order

    return make
