"""Where goods come back that were put together, dialogs say what does not come back with them (M7.1, M14.3)."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.erp.configurator.models import Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.erp.promising.tests.world import product, receive, yard_of
from guanxi.erp.returns.operations import ReturnedLine, announce_return, receive_return
from guanxi.erp.sales.operations import WantedLine, confirm_order, deliver_order, order_quotation, place_order
from guanxi.erp.sales.pricing.configured import offer_configuration
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from tests.access.world import person

WORDS = "What was built in does not come back into stock with the product."


@pytest.fixture
def yard(rolled_back, static_files) -> SimpleNamespace:
    """Deliveries of a spindle with two screws in it, and of a screw; of each a return that was received."""
    reader = person("alpha", "administrator")
    with in_set("alpha"):
        actor = system_actor()
        made = yard_of(actor)
        spindle = product(actor, "SPINDLE")
        receive(actor, spindle, 5)
        create_record(Feature, {"code": "ends", "name": "Ends"}, actor=actor)
        model = create_record(ProductModel, {"product": spindle.pk, "lines": [
            {"feature": "ends", "code": "two", "name": "Two", "component": made.screw.pk, "component_quantity": "2"},
        ]}, actor=actor).result
        choice = save_configuration(model, actor=actor, choices=[ChosenOption(model.options.get())])

        def shipped() -> list[Any]:
            quotation = offer_configuration(choice, actor=actor, customer=made.customer)
            whole = confirm_order(order_quotation(quotation, actor=actor), actor=actor)
            plain = place_order(made.customer, actor=actor, lines=[WantedLine(product=made.screw, quantity=Decimal(1))])
            return [deliver_order(order, actor=actor) for order in (whole, plain)]

        deliveries = shipped()
        returns = [
            receive_return(announce_return(one, actor=actor, lines=[ReturnedLine(one.lines.get(), Decimal(1))]), actor=actor)
            for one in shipped()
        ]
    return SimpleNamespace(reader=reader, deliveries=deliveries, returns=returns)


@pytest.mark.parametrize(("records", "address"), [
    ("returns", "returns/{}/act/returns.inspect_return/"), ("deliveries", "inventory/deliveries/{}/act/returns.return_goods/"),
])
def test_the_dialog_names_the_parts_that_stay_out_of_stock(yard, records, address):
    whole, plain = (
        yard.reader.client.get(f"/alpha/{address.format(record.pk)}").content.decode() for record in getattr(yard, records)
    )
    assert WORDS in whole and "“SPINDLE · Ends Two”: SCREW." in whole and "Parts that you take out again are counted in." in whole
    assert WORDS not in plain
