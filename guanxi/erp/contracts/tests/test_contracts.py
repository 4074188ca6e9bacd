"""Contracts from templates with clauses: approved, given out, signed, amended, ended (M1.5, M5.12)."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest

from guanxi.erp.contracts.models import Clause, Contract, Signature
from guanxi.erp.contracts.operations import (
    amend_contract,
    approve_contract,
    contract_quotation,
    revise_contract,
    send_contract,
    sign_contract,
    terminate_contract,
)
from guanxi.erp.contracts.seeds import ASKED
from guanxi.erp.contracts.wording import parts_of
from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import send_quotation
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.files.queries import attachments_of
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.parties.models import Party

D = Decimal
WORDS = """Between {{ company.name }} and {{ customer.name }}:

# Payment
{{ customer.name }} pays {{ total }} by instalments.

# Warranty
Twelve months from delivery.

# Law
The law of the seller's place."""


def contract(trade, **values) -> Contract:
    """Ten screws: 113.00 with tax."""
    given = {"customer": trade.customer.pk, "template": trade.template.pk, "lines": [{"product": "SCREW", "quantity": "10"}], **values}
    return create_record(Contract, given, actor=trade.actor, by_id=False).result


def again(row: Contract) -> Contract:
    return Contract.objects.get(pk=row.pk)


def signed(trade, row: Contract, day: date | None = None) -> Contract:
    approve_contract(row, actor=trade.actor)
    return sign_contract(row, actor=trade.actor, signed_on=day or trade.actor.today, their_name="Fang Min", our_name="Wei")


