"""What may be written to whom, who sees it, and texts with merge fields (M4.9)."""

from __future__ import annotations

import pytest

from guanxi.kernel.about.timeline import timeline_of
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Forbidden, Invalid, Missing, Refused
from guanxi.shared.catalog.models import Product
from guanxi.shared.messaging.addresses import read_addresses, written
from guanxi.shared.messaging.letters import Enclosure
from guanxi.shared.messaging.merge import BadText, merged
from guanxi.shared.messaging.models import MailServer, Message, MessageAttachment, MessageTemplate
from guanxi.shared.messaging.operations import queue_message, send_message
from guanxi.shared.messaging.ports import sync_ready_texts, templates_for
from guanxi.shared.messaging.queue import attachment_of
from guanxi.shared.parties.models import Contact, Party


@pytest.fixture
def kept(alpha) -> MailServer:
    """Mail stays here."""
    return create_record(MailServer, {"name": "Here", "kind": "catch", "from_address": "a@b.example"}, actor=alpha).result


def send(alpha, customer, **values) -> Message:
    given = {"subject": "Visit", "body": "On Monday.", "to": "x@y.example", "target_model": "parties.party", "target_id": customer.party.pk}
    return send_message(actor=alpha, **{**given, **values})


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("a@b.example", "a@b.example"),
            ("王芳 <wang@b.example>；<c@d.example>、e@f.example", "王芳 <wang@b.example>, c@d.example, e@f.example"),
            ('"Reed, Emma" <emma@b.example>, A@B.example, a@b.example', '"Reed, Emma" <emma@b.example>, A@B.example'),
            ("a＠b.example\nb@b.example", "a@b.example, b@b.example"),
            ("o'neil+x@b.example", "o'neil+x@b.example"),
            ("", ""),
        ],
    )
    def test_people_write_them_in_many_ways(self, text, shown):
        assert written(read_addresses(text, "to")) == shown
        assert read_addresses(shown, "to") == read_addresses(text, "to"), "what is kept is read again"

    @pytest.mark.parametrize(
        "text", ["nobody", "a@b", "a b@c.example", "<>", "x <y>", "a@b.example <c>", "王@b.example", "a" * 250 + "@b.example", "a@@b.example"]
    )
    def test_what_is_none_is_refused_at_its_field(self, text):
        with pytest.raises(Refused) as refused:
            read_addresses(text, "cc")
        assert refused.value.field == "cc"

    def test_a_line_end_in_quotes_is_a_space(self):
        assert written(read_addresses('"A\r\nBcc: x" <a@b.example>', "to")) == '"A Bcc: x" <a@b.example>'

    @pytest.mark.parametrize("text", ["a@b.example\x00", "a@b.example\x0bBcc: c@d.example", "x\u2028<a@b.example>"])
    def test_a_control_sign_begins_no_other_header(self, text):
        with pytest.raises(Refused, match="cannot stand in one line"):
            read_addresses(text, "to")


class TestWriting:
    @pytest.mark.parametrize(
        ("given", "field", "message"),
        [
            ({"to": ""}, "to", "Say to whom"),
            ({"to": ", ".join(f"p{n}@b.example" for n in range(51))}, "to", "At most 50 recipients"),
            ({"subject": "Hello\nBcc: x@y.example"}, "subject", "cannot stand in one line"),
            ({"subject": "  "}, "subject", "needed"),
            ({"body": " \n"}, "body", "a few words"),
            ({"body": "x" * 100_001}, "body", "too long"),
        ],
    )
    def test_what_cannot_be_sent_is_refused_in_words(self, alpha, kept, customer, given, field, message):
        with pytest.raises(Refused, match=message) as refused:
            send(alpha, customer, **given)
        assert refused.value.field == field and not Message.objects.exists()

    def test_somebody_without_an_address_cannot_be_chosen(self, alpha, kept, customer):
        with pytest.raises(Refused, match="周明 has no e-mail address"):
            send(alpha, customer, contacts=[customer.zhou])

    def test_more_than_twenty_megabytes_are_refused(self, alpha, kept):
        big = Enclosure("big.bin", "application/octet-stream", bytes(21 * 1024 * 1024))
        with pytest.raises(Refused, match="may have 20 MB"):
            queue_message(to="x@y.example", subject="Big", body="File", attachments=[big], actor=alpha)

    def test_a_file_of_another_member_or_message_cannot_be_attached(self, alpha, kept, customer, member):
        attachment_of(Enclosure("a.txt", "text/plain", b"x"), member("salesperson")).save()
        foreign = MessageAttachment.objects.get()
        raw = {"target_model": "parties.party", "target_id": customer.party.pk, "to": "x@y.example", "subject": "A", "body": "B"}
        with pytest.raises(Invalid):
            perform(send_message, None, actor=alpha, raw={**raw, "attachments": [foreign.pk]})
        mine = attachment_of(Enclosure("b.txt", "text/plain", b"x"), alpha)
        mine.save()
        perform(send_message, None, actor=alpha, raw={**raw, "attachments": [mine.pk]})
        with pytest.raises(Refused, match="another message already"):
            perform(send_message, None, actor=alpha, raw={**raw, "attachments": [mine.pk]})

    def test_it_stands_in_the_timeline_of_its_record_and_of_its_customer(self, alpha, kept, customer):
        send(alpha, customer, target_model="parties.contact", target_id=customer.wang.pk, subject="Your visit")
        entries = [(entry.title, entry.tag) for entry in timeline_of(customer.wang, alpha, "alpha")]
        assert ("Your visit", "Being sent") in entries
        assert "Your visit" in [entry.title for entry in timeline_of(customer.party, alpha, "alpha")]
        assert Message.objects.get().party_id == customer.party.pk


