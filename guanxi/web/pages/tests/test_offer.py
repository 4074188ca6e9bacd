"""The customer's page of an offer: what it shows, what it takes, and what it withstands (M5.11)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink, QuotationVersion
from guanxi.erp.sales.offers.operations import revoke_link, share_quotation, withdraw_quotation
from guanxi.erp.sales.operations import order_quotation, revise_quotation, send_quotation
from guanxi.erp.sales.sharing.tokens import token_of
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.discussion.models import Comment, Follower
from guanxi.kernel.discussion.queries import comments_about
from guanxi.kernel.events.models import Event
from guanxi.kernel.limits import counters
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.activities.models import Activity
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party
from tests.access.world import person
from tests.support.paper import pages_of

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
SIGNED = {"name": "Wang Fang", "position": "Buyer", "signature": "wang  fang"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} {% now %} %(title)s %s @[1|Admin] @Admin \u202e=HYPERLINK(1)"


@pytest.fixture
def sold(rolled_back, static_files):
    """A screw at 10.00, ten of them offered; a service at 120.00 and 100 nuts at 2.00 as options; sent, and a link for Wang Fang."""
    with time_machine.travel(NOON, tick=False), in_set("alpha"):
        actor = system_actor()
        made = {"unit": "pc", "tax": "VAT13", "kind": "goods", "standard_cost": "1"}
        for code, price in (("SCREW", "10"), ("FIT", "120"), ("NUT", "2")):
            create_record(Product, {**made, "code": code, "name": code, "list_price": price}, actor=actor)
        owner = Member.objects.filter(kind="staff", is_active=True).order_by("pk").first()
        customer = create_record(Party, {"name": "Hengchuan Hydraulics", "owner": owner.pk}, actor=actor).result
        lines = [
            {"product": "SCREW", "quantity": "10"}, {"product": "FIT", "quantity": "1", "inclusion": "optional"},
            {"product": "NUT", "quantity": "100", "inclusion": "optional"},
        ]
        given = {"customer": customer.pk, "owner": owner.pk, "note": "Thank you", "terms_text": {"en": "Ex works"}, "lines": lines}
        quotation = create_record(Quotation, given, actor=actor).result
        send_quotation(quotation, actor=actor)
        link = share_quotation(quotation, actor=actor, given_to="Wang Fang").link
        options = list(quotation.lines.filter(inclusion="optional").order_by("position").values_list("pk", flat=True))
        return SimpleNamespace(actor=actor, quotation=quotation, link=link, url=f"/offers/alpha/{token_of(link)}/", options=options, owner=owner)


@pytest.fixture
def visitor(sold):
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def look(visitor, sold, *, days: int = 0, more: str = ""):
    with time_machine.travel(NOON + timedelta(days=days), tick=False):
        return visitor.get(sold.url + more)


def stamp_of(page) -> str:
    return re.search(r'name="stamp" value="([^"]+)"', page.content.decode())[1]


def total_of(page) -> str:
    found = re.search(r'name="total" value="([^"]+)"', page.content.decode())
    return found[1] if found else ""


def send(visitor, sold, act: str, *, days: int = 0, stamp: str = "", options=(), total: str | None = None, **values):
    page = look(visitor, sold, days=days, more="?done=x")
    if total is None:
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            total = total_of(visitor.post(sold.url, {"act": "show", "option": options}))
    given = {"act": act, "stamp": stamp or stamp_of(page), "edition": "1", "total": total, "option": list(options), **values}
    with time_machine.travel(NOON + timedelta(days=days), tick=False):
        return visitor.post(sold.url, given)


def now(sold) -> Quotation:
    with in_set("alpha"):
        return Quotation.objects.get(pk=sold.quotation.pk)


def texts(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class TestShowing:
    def test_it_shows_the_offer_in_the_customer_s_language_and_in_the_one_asked_for(self, visitor, sold):
        page = texts(look(visitor, sold))
        said = ("Hengchuan Hydraulics", "¥100.00", "¥13.00", "¥113.00", "Ex works", "Thank you", "30 more days", "Options")
        for text in (sold.quotation.number, *said):
            assert text in page, text
        assert "报价" in texts(look(visitor, sold, more="?language=zh-hans"))
        with in_set("alpha"):
            Party.objects.filter(pk=sold.quotation.customer_id).update(language="zh-hans")
        assert "报价" in texts(look(visitor, sold))

    def test_neither_cost_nor_margin_nor_another_s_words_stand_on_it(self, visitor, sold):
        with in_set("alpha"):
            Comment.objects.create(
                target_model="sales.quotation", target_id=sold.quotation.pk, author_id=sold.actor.member_id, body="They pay too late", at=NOON
            )
            other = share_quotation(sold.quotation, actor=sold.actor, given_to="Zhou").link
            OfferAnswer.objects.create(quotation=sold.quotation, link=other, kind="commented", edition=1, at=NOON, name="Zhou", text="Between us")
        page = look(visitor, sold).content.decode()
        assert "They pay too late" not in page and "Between us" not in page and "argin" not in page and "cost" not in page.lower()

    def test_it_runs_no_script_and_is_kept_and_told_nowhere(self, visitor, sold):
        assert "<script" not in look(visitor, sold).content.decode() and not visitor.cookies
        for answer in (look(visitor, sold), look(visitor, sold, more="pdf/"), visitor.get("/offers/alpha/1-wrong/")):
            policy = answer["Content-Security-Policy"]
            assert "script-src 'none'" in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]

    def test_the_pdf_is_the_version_that_was_sent(self, visitor, sold):
        answer = look(visitor, sold, more="pdf/")
        paper = "".join(pages_of(answer.content))
        assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("attachment")
        assert sold.quotation.number in paper and "¥113.00" in paper and "HengchuanHydraulics" in paper

    def test_looks_are_counted_but_not_those_of_one_s_own_staff(self, visitor, sold):
        for days in (0, 1, 2):
            look(visitor, sold, days=days)
        staff = person("alpha", "administrator").client
        page = texts(look(staff, sold, days=3))
        assert "Preview" in page and "Accept for" not in page
        with in_set("alpha"):
            link = OfferLink.objects.get(pk=sold.link.pk)
            assert (link.first_seen_at, link.last_seen_at, link.seen_count) == (NOON, NOON + timedelta(days=2), 3)
            assert Event.objects.filter(name="QuotationOpened", subject_id=sold.quotation.pk).count() == 1

    def test_mail_programs_that_only_ask_whether_it_is_there_have_not_seen_it(self, visitor, sold):
        visitor.head(sold.url)
        visitor.get(sold.url, HTTP_SEC_PURPOSE="prefetch")
        with in_set("alpha"):
            assert OfferLink.objects.get(pk=sold.link.pk).seen_count == 0


class TestAnswering:
    def test_accepting_with_an_option_takes_it_into_the_total_and_the_order(self, visitor, sold):
        service = sold.options[0]
        answer = send(visitor, sold, "accept", options=[service], **SIGNED)
        assert answer.status_code == 303 and answer["Location"].endswith("?done=accept"), texts(answer)
        quotation = now(sold)
        assert (quotation.status, quotation.net, quotation.total) == ("accepted", Decimal(220), Decimal("248.6"))
        with in_set("alpha"):
            said = OfferAnswer.objects.get()
            assert (said.kind, said.name, said.position, said.signature, said.at, said.edition, said.chosen, said.total) == (
                "accepted", "Wang Fang", "Buyer", "wang fang", NOON, 1, "FIT", Decimal("248.6"),
            )
            assert re.fullmatch(r"[0-9a-f]{32}", said.origin) and "127.0.0.1" not in said.origin
            assert Event.objects.filter(name="QuotationAccepted", subject_id=quotation.pk).count() == 1
            order = order_quotation(quotation, actor=sold.actor)
            assert [line.product.code for line in order.lines.order_by("position")] == ["SCREW", "FIT"] and order.total == quotation.total
        assert "Wang Fang accepted this offer on 1 Jun 2026 12:00." in texts(look(visitor, sold))

    def test_the_same_post_twice_is_one_acceptance(self, visitor, sold):
        stamp = stamp_of(look(visitor, sold))
        first, second = (send(visitor, sold, "accept", stamp=stamp, total="¥113.00", **SIGNED) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303)
        with in_set("alpha"):
            assert OfferAnswer.objects.count() == Event.objects.filter(name="QuotationAccepted").count() == 1

    def test_what_is_accepted_is_what_stood_on_the_page(self, visitor, sold):
        answer = send(visitor, sold, "accept", options=sold.options, total="¥113.00", **SIGNED)
        assert answer.status_code == 409 and "comes to ¥474.60" in texts(answer) and now(sold).status == "sent"
        assert 'value="Buyer"' in answer.content.decode(), "what was typed stays"

    @pytest.mark.parametrize(("values", "word"), [
        ({**SIGNED, "signature": "Somebody Else"}, "this is your signature"), ({**SIGNED, "name": ""}, "needed"),
        ({**SIGNED, "position": " "}, "needed"), ({**SIGNED, "name": "x" * 121, "signature": "x" * 121}, "at most 120"),
    ])
    def test_without_name_position_and_signature_nothing_is_accepted(self, visitor, sold, values, word):
        answer = send(visitor, sold, "accept", **values)
        assert answer.status_code == 422 and word in texts(answer) and now(sold).status == "sent"

    def test_a_comment_goes_into_the_discussion_and_mentions_nobody(self, visitor, sold):
        assert send(visitor, sold, "comment", name="Wang @Admin", text="Can you do 9?\n@Admin").status_code == 303
        with in_set("alpha"):
            [comment] = Comment.objects.filter(target_model="sales.quotation", target_id=sold.quotation.pk)
            assert comment.body == "Wang ＠Admin: Can you do 9?\n＠Admin" and not comment.mentions.exists()
            assert not Follower.objects.filter(is_muted=False, member__code="visitor").exists()
            assert [one.pk for one in comments_about(sold.quotation, actor_of(sold.owner.pk))] == [comment.pk]
        assert "Can you do 9?" in texts(look(visitor, sold)) and now(sold).status == "sent"

    def test_asking_for_a_change_shows_in_the_status_and_gives_the_owner_a_task(self, visitor, sold):
        assert send(visitor, sold, "change", name="Wang Fang", text="Twelve please").status_code == 303
        assert now(sold).status == "change_asked"
        with in_set("alpha"):
            task = Activity.objects.get(kind="task", target_id=sold.quotation.pk, target_model="sales.quotation")
            assert task.owner_id == sold.owner.pk and task.body.endswith("\nTwelve please")
        assert "You have asked for a change" in texts(look(visitor, sold))
        assert send(visitor, sold, "accept", **SIGNED).status_code == 303, "the offer still stands"


class TestTooLate:
    """Each case is told kindly, and nothing is accepted."""

    def test_an_expired_offer_can_be_asked_about_but_not_accepted(self, visitor, sold):
        page = look(visitor, sold, days=40)
        assert "has expired" in texts(page) and "Accept for" not in texts(page)
        answer = send(visitor, sold, "accept", days=40, total="¥113.00", **SIGNED)
        assert answer.status_code == 409 and "expired" in texts(answer) and now(sold).status == "sent"
        assert send(visitor, sold, "comment", days=40, name="Wang", text="Please renew").status_code == 303

    def test_a_withdrawn_an_accepted_and_a_revised_offer_say_so(self, visitor, sold):
        with in_set("alpha"):
            withdraw_quotation(sold.quotation, actor=sold.actor)
        assert "withdrawn this offer" in texts(look(visitor, sold))
        assert "no longer be accepted" in texts(send(visitor, sold, "accept", **SIGNED))
        with in_set("alpha"):
            revise_quotation(sold.quotation, actor=sold.actor)
            change_record(sold.quotation, {"note": "Not yet for their eyes"}, actor=sold.actor)
        page = texts(look(visitor, sold))
        assert "We are changing this offer" in page and "Not yet for their eyes" not in page and "¥113.00" in page
        with in_set("alpha"), time_machine.travel(NOON, tick=False):
            quotation = Quotation.objects.get(pk=sold.quotation.pk)
            send_quotation(quotation, actor=sold.actor)
        answer = send(visitor, sold, "accept", **SIGNED)
        assert answer.status_code == 409 and "was changed while you were reading" in texts(answer) and "version 2" in texts(answer)
        assert send(visitor, sold, "accept", **{**SIGNED, "edition": "2"}).status_code == 303
        assert "accepted already" in texts(send(visitor, sold, "accept", **{**SIGNED, "edition": "2"}))

    def test_a_page_that_was_open_for_days_is_looked_over_again(self, visitor, sold):
        stamp = stamp_of(look(visitor, sold))
        answer = send(visitor, sold, "accept", days=2, stamp=stamp, **SIGNED)
        assert answer.status_code == 409 and "open for too long" in texts(answer) and now(sold).status == "sent"


class TestWithstanding:
    def test_a_wrong_a_revoked_and_an_ended_link_look_the_same(self, visitor, sold):
        token = sold.url.split("/")[-2]
        row, signature = token.split("-", 1)
        with in_set("alpha"), time_machine.travel(NOON, tick=False):
            revoked = share_quotation(sold.quotation, actor=sold.actor, given_to="Gone").link
            revoke_link(revoked, actor=sold.actor)
            gone = token_of(revoked)
        wrong = [f"{row}-{'A' * 43}", f"{int(row) + 500}-{signature}", signature, f"{row}-{signature}x", f"{row}-{signature[:-1]}", "0", gone]
        wrong += [f"{'9' * 18}-{'B' * 43}", f"{int(row):030}-{signature}", f"٣-{signature}"]
        answers = [visitor.get(f"/offers/alpha/{one}/") for one in wrong]
        answers.append(look(visitor, sold, days=200))
        answers += [visitor.post(f"/offers/alpha/{gone}/", {"act": "accept", **SIGNED}), visitor.get(f"/offers/alpha/{gone}/pdf/")]
        assert {answer.status_code for answer in answers} == {404} and len({re.sub("nonce-[^']+", "", texts(answer)) for answer in answers}) == 1
        assert visitor.get(f"/offers/beta/{token}/").status_code == 404, "a link of one company opens nothing of another"

    def test_the_token_stands_in_no_row_of_the_database(self, visitor, sold):
        look(visitor, sold)
        send(visitor, sold, "comment", name="Wang", text="Hello")
        secret = sold.url.split("/")[-2].split("-", 1)[1]
        with in_set("alpha"):
            link = OfferLink.objects.get(pk=sold.link.pk)
            assert secret not in str(vars(link)) and secret not in str(list(Act.objects.values_list("arguments", "key", "outcome", "result"))[-20:])

    def test_what_comes_from_outside_is_shown_as_text(self, visitor, sold):
        assert send(visitor, sold, "comment", name=HOSTILE[:100], text=HOSTILE).status_code == 303
        assert send(visitor, sold, "change", name=HOSTILE[:100], text=HOSTILE).status_code == 303
        staff = person("alpha", "administrator").client
        record = f"/alpha/sales/quotations/{sold.quotation.pk}/"
        pages = [look(visitor, sold), *(staff.get(record + more) for more in ("", "?tab=answers", "?tab=links"))]
        for answer in pages:
            assert answer.status_code == 200
            assert "<script>alert" not in answer.content.decode() and "<img src=x" not in answer.content.decode()

    @pytest.mark.parametrize("values", [
        {"act": ""}, {"act": "revise_quotation"}, {"act": "accept", "option": ["x", "-1", "9" * 30]}, {"act": "accept", "option": ["1"]},
        {"act": "accept", "edition": "9" * 40}, {"act": "accept", "edition": ""}, {"act": "comment", "text": "\x00", "name": "\x00"},
        {"act": "comment", "name": "Wang", "text": "y" * 4001}, {"act": "change", "name": "Wang", "text": "  "}, {"act": "comment", "stamp": "a:b:c"},
        {"act": "accept", "status": "ordered", "net": "1", "signature": "😀" * 200},
    ])
    def test_nonsense_is_refused_in_words_and_changes_nothing(self, visitor, sold, values):
        page = look(visitor, sold)
        given = {"stamp": stamp_of(page), "edition": "1", "total": total_of(page), **SIGNED, **values}
        with time_machine.travel(NOON, tick=False):
            answer = visitor.post(sold.url, given)
        assert answer.status_code in (409, 422), (answer.status_code, texts(answer))
        assert now(sold).status == "sent"
        with in_set("alpha"):
            assert not OfferAnswer.objects.exists() and not Comment.objects.exists()

    def test_the_options_of_another_quotation_are_none_of_this(self, visitor, sold):
        with in_set("alpha"), time_machine.travel(NOON, tick=False):
            given = {"customer": sold.quotation.customer_id, "lines": [{"product": "FIT", "quantity": "9", "inclusion": "optional"}]}
            foreign = create_record(Quotation, given, actor=sold.actor).result.lines.get().pk
        answer = send(visitor, sold, "accept", options=[foreign], total="¥113.00", **SIGNED)
        assert answer.status_code == 409 and "not part of this offer" in texts(answer)
        with in_set("alpha"):
            assert set(Quotation.objects.values_list("status", flat=True)) == {"sent", "draft"}

    def test_nobody_of_the_staff_answers_for_the_customer(self, sold):
        staff = person("alpha", "administrator").client
        with time_machine.travel(NOON, tick=False):
            answer = staff.post(sold.url, {"act": "accept", "edition": "1", **SIGNED})
        assert answer.status_code == 409 and "only a preview" in texts(answer) and now(sold).status == "sent"
        with in_set("alpha"), pytest.raises(Refused, match="Only the customer"):
            from guanxi.erp.sales.offers.answering import accept_offer

            perform(accept_offer, sold.link.pk, actor=sold.actor, arguments={"edition": 1, **SIGNED})

    def test_who_asks_very_often_waits(self, visitor, sold, monkeypatch):
        from guanxi.web.pages import offer

        monkeypatch.setattr(offer, "POSTS", counters.Limit("offer-posts-few", 2, 600))
        answers = [send(visitor, sold, "comment", name="Wang", text=str(n), total="") for n in range(3)]
        assert [answer.status_code for answer in answers] == [303, 303, 429] and int(answers[2]["Retry-After"]) > 0

    def test_the_link_that_is_mailed_is_not_kept_with_the_mail(self, sold):
        from guanxi.erp.sales.sharing.invitations import fill_in_link
        from guanxi.erp.sales.sharing.mailing import mail_quotation
        from guanxi.shared.messaging.models import MailServer, Message

        with in_set("alpha"), time_machine.travel(NOON, tick=False):
            create_record(MailServer, {"name": "Here", "kind": "catch", "from_address": "a@b.example"}, actor=sold.actor)
            message = mail_quotation(sold.quotation, actor=sold.actor, to="wang@hengchuan.example", subject="Offer", body="Dear Wang", language="en")
            link = OfferLink.objects.get(message=message)
            address = f"{settings.GUANXI_PUBLIC_URL}/offers/alpha/{token_of(link)}/"
            assert Message.objects.get(pk=message.pk).body.rstrip().endswith("[link to the offer]")
            assert fill_in_link(message, message.body).rstrip().endswith(address)
            revoke_link(link, actor=sold.actor)
            assert address not in fill_in_link(message, message.body)

    def test_a_version_and_its_page_belong_to_whoever_sees_the_quotation(self, sold):
        other = person("alpha", "salesperson").client
        version = in_alpha(lambda: QuotationVersion.objects.get().pk)
        for path in ("", "compare/", "as-customer/"):
            assert other.get(f"/alpha/sales/quotations/{sold.quotation.pk}/{path}").status_code == 404
        assert other.get(f"/alpha/sales/quotation-versions/{version}/").status_code == 404


class TestForMembers:
    """What the quotation's page and the API tell of an offer."""

    def revised(self, sold) -> None:
        with in_set("alpha"), time_machine.travel(NOON, tick=False):
            quotation = Quotation.objects.get(pk=sold.quotation.pk)
            revise_quotation(quotation, actor=sold.actor)
            first = quotation.lines.order_by("position").first()
            lines = [{"id": first.pk, "quantity": "12"}, {"product": "NUT", "quantity": "1"}]
            change_record(quotation, {"lines": lines}, actor=sold.actor)
            send_quotation(Quotation.objects.get(pk=sold.quotation.pk), actor=sold.actor)

    def test_two_versions_stand_beside_each_other_on_the_page_and_in_the_api(self, sold):
        self.revised(sold)
        staff = person("alpha", "administrator")
        page = texts(staff.client.get(f"/alpha/sales/quotations/{sold.quotation.pk}/compare/?from=1&to=2"))
        for text in ("¥113.00", "¥137.86", "Removed", "Changed", "Quantity: 10 → 12"):
            assert text in page, text
        told = staff.api("GET", f"alpha/sales/quotations/{sold.quotation.pk}/compare?from=1&to=2").json()
        assert [line["kind"] for line in told["lines"]] == ["changed", "removed", "changed"]
        assert {"column": "quantity", "from": "10", "to": "12"} in told["lines"][0]["changes"]
        assert {"column": "inclusion", "from": "optional", "to": "firm"} in told["lines"][2]["changes"]
        assert {"column": "total", "from": "113.00", "to": "137.86"} in told["changes"]
        assert (told["from"]["edition"], told["to"]["number"]) == (1, f"{sold.quotation.number}-V2")

    @pytest.mark.parametrize(("query", "status"), [("from=1&to=9", 404), ("from=x", 404), ("from=-1", 404), ("which=1", 400), ("", 200)])
    def test_a_version_that_is_not_there_is_not_found(self, sold, query, status):
        self.revised(sold)
        staff = person("alpha", "administrator")
        assert staff.api("GET", f"alpha/sales/quotations/{sold.quotation.pk}/compare?{query}").status_code == status
        assert staff.api("GET", f"alpha/sales/orders/1/compare?{query}").status_code == 404

    def test_a_link_is_given_out_by_the_api_and_opens_the_page(self, visitor, sold):
        with time_machine.travel(NOON, tick=False):
            told = person("alpha", "administrator").api("POST", f"alpha/sales/quotations/{sold.quotation.pk}/share_quotation", {"given_to": "Zhou"})
            address = told.json()["result"]["address"]
            assert told.status_code == 200 and visitor.get(address[address.index("/offers/") :]).status_code == 200

    def test_the_page_says_how_often_it_was_seen_and_what_is_wished(self, visitor, sold):
        staff = person("alpha", "administrator").client
        path = f"/alpha/sales/quotations/{sold.quotation.pk}/"
        assert "Not seen by the customer yet" in texts(staff.get(path))
        look(visitor, sold)
        look(visitor, sold, days=1)
        send(visitor, sold, "change", name="Wang Fang", text="Twelve <b>please</b>")
        page = texts(staff.get(path))
        assert "Seen 2 times by the customer" in page and "Wang Fang asks for a change: Twelve &lt;b&gt;please&lt;/b&gt;" in page
        assert "Wang Fang looked at the offer for the first time" in page


def in_alpha(ask):
    with in_set("alpha"):
        return ask()
