"""What a supplier's dearer delivery and a changed model do to everything that is promised to a customer, and what is decided (X5, M21.2, M7.1)."""

from __future__ import annotations

from decimal import Decimal

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import CompatibilityRule, Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.erp.contracts.calling import CalledLine, call_off
from guanxi.erp.contracts.models import Contract
from guanxi.erp.contracts.operations import approve_contract, sign_contract
from guanxi.erp.contracts.seeds import ASKED
from guanxi.erp.sales.impact.jobs import look_for_changes
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.operations import accept_affected_line, hold_affected_line, requote_affected_line
from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import PartialLine, WantedLine, deliver_order, place_order, send_quotation
from guanxi.erp.sales.pricing.configured import offer_configuration
from guanxi.erp.sales.tests.conftest import product, receive
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.shared.parties.models import Party

D = Decimal


def _waiting(alpha):
    rows = AffectedLine.objects.visible_to(alpha).filter(status="open").order_by("kind", "pk")
    return [(row.kind, row.reason, row.quantity, row.margin, row.margin_now) for row in rows]


def test_dearer_goods_and_a_changed_model_are_decided_line_by_line_and_by_rule(alpha):
    ApprovalRule.objects.filter(operation=ASKED).update(is_active=False)
    screw, press = product(alpha, "SCREW", "10", "6"), product(alpha, "PRESS", "1000", "600")
    receive(alpha, [(screw, 100, 6)])
    customer = create_record(Party, {"name": "Hengchuan Hydraulics"}, actor=alpha).result

    # Promised: 10 screws in an offer that was sent, 30 in an order of which 10 have left, 200 in a framework contract of which 50 are called off.
    offer = create_record(Quotation, {"customer": customer.pk, "lines": [{"product": "SCREW", "quantity": "10"}]}, actor=alpha).result
    send_quotation(offer, actor=alpha)
    order = place_order(customer, actor=alpha, lines=[WantedLine(product=screw, quantity=D(30))])
    deliver_order(order, actor=alpha, lines=[PartialLine(line=order.lines.get(), quantity=D(10))])
    lines = [{"product": "SCREW", "quantity": "200", "unit_price": "9"}]
    given = {"customer": customer.pk, "kind": "framework", "title": "Screws", "wording": "At any time.", "lines": lines}
    contract = create_record(Contract, given, actor=alpha).result
    approve_contract(contract, actor=alpha)
    sign_contract(contract, actor=alpha, signed_on=alpha.today, their_name="Fang Min", our_name="Wei")
    called = call_off(contract, actor=alpha, lines=[CalledLine(line=contract.lines.get(), quantity=D(50))])
    # And a press with the large motor.
    for code in ("motor", "cooling"):
        create_record(Feature, {"code": code, "name": code.capitalize()}, actor=alpha)
    model = create_record(ProductModel, {"product": press.pk, "lines": [
        {"feature": "motor", "code": "large", "name": "Large", "surcharge": "200", "cost": "120"},
        {"feature": "cooling", "code": "air", "name": "Air"}, {"feature": "cooling", "code": "water", "name": "Water"},
    ]}, actor=alpha).result
    options = [ChosenOption(one) for one in Chooser(model).chosen({"motor": "large", "cooling": "air"})]
    offer_configuration(save_configuration(model, actor=alpha, choices=options), actor=alpha, customer=customer)
    deliver_all("alpha")
    assert _waiting(alpha) == []

    # The supplier delivers 90 more at 8.00: with the 90 that lie there at 6.00, a screw costs 7.00.
    receive(alpha, [(screw, 90, D(8))], kind="purchase")
    deliver_all("alpha")
    assert _waiting(alpha) == [
        ("contract", "cost", 150, D("450.00"), D("300.00")), ("order", "cost", 20, D("80.00"), D("60.00")),
        ("order", "cost", 50, D("150.00"), D("100.00")), ("quotation", "cost", 10, D("40.00"), D("30.00")),
    ]

    # By rule: what loses no more than 20.00 is accepted.
    for row in AffectedLine.objects.visible_to(alpha).filter(status="open", margin_now__gte=30, margin__lte=80, kind__in=("order", "quotation")):
        perform(accept_affected_line, row.pk, actor=alpha, raw={})
    assert [row[0] for row in _waiting(alpha)] == ["contract", "order"]
    # The contract is amended at its margin rate, and the order called off from it stands still until both have signed.
    requote_affected_line(AffectedLine.objects.visible_to(alpha).get(kind="contract"), actor=alpha)
    hold_affected_line(AffectedLine.objects.visible_to(alpha).get(document_id=called.pk, kind="order"), actor=alpha)
    called.refresh_from_db()
    amendment = Contract.objects.get(amends=contract)
    assert (called.hold, amendment.lines.get().unit_price) == ("other", D("10.50"))

    # The large motor is no longer cooled by air: the press that was offered so is named, with the reason.
    rule = {"model": model.pk, "name": "The large motor needs water.", "when": 'motor = "large"', "must": 'cooling = "water"'}
    create_record(CompatibilityRule, rule, actor=alpha)
    look_for_changes.function(actor=alpha)
    [left] = AffectedLine.objects.visible_to(alpha).filter(status="open")
    assert (left.reason, str(left.misfit), left.description) == ("misfit", "The large motor needs water.", "PRESS · Cooling Air · Motor Large")
