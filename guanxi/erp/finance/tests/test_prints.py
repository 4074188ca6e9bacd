"""Invoices and statements of account on paper (M18.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi.erp.finance.operations import record_receipt, reverse_invoice
from guanxi.erp.finance.tests.world import bill, customer, line, product
from guanxi.kernel.access.models import Entity, Team
from guanxi.kernel.printing.declared import forms_for
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.refusals import Forbidden, Invalid
from tests.support.paper import pages_of

VAT13 = Decimal("0.13")


@pytest.fixture
def sold(alpha):
    Entity.objects.update(name="华启精密", tax_number="91320412SELLER", address="创新大道 88 号", phone="0519-1", bank_account="江南银行 6222")
    party = customer(alpha, "恒川液压", tax_number="91320412BUYER", phone="0519-2", bank_account="长江银行 6210")
    screw = product(alpha, "SFU", name={"zh-hans": "滚珠丝杠", "en": "Ball screw"}, specification="Ø16")
    invoice = bill(
        alpha, party,
        line("95.00", "12.35", product=screw, description="滚珠丝杠", unit=screw.unit, quantity=Decimal(10), unit_price=Decimal(10),
             discount=Decimal("0.05"), tax_rate=VAT13),
        line("100.00", "6.00", description="Installation", tax_rate=Decimal("0.06")),
        issued_on=date(2026, 3, 2), due_on=date(2026, 4, 1),
    )
    return alpha, party, invoice


def text_of(record, actor, **asked) -> str:
    return "\n".join(pages_of(print_document(record, actor=actor, **asked).pdf))


def test_a_chinese_invoice_is_laid_out_as_a_vat_invoice(sold):
    actor, _party, invoice = sold
    page = text_of(invoice, actor)
    for text in ("纳税人识别号91320412BUYER", "纳税人识别号91320412SELLER", "开户行及账号长江银行6210", "创新大道88号0519-1", "2026年3月2日",
                 "2026年4月1日", "滚珠丝杠Ø16件109.5095.0013%12.35", "Installation1100.00100.006%6.00", "合计¥195.00¥18.35", "价税合计（大写）",
                 "人民币贰佰壹拾叁元叁角伍分", "¥213.35", "收款人", "复核", "开票人"):
        assert text in page, text


def test_an_english_invoice_shows_the_tax_of_each_rate_and_when_it_is_due(sold):
    actor, _party, invoice = sold
    page = text_of(invoice, actor, language="en")
    for text in ("Invoice" + invoice.number, "91320412BUYER", "2March2026", "1April2026", "BallscrewSFU·Ø1610piece10.005%13%95.00",
                 "VAT6%on¥100.00¥6.00", "VAT13%on¥95.00¥12.35", "Pleasepayto", "Bankandaccount江南银行6222", "Totalwithtax¥213.35"):
        assert text in page, text
    assert "人民币" not in page


def test_a_reversed_invoice_says_so_and_its_opposite_names_it(sold):
    actor, _party, invoice = sold
    opposite = reverse_invoice(invoice, actor=actor, reversed_on=date(2026, 3, 5))
    invoice.refresh_from_db()
    assert "已冲销" in text_of(invoice, actor)
    page = text_of(opposite, actor)
    assert "已冲销" not in page and invoice.number in page and "人民币负贰佰壹拾叁元叁角伍分" in page and "-¥213.35" in page


class TestStatement:
    """Opening balance, what happened, closing balance, ageing: by currency."""

    @pytest.fixture
    def owed(self, sold):
        actor, party, invoice = sold
        record_receipt(party, actor=actor, amount=Decimal("50"), received_on=date(2026, 3, 20), invoices=[invoice])
        bill(actor, party, line("300.00"), issued_on=date(2026, 4, 10), due_on=date(2026, 5, 10))
        wrong = bill(actor, party, line("7.00"), issued_on=date(2026, 4, 11), due_on=date(2026, 5, 11))
        reverse_invoice(wrong, actor=actor, reversed_on=date(2026, 4, 12))
        record_receipt(party, actor=actor, amount=Decimal("13.35"), received_on=date(2026, 4, 20), invoices=[invoice])
        bill(actor, party, line("20.00"), issued_on=date(2026, 4, 21), due_on=date(2026, 5, 21), currency="USD", rate=Decimal(7))
        return actor, party

    def test_it_runs_from_the_opening_to_the_closing_balance(self, owed):
        actor, party = owed
        first, second = pages_of(
            print_document(party, actor=actor, form="statement", language="en", since=date(2026, 4, 1), until=date(2026, 4, 30)).pdf
        )
        for text in ("31March2026Openingbalance163.35", "300.00463.35", "7.00470.35", "Creditnote", "7.00463.35", "13.35450.00",
                     "Openingbalance¥163.35", "Billed¥307.00", "Paidorcredited-¥20.35", "Closingbalance¥450.00"):
            assert text in first, text
        ages = first[first.index("Notdue"):first.index("Bankandaccount")]
        assert ages == "Notdue¥300.001–30days¥150.0031–60days¥0.0061–90days¥0.00Over90days¥0.00Notallocated¥0.00"
        assert "Closingbalance$20.00" in second and "450.00" not in second

    def test_days_that_make_no_period_are_refused(self, owed):
        actor, party = owed
        with pytest.raises(Invalid, match="first day"):
            print_document(party, actor=actor, form="statement", since=date(2026, 4, 2), until=date(2026, 4, 1))

    def test_only_who_may_see_all_of_the_customer_s_invoices_may_print_one(self, owed, member):
        _actor, party = owed
        accountant, manager = member("accountant"), member("sales_manager", team=Team.objects.create(name="North"))
        party.owner_id = manager.member_id
        party.save()
        assert [form.key for form in forms_for(party, accountant)] == ["statement"]
        assert forms_for(party, manager) == []
        with pytest.raises(Forbidden):
            print_document(party, actor=manager, form="statement")

    def test_a_customer_without_business_gets_an_empty_one(self, alpha):
        page = text_of(customer(alpha, "New"), alpha, form="statement")
        assert "Closingbalance¥0.00" in page
