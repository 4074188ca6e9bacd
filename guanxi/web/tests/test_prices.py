"""Why a price is what it is, in the form, on the document and in the API (X17, M5.15), and policies read by those who sell."""

from __future__ import annotations

import html
import re

import pytest

from guanxi.erp.pricing.models import PolicyReading, Promotion, SalesPolicy
from guanxi.erp.pricing.operations import publish_policy, start_promotion
from guanxi.erp.sales.models import Order
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.api.tests.conftest import program_for
from guanxi.kernel.notices.models import Notification
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


@pytest.fixture
def shop(admin, inside):
    """A screw at 10, 5 % off from ten on; a nut as a gift from twenty on."""
    with inside():
        actor = actor_of(admin.member_id)
        for code, price in (("SCREW", "10"), ("NUT", "2")):
            values = {"code": code, "name": code, "unit": "pc", "tax": "VAT13", "list_price": price, "standard_cost": "1"}
            create_record(Product, values, actor=actor)
        values = {"code": "P", "name": {"en": "Ten or more", "zh-hans": "满十件"}, "share": "5%", "min_quantity": "10", "text": "Read this."}
        publish_policy(create_record(SalesPolicy, values, actor=actor).result, actor=actor)
        gift = {"code": "Q", "name": "Nut", "kind": "gift", "min_quantity": "20", "lines": [{"product": "NUT", "quantity": "1"}]}
        start_promotion(create_record(Promotion, gift, actor=actor).result, actor=actor)
        return create_record(Party, {"name": "Hengchuan"}, actor=actor).result


def preview(admin, shop, *lines, pk=None, **more):
    sent = {"customer": shop.pk, **more}
    for at, line in enumerate(lines):
        sent |= {f"lines.{at}.{name}": value for name, value in line.items()}
    return admin.post(f"sales/orders/preview/{f'?id={pk}' if pk else ''}", sent).json()


def steps_in(html: str) -> list[str]:
    return re.findall(r"<li><span>(.*?)</span><span class=\"num\">(.*?)</span></li>", html)


class TestForm:
    def test_it_proposes_price_and_discount_with_the_steps_while_one_types(self, admin, shop):
        answer = preview(admin, shop, {"product": "~SCREW", "quantity": "20", "unit_price": "", "discount": ""})
        line = answer["lines"]["0"]
        assert (line["values"]["unit_price"], line["values"]["discount"], answer["totals"]["net"]) == ("10", "5%", "190.00")
        assert steps_in(line["why"]) == [
            ("List price of the product", "10.00"), ("Sales policy “Ten or more”: 5% off", "10.00 → 9.50"),
            ("Promotion “Nut”: gives goods free of charge", "9.50"),
        ]

    def test_a_typed_price_is_kept_and_the_steps_say_so(self, admin, shop):
        line = preview(admin, shop, {"product": "~SCREW", "quantity": "20", "unit_price": "9", "discount": ""})["lines"]["0"]
        assert "unit_price" not in line["values"] and steps_in(line["why"])[1] == ("Price entered by hand", "10.00 → 9.00")

    def test_the_form_of_a_draft_sends_empty_what_nobody_decided(self, admin, shop, inside):
        with inside():
            lines = [{"product": "SCREW", "quantity": "10"}, {"product": "NUT", "quantity": "1", "unit_price": "3"}]
            order = create_record(Order, {"customer": shop.pk, "lines": lines}, actor=actor_of(admin.member_id)).result
        page = admin.get(f"sales/orders/{order.pk}/edit/").content.decode()
        proposed = set(re.findall(r'name="(lines\.\d\.(?:unit_price|discount))"[^>]*data-auto', page))
        assert proposed == {"lines.0.unit_price", "lines.0.discount", "lines.1.discount"}

    def test_a_wrong_coupon_is_said_at_its_field(self, admin, shop):
        values = {"customer": shop.pk, "coupons": "HELO", "lines.0.product": "~SCREW", "lines.0.quantity": "1"}
        answer = admin.post("sales/orders/new/", values)
        assert answer.status_code == 422 and "There is no coupon “HELO” for this customer" in answer.content.decode()


    def test_it_is_said_while_one_types_too(self, admin, shop):
        answer = preview(admin, shop, {"product": "~SCREW", "quantity": "1"}, coupons="HELO")
        words = "There is no coupon “HELO” for this customer; look at the code again."
        assert answer["remarks"] == [{"title": "Coupons", "lines": [words], "tone": "red"}]
        assert preview(admin, shop, {"product": "~SCREW", "quantity": "1"}, coupons="")["remarks"] == []

    def test_what_a_promotion_will_add_is_said_while_one_types(self, admin, shop, inside):
        bare = {"lines": [], "tone": ""}
        typed = {"product": "~SCREW", "quantity": "40"}
        assert preview(admin, shop, typed)["remarks"] == [{"title": "+ 2 × NUT as a gift (Nut)", **bare}]
        assert preview(admin, shop, {**typed, "quantity": "19"})["remarks"] == []
        with inside():
            values = {"customer": shop.pk, "lines": [{"product": "SCREW", "quantity": "20"}]}
            order = create_record(Order, values, actor=actor_of(admin.member_id)).result
            rows = [{"id": line.pk, "product": line.product_id, "quantity": line.quantity} for line in order.lines.order_by("position")]
        assert len(rows) == 2 and preview(admin, shop, *rows, pk=order.pk)["remarks"] == []

    def test_a_promotion_whose_budget_is_spent_is_said_while_one_types(self, admin, shop, inside):
        with inside():
            values = {"customer": shop.pk, "lines": [{"product": "SCREW", "quantity": "20"}]}
            order = create_record(Order, values, actor=actor_of(admin.member_id)).result
            Promotion.objects.update(budget=9, used=9)
            line = order.lines.order_by("position")[0]
        typed = {"id": line.pk, "product": line.product_id, "quantity": "21"}
        words = "The budget of this promotion no longer bears it: the prices are without it."
        assert preview(admin, shop, typed, pk=order.pk)["remarks"] == [{"title": "Nut", "lines": [words], "tone": "amber"}]


