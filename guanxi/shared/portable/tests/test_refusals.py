"""What is not whole, not ours or not for this program is refused in words, and leaves nothing behind (M22.2)."""

from __future__ import annotations

import gzip
import io
import re
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from guanxi.config.stamp import PACKAGE
from guanxi.kernel.sets.lifecycle import SetError
from guanxi.shared.portable.archive import MANIFEST, SEAL, Archive, content_name, table_name
from guanxi.shared.portable.intake import MARK, prove, take_in
from guanxi.shared.portable.manifest import NotPortable
from guanxi.shared.portable.tests.conftest import PLAN_HASH, hashes, parts_of, sealed, traces, write_parts

PARTIES = table_name("parties_party")
Parts = dict[str, bytes]


def flipped(raw: bytes) -> bytes:
    """One bit in the middle is another one."""
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


def manifest_of(table: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        next(one for one in manifest["tables"] if one["name"] == table).update(values)

    return change


def rewritten(parts: Parts, table: str, text: bytes) -> Parts:
    """Another text for a table, with hashes that fit: what somebody can make who knows how."""
    import hashlib

    facts = {"size": len(text), "rows": text.count(b"\n"), "sha256": hashlib.sha256(text).hexdigest()}
    return sealed({**parts, table_name(table): gzip.compress(text)}, manifest_of(table, **facts))


def without(parts: Parts, name: str) -> Parts:
    return {one: raw for one, raw in parts.items() if one != name}


def zeros(manifest: dict[str, Any]) -> None:
    manifest["contents"][0]["sha256"] = "../" + manifest["contents"][0]["sha256"][3:]


CHANGED: list[tuple[str, Callable[[Parts], Parts], str]] = [
    ("a table", lambda parts: {**parts, PARTIES: flipped(parts[PARTIES])}, "parties_party.gz is not what it was"),
    ("another text for a table", lambda parts: {**parts, PARTIES: gzip.compress(b"1\n")}, "parties_party.gz is not what it was"),
    ("a longer text", lambda parts: {**parts, PARTIES: gzip.compress(gzip.decompress(parts[PARTIES]) * 2)}, "parties_party.gz is not what it was"),
    ("a file", lambda parts: {**parts, content_name(PLAN_HASH): flipped(parts[content_name(PLAN_HASH)])}, f"{PLAN_HASH} is not what it was"),
    ("a shorter file", lambda parts: {**parts, content_name(PLAN_HASH): b"x"}, f"{PLAN_HASH} is not what it was"),
    ("the manifest", lambda parts: {**parts, MANIFEST: parts[MANIFEST].replace(b'"Alpha"', b'"Alphb"')}, "manifest.json is not what it was"),
    ("the seal", lambda parts: {**parts, SEAL: b"0" * 64}, "manifest.json is not what it was"),
    ("no table", lambda parts: without(parts, PARTIES), "A part of the output is missing: tables/parties_party.gz"),
    ("no file", lambda parts: without(parts, content_name(PLAN_HASH)), "A part of the output is missing: files/"),
    ("no manifest", lambda parts: without(parts, MANIFEST), "cut off"),
    ("no seal", lambda parts: without(parts, SEAL), "cut off"),
    ("a file more", lambda parts: {**parts, "../../etc/passwd": b"x"}, "something that no output holds: '../../etc/passwd'"),
    ("an absolute name", lambda parts: {"/tmp/x": b"x", **parts}, "something that no output holds: '/tmp/x'"),
    ("a name that slips out, listed", lambda parts: sealed({**parts, f"files/../{PLAN_HASH[3:]}": parts[content_name(PLAN_HASH)]}, zeros),
     "something that no output holds"),
    ("a bomb", lambda parts: sealed({**parts, PARTIES: gzip.compress(bytes(200_000_000))}, manifest_of("parties_party", size=200_000_000)),
     "would unpack to 190 MB"),
    ("a bomb that says it is small", lambda parts: {**parts, PARTIES: gzip.compress(bytes(200_000_000))}, "parties_party.gz is not what it was"),
    ("another format", lambda parts: sealed(parts, lambda manifest: manifest.update(format=99)), "has the format 99"),
    ("a manifest of nothing", lambda parts: sealed(parts, lambda manifest: manifest.pop("people")), "list of contents cannot be read"),
    ("another version", lambda parts: sealed(parts, lambda manifest: manifest.update(stamp="old", program="0.0.9")),
     r"another version of Guanxi \(0.0.9\)"),
]


def test_whatever_was_changed_is_refused_in_words(kept_output, tmp_path):
    parts = parts_of(kept_output)
    prove(write_parts(tmp_path / "same.tar", parts))
    unseen = []
    for label, change, words in CHANGED:
        with pytest.raises(NotPortable) as refusal:
            prove(write_parts(tmp_path / "changed.tar", change(parts)))
        if not re.search(words, str(refusal.value)):
            unseen.append(f"{label}: {refusal.value}")
    assert not unseen, "\n".join(unseen)


def test_a_file_that_is_cut_off_anywhere_is_refused(kept_output, tmp_path):
    raw, cut = kept_output.read_bytes(), tmp_path / "cut.tar"
    with Archive(kept_output) as archive:
        end = archive.parts[SEAL].offset_data + 64
    for length in (0, 1, 511, 512, 513, 5000, len(raw) // 3, len(raw) // 2, end - 1024, end - 512, end - 1):
        cut.write_bytes(raw[:length])
        with pytest.raises(NotPortable):
            prove(cut)
    with pytest.raises(NotPortable, match="There is no file"):
        prove(tmp_path / "none.tar")
    with pytest.raises(NotPortable, match="no output"):
        prove(tmp_path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE])
def test_links_and_devices_in_it_are_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "link.tar", "w") as tar:
        part = tarfile.TarInfo(f"files/{PLAN_HASH}")
        part.type, part.linkname = kind, "/etc/passwd"
        tar.addfile(part, io.BytesIO())
    with pytest.raises(NotPortable, match="something that no output holds|cut off"):
        prove(tmp_path / "link.tar")