class TestSight:
    """Who may see a message: who may see its record, or wrote it."""

    def test_a_message_about_a_record_out_of_sight_is_out_of_sight(self, alpha, kept, customer, member):
        seller, other = member("salesperson"), member("salesperson")
        Party.objects.filter(pk=customer.party.pk).update(owner=seller.member_id)
        message = send(alpha, customer)
        assert Message.objects.visible_to(seller).filter(pk=message.pk).exists()
        assert not Message.objects.visible_to(other).filter(pk=message.pk).exists()
        assert not Message.objects.visible_to(seller, "delete").exists(), "seen, but somebody else's"
        with pytest.raises(Missing):
            send(other, customer)
        attached = MessageAttachment(message=message, owner_id=alpha.member_id, name="a", media_type="text/plain", size=1, digest="", content=b"x")
        attached.save()
        assert [MessageAttachment.objects.visible_to(who).exists() for who in (seller, other)] == [True, False]

    def test_without_the_right_nothing_is_written(self, alpha, kept, customer, member):
        Role.objects.create(key="looker", name={"en": "Looker"}, grants={"parties.party": "view", "messaging.message": "view:own"})
        looker = member("looker")
        with pytest.raises(Forbidden):
            send(looker, customer)
        assert not Message.objects.exists()

    def test_servers_are_for_administrators(self, alpha, kept, member):
        for role in ("salesperson", "sales_manager", "accountant", "storekeeper"):
            assert not MailServer.objects.visible_to(member(role)).exists()


