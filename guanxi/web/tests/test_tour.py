"""The first look around: offered in the demo alone, and only with pages that its reader may open."""

from __future__ import annotations


def steps(visitor) -> list[str]:
    return [step["url"] for step in visitor.get("tour/", Accept="application/json").json()["steps"]]


def test_it_leads_to_pages_that_its_reader_may_open(visitor):
    seller = visitor("salesperson", language="zh-hans")
    addresses = steps(seller)
    assert {"/alpha/today/", "/alpha/customers/", "/alpha/opportunities/board/"} <= set(addresses)
    assert all(seller.client.get(address).status_code == 200 for address in addresses)
    assert set(steps(visitor(grants={}))) == {"/alpha/today/"}


def test_it_is_offered_in_the_demo_s_sets_and_begun_from_the_menu_everywhere(admin, settings):
    assert "data-offers-tour" not in admin.get("today/").content.decode()
    settings.GUANXI_DEMO_SETS = ("alpha",)
    text = admin.get("today/").content.decode()
    assert 'data-offers-tour="yes"' in text and 'data-tour="begin"' in text
