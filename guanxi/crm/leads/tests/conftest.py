"""A customer, something to sell, and the stages of the pipeline."""

from types import SimpleNamespace

import pytest

from guanxi.crm.leads.models import LossReason, Stage
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


@pytest.fixture
def trade(alpha):
    return SimpleNamespace(
        actor=alpha,
        customer=create_record(Party, {"name": "Taishan Machinery", "code": "TS"}, actor=alpha).result,
        product=create_record(Product, {"name": "Screw", "code": "SCREW", "unit": "pc", "list_price": "10"}, actor=alpha).result,
        stages={stage.code: stage for stage in Stage.objects.all()},
        price=LossReason.objects.get(code="price"),
    )
