"""Owners are told before a contract ends; one that renews itself begins its next period (M5.12)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils.translation import override

from guanxi.erp.contracts.calling import CalledLine, call_off, lines_with_calls
from guanxi.erp.contracts.checks import prove_contracts
from guanxi.erp.contracts.jobs import renew_contracts, tell_of_ends
from guanxi.erp.contracts.models import Contract
from guanxi.erp.contracts.operations import amend_contract
from guanxi.erp.contracts.renewing import next_end, renew_contract
from guanxi.erp.contracts.tests.test_contracts import again, contract, signed
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import change_record
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.notices.queries import notices_of
from guanxi.kernel.records.refusals import Invalid, Refused


@pytest.fixture
def yearly(trade):
    first = trade.actor.today - timedelta(days=360)
    last = trade.actor.today + timedelta(days=4)
    return signed(trade, contract(trade, valid_from=str(first), valid_until=str(last), renewal="automatic", notice_days=5))


def later(actor, days: int):
    return actor.on(actor.today + timedelta(days=days), 10)


class TestNotice:
    def test_the_owner_is_told_once_in_time(self, trade, yearly, member):
        seller = member("salesperson")
        Contract.objects.update(owner=seller.member_id)
        system = system_actor()
        assert [tell_of_ends(later(system, days)) for days in (-2, 0, 1)] == [0, 1, 0]
        [note] = Notification.objects.filter(kind="contract_renews")
        assert (note.member_id, note.arguments["day"]) == (seller.member_id, str(yearly.valid_until))
        number, day = yearly.number, yearly.valid_until
        for language, words in (
            ("en", f"{number} ends on {full_date(day)} and renews itself"),
            ("zh-hans", f"{number} 将于 {day.year}年{day.month}月{day.day}日 到期，届时自动续期"),
        ):
            with override(language):
                [notice] = notices_of(seller, "alpha", limit=5)
                assert notice.text == words

    def test_one_that_does_not_renew_itself_ends(self, trade, yearly, member):
        Contract.objects.update(owner=member("salesperson").member_id, renewal="notice")
        tell_of_ends(later(system_actor(), 0))
        assert Notification.objects.get().kind == "contract_ends"


class TestRenewal:
    def test_the_next_period_is_as_long_and_begins_once(self, trade, yearly):
        system = system_actor()
        assert [renew_contracts(later(system, days)) for days in (4, 5, 5)] == [0, 1, 0]
        row, former = again(yearly), yearly.valid_until
        assert (row.valid_until - former, row.period_from, row.valid_from) == (timedelta(days=365), former + timedelta(days=1), yearly.valid_from)

    def test_what_was_called_off_counts_anew(self, trade, yearly):
        def call(actor):
            return call_off(again(yearly), actor=actor, lines=[CalledLine(line=yearly.lines.get(), quantity=Decimal(10))])

        call(trade.actor)
        assert [line.called for line in lines_with_calls(yearly.pk)] == [10]
        call(later(trade.actor, 6))
        assert [line.called for line in lines_with_calls(yearly.pk)] == [10]

    def test_renewed_early_what_is_called_off_until_the_next_period_begins_counts_in_the_present_one(self, trade, yearly):
        today, first = trade.actor, yearly.valid_until + timedelta(days=1)
        row = again(yearly)

        def call(actor, quantity):
            return call_off(again(row), actor=actor, lines=[CalledLine(line=row.lines.get(), quantity=Decimal(quantity))])

        def called():
            return [line.called for line in lines_with_calls(row.pk)]

        old = call(today, 4)
        renew_contract(again(row), actor=today, valid_until=next_end(row))
        assert (again(row).period_from, again(row).next_from, again(row).valid_until) == (None, first, first + timedelta(days=364))
        assert called() == [4]
        with pytest.raises(Invalid, match="Only 6 of “SCREW” may still be called off"):
            call(today, 7)
        call(today, 5)
        assert called() == [9]
        with pytest.raises(Refused, match="It is renewed already: its next period begins on"):
            renew_contract(again(row), actor=today, valid_until=next_end(again(row)))
        assert [renew_contracts(later(system_actor(), days)) for days in (4, 5, 5)] == [0, 0, 0]
        assert (again(row).period_from, again(row).next_from, called()) == (first, None, [0])
        call(later(today, 5), 10)
        assert called() == [10]
        with pytest.raises(Invalid, match="The period of .* in which this was called off is over"):
            change_record(old, {"lines": [{"id": old.lines.get().pk, "quantity": "5"}]}, actor=today)
        change_record(old, {"lines": [{"id": old.lines.get().pk, "quantity": "3"}]}, actor=today)
        with connections["default"].cursor() as cursor:
            assert [proof.problems for proof in prove_contracts(cursor)] == [[], [], []]

    def test_an_amendment_counts_the_calls_in_the_periods_in_which_they_were(self, trade, yearly):
        row = again(yearly)
        call_off(again(row), actor=trade.actor, lines=[CalledLine(line=row.lines.get(), quantity=Decimal(10))])
        renew_contract(again(row), actor=trade.actor, valid_until=next_end(row))
        amendment = signed(trade, amend_contract(again(row), actor=trade.actor))
        assert (amendment.period_from, amendment.next_from) == (None, yearly.valid_until + timedelta(days=1))
        call_off(again(amendment), actor=later(trade.actor, 6), lines=[CalledLine(line=amendment.lines.get(), quantity=Decimal(9))])
        assert [line.called for line in lines_with_calls(amendment.pk)] == [9]

    @pytest.mark.parametrize(("first", "last", "following"), [
        ("2025-01-01", "2025-12-31", "2026-12-31"), ("2025-03-15", "2025-09-14", "2026-03-14"), ("2024-02-01", "2024-02-29", "2024-03-31"),
        ("2025-01-01", "2025-01-10", "2025-01-20"),
    ])
    def test_whole_months_stay_whole_months(self, first, last, following):
        row = Contract(valid_from=date.fromisoformat(first), valid_until=date.fromisoformat(last))
        assert next_end(row) == date.fromisoformat(following)


