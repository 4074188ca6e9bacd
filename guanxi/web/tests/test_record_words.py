"""What a record's page says and how: days in words, what was agreed in place of its pattern, nothing of what is not needed."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override

from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Refused


@pytest.mark.parametrize(
    ("language", "given", "said"),
    [
        ("en", date(2026, 11, 3), "3 Nov 2026"), ("zh-hans", date(2026, 11, 3), "2026年11月3日"), ("en", "2026-11-03", "3 Nov 2026"),
        ("en", datetime(2026, 11, 3, 12, 5, tzinfo=UTC), "3 Nov 2026 "), ("zh-hans", datetime(2026, 11, 3, 12, 5, tzinfo=UTC), "2026年11月3日 "),
        ("en", None, "—"),
    ],
)
def test_days_and_moments_are_written_in_words(language, given, said):
    with override(language):
        text = Template("{% load ui %}{{ given|written }}").render(Context({"given": given}))
    assert text.startswith(said) and len(text) == len(said) + (5 if isinstance(given, datetime) else 0)


@pytest.fixture
def goods(inside):
    """A screw of 10.00 and a customer."""
    from guanxi.shared.catalog.models import Product
    from guanxi.shared.parties.models import Party

    with inside():
        actor = system_actor()
        values = {"code": "SCREW", "name": "Screw", "unit": "pc", "list_price": "10", "standard_cost": "6"}
        return create_record(Product, values, actor=actor).result, create_record(Party, {"name": "Hengchuan"}, actor=actor).result


def test_a_product_traded_in_its_own_unit_alone_misses_no_lines(admin, goods):
    assert "No lines" not in admin.get(f"products/{goods[0].pk}/").content.decode()


def test_once_a_contract_has_its_text_the_pattern_of_it_is_not_shown(admin, inside, goods):
    from guanxi.erp.contracts.models import Contract
    from guanxi.erp.contracts.operations import approve_contract
    from guanxi.erp.contracts.seeds import ASKED

    with inside():
        ApprovalRule.objects.filter(operation=ASKED).update(is_active=False)
        given = {"customer": goods[1].pk, "wording": "# Payment\n{{ customer.name }} pays at once.", "lines": [{"product": "SCREW", "quantity": "1"}]}
        row = create_record(Contract, given, actor=system_actor()).result
    address = f"sales/contracts/{row.pk}/"
    assert "{{ customer.name }} pays at once." in html.unescape(admin.get(address).content.decode())
    with inside():
        approve_contract(row, actor=system_actor())
    page = html.unescape(admin.get(address).content.decode())
    assert "Hengchuan pays at once." in page and "{{ customer.name }}" not in page


def test_in_chinese_what_a_rule_looks_at_stands_after_a_chinese_colon(visitor, inside, goods):
    from guanxi.erp.sales.models import Quotation

    seller = visitor("salesperson", language="zh-hans")
    with inside():
        director = Role.objects.create(key="director", name={"en": "Director"}, grants={})
        ApprovalRule.objects.create(name={"en": "Deep"}, operation="sales.send_quotation", condition="largest_discount > 5%", approvers=director)
        type(goods[1]).objects.filter(pk=goods[1].pk).update(owner=seller.member_id)
        lines = [{"product": goods[0].pk, "quantity": "1", "discount": "8%"}]
        given = {"customer": goods[1].pk, "owner": seller.member_id, "lines": lines}
        row = create_record(Quotation, given, actor=actor_of(seller.member_id), by_id=True).result
    assert "最高折扣：<b>8%</b>" in seller.get(f"sales/quotations/{row.pk}/").content.decode()


def test_what_waits_for_two_rules_is_one_banner_and_is_not_offered_to_who_asked(visitor, inside, goods):
    from guanxi.erp.sales.models import Quotation
    from guanxi.erp.sales.operations import accept_quotation, send_quotation

    seller = visitor("salesperson")
    with inside():
        grants = {"*": "view", "sales.send_quotation": "company", "acts.approve_request": "company"}
        role = Role.objects.create(key="directors", name={"en": "Directors"}, grants=grants)
    director = visitor("directors")
    with inside():
        for name, condition in (("Deep", "largest_discount > 5%"), ("Any", "net > 1")):
            ApprovalRule.objects.create(name={"en": name}, operation="sales.send_quotation", condition=condition, approvers=role)
        type(goods[1]).objects.filter(pk=goods[1].pk).update(owner=seller.member_id)
        lines = [{"product": goods[0].pk, "quantity": "1", "discount": "8%"}]
        given = {"customer": goods[1].pk, "owner": seller.member_id, "lines": lines}
        row = create_record(Quotation, given, actor=actor_of(seller.member_id), by_id=True).result
    address = f"sales/quotations/{row.pk}/"
    before = seller.get(address).content.decode()
    assert before.count('class="banner amber"') == 1 and "act/sales.send_quotation/" in before
    assert "Sending this will ask for approval.<div>Deep, decided by: Directors." in " ".join(before.split())
    with inside():
        perform(send_quotation, row.pk, actor=actor_of(seller.member_id), raw={})
    after = " ".join(seller.get(address).content.decode().split())
    assert after.count('class="banner amber"') == 1 and "act/sales.send_quotation/" not in after
    assert "<b>Send</b> waits for approval; asked for by" in after
    assert not any(f"act/{name}/" in after for name in ("sales.accept_quotation", "sales.mail_quotation", "sales.order_quotation"))
    with inside(), pytest.raises(Refused, match="^It waits for approval: Deep; Any. Wait for the decision, or withdraw the request.$"):
        accept_quotation(row, actor=system_actor())
    assert "<div>Deep, decided by: Directors." in after and "<div>Any, decided by: Directors." in after
    decider = director.get(address).content.decode()
    assert "act/sales.send_quotation/" in decider and decider.count(">Decide</a>") == 2
