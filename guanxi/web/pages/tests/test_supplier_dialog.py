"""The dialog by which a line is handed to a supplier offers what can be chosen, and nothing else (M14.3)."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import pytest

from guanxi.erp.promising.tests.world import yard_of
from guanxi.erp.sales.operations import WantedLine, place_order
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party
from tests.access.world import person


@pytest.fixture
def shop(rolled_back, static_files) -> SimpleNamespace:
    """Two confirmed orders of a customer: of a screw and a nut, and of another nut; Nut Works is the one supplier."""
    made = SimpleNamespace(li=person("alpha", "salesperson"))
    with in_set("alpha"):
        system, li = system_actor(), actor_of(made.li.member.pk)
        yard = yard_of(system)
        customer = create_record(Party, {"name": "Buyer"}, actor=li).result
        create_record(Party, {"name": "Nut Works", "is_supplier": True, "is_customer": False}, actor=li)
        made.order, made.other = (
            place_order(customer, actor=li, lines=[WantedLine(product=product, quantity=1) for product in products])
            for products in ((yard.screw, yard.nut), (yard.nut,))
        )
        made.lines = list(made.order.lines.order_by("position"))
        made.names = [line.description for line in made.lines]
    return made


def offered(shop, name: str, query: str = "") -> list[str]:
    page = shop.li.client.get(f"/alpha/sales/orders/{shop.order.pk}/act/sales.have_supplier_ship/").content.decode()
    [address] = re.findall(rf'data-url="([^"]+)"[^>]*><input type="hidden" name="{name}"', page)
    answer = shop.li.client.get(html.unescape(address) + query, headers={"Accept": "application/json"})
    return [one["label"] for one in answer.json()["results"]]


def test_of_what_is_a_part_of_the_record_only_its_own_is_offered(shop):
    assert offered(shop, "line") == shop.names


def test_only_suppliers_are_offered_as_suppliers(shop):
    assert offered(shop, "supplier") == ["Nut Works"]
    assert offered(shop, "supplier", "&q=Buy") == []
