"""The pages on which fields are defined, and on which records are entered with them (M22.4)."""

from __future__ import annotations

import re

import pytest

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.custom.models import CustomField
from guanxi.shared.parties.models import Party
from guanxi.web.tests.conftest import admin, inside, visitor  # noqa: F401


@pytest.fixture
def tier(admin, inside):  # noqa: F811
    values = {
        "record_kind": "parties.party", "name": {"en": "Tier", "zh-hans": "级别"}, "kind": "choices", "is_required": True,
        "lines": [{"code": "a", "name": {"en": "Gold", "zh-hans": "金"}}, {"code": "b", "name": {"en": "Silver"}}],
    }
    with inside():
        return create_record(CustomField, values, actor=system_actor()).result


def words(answer) -> str:
    assert answer.status_code == 200, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_form_shows_a_name_in_every_language_that_it_has(admin, tier):  # noqa: F811
    page = words(admin.get(f"setup/custom-fields/{tier.pk}/edit/"))
    for name, text in (("name.en", "Tier"), ("name.zh-hans", "级别"), ("lines.0.name.zh-hans", "金")):
        assert f'name="{name}" value="{text}"' in page


def test_the_preview_draws_the_field_as_the_form_does_and_counts_the_values(admin, tier, inside):  # noqa: F811
    with inside():
        create_record(Party, {"name": "Heng", "x_tier": ["a"]}, actor=system_actor())
    page = words(admin.get(f"setup/custom-fields/{tier.pk}/"))
    assert '<input type="checkbox" name="x_tier" value="a"> Gold' in page and "1 record has a value." in page
    assert "Values in records of this kind: <b>1</b>" in words(admin.get(f"setup/custom-fields/{tier.pk}/delete/"))


def test_a_form_of_the_records_asks_for_it_and_takes_what_is_ticked(admin, tier, inside):  # noqa: F811
    assert "This is needed." in admin.post("customers/new/", {"name": "Heng", "x_tier": ""}).content.decode()
    assert "This is needed." in admin.post("customers/new/", {"name": "Heng", "quick": "1"}, part=True).content.decode()
    assert 'name="x_tier"' in words(admin.get("customers/new/?quick=1", HX_Request="true"))
    assert admin.post("customers/new/", {"name": "Heng", "x_tier": ["", "a", "b"]}).status_code == 303
    with inside():
        party = Party.objects.get()
        assert party.custom == {"tier": ["a", "b"]}
    listed = words(admin.get("customers/?columns=x_tier&f.x_tier=b"))
    assert "Gold" in listed and "Silver" in listed
    assert words(admin.get(f"customers/{party.pk}/")).count("Silver") == 1
    for address in (f"customers/{party.pk}/peek/", "customers/filters/", "customers/columns/", f"customers/bulk/?ids={party.pk}"):
        assert "Tier" in words(admin.get(address)), address


def test_the_live_preview_of_a_record_without_a_currency_answers(admin, tier):  # noqa: F811
    answer = admin.post(f"setup/custom-fields/preview/?id={tier.pk}", {"record_kind": "parties.party", "name.en": "Tier", "kind": "text"})
    assert answer.status_code == 200 and answer.json()["values"] == {"code": "tier"}


def test_a_file_is_mapped_by_the_name_in_either_language(admin, tier, inside):  # noqa: F811
    from guanxi.kernel.importing.writing import import_form
    from guanxi.shared.parties.screens import PartyScreen
    from guanxi.web.transfer.guess import guessed, targets_of

    with inside():
        targets = targets_of(import_form(PartyScreen, system_actor()))
        assert guessed(["级别", "Name"], targets) == {"x_tier": "级别", "name": "Name"}
        assert guessed(["TIER"], targets) in ({"x_tier": "TIER"}, {"tier": "TIER"})
