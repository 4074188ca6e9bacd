"""Guided choice in the pages: what is out of reach says why, the price follows, the choice is kept and offered (M7.1)."""

from __future__ import annotations

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
    return SimpleNamespace(pk=model.pk, address=f"product-models/{model.pk}/configure/", customer=customer.pk)


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
