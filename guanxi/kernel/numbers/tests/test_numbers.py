"""Numbers without gaps."""

from datetime import date

import pytest

from guanxi.kernel.access.models import Entity
from guanxi.kernel.numbers.series import PATTERNS, next_numbers


@pytest.fixture(autouse=True)
def pattern(monkeypatch):
    monkeypatch.setitem(PATTERNS, "test.thing", "T-{year}-{n:04}")


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
