"""What was made for an actor is used again only while they would see the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils.timezone import override as in_timezone
from django.utils.translation import override as in_language

from guanxi.kernel.access.actor import once
from guanxi.kernel.access.grants import union
from guanxi.kernel.database.session import definitions_changed


def test_it_is_made_again_when_a_right_a_team_the_day_the_language_or_a_definition_changes(alpha):
    made: list[str] = []

    @once
    def seen(actor, what):
        made.append(what)
        return what

    noon = alpha.on(alpha.today, 12)
    assert seen(noon, "orders") == "orders" and seen(replace(noon, now=noon.now + timedelta(minutes=5)), "orders") == "orders"
    assert made == ["orders"]
    others = (
        replace(noon, rights=union([({"access.member": "view"}, ())])), replace(noon, team_ids=(7,)), replace(noon, now=noon.now + timedelta(days=1)),
        replace(noon, language="en" if noon.language != "en" else "zh-hans"), replace(noon, member_id=noon.member_id + 1),
    )
    for count, other in enumerate(others, start=2):
        assert other.eyes != noon.eyes
        seen(other, "orders")
        assert len(made) == count
    seen(noon, "customers")
    with in_language("de"):
        assert seen(noon, "customers") == "customers"
    with in_timezone("Pacific/Auckland"):
        seen(noon, "customers")
    definitions_changed()
    seen(noon, "customers")
    assert made[len(others) + 1 :] == ["customers"] * 4
