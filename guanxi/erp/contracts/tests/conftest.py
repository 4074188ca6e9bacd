"""Clauses, a template, and what is sold by contract."""

from types import SimpleNamespace

import pytest

from guanxi.erp.contracts.models import Clause, DocumentTemplate
from guanxi.erp.contracts.seeds import ASKED
from guanxi.erp.sales.tests.conftest import product, receive
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Contact, Party


@pytest.fixture
def trade(alpha):
    """100 screws at 10.00 and 5 nuts at 2.00, tax 13 %; a template with three clauses. Nobody has to look at contracts."""
    ApprovalRule.objects.filter(operation=ASKED).update(is_active=False)
    screw, nut = product(alpha, "SCREW", "10", "6"), product(alpha, "NUT", "2", "1")
    receive(alpha, [(screw, 100, 6), (nut, 5, 1)])
    customer = create_record(Party, {"name": "Hengchuan Hydraulics"}, actor=alpha).result
    contact = create_record(Contact, {"party": customer.pk, "name": "Fang Min"}, actor=alpha).result
    clauses = [
        create_record(Clause, {"code": code, "name": {"en": name, "zh-hans": chinese}, "text": {"en": text}}, actor=alpha).result
        for code, name, chinese, text in (
            ("PAY", "Payment", "付款", "{{ customer.name }} pays {{ total }} by instalments."),
            ("WAR", "Warranty", "质保", "Twelve months from delivery."), ("LAW", "Law", "法律", "The law of the seller's place."),
        )
    ]
    template = create_record(DocumentTemplate, {
        "code": "SALE", "name": {"en": "Sales contract"}, "language": "en", "opening": {"en": "Between {{ company.name }} and {{ customer.name }}:"},
        "lines": [{"clause": one.pk} for one in clauses],
    }, actor=alpha).result
    return SimpleNamespace(actor=alpha, customer=customer, contact=contact, screw=screw, nut=nut, clauses=clauses, template=template)
