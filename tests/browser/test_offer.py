"""An offer by mail, and what the customer does with it on a page of their own, up to the order (M4.9, M5.11)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.outbox.worker import send_due
from guanxi.shared.messaging.models import MailServer
from guanxi.shared.parties.models import Contact, Party
from tests.browser.conftest import inside
from tests.browser.moves import ask, confirm, settled, show

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def offer(shop, mailbox) -> Quotation:
    """Two ball screws, and two more things as options; Li's, for Zhou Lan at Huanghe Pumps."""
    with inside():
        actor = system_actor()
        given = {"name": "T", "host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "sales@alpha.example"}
        create_record(MailServer, given, actor=actor)
        seller = Member.objects.get(code="li")
        customer = create_record(Party, {"name": "Huanghe Pumps", "owner": seller.pk}, actor=actor).result
        person = create_record(Contact, {"party": customer.pk, "name": "Zhou Lan", "email": "zhou@huanghe.example"}, actor=actor).result
        lines = [{"product": "SFU2510", "quantity": "2"}] + [
            {"product": "SFU2510", "quantity": quantity, "description": words, "inclusion": "optional"}
            for quantity, words in (("1", "A spare one"), ("5", "Five for the shelf"))
        ]
        given = {"customer": customer.pk, "contact": person.pk, "owner": seller.pk, "lines": lines}
        return create_record(Quotation, given, actor=actor).result


def test_the_customer_chooses_asks_and_accepts_without_a_sign_in(offer, mailbox, page, browser, live, as_person, clean):
    as_person("li", "en")
    page.goto(f"/alpha/sales/quotations/{offer.pk}/")
    clean()
    show(page, 'a[href*="/mail/"]')
    sheet = page.locator("dialog[open] #mail")
    sheet.wait_for()
    with page.expect_navigation():
        sheet.locator(".sheet-foot button[type=submit]").last.click()
    deliver_all("alpha")
    send_due("alpha")
    [mail] = [one for one in mailbox.mails if "zhou@huanghe.example" in str(one["To"])]
    body = mail.get_body(("plain",)).get_content()
    [address] = re.findall(r"https?://\S+/offers/alpha/\S+/", body)

    context = browser.new_context(viewport=PHONE, locale="en-GB")
    theirs = context.new_page()
    problems: list[str] = []
    theirs.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    theirs.goto(f"{live.url}{address[address.index('/offers/'):]}")
    expect(theirs.get_by_role("heading", name=re.compile(offer.number))).to_be_visible()
    assert theirs.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off on a telephone"
    found = Axe().run(theirs)
    assert found.violations_count == 0, found.generate_report()
    before = theirs.locator(".offer-totals .sum").last.inner_text()
    theirs.get_by_label("A spare one").first.check()
    theirs.get_by_role("button", name="Add up what is ticked").click()
    total = theirs.locator(".offer-totals .sum").last.inner_text()
    assert total != before
    theirs.locator("#ask-name").fill("Zhou Lan")
    theirs.locator("#ask-text").fill("Can you deliver in May? <b>Thank you</b>")
    theirs.get_by_role("button", name="Send as a comment").click()
    expect(theirs.locator(".banner.green")).to_contain_text("Your comment has reached us")
    theirs.get_by_label("A spare one").first.check()
    for field, text in (("name", "Zhou Lan"), ("position", "Buyer"), ("signature", "Zhou Lan")):
        theirs.locator(f"#accept-{field}").fill(text)
    theirs.get_by_role("button", name=re.compile("^Accept for")).click()
    expect(theirs.get_by_role("alert")).to_contain_text("accept it once more")
    theirs.get_by_role("button", name=f"Accept for {total}").click()
    expect(theirs.locator("#answer")).to_contain_text("We have received your acceptance")
    assert all("409" in one for one in problems), "nothing but the total that had to be looked at once more"
    context.close()

    deliver_all("alpha")
    with inside():
        said = OfferAnswer.objects.get(quotation=offer, kind="accepted")
        assert (said.name, said.position, said.chosen) == ("Zhou Lan", "Buyer", "A spare one")
        assert Comment.objects.get(target_id=offer.pk, target_model="sales.quotation").body.startswith("Zhou Lan: Can you deliver in May?")
        assert OfferLink.objects.get(quotation=offer).seen_count >= 1
        assert Notification.objects.filter(member__code="li", comment__isnull=False).exists(), "the comment reaches the owner"
        kinds = set(Notification.objects.filter(member__code="li").values_list("kind", flat=True))
        assert {"QuotationOpened.owner", "QuotationAccepted.followers"} <= kinds

    page.goto(f"/alpha/sales/quotations/{offer.pk}/")
    clean()
    expect(page.locator("#record")).to_contain_text("Zhou Lan (Buyer) accepted version 1 on line")
    ask(page, "sales.order_quotation")
    confirm(page)
    order = settled(page, r"/sales/orders/(\d+)/$")
    with inside():
        made = Order.objects.get(pk=order)
        assert sorted(made.lines.values_list("quantity", flat=True)) == [Decimal(1), Decimal(2)]
        assert made.total == said.total
