"""Files on records: attached, renamed, replaced, removed, and seen by whoever may see the record (M11.2, M1.9, M3.2)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db import connection

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import create_record, delete_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.files import jobs
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment, AttachmentVersion, StoredContent
from guanxi.kernel.files.operations import attach, attach_file, move_files, remove_file, rename_file, replace_file
from guanxi.kernel.files.queries import attachments_of, files_on
from guanxi.kernel.records.refusals import Forbidden, Invalid, Missing, Refused
from guanxi.kernel.search import find
from guanxi.kernel.search.index import index_records
from guanxi.shared.activities.operations import log_visit
from guanxi.shared.parties.models import Contact, Party


def on(record):
    return {"target_model": record.label(), "target_id": record.pk}


class TestAttaching:
    def test_a_file_has_its_name_its_record_its_party_and_who_added_it(self, alpha, customer, put):
        person = create_record(Contact, {"party": customer.pk, "name": "周建国"}, actor=alpha).result
        file = put(person, b"card", "../名片.txt")
        file.refresh_from_db()
        assert (file.name, file.target_model, file.target_id, file.party_id) == ("名片.txt", "parties.contact", person.pk, customer.pk)
        assert (file.number, file.added_by_id, file.added_at, file.content.size) == (1, alpha.member_id, alpha.now, 4)

    def test_a_visit_and_a_contact_have_files_which_stand_with_the_customer_too(self, alpha, customer, put):
        visit = log_visit(actor=alpha, **on(customer), body="Saw the new line")
        person = create_record(Contact, {"party": customer.pk, "name": "周建国"}, actor=alpha).result
        mine, theirs, own = put(visit, b"photo"), put(person, b"card"), put(customer, b"contract")
        assert list(attachments_of(visit, alpha)) == [mine]
        assert list(attachments_of(customer, alpha)) == [own]
        assert set(files_on(customer)) == {own, theirs, mine}

    def test_the_timeline_of_the_record_tells_of_it_by_the_file_s_name(self, alpha, customer, put):
        file = put(customer, b"x", "offer.txt")
        event = Event.objects.get(name="FileAttached")
        assert (event.subject_model, event.subject_id, event.title, event.party_id) == ("parties.party", customer.pk, "offer.txt", customer.pk)
        assert event.payload == {"attachment_id": file.pk}

    def test_the_same_key_attaches_once(self, alpha, customer):
        given = {**on(customer), "content": store(io.BytesIO(b"x")), "name": "a.txt"}
        first = perform(attach_file, actor=alpha, key="k1", arguments=given)
        again = perform(attach_file, actor=alpha, key="k1", arguments=given)
        assert (again.replayed, again.result) == (True, first.result)
        assert Attachment.objects.count() == 1

    def test_what_has_no_page_and_what_is_not_seen_gets_no_file(self, alpha, customer, member):
        content = store(io.BytesIO(b"x"))
        for label, pk in (("records.history", 1), ("no.such", 1), ("parties.party", 99_999), ("acts.act", 1)):
            with pytest.raises(Missing):
                attach_file(actor=alpha, target_model=label, target_id=pk, content=content, name="a")
        with pytest.raises(Missing):
            attach(customer, content, "a", member("salesperson"))

    def test_a_file_has_no_files(self, alpha, customer, put):
        with pytest.raises(Missing):
            put(put(customer, b"x"), b"y")

    def test_a_content_cannot_be_taken_by_its_number_alone(self, alpha, customer):
        content = store(io.BytesIO(b"somebody's secret"))
        with pytest.raises(Invalid):
            perform(attach_file, actor=alpha, raw={**on(customer), "content": content.pk, "name": "mine.txt"}, by_id=True)


class TestChanging:
    def test_renaming_keeps_the_content(self, alpha, customer, put):
        file = rename_file(put(customer, b"x"), actor=alpha, name="a/new name.txt", description=" signed ")
        file.refresh_from_db()
        assert (file.name, file.description, file.number, file.version) == ("new name.txt", "signed", 1, 2)

    def test_a_new_version_takes_the_place_and_the_one_before_is_kept(self, alpha, customer, put):
        file = put(customer, b"first", "offer.txt")
        first = file.content_id
        replace_file(file, actor=alpha, content=store(io.BytesIO(b"second")), name="offer v2.txt")
        file.refresh_from_db()
        assert (file.number, file.name, file.content.size) == (2, "offer v2.txt", 6)
        [earlier] = AttachmentVersion.objects.all()
        assert (earlier.number, earlier.name, earlier.content_id) == (1, "offer.txt", first)
        with pytest.raises(Refused, match="This is the content that the file has already"):
            replace_file(file, actor=alpha, content=store(io.BytesIO(b"second")))

    def test_removing_takes_all_versions_and_undoing_brings_them_back(self, alpha, customer, put):
        file = put(customer, b"first", "offer.txt")
        replace_file(file, actor=alpha, content=store(io.BytesIO(b"second")))
        assert remove_file(file, actor=alpha) == customer
        assert (Attachment.objects.count(), AttachmentVersion.objects.count()) == (0, 0)
        undo_act(Act.objects.get(operation="files.remove_file"), actor=alpha)
        assert (Attachment.objects.get().number, AttachmentVersion.objects.get().number) == (2, 1)
        assert [hit.id for hit in find("offer", alpha, ["files.attachment"])] == [file.pk]

    def test_files_go_with_their_record_and_come_back_with_it(self, alpha, customer, put):
        file = put(customer, b"x")
        delete_record(customer, actor=alpha)
        assert not Attachment.objects.exists()
        undo_act(Act.objects.get(operation="parties.party.delete"), actor=alpha)
        assert list(attachments_of(Party.objects.get(name="恒川液压"), alpha)) == [file]

    def test_when_two_records_are_made_one_files_move(self, alpha, customer, put):
        other = create_record(Party, {"name": "Other"}, actor=alpha).result
        file = put(customer, b"x")
        assert move_files(customer, other) == 1
        assert list(attachments_of(other, alpha)) == [file]
        assert not attachments_of(customer, alpha).exists()


class TestRights:
    """Li sees and changes her own customers; Wang has none of them."""

    @pytest.fixture
    def li(self, alpha, member):
        return member("salesperson", name="Li")

    @pytest.fixture
    def hers(self, li):
        return create_record(Party, {"name": "Hers"}, actor=li).result

    def test_who_does_not_see_the_record_knows_nothing_of_its_files(self, li, hers, put, member):
        wang = member("salesperson", name="Wang")
        file = put(hers, b"secret", "geheim.txt", li)
        assert list(Attachment.objects.visible_to(li)) == [file]
        assert list(Attachment.objects.visible_to(wang)) == []
        assert [find("geheim", who, ["files.attachment"]) != [] for who in (li, wang)] == [True, False]
        for operation, given in ((remove_file, {}), (rename_file, {"name": "x"}), (replace_file, {"content": store(io.BytesIO(b"y"))})):
            with pytest.raises(Missing):
                operation(file, actor=wang, **given)
        assert Attachment.objects.get() == file

    def test_access_ends_when_the_record_is_handed_over(self, li, hers, put, member):
        wang = member("salesperson", name="Wang")
        put(hers, b"x", actor=li)
        Party.objects.filter(pk=hers.pk).update(owner_id=wang.member_id)
        assert not Attachment.objects.visible_to(li).exists()
        assert Attachment.objects.visible_to(wang).exists()

    def test_a_file_is_taken_away_by_who_added_it_or_may_change_the_record(self, alpha, li, hers, put, member):
        grants = {"parties.party": "view", "files.attachment": "view", "files.attach_file": "company", "files.remove_file": "own changeable"}
        auditor = self.with_role(member, grants)
        by_li, by_auditor = put(hers, b"1", actor=li), put(hers, b"2", actor=auditor)
        with pytest.raises(Forbidden):
            remove_file(by_li, actor=auditor)
        remove_file(by_auditor, actor=li)
        remove_file(put(hers, b"3", actor=auditor), actor=auditor)
        assert list(Attachment.objects.all()) == [by_li]

    def test_without_the_right_nothing_is_attached_and_in_part_only_where_one_may_change(self, alpha, li, hers, put, member):
        content = store(io.BytesIO(b"x"))
        reader = self.with_role(member, {"parties.party": "view", "files.attachment": "view"})
        with pytest.raises(Forbidden):
            attach(hers, content, "a", reader)
        partly = self.with_role(member, {"parties.party": "view change:own", "files.attachment": "view", "files.attach_file": "changeable"})
        with pytest.raises(Forbidden, match="only to records that you may change"):
            attach(hers, content, "a", partly)
        own = create_record(Party, {"name": "Own"}, actor=alpha).result
        Party.objects.filter(pk=own.pk).update(owner_id=partly.member_id)
        assert attach(own, content, "a", partly).name == "a"

    def test_without_the_right_to_files_none_is_seen(self, li, hers, put, member):
        put(hers, b"x", "geheim.txt", li)
        blind = self.with_role(member, {"parties.party": "view"})
        assert not Attachment.objects.visible_to(blind).exists()
        assert find("geheim", blind) == []

    def with_role(self, member, grants):
        made = member()
        role = Role.objects.create(key=f"r{made.member_id}", name={"en": "R", "zh-hans": "角"}, grants=grants)
        role.member_set.add(made.member_id)
        return actor_of(made.member_id)


class TestFinding:
    def test_a_word_in_a_file_finds_it_for_who_may_see_the_record(self, alpha, customer, put, member):
        file = put(customer, "交期承诺书：滚珠丝杠 SFU2510 保证两周内发货".encode(), "承诺.txt")
        assert find("丝杠", alpha, ["files.attachment"]) == []
        jobs.read_content.function("alpha", None, content_id=file.content_id)
        for typed in ("丝杠", "sfu25", "两周内", "承诺", "cn"):
            assert [hit.id for hit in find(typed, alpha, ["files.attachment"])] == [file.pk], typed
        assert find("丝杠", member("salesperson"), ["files.attachment"]) == []

    def test_a_new_version_is_found_by_its_own_words(self, alpha, customer, put):
        file = put(customer, b"alabaster")
        jobs.read_content.function("alpha", None, content_id=file.content_id)
        replace_file(file, actor=alpha, content=store(io.BytesIO(b"basalt")))
        file.refresh_from_db()
        jobs.read_content.function("alpha", None, content_id=file.content_id)
        assert find("alabaster", alpha, ["files.attachment"]) == []
        assert [hit.title for hit in find("basalt", alpha, ["files.attachment"])] == ["offer.txt"]

    def test_a_very_long_text_of_very_many_words_is_found_by_the_first(self, alpha, customer, put):
        file = put(customer, b"x")
        StoredContent.objects.filter(pk=file.content_id).update(text="zebra " + " ".join(f"{n:032x}" for n in range(60_000)))
        index_records(Attachment, [file.pk])
        assert [hit.id for hit in find("zebra", alpha, ["files.attachment"])] == [file.pk]


def test_what_was_not_read_at_night_is_asked_for_again(alpha, customer, put):
    file = put(customer, b"words")
    StoredContent.objects.update(stored_at=alpha.now - timedelta(hours=2))
    asked = "SELECT count(*) FROM guanxi.procrastinate_jobs WHERE task_name = 'files.read_content' AND args->'arguments'->>'content_id' = %s"
    jobs.read_waiting.function(actor=alpha)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(asked, [str(file.content_id)])
        assert cursor.fetchone() == (2,)