class TestTemplates:
    def filled(self, alpha, text, record, **more) -> str:
        return merged({"text": text}, record, actor=alpha, language="en", **more)["text"]

    def test_fields_come_from_the_record_from_what_it_refers_to_and_from_beside(self, alpha, customer):
        text = "{{ name }} / {{ party.name }} / {{party.code}} / {{ sender.name }} / {{ contact.name }} / {{ upper(wechat) & 1 + 1 }}"
        assert self.filled(alpha, text.replace(" & 1 + 1", ""), customer.wang, contact=customer.wang) == (
            f"王芳 / 北辰机械 / {customer.party.code} / {alpha.name} / 王芳 / "
        )

    def test_figures_and_choices_read_as_people_read_them(self, alpha):
        given = {"code": "SCREW", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "1234.5", "standard_cost": "6", "kind": "goods"}
        screw = create_record(Product, given, actor=alpha).result
        text = '{{ list_price }} {{ kind }} {{ list_price * 2 }} {{ if(list_price > 1000, "dear", "cheap") }} {{ is_sold }}'
        shown = self.filled(alpha, text.replace(" {{ is_sold }}", ""), screw)
        assert shown == "1,234.50 Goods 2,469 dear"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{{ nonsense }}", "nonsense"), ("{{ name", "one of them is missing"), ("name }}", "one of them is missing"),
            ("{{ name. }}", "In “{{ name. }}”"), ("{% load x %}{{ name|upper }}", "In"), ("{{ owner.password }}", "owner.password"),
            ("{{ __class__ }}", "__class__"), ("{{ " + "1 + " * 500 + "1 }}", "In"),
        ],
    )
    def test_what_cannot_be_read_is_refused_when_it_is_saved(self, alpha, text, message):
        values = {"code": "bad", "name": "Bad", "target_model": "parties.party", "subject": "Hello", "body": text}
        with pytest.raises(Invalid, match=message):
            create_record(MessageTemplate, values, actor=alpha)

    def test_nothing_typed_is_a_template_of_the_program(self, alpha, customer):
        Party.objects.filter(pk=customer.party.pk).update(name="{{ sender.email }}{% debug %}")
        customer.party.refresh_from_db()
        assert self.filled(alpha, "{% now 'Y' %} {{ name }}", customer.party) == "{% now 'Y' %} {{ sender.email }}{% debug %}"

    def test_a_column_the_writer_may_not_see_is_refused(self, alpha, member, customer):
        given = {"code": "NUT", "name": "Nut", "unit": "pc", "tax": "VAT13", "list_price": "2", "standard_cost": "1", "kind": "goods"}
        nut = create_record(Product, given, actor=alpha).result
        with pytest.raises(BadText, match="You may not see “standard_cost”"):
            self.filled(member("salesperson"), "{{ standard_cost }}", nut)
        assert self.filled(alpha, "{{ standard_cost + 1 }}", nut) == "2"

    def test_a_row_the_writer_may_not_see_is_not_read_by_the_way_of_one_they_may(self, alpha, member, customer):
        seller = member("salesperson")
        Party.objects.filter(pk=customer.party.pk).update(owner=seller.member_id)
        assert merged({"text": "{{ party.phone }}{{ party.name }}"}, customer.wang, actor=seller, language="en")["text"] == "北辰机械"
        Party.objects.filter(pk=customer.party.pk).update(owner=alpha.member_id)
        with pytest.raises(BadText, match="You may not see “party.name”"):
            merged({"text": "{{ party.name }}"}, customer.wang, actor=seller, language="en")

    def test_a_template_fills_in_what_is_left_out_in_the_language_of_the_mail(self, alpha, kept, customer):
        subject = {"en": "Hello {{ name }}", "zh-hans": "{{ name }}您好"}
        texts = {"subject": subject, "body": {"en": "From {{ sender.name }}", "zh-hans": "{{ sender.name }}敬上"}}
        with pytest.raises(Invalid, match="“name” is not known here"):
            create_record(MessageTemplate, {"code": "hello", "name": "Hello", **texts}, actor=alpha)
        with pytest.raises(Invalid):
            create_record(MessageTemplate, {"code": "none", "name": "None", "subject": "x", "body": ""}, actor=alpha)
        chinese = MessageTemplate.objects.create(code="zh", name={"en": "x"}, target_model="parties.party", **texts)
        chinese.refresh_from_db()
        message = send(alpha, customer, subject="", body="", template=chinese, language="zh-hans")
        assert (message.subject, message.body, message.language) == ("北辰机械您好", f"{alpha.name}敬上", "zh-hans")
        with pytest.raises(Refused, match="another kind of record"):
            send(alpha, customer, subject="", body="", template=chinese, target_model="parties.contact", target_id=customer.wang.pk)
        assert chinese in templates_for(customer.party, alpha) and chinese not in templates_for(customer.wang, alpha)

    def test_every_ready_made_template_can_be_read(self, alpha):
        from guanxi.kernel.columns.validate import Draft
        from guanxi.shared.messaging.completion import complete_templates

        sync_ready_texts()
        rows = list(MessageTemplate.objects.all())
        drafts = [Draft(n, instance=row) for n, row in enumerate(rows)]
        complete_templates(drafts, alpha)
        assert {row.code for row in rows} >= {"quotation", "order", "invoice"} and [draft.errors for draft in drafts] == [{}] * len(rows)


class TestServers:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"host": ""}, "host"), ({"host": "smtp://x.example"}, "host"), ({"port": "0"}, "port"), ({"port": "70000"}, "port"),
            ({"security": "none", "username": "x"}, "security"), ({"from_address": "x"}, "from_address"),
        ],
    )
    def test_what_cannot_work_is_refused_at_its_field(self, alpha, given, field):
        good = {"name": "S", "host": "smtp.b.example", "port": "587", "security": "starttls", "from_address": "a@b.example"}
        with pytest.raises(Invalid) as refused:
            create_record(MailServer, {**good, **given}, actor=alpha)
        assert field in refused.value.errors

    def test_the_first_is_the_default_and_the_next_is_not(self, alpha, kept):
        second = create_record(MailServer, {"name": "Second", "kind": "catch", "from_address": "a@b.example"}, actor=alpha).result
        assert kept.is_default and not second.is_default
        change_record(kept, {"is_active": False}, actor=alpha)
        with pytest.raises(Refused, match="No mail server"):
            queue_message(to="x@y.example", subject="A", body="B", actor=alpha)


def test_contacts_are_offered_who_the_record_names_first(alpha, customer):
    from guanxi.shared.messaging.ports import people_of

    li = create_record(Contact, {"party": customer.party.pk, "name": "李丽", "email": "li@beichen.example"}, actor=alpha).result
    assert people_of(customer.party, li.pk, alpha) == [li, customer.wang]
