"""Whoever decides about a credit release sees on the request what stands in its way (M14.2)."""

from __future__ import annotations

import html
from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.promising.tests.world import yard_of
from guanxi.erp.sales.credit.holds import ask_release
from guanxi.erp.sales.operations import WantedLine, place_order
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.values import Translated
from guanxi.kernel.values.shown import format_money
from guanxi.shared.parties.models import Party
from tests.access.world import person


@pytest.fixture
def asked(rolled_back, static_files):
    """An order beyond a limit of 10.00, for which its salesperson asks; its total, and whoever keeps the accounts."""
    seller, nora = person("alpha", "salesperson"), person("alpha", "accountant")
    with in_set("alpha"):
        system, li = system_actor(), actor_of(seller.member.pk)
        CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
        customer = create_record(Party, {"name": "Buyer"}, actor=li).result
        Party.objects.filter(pk=customer.pk).update(credit_limit=Decimal(10))
        order = place_order(Party.objects.get(pk=customer.pk), actor=li, lines=[WantedLine(product=yard_of(system).screw, quantity=Decimal(70))])
        request = perform(ask_release, order.pk, actor=li, raw={"reason": "Pays on Friday"}).awaiting
        return nora, request, format_money(order.total, order.currency)


def test_the_figures_of_the_credit_and_the_currency_stand_on_the_request(asked):
    nora, request, total = asked
    page = html.unescape(nora.client.get(f"/alpha/approvals/{request.pk}/").content.decode())
    [banner] = [part for part in page.split('<div class="banner') if "On hold" in part]
    assert "¥10.00" in banner and total in banner and "release" not in banner.partition("</div>")[0].replace("releases", "")
    assert f"<dt>Total</dt><dd>{total}</dd>" in page
