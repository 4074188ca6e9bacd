"""The customer's page of an order: what it shows, what it never shows, and what it withstands (M14.3, M14.4)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import PackedPackage, pack_delivery, receive_goods, record_proof
from guanxi.erp.sales.operations import PartialLine, WantedLine, cancel_order, deliver_order, invoice_order, place_order
from guanxi.erp.sales.tokens import token_of
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.operations import revoke_order_link, share_order
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.limits import counters
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party
from tests.access.world import person

D = Decimal


@pytest.fixture
def sold(rolled_back, static_files):
    """Ten screws at 10.00 that cost 6.00, four of them delivered in a parcel and billed; and another customer's order."""
    with in_set("alpha"):
        actor = system_actor()
        screw = create_record(
            Product, {"code": "SCREW", "name": "Ball screw", "unit": "pc", "tax": "VAT13", "list_price": "10", "standard_cost": "6.66"}, actor=actor
        ).result
        lines = [{"product": screw.pk, "quantity": "50", "unit_cost": "6.66"}]
        receive_goods(create_record(GoodsReceipt, {"kind": "opening", "lines": lines}, actor=actor).result, actor=actor)
        customer, other = (create_record(Party, {"name": name}, actor=actor).result for name in ("Hengchuan Hydraulics", "Quagga Works"))
        order = place_order(
            customer, actor=actor, lines=[WantedLine(product=screw, quantity=D(10))], customer_reference="PO-77", note="Never ship late again"
        )
        foreign = place_order(other, actor=actor, lines=[WantedLine(product=screw, quantity=D(3))], customer_reference="PO-QUAGGA")
        delivery = deliver_order(order, actor=actor, lines=[PartialLine(order.lines.get(), D(4))])
        invoice_order(order, actor=actor)
        pack_delivery(delivery, actor=actor, packages=[PackedPackage(D(12), "SF10001")])
        link = share_order(order, actor=actor, given_to="Wang Fang").link
        return SimpleNamespace(
            actor=actor, order=order, delivery=delivery, foreign=foreign, link=link, url=f"/orders/alpha/{token_of(link)}/", customer=customer
        )


@pytest.fixture
def visitor(sold):
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def text_of(answer) -> str:
    return answer.content.decode()


class TestShowing:
    def test_what_is_delivered_promised_on_its_way_and_to_be_paid(self, visitor, sold):
        with in_set("alpha"):
            record_proof(sold.delivery, actor=sold.actor, delivered_on=sold.actor.today, received_by="Ms Li, gate 2", remarks="Box dented")
        answer = visitor.get(f"{sold.url}?language=en")
        text = text_of(answer)
        assert answer.status_code == 200
        for words in (sold.order.number, "PO-77", "Ball screw", "10 piece", "Part of it has been delivered", sold.delivery.number, "SF10001",
                      "received by Ms Li, gate 2", "45.20", "1 package"):
            assert words in text, words

    def test_nothing_that_is_ours_alone_or_of_others_is_shown(self, visitor, sold):
        text = text_of(visitor.get(sold.url))
        for secret in ("6.66", "26.64", "Never ship late", "Box dented", "QUAGGA", "Quagga Works", sold.foreign.number, "/alpha/", "10.00", "113"):
            assert secret not in text, secret
        assert "<script" not in text

    def test_it_speaks_the_customer_s_language_and_the_other_on_request(self, visitor, sold):
        assert "订单" in text_of(visitor.get(f"{sold.url}?language=zh-hans")) and "Order" in text_of(visitor.get(f"{sold.url}?language=en"))

    def test_a_cancelled_order_says_so(self, visitor, sold):
        with in_set("alpha"):
            link = share_order(sold.foreign, actor=sold.actor).link
            cancel_order(sold.foreign, actor=sold.actor)
            url = f"/orders/alpha/{token_of(link)}/?language=en"
        assert "This order was cancelled." in text_of(visitor.get(url))

    def test_looks_are_counted_those_of_the_staff_are_not(self, visitor, sold):
        person("alpha", "administrator").client.get(sold.url)
        visitor.get(sold.url, HTTP_PURPOSE="prefetch")
        for _ in range(3):
            visitor.get(sold.url)
        with in_set("alpha"):
            link = OrderLink.objects.get(pk=sold.link.pk)
            assert link.seen_count == 3 and link.first_seen_at is not None


class TestWithstanding:
    def test_a_wrong_a_revoked_an_ended_and_an_offer_s_link_look_the_same(self, visitor, sold):
        row, signature = sold.url.split("/")[-2].split("-", 1)
        with in_set("alpha"):
            revoked, ended = (share_order(sold.order, actor=sold.actor).link for _ in range(2))
            revoke_order_link(revoked, actor=sold.actor)
            with pytest.raises(Refused, match="already"):
                revoke_order_link(revoked, actor=sold.actor)
            OrderLink.objects.filter(pk=ended.pk).update(ends_on=sold.actor.today - timedelta(days=1))
            gone = [token_of(revoked), token_of(ended)]
        wrong = [*gone, f"{row}-{'A' * 43}", f"{int(row) + 500}-{signature}", signature, "0", f"٣-{signature}"]
        answers = [visitor.get(f"/orders/alpha/{one}/") for one in wrong]
        assert {answer.status_code for answer in answers} == {404} and len({re.sub("<[^>]+>", "", text_of(answer)) for answer in answers}) == 1
        assert visitor.get(f"/orders/beta/{row}-{signature}/").status_code == 404
        assert visitor.get(f"/offers/alpha/{row}-{signature}/").status_code == 404, "a token for one kind of page opens no other"
        assert visitor.post(sold.url, {"act": "accept"}).status_code == 405

    def test_nobody_keeps_it_and_nothing_runs_on_it(self, visitor, sold):
        answer = visitor.get(sold.url)
        assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]
        assert "script-src 'none'" in answer["Content-Security-Policy"] and not answer.cookies

    def test_who_asks_very_often_waits(self, visitor, sold, monkeypatch):
        from guanxi.web.pages import tracking

        monkeypatch.setattr(tracking, "READS", counters.Limit("tracking-reads-few", 2, 600))
        answers = [visitor.get(sold.url) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429] and int(answers[2]["Retry-After"]) > 0

    def test_the_token_stands_in_no_row_of_the_database(self, visitor, sold):
        visitor.get(sold.url)
        secret = sold.url.split("/")[-2].split("-", 1)[1]
        with in_set("alpha"):
            link = OrderLink.objects.get(pk=sold.link.pk)
            assert secret not in str(vars(link)) and secret not in str(list(Act.objects.values_list("arguments", "key", "outcome", "result"))[-20:])


def test_a_link_is_open_for_a_while_that_may_be_chosen(sold):
    with in_set("alpha"):
        assert sold.link.ends_on == max(sold.order.promised_on or sold.actor.today, sold.actor.today) + timedelta(days=90)
        with pytest.raises(Invalid, match="within two years"):
            share_order(sold.order, actor=sold.actor, ends_on=sold.actor.today - timedelta(days=1))


def test_the_order_s_page_shows_the_link_to_whoever_may_give_it_out(sold):
    page = text_of(person("alpha", "administrator").client.get(f"/alpha/sales/orders/{sold.order.pk}/"))
    assert sold.url in page and sold.url not in text_of(person("alpha", "storekeeper").client.get(f"/alpha/sales/orders/{sold.order.pk}/"))