class TestDocument:
    def test_the_steps_open_from_the_price_in_ones_own_language(self, admin, shop, inside, visitor):
        with inside():
            lines = [{"product": "SCREW", "quantity": "10"}]
            order = create_record(Order, {"customer": shop.pk, "lines": lines}, actor=actor_of(admin.member_id)).result
        assert "Sales policy “Ten or more”: 5% off" in admin.get(f"sales/orders/{order.pk}/").content.decode()
        chinese = visitor("administrator", language="zh-hans").get(f"sales/orders/{order.pk}/").content.decode()
        assert "销售政策“满十件”：优惠 5%" in chinese and "Why this price" not in chinese

    def test_the_api_gives_the_steps_in_the_language_asked_for(self, admin, shop, inside):
        with inside():
            program = program_for(admin.member_id)
        made = program.post("sales/orders", {"customer": shop.code, "lines": [{"product": "SCREW", "quantity": "20"}]}).json()
        screw, nut = made["lines"]
        assert [(one["kind"], one["after"]) for one in screw["price_steps"]] == [("list_price", "10"), ("policy_discount", "9.5"), ("gives", "9.5")]
        assert (nut["product"]["code"], nut["quantity"], nut["unit_price"], nut["price_steps"][0]["text"]) == (
            "NUT", "1", "0.00", "Promotion “Nut”: free of charge"
        )
        program.language = "zh-CN"
        assert program.get(f"sales/orders/{made['id']}").json()["lines"][0]["price_steps"][1]["text"] == "销售政策“满十件”：优惠 5%"

    def test_prices_are_taken_again_by_a_button_of_a_draft(self, admin, shop, inside):
        with inside():
            actor = actor_of(admin.member_id)
            order = create_record(Order, {"customer": shop.pk, "lines": [{"product": "SCREW", "quantity": "10"}]}, actor=actor).result
            SalesPolicy.objects.update(share="0.1")
        admin.post(f"sales/orders/{order.pk}/act/sales.reprice_order/")
        with inside():
            assert Order.objects.get(pk=order.pk).net == 90


