"""The composer, a message's page and its files, as a browser without script asks (M4.9)."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.messaging.models import MailServer, Message, MessageAttachment, MessageTemplate
from guanxi.shared.parties.models import Contact, Party


@pytest.fixture
def customer(admin, inside) -> Party:
    with inside():
        actor = system_actor()
        create_record(MailServer, {"name": "Here", "kind": "catch", "from_address": "sales@hengchuan.example"}, actor=actor)
        party = create_record(Party, {"name": "Beichen <b>", "email": "office@beichen.example"}, actor=actor).result
        for name in ("Wang Fang", "Zhou Ming"):
            email = f"{name.split()[0].lower()}@beichen.example"
            create_record(Contact, {"party": party.pk, "name": name, "email": email}, actor=actor)
        subject = {"en": "Hello {{ coalesce(short_name, name) }}", "zh-hans": "您好"}
        texts = {"subject": subject, "body": {"en": "Dear {{ contact.name }}", "zh-hans": "正文"}}
        MessageTemplate.objects.create(code="hello", name={"en": "Greeting", "zh-hans": "问候"}, target_model="parties.party", **texts)
        return party


def address(party: Party) -> str:
    return f"mail/parties.party/{party.pk}/"


def test_the_composer_offers_people_templates_and_says_where_mail_goes(admin, customer):
    text = admin.get(address(customer)).content.decode()
    assert text.count('name="contacts"') == 2 and "wang@beichen.example" in text and "Greeting" in text
    assert "Mail is kept here and not sent" in text and "from sales@hengchuan.example" in text and "Beichen &lt;b&gt;" in text
    assert f'href="/alpha/{address(customer)}"' in admin.get(f"customers/{customer.pk}/").content.decode()


def test_a_chosen_template_fills_in_subject_and_text_in_its_language(admin, customer, inside):
    with inside():
        pk, wang = MessageTemplate.objects.get(code="hello").pk, Contact.objects.get(name="Zhou Ming").pk
    part = admin.get(f"{address(customer)}?fill&template={pk}&language=en&contacts={wang}", HX_Request="true").content.decode()
    assert 'value="Hello Beichen &lt;b&gt;"' in part and ">Dear Zhou Ming</textarea>" in part and part.lstrip().startswith('<div id="mail-text"')
    assert "正文" in admin.get(f"{address(customer)}?template={pk}&language=zh-hans").content.decode()


def test_what_is_sent_twice_is_one_mail_with_its_files_and_they_can_be_fetched(admin, visitor, customer, inside):
    key = uuid4().hex
    with inside():
        contact = Contact.objects.get(name="Wang Fang").pk
    for _time in range(2):
        files = [SimpleUploadedFile("报价.pdf", b"%PDF-1", "application/pdf"), SimpleUploadedFile("x.html", b"<script>1</script>", "text/html")]
        given = {"contacts": [contact], "to": "b@beichen.example", "subject": "<i>Offer", "body": "<b>Text", "language": "en", "files": files}
        answer = admin.post(address(customer), given, key=key)
        assert answer.status_code == 303 and answer["Location"] == f"/alpha/customers/{customer.pk}/"
    with inside():
        message = Message.objects.get()
        names = list(message.attachments.order_by("pk").values_list("name", flat=True))
        assert (message.to, message.status, names) == ("Wang Fang <wang@beichen.example>, b@beichen.example", "queued", ["报价.pdf", "x.html"])
        assert MessageAttachment.objects.count() == 2
        html = message.attachments.get(name="x.html").pk
    page = admin.get(f"messages/{message.pk}/").content.decode()
    assert "&lt;b&gt;Text" in page and f"/alpha/messages/{message.pk}/files/{html}/" in page
    fetched = admin.get(f"messages/{message.pk}/files/{html}/")
    assert fetched.content == b"<script>1</script>" and fetched["Content-Type"] == "application/octet-stream"
    assert fetched["Content-Disposition"].startswith("attachment") and fetched["X-Content-Type-Options"] == "nosniff"
    seller = visitor("salesperson")
    paths = (f"messages/{message.pk}/", f"messages/{message.pk}/files/{html}/", address(customer))
    assert [seller.get(path).status_code for path in paths] == [404] * 3


def test_a_refused_mail_comes_back_as_it_was_typed(admin, customer):
    given = {"to": "nobody", "cc": "c@d.example", "subject": "Offer", "body": "Long text", "template": "", "language": "en"}
    answer = admin.post(address(customer), given)
    text = answer.content.decode()
    assert answer.status_code == 409 and "“nobody” is not an e-mail address." in text
    assert 'value="nobody"' in text and 'value="c@d.example"' in text and ">Long text</textarea>" in text
    assert re.search(r'name="to" value="nobody"[^>]*aria-invalid="true"', text)


def test_a_draft_is_kept_changed_and_sent(admin, customer, inside):
    answer = admin.post(address(customer), {"to": "a@b.example", "subject": "Later", "body": "Text", "language": "en", "as_draft": "1"})
    with inside():
        message = Message.objects.get()
    assert answer["Location"] == f"/alpha/messages/{message.pk}/" and message.status == "draft"
    assert "Later" in admin.get(f"messages/{message.pk}/edit/").content.decode()
    changed = {"subject": "Now", "to": "a@b.example", "cc": "", "bcc": "", "body": "Text", "version": message.version}
    assert admin.post(f"messages/{message.pk}/edit/", changed).status_code == 303
    assert admin.post(f"messages/{message.pk}/act/messaging.send_draft/").status_code == 303
    with inside():
        message.refresh_from_db()
        assert (message.subject, message.status) == ("Now", "queued")


def test_without_the_right_there_is_no_composer(visitor, customer):
    looker = visitor(grants={"parties.party": "view", "parties.contact": "view"})
    assert looker.get(address(customer)).status_code == 403
    assert "mail/parties.party" not in looker.get(f"customers/{customer.pk}/").content.decode()
    assert looker.post(address(customer), {"to": "a@b.example", "subject": "x", "body": "y"}).status_code == 403


def test_the_password_of_a_server_is_asked_unseen_and_never_shown(admin, customer, inside):
    made = admin.post("setup/mail-servers/new/", {
        "name": "SMTP", "kind": "smtp", "host": "smtp.b.example", "port": "465", "security": "tls", "username": "me", "from_address": "a@b.example",
        "is_active": "yes",
    })
    page = made["Location"].removeprefix("/alpha/")
    dialog = admin.get(f"{page}act/messaging.set_mail_password/").content.decode()
    assert 'type="password"' in dialog
    assert admin.post(f"{page}act/messaging.set_mail_password/", {"password": "s3cret-word"}).status_code == 303
    assert "s3cret" not in "".join(admin.get(f"{page}{rest}").content.decode() for rest in ("", "?tab=history", "edit/"))


def test_the_composer_asks_the_database_the_same_however_many_people_there_are(admin, customer, inside):
    def queries() -> int:
        with CaptureQueriesContext(connections["default"]) as captured:
            admin.get(address(customer))
        return len([query for query in captured.captured_queries if '"sets_accountset"."stamp" AS' not in query["sql"]])

    queries()
    few = queries()
    with inside():
        for number in range(12):
            create_record(Contact, {"party": customer.pk, "name": f"P {number}", "email": f"p{number}@b.example"}, actor=system_actor())
    assert queries() == few
