"""A form that is not whole yet: what the system fills in is shown at once, and what is wrong keeps nothing else from being reckoned."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from guanxi.crm.leads.models import Opportunity
from guanxi.erp.sales.models import Order
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.screen import SCREENS
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


@pytest.fixture
def shop(admin, inside):
    """A screw at 10, and somebody who buys it."""
    with inside():
        actor = actor_of(admin.member_id)
        create_record(Product, {"code": "SCREW", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "10"}, actor=actor)
        return create_record(Party, {"name": "Hengchuan", "owner": admin.member_id}, actor=actor).result


def today(admin, inside):
    with inside():
        return actor_of(admin.member_id).today


def proposed(page) -> dict[str, str]:
    """The fields of a drawn form that the system filled in, by the names under which they are sent."""
    html = page.content.decode()
    found = dict(re.findall(r'<input[^>]*name="([^"]*)" value="([^"]*)"[^>]*data-auto', html))
    chosen = re.findall(r'<select[^>]*name="([^"]*)"[^>]*data-auto[^>]*>.*?<option value="([^"]*)" selected', html)
    return found | dict(chosen)


class TestNewForm:
    def test_days_currency_owner_and_warehouse_stand_there_before_a_customer_is_chosen(self, admin, shop, inside):
        day = today(admin, inside)
        found = proposed(admin.get("sales/quotations/new/"))
        assert found == {
            "quoted_on": str(day), "valid_until": str(day + timedelta(days=30)), "currency": "CNY", "owner": str(admin.member_id),
        }
        assert {"ordered_on", "currency", "owner", "warehouse"} <= proposed(admin.get("sales/orders/new/")).keys()

    def test_what_a_customer_brings_is_there_with_the_customer(self, admin, shop, inside):
        with inside():
            term = shop.payment_term_id
        found = proposed(admin.get(f"sales/quotations/new/?customer={shop.pk}"))
        assert found.get("payment_term") == (str(term) if term else None)

    def test_of_a_lead_the_rules_say_at_the_end_who_follows_it(self, admin):
        found = proposed(admin.get("leads/new/"))
        assert "received_on" in found and "owner" not in found

    def test_every_form_that_is_completed_can_be_completed_while_it_is_empty(self, admin, inside):
        wrong = []
        with inside():
            actor = actor_of(admin.member_id)
            for path, screen in SCREENS.items():
                try:
                    if screen.complete is not None:
                        screen.complete([Draft(0)], actor)
                except Refused:
                    pass
                except Exception as problem:  # noqa: BLE001
                    wrong.append(f"{path}: {problem!r}")
        assert wrong == []


class TestFormWithMistakes:
    def sent(self, shop, *lines):
        sent = {"customer": shop.pk, "quoted_on": "", "currency": ""}
        for at, (product, quantity) in enumerate(lines):
            sent |= {f"lines.{at}.product": product, f"lines.{at}.quantity": quantity, f"lines.{at}.unit_price": "", f"lines.{at}.description": ""}
        return sent

    def test_one_bad_line_keeps_no_other_from_being_reckoned(self, admin, shop):
        answer = admin.post("sales/quotations/preview/", self.sent(shop, ("~SCREW", "3"), ("~no such", "5"), ("~SCREW", "-4"))).json()
        first, unknown, negative = (answer["lines"][str(at)] for at in range(3))
        assert (first["values"]["unit_price"], first["shown"]["net"], first["errors"]) == ("10", "30.00", {})
        assert unknown == {"errors": {"product": "There is no Product “no such” that you can use; choose one or create it."}}
        assert negative["errors"] == {"quantity": "The quantity has to be more than zero."}
        assert (negative["values"]["description"], answer["totals"]["net"]) == ("Screw", "30.00")

    def test_a_refused_form_comes_back_with_what_the_system_had_filled_in(self, admin, shop, inside):
        day = today(admin, inside)
        page = admin.post("sales/quotations/new/", self.sent(shop, ("~SCREW", "3"), ("~no such", "5")))
        found = proposed(page)
        assert page.status_code == 422
        assert (found["quoted_on"], found["currency"], found["lines.0.unit_price"]) == (str(day), "CNY", "10")
        assert "lines.1.unit_price" not in found

    def test_a_name_that_nobody_has_stays_in_its_field_with_what_to_do(self, admin, shop, inside):
        page = admin.post("opportunities/new/", {"name": "Screws", "customer": "~Nobody Ltd"})
        html = page.content.decode()
        assert page.status_code == 422
        assert 'name="customer" value="~Nobody Ltd"' in html and 'value="Nobody Ltd"' in html
        assert "that you can use; choose one or create it." in html
        with inside():
            assert not Opportunity.objects.exists()


class TestDialogThatMakesADocument:
    def test_shows_prices_and_sums_before_the_order_is_confirmed(self, admin, shop, inside):
        address = f"customers/{shop.pk}/act/sales.place_order/"
        page = admin.get(address).content.decode()
        assert f'data-preview-url="/alpha/{address}preview/"' in page
        assert re.findall(r'data-total="(\w+)"', page)[-3:] == ["net", "tax", "total"] and 'data-column="net"' in page
        with inside():
            screw = Product.objects.get(code="SCREW")
        sent = {"lines.0.product": str(screw.pk), "lines.0.quantity": "12", "lines.0.unit_price": "", "lines.0.discount": ""}
        answer = admin.post(f"{address}preview/", sent).json()
        assert answer["lines"]["0"]["values"]["unit_price"] == "10" and answer["lines"]["0"]["values"]["unit"][1]
        assert answer["lines"]["0"]["shown"]["net"] == "120.00" and answer["totals"]["total"] == "135.60"
        with inside():
            assert not Order.objects.filter(customer=shop).exists()
        assert admin.post(f"{address}preview/", sent | {"lines.0.unit_price": "9"}).json()["totals"]["net"] == "108.00"

    def test_says_so_of_each_wrong_line_and_of_operations_that_make_none_says_nothing(self, admin, shop):
        address = f"customers/{shop.pk}/act/sales.place_order/preview/"
        assert admin.post(address, {"lines.0.product": "nothing", "lines.0.quantity": "1"}).json()["lines"]["0"]["errors"]["product"]
        assert admin.get(address).status_code == 204