class TestDrawingUp:
    def test_the_words_come_from_the_template_and_the_lines_are_priced(self, trade):
        row = contract(trade)
        assert (row.number[:3], row.status, row.net, row.total, row.language) == ("CT-", "draft", D("100.00"), D("113.00"), "en")
        assert (row.title, row.wording, row.changed_clauses) == ("Sales contract", WORDS, "")

    def test_what_is_unlike_the_template_is_named(self, trade):
        row = contract(trade)
        wording = row.wording.replace("Twelve", "Six").replace("# Law\nThe law of the seller's place.", "# Penalty\nOne per cent a week.")
        change_record(row, {"wording": wording}, actor=trade.actor)
        assert again(row).changed_clauses == "Warranty, Penalty, Law"

    def test_a_quotation_becomes_one_at_its_prices_without_what_is_optional(self, trade):
        lines = [
            {"product": "SCREW", "quantity": "4", "unit_price": "9"}, {"product": "NUT", "quantity": "2", "inclusion": "optional"},
        ]
        quotation = create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        row = contract_quotation(quotation, actor=trade.actor, template=trade.template)
        [line] = row.lines.all()
        assert (line.product_id, line.quantity, line.unit_price, row.total) == (trade.screw.pk, 4, 9, D("40.68"))
        assert (row.quotation_id, line.price_steps[-1]["text"]) == (quotation.pk, f"As agreed in {quotation.number}")

    def test_what_has_to_be_looked_at_before_it_is_sent_becomes_no_contract_as_a_draft(self, trade, member):
        manager = Role.objects.get(key="sales_manager")
        ApprovalRule.objects.create(name={"en": "Large"}, operation="sales.send_quotation", condition="net > 30", approvers=manager)
        quotation, small = (
            create_record(Quotation, {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": n}]}, actor=trade.actor).result
            for n in ("4", "3")
        )
        with pytest.raises(Refused, match="^This needs approval first: Large. Ask for it with “Send”.$"):
            contract_quotation(quotation, actor=trade.actor, template=trade.template)
        assert contract_quotation(small, actor=trade.actor, template=trade.template).net == D("30.00")
        approve_request(perform(send_quotation, quotation.pk, actor=trade.actor, raw={}).awaiting, actor=member("sales_manager"))
        quotation.refresh_from_db()
        assert (quotation.status, contract_quotation(quotation, actor=trade.actor, template=trade.template).net) == ("sent", D("40.00"))

    @pytest.mark.parametrize(("values", "message"), [
        ({"wording": "# Price\n{{ customer.nmae }}"}, "customer.nmae"), ({"wording": "{{ total"}, "one of them is missing"),
        ({"valid_from": "2026-05-01", "valid_until": "2026-04-01"}, "last day of validity"), ({"renewal": "notice"}, "until when it holds"),
        ({"tolerance": "120%"}, "tolerance"), ({"lines": [{"product": "NUT", "quantity": "1"}] * 2}, "twice"),
    ])
    def test_what_cannot_hold_is_refused_in_words(self, trade, values, message):
        with pytest.raises(Invalid, match=message):
            contract(trade, **values)

    def test_a_clause_with_a_field_that_nothing_has_is_refused(self, trade):
        with pytest.raises(Invalid, match="swordfish"):
            create_record(Clause, {"code": "X", "name": {"en": "X"}, "text": {"en": "{{ swordfish }}"}}, actor=trade.actor)


class TestApproval:
    def test_it_waits_for_somebody_and_cannot_be_changed_meanwhile(self, trade, member):
        ApprovalRule.objects.filter(operation=ASKED).update(is_active=True)
        row = contract(trade)
        seller = member("salesperson")
        Contract.objects.filter(pk=row.pk).update(owner=seller.member_id)
        Party.objects.filter(pk=trade.customer.pk).update(owner=seller.member_id)
        outcome = perform(approve_contract, row.pk, actor=seller, raw={})
        assert str(outcome.awaiting.rule) == "Contracts: a sales manager looks at them"
        with pytest.raises(Invalid, match="waits for approval"):
            change_record(row.pk, {"wording": "# Other\nWords"}, actor=trade.actor, model=Contract)
        approve_request(ApprovalRequest.objects.get(), actor=member("sales_manager"))
        assert again(row).status == "approved"

    def test_its_words_are_filled_in_and_fixed(self, trade):
        row = contract(trade)
        approve_contract(row, actor=trade.actor)
        parts = dict(parts_of(again(row).text))
        assert parts["Payment"] == "Hengchuan Hydraulics pays ¥113.00 by instalments."
        with pytest.raises(Refused, match="can no longer be changed"):
            change_record(again(row), {"wording": "# Other\nWords"}, actor=trade.actor)
        revise_contract(row, actor=trade.actor)
        assert (again(row).status, again(row).text) == ("draft", "")


    def test_without_words_it_is_not_finalised(self, trade):
        row = contract(trade, template=None)
        with pytest.raises(Refused, match="has no words yet: choose a document template, or write the wording"):
            approve_contract(row, actor=trade.actor)
        change_record(row, {"wording": "# Payment\nAt once."}, actor=trade.actor)
        approve_contract(again(row), actor=trade.actor)
        assert (again(row).status, again(row).text) == ("approved", "# Payment\nAt once.")


class TestSigning:
    def test_what_was_signed_is_kept_by_its_fingerprint(self, trade):
        row = contract(trade, valid_until="2030-01-01")
        approve_contract(row, actor=trade.actor)
        send_contract(row, actor=trade.actor)
        [file] = attachments_of(row, trade.actor)
        day = trade.actor.today - timedelta(days=1)
        sign_contract(
            row, actor=trade.actor, signed_on=day, their_name="Fang Min", their_position="Director", our_name="Wei", place="Changzhou", file=file,
        )
        kept, row = Signature.objects.get(), again(row)
        assert (kept.fingerprint, kept.file_hash, row.fingerprint) == (file.content.sha256,) * 3
        assert (row.status, row.signed_on, row.valid_from, kept.their_position, kept.means) == ("signed", day, day, "Director", "seal")
        with open_of(file) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == kept.fingerprint

    def test_a_day_to_come_and_another_record_s_file_are_refused(self, trade):
        row, other = contract(trade), contract(trade)
        for one in (row, other):
            approve_contract(one, actor=trade.actor)
        send_contract(other, actor=trade.actor)
        given = {"actor": trade.actor, "their_name": "A", "our_name": "B"}
        with pytest.raises(Invalid, match="still to come"):
            sign_contract(row, signed_on=trade.actor.today + timedelta(days=1), **given)
        with pytest.raises(Invalid, match="another record"):
            sign_contract(row, signed_on=trade.actor.today, file=attachments_of(other, trade.actor)[0], **given)
        assert again(row).status == "approved"

    def test_an_amendment_takes_its_place_when_it_is_signed(self, trade):
        row = signed(trade, contract(trade))
        new = amend_contract(row, actor=trade.actor)
        assert (new.number, new.status, new.amends_id, new.total) == (f"{row.number}-A1", "draft", row.pk, D("113.00"))
        with pytest.raises(Refused, match="already"):
            amend_contract(row, actor=trade.actor)
        change_record(new, {"lines": [{"id": new.lines.get().pk, "quantity": "20"}]}, actor=trade.actor)
        assert again(row).status == "signed"
        signed(trade, again(new))
        assert (again(row).status, again(row).total, again(new).total) == ("replaced", D("113.00"), D("226.00"))

    def test_it_is_terminated_with_its_reason(self, trade):
        row = signed(trade, contract(trade))
        terminate_contract(row, actor=trade.actor, reason="The line is closed")
        assert (again(row).status, again(row).ended_because, again(row).ended_on) == ("terminated", "The line is closed", trade.actor.today)


def open_of(file):
    from guanxi.kernel.files.contents import open_content

    return open_content(file.content)
