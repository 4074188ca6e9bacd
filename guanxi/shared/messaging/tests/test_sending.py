"""Mail on its way through a real server: what arrives, what is tried again, what is told (M4.9)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime

import pytest

from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.events.models import Event
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.worker import carry, claim_due, send_due
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.messaging import operations
from guanxi.shared.messaging.letters import Enclosure
from guanxi.shared.messaging.models import MailServer, Message, MessageAttempt
from guanxi.shared.messaging.operations import (
    cancel_message,
    note_bounce,
    queue_message,
    queue_notice_mail,
    resend_message,
    send_draft,
    send_message,
    set_mail_password,
)


def written(alpha, customer, **values) -> Message:
    given = {"subject": "Visit", "body": "See you on Monday.", "contacts": [customer.wang]}
    return send_message(actor=alpha, target_model="parties.party", target_id=customer.party.pk, **{**given, **values})


def state(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.error


def told(message: Message) -> list[str]:
    return list(Event.objects.filter(subject_model="messaging.message", subject_id=message.pk).order_by("pk").values_list("name", flat=True))


class TestWhatArrives:
    def test_a_mail_in_chinese_with_everything_that_belongs_to_it(self, alpha, server, mailbox, customer):
        body = "王女士：\n\n附件是报价 <b>¥1,000</b>，详见 https://hengchuan.example/q?a=1&b=2"
        message = written(alpha, customer, subject="报价单 QT-2026-00001：直线模组", body=body, cc="b@beichen.example", bcc="boss@hengchuan.example")
        assert state(message) == ("queued", "") and mailbox.envelopes == []
        assert send_due("alpha") == 1
        [envelope], [mail] = mailbox.envelopes, mailbox.mails
        assert envelope.recipients == ["wang@beichen.example", "b@beichen.example", "boss@hengchuan.example"]
        assert envelope.sender == f"bounce+{message.pk}@hengchuan.example"
        assert (mail["Subject"], mail["To"], mail["Cc"], mail["Bcc"]) == (message.subject, "王芳 <wang@beichen.example>", "b@beichen.example", None)
        sender = mail["From"].addresses[0]
        assert (sender.display_name, sender.addr_spec) == (f"{alpha.name} (Hengchuan)", "sales@hengchuan.example")
        message.refresh_from_db()
        assert mail["Message-ID"] == message.message_id == f"<{Dispatch.objects.get().key}@hengchuan.example>"
        assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n") == body
        html = mail.get_body(("html",)).get_content()
        assert "&lt;b&gt;¥1,000&lt;/b&gt;" in html and 'href="https://hengchuan.example/q?a=1&amp;b=2"' in html and "<b>" not in html
        assert state(message) == ("sent", "") and message.sent_at is not None
        assert told(message) == ["MessageQueued", "MessageSent"]
        assert list(message.log.values_list("outcome", "answer")) == [("sent", "250 OK queued as 1")]

    def test_files_come_out_as_they_went_in_whatever_they_are_called(self, alpha, server, mailbox, customer):
        files = [Enclosure("报价 单.pdf", "application/pdf", bytes(range(256)) * 40), Enclosure("../../etc/p\r\nX: 1.txt", "text/html\nX: 1", b"")]
        queue_message(to="wang@beichen.example", subject="Files", body="Here.", target=customer.party, attachments=files, actor=alpha)
        send_due("alpha")
        parts = list(mailbox.mails[0].iter_attachments())
        assert [(p.get_filename(), p.get_content_type()) for p in parts] == [("报价 单.pdf", "application/pdf"), ("pX: 1.txt", "text/plain")]
        assert parts[0].get_payload(decode=True) == files[0].content
        assert "X" not in mailbox.mails[0]

    def test_long_lines_dots_and_letters_of_any_script_survive(self, alpha, server, mailbox, customer):
        body = ".\n..two\n" + "x" * 3000 + "\n𠮷 😀 ﷽\n\n\n\nend"
        written(alpha, customer, body=body, subject="长" * 240)
        send_due("alpha")
        assert mailbox.mails[0].get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n") == body
        assert mailbox.mails[0]["Subject"] == "长" * 240

    def test_an_address_in_a_domain_of_any_script_is_sent_in_its_form_of_the_network(self, alpha, server, mailbox, customer):
        written(alpha, customer, to="info@bücher.example", contacts=None)
        send_due("alpha")
        assert mailbox.envelopes[0].recipients == ["info@xn--bcher-kva.example"]

    def test_a_notice_goes_to_its_reader_and_nobody_else_sees_it(self, alpha, server, mailbox):
        message = queue_notice_mail("li@hengchuan.example", "You were\nmentioned", "By Zhang.", alpha)
        send_due("alpha")
        mail = mailbox.mails[0]
        assert (mail["Subject"], mail["Auto-Submitted"], mail["To"]) == ("You were mentioned", "auto-generated", "li@hengchuan.example")
        assert mail["From"].addresses[0].display_name == "Hengchuan" and mail["Reply-To"] is None
        assert not Message.objects.visible_to(alpha).filter(pk=message.pk).exists() and told(message) == ["MessageSent"]

    def test_an_act_that_fails_sends_nothing(self, fresh_database, mailbox):
        with in_set("alpha"):
            from guanxi.kernel.access.actor import system_actor

            actor = system_actor()
            given = {"name": "Test", "host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "a@b.example"}
            create_record(MailServer, given, actor=actor)
        with pytest.raises(RuntimeError), in_set("alpha"):
            queue_message(to="x@y.example", subject="Hello", body="World", actor=actor)
            raise RuntimeError
        assert send_due("alpha") == 0 and mailbox.envelopes == []


class TestWhatGoesWrong:
    def test_a_server_that_puts_it_off_gets_it_again_under_the_same_number(self, alpha, server, mailbox, customer, make_due):
        mailbox.answers = ["451 4.7.1 greylisted, come back"]
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("queued", "The mail server put it off: 451 4.7.1 greylisted, come back") and told(message) == ["MessageQueued"]
        number = message.message_id
        make_due()
        send_due("alpha")
        assert state(message) == ("sent", "") and mailbox.mails[0]["Message-ID"] == number
        assert list(message.log.values_list("outcome", flat=True)) == ["waiting", "sent"]

    def test_a_final_no_is_told_with_its_reason_and_not_tried_again(self, alpha, server, mailbox, customer, make_due):
        mailbox.unknown = {"wang@beichen.example": "550 5.1.1 no such user"}
        message = written(alpha, customer)
        send_due("alpha")
        make_due()
        assert send_due("alpha") == 0
        reason = "The mail server refused it: wang@beichen.example: 550 5.1.1 no such user"
        assert state(message) == ("failed", reason) and told(message) == ["MessageQueued", "MessageFailed"]
        mailbox.unknown = {}
        resend_message(message, actor=alpha)
        assert send_due("alpha") == 1 and state(message) == ("sent", "")

    def test_one_of_several_recipients_being_unknown_does_not_stop_the_others(self, alpha, server, mailbox, customer):
        mailbox.unknown = {"gone@beichen.example": "550 no such user"}
        message = written(alpha, customer, to="gone@beichen.example")
        send_due("alpha")
        assert mailbox.envelopes[0].recipients == ["wang@beichen.example"]
        assert state(message) == ("sent", "Not taken for gone@beichen.example.")
        assert list(message.log.values_list("outcome", "answer")) == [
            ("sent", "250 OK queued as 1"), ("failed", "gone@beichen.example: 550 no such user"),
        ]

    @pytest.mark.parametrize("parting", ["250 Bye", "421 too busy", "550 no"])
    def test_what_a_server_says_at_parting_is_no_answer_to_the_mail(self, alpha, server, mailbox, customer, parting):
        mailbox.parting = parting
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("sent", "") and len(mailbox.envelopes) == 1

    def test_a_server_out_of_reach_is_waited_for(self, alpha, server, mailbox, customer):
        MailServer.objects.update(port=1)
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("queued", "127.0.0.1 cannot be reached on port 1: Connection refused")

    def test_a_certificate_nobody_vouches_for_is_refused(self, alpha, customer, stranger):
        given = {"name": "TLS", "host": "localhost", "port": stranger, "security": "tls", "from_address": "a@b.example"}
        create_record(MailServer, given, actor=alpha)
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("queued", "The certificate of localhost is not trusted: self-signed certificate")

    def test_without_encryption_on_offer_no_password_is_sent(self, alpha, server, mailbox, customer):
        MailServer.objects.update(security="starttls", username="sales")
        server.refresh_from_db()
        set_mail_password(server, actor=alpha, password="s3cret")
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message)[0] == "queued" and "does not offer what is set up" in message.error and mailbox.envelopes == []

    def test_while_no_server_is_switched_on_nothing_is_queued_and_what_is_waits(self, alpha, server, mailbox, customer, make_due):
        message = written(alpha, customer)
        MailServer.objects.update(is_active=False)
        with pytest.raises(Refused, match="An administrator sets one up"):
            written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("queued", "No mail server is switched on.")
        assert queue_notice_mail("li@hengchuan.example", "Hello", "World", alpha) is None

    def test_a_killed_worker_s_mail_arrives_once_by_its_number(self, alpha, server, mailbox, customer):
        message = written(alpha, customer)
        [item] = claim_due("alpha", {"mail": 1})
        from guanxi.kernel.outbox.channels import CHANNELS

        sender = CHANNELS["mail"].sender
        sender.send(sender.read(item.target_id, item))  # and here it is killed
        Dispatch.objects.update(leased_until_at=datetime(2020, 1, 1, tzinfo=UTC))
        assert send_due("alpha") == 1 and state(message) == ("sent", "")
        assert len(mailbox.mails) == 2 and len({mail["Message-ID"] for mail in mailbox.mails}) == 1
        assert carry("alpha", item) is None, "the first attempt may not write any more"

    def test_what_is_taken_back_in_time_does_not_leave(self, alpha, server, mailbox, customer):
        message = written(alpha, customer)
        cancel_message(message, actor=alpha)
        assert send_due("alpha") == 0 and state(message) == ("cancelled", "")
        resend_message(message, actor=alpha)
        assert send_due("alpha") == 1 and state(message) == ("sent", "")

    def test_what_came_back_is_told_and_sent_again_under_a_new_number(self, alpha, server, mailbox, customer):
        message = written(alpha, customer)
        send_due("alpha")
        note_bounce(message, actor=alpha, reason="mailbox full")
        assert state(message) == ("bounced", "mailbox full") and told(message)[-1] == "MessageBounced"
        resend_message(message, actor=alpha)
        send_due("alpha")
        assert state(message) == ("sent", "") and len({mail["Message-ID"] for mail in mailbox.mails}) == 2

    def test_a_draft_waits_until_it_is_sent(self, alpha, server, mailbox, customer):
        message = written(alpha, customer, as_draft=True)
        assert send_due("alpha") == 0 and state(message) == ("draft", "") and told(message) == []
        send_draft(message, actor=alpha)
        assert send_due("alpha") == 1 and told(message) == ["MessageQueued", "MessageSent"]


class TestServers:
    def test_a_password_is_not_sent_to_another_host_than_it_was_given_for(self, alpha, server, mailbox, customer):
        MailServer.objects.update(security="starttls", username="sales", host="mail.hengchuan.example")
        server.refresh_from_db()
        set_mail_password(server, actor=alpha, password="s3cret")
        MailServer.objects.update(host="127.0.0.1")
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("queued", "The password was given for another host or user; set it again.")

    def test_a_server_that_keeps_mail_sends_nothing_and_says_so(self, alpha, customer):
        create_record(MailServer, {"name": "Here", "kind": "catch", "from_address": "a@b.example"}, actor=alpha)
        message = written(alpha, customer)
        send_due("alpha")
        assert state(message) == ("kept", "") and message.sent_at is None and told(message) == ["MessageQueued"]
        assert MessageAttempt.objects.get(message=message).outcome == "kept"

    def test_a_test_goes_through_the_server_in_question(self, alpha, server, mailbox):
        given = {"name": "Other", "host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "other@hengchuan.example"}
        other = create_record(MailServer, given, actor=alpha).result
        message = operations.test_mail_server(other, actor=alpha, to="me@hengchuan.example")
        send_due("alpha")
        assert mailbox.mails[0]["From"].addresses[0].addr_spec == "other@hengchuan.example" and state(message)[0] == "sent"
        assert message.target_id == other.pk and not other.is_default
        operations.choose_mail_server(other, actor=alpha)
        assert list(MailServer.objects.filter(is_default=True)) == [other]

    def test_a_password_is_sealed_and_in_no_history_act_or_column(self, alpha, server):
        from guanxi.kernel.acts.models import Act
        from guanxi.kernel.columns.registry import columns_of
        from guanxi.kernel.records.models import History
        from guanxi.shared.messaging.models import MailPassword

        MailServer.objects.update(security="tls", username="sales")
        server.refresh_from_db()
        set_mail_password(server, actor=alpha, password="s3cret-word")
        kept = MailPassword.objects.get(server=server)
        assert "s3cret" not in kept.sealed and server.has_password and "sealed" not in columns_of(MailPassword)
        assert not any("s3cret" in str(row) for row in [*Act.objects.values_list("arguments", flat=True), *History.objects.values_list("changes")])
        set_mail_password(server, actor=alpha, password="")
        assert not server.has_password and not MailPassword.objects.exists()


@pytest.fixture
def stranger(tmp_path):
    """The port of a TLS server whose certificate was signed by itself."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(key, hashes.SHA256())
    file = tmp_path / "pair.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)

    def answer() -> None:
        with contextlib.suppress(OSError):
            called, _address = listening.accept()
            context.wrap_socket(called, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
    thread.join(10)
