"""Guided choice in the pages: what is out of reach says why, the price follows, the choice is kept and offered (M7.1)."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from guanxi.kernel.access.actor import actor_of


@pytest.fixture
def press(admin, inside):
    """A press for 1,000.00: 55 or 75 kW (+200.00), cooled by air or by water (+5 %), the larger one only by water."""
    from guanxi.erp.configurator.models import CompatibilityRule, Feature, ProductModel
    from guanxi.kernel.acts.writer import create_record
    from guanxi.shared.catalog.models import Product
    from guanxi.shared.parties.models import Party

    with inside():
        actor = actor_of(admin.member_id)
        values = {"code": "PRESS", "name": "Press", "unit": "pc", "list_price": "1000", "standard_cost": "600"}
        product = create_record(Product, values, actor=actor).result
        for code, position in (("motor", 1), ("cooling", 2)):
            create_record(Feature, {"code": code, "name": code.capitalize(), "position": position}, actor=actor)
        model = create_record(ProductModel, {"product": product.pk, "lines": [
            {"feature": "motor", "code": "kw55", "name": "55 kW", "is_usual": True},
            {"feature": "motor", "code": "kw75", "name": "75 kW", "surcharge": "200", "cost": "120"},
            {"feature": "cooling", "code": "air", "name": "Air", "is_usual": True},
            {"feature": "cooling", "code": "water", "name": "Water", "surcharge_rate": "5%"},
        ]}, actor=actor).result
        create_record(CompatibilityRule, {
            "model": model.pk, "name": "The large motor needs water.", "when": 'motor = "kw75"', "must": 'cooling = "water"',
        }, actor=actor)
        customer = create_record(Party, {"name": "Hengchuan"}, actor=actor).result
    return SimpleNamespace(pk=model.pk, product=product.pk, address=f"product-models/{model.pk}/configure/", customer=customer.pk)


def test_the_usual_choice_stands_there_and_what_it_forbids_says_why(admin, press):
    assert admin.get(f"product-models/{press.pk}/act/configurator.save_configuration/").headers["Location"] == f"/alpha/{press.address}"
    text = admin.get(press.address).content.decode()
    assert "The large motor needs water." in text and "¥1,000.00" in text


def test_every_choice_is_an_address_with_its_price(admin, press):
    text = admin.get(f"{press.address}?begun=yes&o.motor=kw75&o.cooling=water").content.decode()
    assert "¥1,250.00" in text and "Motor 75 kW · Cooling Water" in text and "disabled" not in text.partition("configure-sum")[2]
    assert "1 feature is still open." in admin.get(f"{press.address}?begun=yes&o.motor=kw75").content.decode()
    assert "2 features are still open." in admin.get(f"{press.address}?begun=yes&o.motor=nonsense&o.colour=³").content.decode()


def test_a_choice_is_kept_once_and_offered(admin, press, inside):
    from guanxi.erp.configurator.models import Configuration
    from guanxi.erp.sales.models import Quotation

    sent = {"o.motor": "kw75", "o.cooling": "water", "begun": "yes", "customer": str(press.customer), "name": "Foundry", "key": "k-1"}
    first, second = admin.post(press.address, sent), admin.post(press.address, sent)
    assert first.status_code == second.status_code == 303
    with inside():
        kept = Configuration.objects.get()
        assert (kept.name, kept.customer_id) == ("Foundry", press.customer)
    answer = admin.post(f"sales/configurations/{kept.pk}/act/sales.offer_configuration/", {"quantity": "2", "key": "k-2"})
    assert answer.status_code == 303
    with inside():
        line = Quotation.objects.get().lines.get()
        assert (line.configuration_id, line.quantity, line.unit_price, line.unit_cost) == (kept.pk, 2, 1250, 720)
        assert line.description == "Press · Motor 75 kW · Cooling Water"


def test_what_does_not_go_together_is_refused_with_everything_kept(admin, press):
    answer = admin.post(press.address, {"o.motor": "kw75", "o.cooling": "air", "begun": "yes", "key": "k-3", "name": "Mine"}, part=True)
    text = answer.content.decode()
    assert answer.status_code == 422 and "The large motor needs water." in text and 'value="Mine"' in text


def test_whoever_may_not_configure_is_told(visitor, press):
    reader = visitor(grants={"configurator.productmodel": "view", "catalog.product": "view"})
    assert reader.get(press.address).status_code == 403


class TestInTheLinesOfADocument:
    """A product with options leads from the line to its choice and back (M7.1)."""

    def preview(self, admin, press, **more):
        sent = {"customer": str(press.customer), "lines.0.product": str(press.product), "lines.0.quantity": "2", **more}
        return admin.post("sales/quotations/preview/", sent).json()["lines"]["0"]

    def test_the_line_says_where_its_options_are_chosen_and_one_without_says_nothing(self, admin, press, inside):
        line = self.preview(admin, press)
        assert line["choices"] == {"configuration": {"url": f"/alpha/{press.address}?quick=1&customer={press.customer}", "label": ""}}
        with inside():
            from guanxi.kernel.acts.writer import create_record
            from guanxi.shared.catalog.models import Product

            bolt = create_record(Product, {"code": "BOLT", "name": "Bolt", "unit": "pc", "list_price": "1"}, actor=actor_of(admin.member_id)).result
        assert self.preview(admin, press, **{"lines.0.product": str(bolt.pk)})["choices"] == {}

    def kept(self, admin, press, **chosen):
        sent = {**{f"o.{name}": code for name, code in chosen.items()}, "begun": "yes", "quick": "1", "customer": str(press.customer)}
        answer = admin.post(press.address, {**sent, "key": "k-" + "-".join(chosen.values())}, part=True)
        assert answer.status_code == 204
        return json.loads(answer.headers["HX-Trigger"])["created"]

    def test_what_was_chosen_comes_back_into_the_line_with_price_cost_and_words(self, admin, press, inside):
        from guanxi.erp.sales.models import Quotation

        assert 'hx-post="' in admin.get(f"{press.address}?quick=1", part=True).content.decode()
        made = self.kept(admin, press, motor="kw75", cooling="water")
        assert made["label"].endswith("Motor 75 kW · Cooling Water")
        line = self.preview(admin, press, **{"lines.0.configuration": str(made["id"])})
        assert line["choices"]["configuration"]["url"].endswith(f"&from={made['id']}") and line["values"]["description"] == (
            "Press · Motor 75 kW · Cooling Water"
        )
        sent = {"customer": str(press.customer), "lines.0.product": str(press.product), "lines.0.quantity": "2", "key": "q-1"}
        assert admin.post("sales/quotations/new/", {**sent, "lines.0.configuration": str(made["id"])}).status_code == 303
        with inside():
            line = Quotation.objects.get().lines.get()
            assert (line.configuration_id, line.unit_price, line.unit_cost) == (made["id"], 1250, 720)
        text = admin.get(f"sales/quotations/{line.quotation_id}/").content.decode()
        assert f"/alpha/sales/configurations/{made['id']}/" in text

    def test_another_choice_takes_its_place_with_price_and_words_and_words_of_a_person_stay(self, admin, press, inside):
        from guanxi.erp.sales.models import Quotation
        from guanxi.kernel.acts.writer import change_record, create_record

        first = self.kept(admin, press, motor="kw75", cooling="water")
        second = self.kept(admin, press, motor="kw55", cooling="water")
        begun = admin.get(f"{press.address}?quick=1&from={first['id']}", part=True).content.decode()
        assert 'value="kw75" checked' in begun and 'value="water" checked' in begun
        with inside():
            actor = actor_of(admin.member_id)
            lines = [
                {"product": press.product, "configuration": first["id"], "quantity": "1"},
                {"product": press.product, "configuration": first["id"], "quantity": "1", "description": "For hall 2"},
            ]
            quotation = create_record(Quotation, {"customer": press.customer, "lines": lines}, actor=actor, by_id=True).result
            changed = [{"id": line.pk, "configuration": second["id"]} for line in quotation.lines.order_by("position")]
            change_record(quotation, {"lines": changed}, actor=actor, by_id=True)
            assert [(line.unit_price, line.description) for line in quotation.lines.order_by("position")] == [
                (1050, "Press · Motor 55 kW · Cooling Water"), (1050, "For hall 2"),
            ]

    def test_a_configuration_of_another_product_is_refused_at_the_line(self, admin, press, inside):
        from guanxi.erp.sales.models import Quotation
        from guanxi.kernel.acts.writer import create_record
        from guanxi.kernel.records.refusals import Invalid
        from guanxi.shared.catalog.models import Product

        made = self.kept(admin, press, motor="kw55", cooling="air")
        with inside(), pytest.raises(Invalid) as refused:
            actor = actor_of(admin.member_id)
            create_record(Product, {"code": "BOLT", "name": "Bolt", "unit": "pc", "list_price": "1"}, actor=actor)
            lines = [{"product": Product.objects.get(code="BOLT").pk, "configuration": made["id"], "quantity": "1"}]
            create_record(Quotation, {"customer": press.customer, "lines": lines}, actor=actor, by_id=True)
        assert refused.value.errors == {"lines.0.configuration": ["This configuration is of another product."]}

    def test_a_colleague_s_configuration_stays_where_it_is(self, admin, press, visitor, inside):
        from guanxi.erp.sales.models import Quotation
        from guanxi.kernel.acts.writer import change_record, create_record
        from guanxi.kernel.records.refusals import Invalid

        made = self.kept(admin, press, motor="kw55", cooling="air")
        other = self.kept(admin, press, motor="kw55", cooling="water")
        seller = visitor("salesperson")
        with inside():
            lines = [{"product": press.product, "configuration": made["id"], "quantity": "1"}]
            values = {"customer": press.customer, "lines": lines, "owner": seller.member_id}
            quotation = create_record(Quotation, values, actor=actor_of(admin.member_id), by_id=True).result
            line = quotation.lines.get()
            mine = {"id": line.pk, "configuration": made["id"], "quantity": "3"}
            change_record(quotation, {"lines": [mine]}, actor=actor_of(seller.member_id), by_id=True)
            assert quotation.lines.get().quantity == 3
            with pytest.raises(Invalid, match="that you can use"):
                change_record(quotation, {"lines": [{**mine, "configuration": other["id"]}]}, actor=actor_of(seller.member_id), by_id=True)


def test_an_address_says_the_choice_and_nothing_that_the_form_had_for_sending(admin, press):
    answer = admin.get(f"{press.address}?csrfmiddlewaretoken=abc&key=k-9&begun=yes&o.motor=kw75&o.cooling=water&name=Foundry")
    assert answer.headers["Location"] == f"/alpha/{press.address}?begun=yes&o.motor=kw75&o.cooling=water&name=Foundry"
    assert 'hx-params="not csrfmiddlewaretoken,key"' in admin.get(press.address).content.decode()
