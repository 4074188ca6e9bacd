"""The customer's page of an offer says when goods are expected that have to come (M5.11)."""

import time_machine

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import revise_quotation, send_quotation
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.database import in_set
from guanxi.shared.catalog.models import Product
from guanxi.web.pages.tests import test_offer
from guanxi.web.pages.tests.test_offer import NOON, look, texts

sold, visitor = test_offer.sold, test_offer.visitor


def test_it_says_by_which_day_goods_of_twenty_working_days_are_expected_until_that_day(visitor, sold):
    with time_machine.travel(NOON, tick=False), in_set("alpha"):
        late = create_record(
            Product, {"code": "LATE", "name": "LATE", "unit": "pc", "tax": "VAT13", "kind": "goods", "list_price": "5", "lead_days": 20},
            actor=sold.actor,
        ).result
        quotation = revise_quotation(sold.quotation, actor=sold.actor)
        line = {"product": late.pk, "quantity": "1"}
        change_record(quotation, {"lines": [line]}, actor=sold.actor, by_id=True)
        send_quotation(Quotation.objects.get(pk=quotation.pk), actor=sold.actor)
    assert "Delivery expected by 29 June 2026" in texts(look(visitor, sold))
    assert "预计 2026年6月29日 前交货" in texts(look(visitor, sold, more="?language=zh-hans"))
    assert "Delivery expected" not in texts(look(visitor, sold, days=28))