def test_another_seal_than_the_one_that_was_noted_is_refused(kept_output):
    with Archive(kept_output) as archive:
        seal = archive.seal
    assert prove(kept_output, seal=seal.upper()).set.key == "alpha"
    with pytest.raises(NotPortable, match="seal is another one"):
        prove(kept_output, seal="0" * 64)


def test_a_key_that_is_taken_or_none_is_refused_and_so_are_files_that_nobody_owns(kept_output, here):
    before = hashes("alpha")
    for key, words in (("", "already an account set “alpha”"), ("beta", "choose another key"), ("Ä; DROP", "cannot name"), ("api", "cannot name")):
        with pytest.raises(SetError, match=words):
            take_in(kept_output, key=key)
    (here / "owned").mkdir(parents=True)
    (here / "owned" / "precious").touch()
    with pytest.raises(NotPortable, match="move .* away, or choose another key"):
        take_in(kept_output, key="owned")
    assert (here / "owned" / "precious").exists() and traces("owned") == ["files"]
    assert hashes("alpha") == before


def test_rows_that_refer_to_nothing_or_break_a_rule_leave_nothing_even_when_every_hash_fits(kept_output, here, tmp_path):
    """The database's own rules are the last wall: foreign keys, uniqueness, checks."""
    parts = parts_of(kept_output)
    lines = gzip.decompress(parts[table_name("finance_journalline")]).splitlines(keepends=True)
    assert len(lines) == 2
    for table, text, words in (
        ("parties_party", b"", "foreign key"),
        ("finance_journalline", b"".join([lines[0], lines[0]]), "duplicate key"),
        ("finance_journalline", b"no row at all\n", "refuses"),
    ):
        path = write_parts(tmp_path / "made.tar", rewritten(parts, table, text))
        with pytest.raises(NotPortable, match=words):
            take_in(path, key="broken")
        assert traces("broken") == []
    columns = sealed(parts, manifest_of("parties_party", columns=[["id", "bigint"]]))
    with pytest.raises(NotPortable, match="parties_party is another one here"):
        take_in(write_parts(tmp_path / "made.tar", columns), key="broken")
    assert traces("broken") == []
    assert take_in(kept_output, key="broken").rows > 100


def test_an_input_that_is_killed_leaves_nothing_once_the_next_one_came(kept_output, here, fresh_database):
    """Everything is loaded and it is about to give people their places, when it is killed."""
    environment = {**fresh_database.environment, "GUANXI_DATA": str(here.parent)}
    command = [sys.executable, "-m", "guanxi.config.command", "set", "input", str(kept_output), "--as", "killed"]
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as holding:
        holding.execute("LOCK TABLE guanxi.sets_membership IN SHARE MODE")
        process = subprocess.Popen(command, env=environment, cwd=PACKAGE.parent, stderr=subprocess.PIPE)
        wait_for_one_that_waits(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
    assert traces("killed") == ["files"] and (here / "killed" / MARK).exists()
    wait_until_gone()
    # Whatever is taken in next clears it away.
    take_in(kept_output, key="after")
    assert traces("killed") == []
    take_in(kept_output, key="killed")
    assert sorted(traces("killed")) == ["files", "role", "row", "schema"]
    assert sorted(path.name for path in (here / "killed").rglob("*") if path.is_file()) == [PLAN_HASH]


def backends(condition: str) -> int:
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner"), autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'guanxi-owner' "
            "AND pid <> pg_backend_pid() AND (%s = '' OR wait_event_type = %s)", [condition, condition],
        ).fetchone()
    assert row is not None
    return int(row[0])


def wait_for_one_that_waits(process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while not backends("Lock"):
        assert process.poll() is None and time.monotonic() < until, "it did not come so far"
        time.sleep(0.05)


def wait_until_gone() -> None:
    from django.db import connections

    connections["owner"].close()
    until = time.monotonic() + 30
    while backends(""):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_folder_that_cannot_be_written_leaves_nothing(kept_output, here):
    here.write_text("a file where the folder should be")
    with pytest.raises(NotPortable, match="cannot be written: "):
        take_in(kept_output, key="unwritten")
    assert traces("unwritten") == []


def test_two_inputs_at_once_do_not_meet(kept_output, here):
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as other:
        other.execute("SELECT pg_advisory_xact_lock(4711002)")
        with pytest.raises(NotPortable, match="being taken in now"):
            take_in(kept_output, key="second")
    assert traces("second") == []


def test_no_room_is_said_before_anything_is_written(kept_output, tmp_path: Path):
    huge = sealed(parts_of(kept_output), lambda manifest: manifest["contents"][0].update(size=10**15))
    with pytest.raises(NotPortable, match="is not what it was"):
        take_in(write_parts(tmp_path / "huge.tar", huge), key="huge")
    from guanxi.shared.portable.intake import _require_room

    manifest = prove(kept_output)
    manifest.contents[0].size = 10**15
    with pytest.raises(NotPortable, match="There is no room for it: it needs 953674572 MB"):
        _require_room(manifest)
