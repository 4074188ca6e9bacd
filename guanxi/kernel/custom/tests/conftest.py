"""Fields of every kind on customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.custom.models import CustomField

REGIONS = [
    {"code": "east", "name": {"en": "East", "zh-hans": "华东"}, "tone": "green"}, {"code": "south", "name": {"en": "South", "zh-hans": "华南"}},
]


@pytest.fixture
def define(alpha: Any) -> Callable[..., CustomField]:
    """`define("budget", "money", is_required=True)`: a field of customers, or of another kind of record."""

    def make(code: str, kind: str = "text", *, on: str = "parties.party", **values: Any) -> CustomField:
        name = values.pop("name", {"en": code.capitalize()})
        given = {"record_kind": on, "code": code, "kind": kind, "name": name, **values}
        return create_record(CustomField, given, actor=alpha).result  # type: ignore[no-any-return]

    return make


@pytest.fixture
def every_kind(define: Callable[..., CustomField]) -> dict[str, CustomField]:
    """A customer with one field of each kind."""
    made = {
        kind: define(f"a_{kind}", kind)
        for kind in ("text", "longtext", "integer", "decimal", "money", "percent", "date", "moment", "boolean", "url", "email", "phone")
    }
    made["choice"] = define("a_choice", "choice", lines=REGIONS)
    made["choices"] = define("a_choices", "choices", lines=REGIONS)
    made["reference"] = define("a_reference", "reference", relation="catalog.product")
    made["formula"] = define("a_formula", "formula", formula="x_a_decimal * 2 + x_a_integer")
    return made