class TestPolicies:
    def test_those_it_is_written_for_are_told_read_it_and_leave_a_receipt(self, admin, shop, inside, visitor):
        mine, other = visitor("salesperson"), visitor("salesperson")
        with inside():
            team = Team.objects.create(name="East")
            Member.objects.filter(pk=mine.member_id).update(team=Team.objects.create(name="East 1", parent=team))
            Member.objects.filter(pk=other.member_id).update(team=Team.objects.create(name="South"))
            actor = actor_of(admin.member_id)
            values = {"code": "EAST", "name": "For the east", "text": "Only with a contract.", "effect": "none", "readers": [team.pk]}
            policy = publish_policy(create_record(SalesPolicy, values, actor=actor).result, actor=actor)
            from guanxi.kernel.events.worker import deliver_all

        deliver_all("alpha")
        with inside():
            assert set(Notification.objects.filter(target_id=policy.pk).values_list("member_id", flat=True)) == {mine.member_id}
            assert list(PolicyReading.objects.filter(policy=policy).values_list("member_id", "read_at")) == [(mine.member_id, None)]
        page = mine.get(f"pricing/policies/{policy.pk}/")
        assert "Only with a contract." in page.content.decode() and "I have read it" in page.content.decode()
        assert other.get(f"pricing/policies/{policy.pk}/").status_code == 404
        mine.post(f"pricing/policies/{policy.pk}/act/pricing.read_policy/")
        with inside():
            assert PolicyReading.objects.get(policy=policy).read_at is not None

    def test_a_draft_and_a_withdrawn_one_are_not_for_salespeople(self, admin, shop, inside, visitor):
        seller = visitor("salesperson")
        with inside():
            policy = SalesPolicy.objects.get(code="P")
        for status, seen in (("draft", 404), ("published", 200), ("withdrawn", 404)):
            with inside():
                SalesPolicy.objects.filter(pk=policy.pk).update(status=status)
            assert seller.get(f"pricing/policies/{policy.pk}/").status_code == seen

    def test_a_markup_and_a_formula_are_for_those_who_see_costs(self, inside, admin, shop, visitor):
        with inside():
            values = {"code": "M", "name": "Markup", "effect": "cost_plus", "markup": "37%"}
            actor = actor_of(admin.member_id)
            policy = publish_policy(create_record(SalesPolicy, values, actor=actor).result, actor=actor)
        assert "37%" in admin.get(f"pricing/policies/{policy.pk}/").content.decode()
        assert "37%" not in visitor("salesperson").get(f"pricing/policies/{policy.pk}/").content.decode()


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        ("pricing/policies", {"code": "X", "name.en": "X", "effect": "discount"}, "This is needed."),
        ("pricing/policies", {"code": "X", "name.en": "X", "effect": "discount", "share": "120%"}, "It lies between 0 and 100 %."),
        ("pricing/policies", {"code": "X", "name.en": "X", "effect": "formula", "formula": "list_prise * 2"}, "list_prise"),
        ("pricing/policies", {"code": "X", "name.en": "X", "effect": "formula", "formula": "tier"}, "a number is needed here"),
        ("pricing/promotions", {"code": "X", "name.en": "X", "kind": "bundle", "bundle_price": "1"}, "Enter the goods of the bundle, or the gifts."),
        ("pricing/coupons", {"code": "A B", "promotion": "~Q"}, "A code has no spaces or commas in it."),
        ("price-lists", {"code": "X", "name.en": "X", "formula": "1 +"}, "formula"),
        ("finance/exchange-rates", {"currency": "CNY", "base": "CNY", "valid_from": "2026-01-01", "rate": "1"}, "Choose two different currencies."),
    ],
)
def test_what_cannot_be_is_refused_with_words(admin, shop, path, values, words):
    answer = admin.post(f"{path}/new/", values)
    assert answer.status_code == 422 and words in answer.content.decode()


def test_coupons_are_made_by_the_hundred(admin, shop, inside):
    with inside():
        actor = actor_of(admin.member_id)
        made = create_record(Promotion, {"code": "C", "name": "C", "share": "5%", "is_by_coupon": True}, actor=actor).result
    admin.post(f"pricing/promotions/{made.pk}/act/pricing.make_coupons/", {"count": "100", "prefix": "fair-", "max_uses": "2"})
    with inside():
        coupons = list(made.coupons.values_list("code", "max_uses", "used_count"))
    assert len(coupons) == 100 and all(re.fullmatch("FAIR-[A-Z2-9]{8}", code) and (most, used) == (2, 0) for code, most, used in coupons)


def test_the_history_says_in_words_why_a_price_changed(admin, visitor, shop, inside):
    with inside():
        actor = actor_of(admin.member_id)
        given = {"customer": shop.pk, "lines": [{"product": "SCREW", "quantity": "5"}]}
        order = create_record(Order, given, actor=actor).result
        line = {"id": order.lines.get().pk, "product": "SCREW", "quantity": "10"}
        change_record(order, {"lines": [line]}, actor=actor)
    page = html.unescape(admin.get(f"sales/orders/{order.pk}/?tab=history").content.decode())
    steps = re.search(r"<dt>Why this price</dt><dd><del>(.*?)</del>.*?<ins>(.*?)</ins>", page, re.S)
    assert steps is not None and [re.sub("<[^>]*>", "", side).strip() for side in steps.groups()] == [
        "List price of the product", "List price of the product → Sales policy “Ten or more”: 5% off",
    ]
    assert "'kind'" not in page
