"""What was sent stays as it was: versions, options, terms, validity, approval that is foreseen (M5.11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, ProgrammingError, connections, transaction
from django.test.utils import CaptureQueriesContext

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.offers.jobs import remind_of_offers
from guanxi.erp.sales.offers.models import OfferAnswer, QuotationVersion, TermsText
from guanxi.erp.sales.offers.operations import (
    OptionChoice,
    choose_options,
    question_quotation,
    renew_quotation,
    share_quotation,
    withdraw_quotation,
)
from guanxi.erp.sales.offers.queries import approvals_ahead
from guanxi.erp.sales.offers.versions import compared, versions_of
from guanxi.erp.sales.operations import accept_quotation, order_quotation, revise_quotation, send_quotation
from guanxi.erp.sales.screens import QuotationScreen
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.acts.writer import change_record, check, create_record, delete_record
from guanxi.kernel.api.reading import record as record_as_json
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.refusals import Invalid, Refused
from tests.support.paper import pages_of

LINES = [
    {"product": "SCREW", "quantity": "10", "unit_price": "9.50"},
    {"product": "NUT", "quantity": "4"},
    {"product": "FIT", "quantity": "1", "inclusion": "optional"},
    {"product": "NUT", "quantity": "100", "discount": "10%", "inclusion": "optional"},
]


@pytest.fixture
def quotation(trade):
    given = {"customer": trade.customer.pk, "lines": LINES, "terms_text": {"en": "Ex works", "zh-hans": "工厂交货"}}
    return create_record(Quotation, given, actor=trade.actor).result


@pytest.fixture
def twice(trade, quotation):
    """Sent, revised and sent again: the screw dearer, the nut gone, a service in."""
    send_quotation(quotation, actor=trade.actor)
    revise_quotation(quotation, actor=trade.actor)
    screw, nut, service, nuts = quotation.lines.order_by("position")
    lines = [{"id": screw.pk, "unit_price": "9.80"}, {"product": "FIT", "quantity": "2"}, {"id": service.pk}, {"id": nuts.pk}]
    change_record(quotation, {"lines": lines, "note": "Second thoughts"}, actor=trade.actor)
    quotation.refresh_from_db()
    send_quotation(quotation, actor=trade.actor)
    return list(versions_of(quotation.pk).order_by("edition"))


def later(trade, days: int):
    return replace(trade.actor, now=trade.actor.now + timedelta(days=days))


class TestVersions:
    def test_a_sent_version_stays_as_it_was_while_the_quotation_goes_on(self, trade, quotation, twice):
        first, second = twice
        assert [(v.number, v.net, v.tax, v.total, v.margin) for v in twice] == [
            (f"{quotation.number}-V1", Decimal(103), Decimal("13.39"), Decimal("116.39"), Decimal(39)),
            (f"{quotation.number}-V2", Decimal(338), Decimal("43.94"), Decimal("381.94"), Decimal(278)),
        ]
        assert (first.sender_id, first.at, quotation.edition) == (trade.actor.member_id, trade.actor.now, 2)
        assert [(line.product.code, line.unit_price) for line in first.lines.order_by("position")] == [
            ("SCREW", Decimal("9.5")), ("NUT", Decimal(2)), ("FIT", Decimal(120)), ("NUT", Decimal(2)),
        ]

    def test_nobody_changes_a_version_not_even_by_sql(self, trade, twice):
        for words in ("UPDATE sales_quotationversion SET total = 1", "DELETE FROM sales_quotationversionline"):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(words)

    def test_it_is_printed_again_as_it_was(self, trade, quotation, twice):
        paper = "".join(pages_of(print_document(twice[0], actor=trade.actor, language="en").pdf))
        assert quotation.number in paper and f"{quotation.number}-V1" not in paper and "9.50" in paper and "9.80" not in paper
        assert "Totalwithtax¥116.39" in paper and "Exworks" in paper and "Secondthoughts" not in paper and "DRAFT" not in paper
        again = "".join(pages_of(print_document(twice[1], actor=trade.actor, language="en").pdf))
        assert "Version2" in again and "9.80" in again and "Secondthoughts" in again

    def test_two_versions_are_compared_line_by_line(self, trade, twice):
        found = compared(*twice, trade.actor)
        assert [(one.kind, one.line.product.code, one.line.quantity) for one in found.lines] == [
            ("changed", "SCREW", 10), ("removed", "NUT", 4), ("added", "FIT", 2), ("same", "FIT", 1), ("same", "NUT", 100),
        ]
        screw = {change.column.name: (change.before, change.after) for change in found.lines[0].changes}
        assert {name: screw[name] for name in ("unit_price", "net")} == {
            "unit_price": (Decimal("9.5"), Decimal("9.8")), "net": (Decimal(95), Decimal(98)),
        }
        head = {change.column.name: (change.before, change.after) for change in found.head}
        assert head["total"] == (Decimal("116.39"), Decimal("381.94")) and head["note"] == ("", "Second thoughts") and "currency" not in head

    def test_who_may_not_see_margins_finds_none_in_the_comparison(self, trade, twice, member):
        blind = member("storekeeper")
        found = compared(*twice, blind)
        named = {change.column.name for change in [*found.head, *found.lines[0].changes]}
        assert "net" in named and not named & {"cost", "margin", "margin_rate", "unit_cost"}

    def test_a_quotation_that_was_sent_is_not_deleted(self, trade, quotation, twice):
        revise_quotation(quotation, actor=trade.actor)
        with pytest.raises(Refused, match="Quotation versions"):
            delete_record(quotation, actor=trade.actor)

    def test_sending_takes_as_many_statements_for_many_lines_as_for_one(self, trade):
        def sent(count: int) -> int:
            given = {"customer": trade.customer.pk, "lines": [{"product": "NUT", "quantity": "1"}] * count}
            made = create_record(Quotation, given, actor=trade.actor).result
            with CaptureQueriesContext(connections["default"]) as asked:
                send_quotation(made, actor=trade.actor)
            return len(asked)

        assert sent(1) == sent(20)


class TestOptions:
    def test_what_is_optional_counts_only_when_it_is_chosen(self, trade, quotation):
        assert (quotation.net, quotation.total, quotation.cost) == (Decimal(103), Decimal("116.39"), Decimal(64))
        chosen = [{**line, "inclusion": "chosen"} if line["product"] == "FIT" else line for line in LINES]
        change_record(quotation, {"lines": chosen}, actor=trade.actor)
        quotation.refresh_from_db()
        assert (quotation.net, quotation.tax, quotation.total, quotation.cost) == tuple(map(Decimal, ("223", "28.99", "251.99", "64")))

    def test_the_seller_chooses_after_it_was_sent_and_only_that_is_ordered(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        service, nuts = quotation.lines.filter(inclusion="optional").order_by("position")
        choose_options(quotation, actor=trade.actor, lines=[OptionChoice(service, True), OptionChoice(nuts, False)])
        quotation.refresh_from_db()
        assert (quotation.net, quotation.total) == (Decimal(223), Decimal("251.99"))
        assert QuotationVersion.objects.get().total == Decimal("116.39"), "what was sent stays as it was"
        accept_quotation(quotation, actor=trade.actor)
        order = order_quotation(quotation, actor=trade.actor)
        assert [line.product.code for line in order.lines.order_by("position")] == ["SCREW", "NUT", "FIT"] and order.total == quotation.total

    def test_a_line_that_is_no_option_cannot_be_chosen(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        with pytest.raises(Invalid, match="no optional line"):
            choose_options(quotation, actor=trade.actor, lines=[OptionChoice(quotation.lines.first(), False)])

    def test_options_stand_apart_on_paper_and_in_the_api(self, trade, quotation):
        paper = "".join(pages_of(print_document(quotation, actor=trade.actor, language="en").pdf))
        assert paper.index("Options,notinthetotal") > paper.index("SCREW") and paper.index("FIT") > paper.index("Options,notinthetotal")
        assert "180.00" in paper and "10%" in paper and "Net¥103.00" in paper
        found = record_as_json(trade.actor, QuotationScreen, quotation.pk)
        assert [line["inclusion"] for line in found["lines"]] == ["firm", "firm", "optional", "optional"]

    def test_a_section_adds_up_what_counts(self, trade):
        lines = [{**line, "section": "All"} for line in LINES]
        made = create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        assert record_as_json(trade.actor, QuotationScreen, made.pk)["sections"] == [{"title": "All", "lines": 4, "net": "103.00"}]

    def test_an_offer_of_options_only_makes_no_order(self, trade):
        made = create_record(Quotation, {"customer": trade.customer.pk, "lines": LINES[2:]}, actor=trade.actor).result
        with pytest.raises(Refused, match="no lines"):
            order_quotation(made, actor=trade.actor)


class TestTermsAndValidity:
    def test_terms_are_taken_over_in_both_languages_unless_the_quotation_says_others(self, trade):
        text = {"en": "Delivered within four weeks", "zh-hans": "四周内交货"}
        terms = create_record(TermsText, {"code": "EXW", "name": {"en": "Ex works"}, "text": text}, actor=trade.actor).result
        given = {"customer": trade.customer.pk, "terms": terms.pk, "lines": LINES}
        made = create_record(Quotation, given, actor=trade.actor).result
        own = create_record(Quotation, {**given, "terms_text": {"en": "As agreed"}}, actor=trade.actor).result
        assert (dict(made.terms_text), dict(own.terms_text)) == (text, {"en": "As agreed"})
        assert "四周内交货" in "".join(pages_of(print_document(made, actor=trade.actor, language="zh-hans").pdf))

    def test_an_expired_offer_is_accepted_only_after_it_was_renewed(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        after = later(trade, 31)
        for verb in (accept_quotation, order_quotation):
            with pytest.raises(Refused, match="Renew it first"):
                verb(quotation, actor=after)
        version = renew_quotation(quotation, actor=after, valid_until=after.today + timedelta(days=10))
        assert (version.edition, version.valid_until, version.total) == (2, after.today + timedelta(days=10), Decimal("116.39"))
        assert [v.valid_until - version.valid_until for v in QuotationVersion.objects.filter(edition=1)] == [timedelta(days=-11)]
        accept_quotation(quotation, actor=after)
        assert quotation.status == "accepted"

    def test_it_is_renewed_neither_into_the_past_nor_to_the_same_day(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        for day in (trade.actor.today - timedelta(days=1), quotation.valid_until):
            with pytest.raises(Invalid):
                renew_quotation(quotation, actor=trade.actor, valid_until=day)

    def test_an_offer_whose_last_day_is_over_is_not_sent(self, trade, quotation):
        with pytest.raises(Refused, match="later one"):
            send_quotation(quotation, actor=later(trade, 31))

    def test_a_withdrawn_offer_is_not_accepted_and_a_questioned_one_is(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        question_quotation(quotation, actor=trade.actor, reason="Cheaper")
        assert quotation.status == "change_asked"
        withdraw_quotation(quotation, actor=trade.actor)
        with pytest.raises(Refused, match="“Withdrawn”"):
            accept_quotation(quotation, actor=trade.actor)
        revise_quotation(quotation, actor=trade.actor)
        send_quotation(quotation, actor=trade.actor)
        question_quotation(quotation, actor=trade.actor, reason="Sooner")
        accept_quotation(quotation, actor=trade.actor)

    def test_the_owner_is_told_once_that_it_ends_and_once_that_it_ended(self, trade, quotation, member):
        seller = member("salesperson")
        Quotation.objects.filter(pk=quotation.pk).update(owner=seller.member_id)
        quotation.refresh_from_db()
        send_quotation(quotation, actor=trade.actor)
        assert [remind_of_offers(later(trade, days)) for days in (26, 27, 28, 30, 31, 31, 32)] == [0, 1, 0, 0, 1, 0, 0]
        assert list(Notification.objects.order_by("pk").values_list("kind", "member_id")) == [
            ("offer_lapses", seller.member_id), ("offer_ended", seller.member_id),
        ]


    def test_a_wish_told_by_telephone_is_kept_with_who_has_it(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        question_quotation(quotation, actor=trade.actor, reason="Twelve instead of ten", name="Wang Fang")
        wish = OfferAnswer.objects.get()
        assert (wish.kind, wish.name, wish.text, wish.link_id, wish.edition) == ("change_asked", "Wang Fang", "Twelve instead of ten", None, 1)

    def test_renewing_keeps_links_open_for_as_long_again(self, trade, quotation):
        send_quotation(quotation, actor=trade.actor)
        link = share_quotation(quotation, actor=trade.actor).link
        assert link.ends_on == quotation.valid_until + timedelta(days=60)
        renew_quotation(quotation, actor=trade.actor, valid_until=quotation.valid_until + timedelta(days=20))
        link.refresh_from_db()
        assert link.ends_on == quotation.valid_until + timedelta(days=60)


class TestApprovalAhead:
    def test_it_is_said_before_sending_who_will_be_asked_and_why(self, trade, quotation, member):
        director = Role.objects.create(key="director", name={"en": "Director"}, grants={"acts.approve_request": "company"})
        for name, condition in (("Thin", "margin_rate < 50%"), ("Reduced", "largest_discount > 5%"), ("Large", "total > 1000")):
            ApprovalRule.objects.create(name={"en": name}, operation="sales.send_quotation", condition=condition, approvers=director)
        seller, blind = member("salesperson"), member("storekeeper")
        said = approvals_ahead(quotation, seller)
        assert [(str(one.rule), [(c.name, text) for c, text in one.because]) for one in said] == [
            ("Thin", [("margin_rate", "37.9%")]), ("Reduced", [("largest_discount", "10%")]),
        ]
        assert [one.because for one in approvals_ahead(quotation, blind)][0] == [], "nobody learns a margin by a rule"
        assert approvals_ahead(quotation, member("director")) == []


class TestMarginsWhileTyping:
    def test_an_order_shows_what_it_loses_as_well(self, trade):
        lines = [{"product": "SCREW", "quantity": "10", "unit_price": "3"}, {"product": "NUT", "quantity": "4"}]
        [draft] = check(form_of(Order), [{"customer": trade.customer.pk, "lines": lines}], trade.actor)
        assert [(round(line.values["margin_rate"], 4), line.values.get("margin_rate.tone")) for line in draft.lines] == [
            (Decimal("-1.0000"), "bad"), (Decimal("0.5"), None),
        ]
        assert (draft.values["margin"], draft.values.get("margin_rate.tone")) == (-26, "bad")

    def test_each_line_and_the_whole_have_a_margin_coloured_only_under_the_floor(self, trade):
        trade.screw.category_id = _category(trade, "40%")
        trade.screw.save()
        lines = [{"product": "SCREW", "quantity": "10", "unit_price": "9"}, {"product": "NUT", "quantity": "4"}]
        [draft] = check(form_of(Quotation), [{"customer": trade.customer.pk, "lines": lines}], trade.actor)
        assert [round(line.values["margin_rate"], 4) for line in draft.lines] == [Decimal("0.3333"), Decimal("0.5")]
        assert [line.values.get("margin_rate.tone") for line in draft.lines] == ["bad", None]
        assert (draft.values["margin"], round(draft.values["margin_rate"], 4), draft.values.get("margin_rate.tone")) == (34, Decimal("0.3469"), "bad")
        lines[0]["unit_price"] = "11"
        [dearer] = check(form_of(Quotation), [{"customer": trade.customer.pk, "lines": lines}], trade.actor)
        assert not any("margin_rate.tone" in one.values for one in (dearer, *dearer.lines))
        made = create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        assert [round(line.margin_rate, 4) for line in made.lines.order_by("position")] == [Decimal("0.4545"), Decimal("0.5")]


def _category(trade, floor: str) -> int:
    from guanxi.shared.catalog.models import Category

    return create_record(Category, {"code": "S", "name": {"en": "Screws"}, "margin_floor": floor}, actor=trade.actor).result.pk
