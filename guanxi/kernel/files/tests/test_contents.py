"""Contents: stored once, whole or not at all, and swept when nothing needs them (M11.2)."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.files import contents
from guanxi.kernel.files.checks import all_contents_are_whole, contents_are_there
from guanxi.kernel.files.contents import open_content, store
from guanxi.kernel.files.jobs import sweep_contents
from guanxi.kernel.files.models import Attachment, StoredContent
from guanxi.kernel.files.operations import attach, remove_file
from guanxi.kernel.files.storage import Storage
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.sets.lifecycle import create_set, drop_set
from guanxi.shared.parties.models import Party

HELLO = b"hello, files"
HASH = hashlib.sha256(HELLO).hexdigest()


def lying(key: str = "alpha") -> list[str]:
    return sorted(path.name for path in (settings.MEDIA_ROOT / key).rglob("*") if path.is_file())


def make_old(sha256: str, key: str = "alpha") -> None:
    then = time.time() - 2 * contents.ORPHAN_SECONDS
    os.utime(Storage(key).path(sha256), (then, then))


class TestStoring:
    def test_a_content_lies_under_its_hash_and_says_what_it_is(self, alpha):
        found = store(io.BytesIO(HELLO), "hello.txt")
        assert (found.sha256, found.size, found.media_type, found.kind) == (HASH, 12, "text/plain", "text")
        path = settings.MEDIA_ROOT / "alpha" / HASH[:2] / HASH
        assert path.read_bytes() == HELLO
        assert oct(path.stat().st_mode & 0o777) == "0o600"
        with open_content(found) as file:
            assert file.read() == HELLO

    def test_the_same_content_is_stored_once(self, alpha):
        first, second = store(io.BytesIO(HELLO)), store(io.BytesIO(HELLO))
        assert first.pk == second.pk
        assert lying() == [HASH]

    def test_an_empty_file_is_refused(self, alpha):
        with pytest.raises(Refused, match="The file is empty; choose another."):
            store(io.BytesIO(b""))
        assert lying() == []

    def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(self, alpha, settings):
        settings.GUANXI_LARGEST_FILE = 1024 * 1024
        with pytest.raises(Refused, match=r"“big.bin” is larger than 1 MB."):
            store(io.BytesIO(b"x" * (1024 * 1024 + 1)), "../big.bin")
        assert lying() == []

    def test_the_quota_of_the_set_is_kept_but_what_is_there_may_be_used_again(self, alpha, settings):
        settings.GUANXI_FILES_QUOTA = 20
        store(io.BytesIO(HELLO))
        with pytest.raises(Refused, match="Remove others first"):
            store(io.BytesIO(b"other bytes"))
        assert store(io.BytesIO(HELLO)).size == 12
        assert lying() == [HASH]

    def test_a_disk_without_room_is_said_in_words(self, alpha, monkeypatch):
        monkeypatch.setattr("guanxi.kernel.files.storage.LEAST_FREE", 2**62)
        with pytest.raises(Refused, match="There is no room left for files"):
            store(io.BytesIO(HELLO))
        assert lying() == []

    def test_a_content_whose_bytes_are_gone_is_missing(self, alpha):
        found = store(io.BytesIO(HELLO))
        Storage().path(HASH).unlink()
        with pytest.raises(Missing):
            open_content(found)

    def test_nobody_reaches_a_content_by_its_number(self, alpha):
        store(io.BytesIO(HELLO))
        assert StoredContent.objects.count() == 1
        assert list(StoredContent.objects.visible_to(alpha)) == []

    def test_a_name_that_is_no_hash_leads_nowhere(self, alpha):
        for given in ("../../secret", "a" * 63, "A" * 64, "", "/etc/passwd"):
            with pytest.raises(Missing):
                Storage().path(given)


class TestCommitted:
    """What only commits show; in a database of its own."""

    @pytest.fixture(autouse=True)
    def _own(self, fresh_database: Any) -> None:
        pass

    def test_what_was_rolled_back_leaves_bytes_that_are_swept_and_never_served(self):
        with in_set("alpha"):
            store(io.BytesIO(HELLO))
            transaction.set_rollback(True)
        assert lying() == [HASH]
        with in_set("alpha"):
            assert not StoredContent.objects.exists()
        sweep_contents("alpha", None)
        assert lying() == [HASH], "it may belong to an upload that is still under way"
        make_old(HASH)
        (settings.MEDIA_ROOT / "alpha" / "x.part").write_bytes(b"half")
        os.utime(settings.MEDIA_ROOT / "alpha" / "x.part", (0, 0))
        sweep_contents("alpha", None)
        assert lying() == []

    def test_what_a_record_has_stays_and_what_was_removed_goes_after_thirty_days_its_bytes_a_night_later(self):
        with in_set("alpha"):
            actor = system_actor()
            file = attach(create_record(Party, {"name": "A"}, actor=actor).result, store(io.BytesIO(HELLO)), "a.txt", actor)
            StoredContent.objects.update(unused_at=datetime(2020, 1, 1, tzinfo=UTC))
        make_old(HASH)
        sweep_contents("alpha", None)
        with in_set("alpha"):
            assert StoredContent.objects.get().unused_at is None
            remove_file(file, actor=actor)
        sweep_contents("alpha", None)
        with in_set("alpha"):
            assert StoredContent.objects.get().unused_at is not None
            StoredContent.objects.update(unused_at=datetime.now(UTC) - timedelta(days=31))
        sweep_contents("alpha", None)
        with in_set("alpha"):
            assert not StoredContent.objects.exists()
        assert lying() == [HASH]
        sweep_contents("alpha", None)
        assert lying() == []
        with in_set("alpha"), pytest.raises(Refused, match="Something that it refers to has been deleted since"):
            undo_act(Act.objects.get(operation="files.remove_file"), actor=system_actor())

    def test_the_same_content_sent_at_once_by_several_is_one(self):
        failed: list[BaseException] = []
        barrier = threading.Barrier(4)

        def upload() -> None:
            try:
                with in_set("alpha"):
                    barrier.wait()
                    store(io.BytesIO(HELLO))
            except BaseException as error:
                failed.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=upload) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not failed
        with in_set("alpha"):
            assert StoredContent.objects.count() == 1
        assert lying() == [HASH]

    def test_the_sweep_waits_for_an_upload_of_the_same_bytes(self):
        with in_set("alpha"):
            store(io.BytesIO(HELLO))
            transaction.set_rollback(True)
        make_old(HASH)
        swept = threading.Event()

        def sweep() -> None:
            with in_set("alpha"):
                contents.remove_orphan(Storage("alpha"), HASH)
            connections.close_all()
            swept.set()

        with in_set("alpha"):
            contents._lock(HASH)
            thread = threading.Thread(target=sweep)
            thread.start()
            assert not swept.wait(0.3), "the sweep has to wait"
            store(io.BytesIO(HELLO))
        thread.join(30)
        assert swept.is_set()
        assert lying() == [HASH]

    def test_dropping_a_set_removes_its_files(self):
        create_set("gone", "Gone")
        with in_set("gone"):
            store(io.BytesIO(HELLO))
        assert lying("gone") == [HASH]
        drop_set("gone")
        connections["owner"].close()
        assert not (settings.MEDIA_ROOT / "gone").exists()


class TestProofs:
    def problems(self) -> list[str]:
        with connection.cursor() as cursor:
            return [problem for proof in (*contents_are_there(cursor), *all_contents_are_whole(cursor)) for problem in proof.problems]

    def test_contents_that_are_there_are_proved(self, alpha):
        store(io.BytesIO(HELLO))
        with connection.cursor() as cursor:
            assert [proof.sentence for proof in contents_are_there(cursor)] == [
                "1 contents lie in the storage with their sizes.", "1 contents were read and have the hash that names them."]
        assert self.problems() == []

    def test_a_missing_a_shortened_and_a_changed_content_are_found(self, alpha):
        raws = [b"first", b"second", b"third"]
        first, second, third = [hashlib.sha256(raw).hexdigest() for raw in raws]
        for raw in raws:
            store(io.BytesIO(raw))
        storage = Storage()
        storage.path(first).unlink()
        storage.path(second).write_bytes(b"sec")
        storage.path(third).write_bytes(b"THIRD")
        found = self.problems()
        assert f"The content {first} is missing." in found
        assert f"The content {second} has 3 bytes instead of 6." in found
        assert found.count(f"The content {third} has changed on the disk.") == 2


class TestBringingBack:
    def test_a_removed_file_comes_back_with_its_content_by_undoing(self, alpha, customer, put):
        file = put(customer, HELLO)
        remove_file(file, actor=alpha)
        assert not Attachment.objects.exists()
        undo_act(Act.objects.get(operation="files.remove_file"), actor=alpha)
        [back] = Attachment.objects.all()
        assert (back.pk, back.name, back.content.sha256) == (file.pk, "offer.txt", HASH)
