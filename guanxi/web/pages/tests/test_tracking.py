"""The customer's page of an order: what it shows, what it never shows, and what it withstands (M14.3, M14.4)."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from guanxi.erp.inventory.models import Delivery, GoodsReceipt
from guanxi.erp.inventory.operations import PackedPackage, pack_delivery, receive_goods, record_proof
from guanxi.erp.sales.operations import PartialLine, WantedLine, cancel_order, deliver_order, invoice_order, place_order
from guanxi.erp.sales.sharing.tokens import token_of
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.operations import revoke_order_link, share_order
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach
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


class TestPhoto:
    """A photo taken at the door with the form: the customer sees it through the link, and nothing else of the files."""

    @pytest.fixture
    def proved(self, sold):
        keeper = person("alpha", "storekeeper").client
        address = f"/alpha/inventory/deliveries/{sold.delivery.pk}/act/inventory.record_proof/"
        form = text_of(keeper.get(address))
        assert 'name="proof.photo" accept="image/*" capture="environment"' in form and 'enctype="multipart/form-data"' in form
        values = {"key": "proof-1", "delivered_on": sold.actor.today.isoformat(), "received_by": "Ms Li", "proof": "", "remarks": ""}
        early = (sold.actor.today + timedelta(days=1)).isoformat()
        refused = keeper.post(address, {**values, "delivered_on": early, "proof.photo": upload("door.png", "#c00")}, HTTP_ACCEPT_LANGUAGE="en")
        assert refused.status_code == 422 and "This day has not come yet." in text_of(refused)
        with in_set("alpha"):
            assert not Attachment.objects.filter(target_model="inventory.delivery").exists(), "refused, nothing of it stays"
        keeper.post(address, {**values, "proof.photo": upload("door.png", "#c00")})
        with in_set("alpha"):
            delivery = Delivery.objects.select_related("proof").get(pk=sold.delivery.pk)
            assert (delivery.received_by, delivery.proof.name, delivery.proof.target_id) == ("Ms Li", "door.png", delivery.pk)
            attach(delivery, store(picture("#00c"), "inside.png"), "inside.png", sold.actor)
        return delivery

    def test_the_customer_sees_who_took_it_when_and_the_photo(self, visitor, sold, proved):
        text = text_of(visitor.get(f"{sold.url}?language=en"))
        address = f"{sold.url}photo/{proved.pk}/"
        assert "received by Ms Li" in text and f'src="{address}"' in text and text.count("/photo/") == 2 and "door.png" not in text
        answer = visitor.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp") and "no-store" in answer["Cache-Control"]
        assert visitor.post(address).status_code == 405

    def test_only_that_photo_only_under_the_token_only_while_it_is_open(self, visitor, sold, proved):
        with in_set("alpha"):
            other = deliver_order(sold.foreign, actor=sold.actor)
            record_proof(
                other, actor=sold.actor, delivered_on=sold.actor.today, received_by="Quagga",
                proof=attach(other, store(picture("#0c0"), "q.png"), "q.png", sold.actor),
            )
            link = share_order(sold.foreign, actor=sold.actor).link
            foreign = f"/orders/alpha/{token_of(link)}/"
        row, signature = sold.url.split("/")[-2].split("-", 1)
        wrong = [
            f"{sold.url}photo/{other.pk}/", f"{foreign}photo/{proved.pk}/", f"{sold.url}photo/{proved.proof_id + 1}00/",
            f"/orders/alpha/{row}-{'A' * 43}/photo/{proved.pk}/", f"/orders/beta/{row}-{signature}/photo/{proved.pk}/",
        ]
        assert {visitor.get(one).status_code for one in wrong} == {404}
        assert visitor.get(f"{foreign}photo/{other.pk}/").status_code == 200
        with in_set("alpha"):
            revoke_order_link(OrderLink.objects.get(pk=sold.link.pk), actor=sold.actor)
        assert visitor.get(f"{sold.url}photo/{proved.pk}/").status_code == 404

    def test_what_is_no_picture_is_not_shown(self, visitor, sold):
        with in_set("alpha"):
            text = attach(sold.delivery, store(io.BytesIO(b"signed"), "signed.txt"), "signed.txt", sold.actor)
            record_proof(sold.delivery, actor=sold.actor, delivered_on=sold.actor.today, received_by="Li", proof=text)
        assert "/photo/" not in text_of(visitor.get(sold.url)) and visitor.get(f"{sold.url}photo/{sold.delivery.pk}/").status_code == 404


def picture(colour: str) -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(made, "PNG")
    made.seek(0)
    return made


def upload(name: str, colour: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(colour).getvalue(), "image/png")


def test_a_link_is_open_for_a_while_that_may_be_chosen(sold):
    with in_set("alpha"):
        assert sold.link.ends_on == max(sold.order.promised_on or sold.actor.today, sold.actor.today) + timedelta(days=90)
        with pytest.raises(Invalid, match="within two years"):
            share_order(sold.order, actor=sold.actor, ends_on=sold.actor.today - timedelta(days=1))


def test_the_order_s_page_shows_the_link_to_whoever_may_give_it_out(sold):
    page = text_of(person("alpha", "administrator").client.get(f"/alpha/sales/orders/{sold.order.pk}/"))
    assert sold.url in page and sold.url not in text_of(person("alpha", "storekeeper").client.get(f"/alpha/sales/orders/{sold.order.pk}/"))
