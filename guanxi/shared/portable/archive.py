"""The file itself: a tar with `tables/<table>.gz`, `files/<sha256>`, `manifest.json` and its hash at the end.

Names in it are compared with what the manifest lists and never become paths.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from guanxi.shared.portable.manifest import ContentFacts, Manifest, NotPortable, TableFacts, read_manifest
from guanxi.shared.portable.tables import BLOCK, Digest, facts_of

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
LARGEST_MANIFEST = 256 * 1024 * 1024
MOST_PACKED = 400
"""Rows of a business pack to a tenth; what unpacks to more than this many times its size is no output of ours."""


def table_name(name: str) -> str:
    return f"tables/{name}.gz"


def content_name(sha256: str) -> str:
    return f"files/{sha256}"


class ArchiveWriter:
    """Writes one output, part by part."""

    def __init__(self, file: IO[bytes], folder: Path, moment: float) -> None:
        self.folder = folder
        self.moment = moment
        self.tar = tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT)

    def add(self, name: str, stream: Any, size: int) -> None:
        part = tarfile.TarInfo(name)
        part.size, part.mtime, part.mode = size, self.moment, 0o600
        self.tar.addfile(part, stream)

    def packed(self) -> PackedPart:
        return PackedPart(self)

    def close(self, manifest: bytes) -> str:
        """The list of contents, and its hash."""
        seal = hashlib.sha256(manifest).hexdigest()
        self.add(MANIFEST, io.BytesIO(manifest), len(manifest))
        self.add(SEAL, io.BytesIO(f"{seal}\n".encode()), len(seal) + 1)
        self.tar.close()
        return seal


class PackedPart:
    """Text that is packed while it comes; a tar wants to know the size first, so it waits beside the output."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self.writer = writer
        self.waiting = tempfile.TemporaryFile(dir=writer.folder)
        self.zip = gzip.GzipFile(fileobj=self.waiting, mode="wb", compresslevel=3, mtime=0, filename="")
        self.write = self.zip.write

    def add_as(self, name: str) -> None:
        self.zip.close()
        size = self.waiting.tell()
        self.waiting.seek(0)
        self.writer.add(name, self.waiting, size)
        self.waiting.close()


class Archive:
    """An output that was opened for reading: its parts are those listed, and `prove` reads all of them."""

    def __init__(self, path: Path) -> None:
        try:
            self.tar = tarfile.open(path, mode="r:")
        except FileNotFoundError:
            raise NotPortable(_("There is no file %(file)s.") % {"file": path}) from None
        except (tarfile.TarError, EOFError, IsADirectoryError):
            raise NotPortable(_("%(file)s is no output of an account set, or it was cut off at its very beginning.") % {"file": path}) from None
        except OSError as error:
            raise NotPortable(_("%(file)s cannot be read: %(problem)s") % {"file": path, "problem": error.strerror}) from None
        try:
            self.parts = self._parts()
            self.seal, self.manifest = self._manifest()
            self._require_listed()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def close(self) -> None:
        self.tar.close()

    def _parts(self) -> dict[str, tarfile.TarInfo]:
        found: dict[str, tarfile.TarInfo] = {}
        try:
            for part in self.tar:
                if part.type != tarfile.REGTYPE or part.sparse or part.pax_headers or part.name in found:
                    raise NotPortable(_("The file holds something that no output holds: %(part)s") % {"part": ascii(part.name)})
                found[part.name] = part
        except (tarfile.TarError, EOFError, ValueError, OverflowError):
            raise _cut_off() from None
        return found

    def _manifest(self) -> tuple[str, Manifest]:
        if MANIFEST not in self.parts or SEAL not in self.parts:
            raise _cut_off()
        if self.parts[MANIFEST].size > LARGEST_MANIFEST or self.parts[SEAL].size > 100:
            raise _changed(MANIFEST)
        raw, seal = (self._open(name).read() for name in (MANIFEST, SEAL))
        if hashlib.sha256(raw).hexdigest().encode() != seal.strip():
            raise _changed(MANIFEST)
        return seal.strip().decode(), read_manifest(raw)

    def _require_listed(self) -> None:
        tables, contents = self.manifest.tables, self.manifest.contents
        listed = [*(table_name(one.name) for one in tables), *(content_name(one.sha256) for one in contents), MANIFEST, SEAL]
        if len(set(listed)) < len(listed):
            raise _changed(MANIFEST)
        strange = sorted(self.parts.keys() - set(listed))
        if strange:
            raise NotPortable(_("The file holds something that no output holds: %(part)s") % {"part": ascii(strange[0])})
        missing = sorted(set(listed) - self.parts.keys())
        if missing:
            raise NotPortable(_("A part of the output is missing: %(part)s") % {"part": missing[0]})
        for table in tables:
            if table.size > MOST_PACKED * (self.parts[table_name(table.name)].size + BLOCK):
                raise NotPortable(_("%(part)s would unpack to %(size)s MB, which no output does.") % {
                    "part": table_name(table.name), "size": table.size // 1024 // 1024})
        for content in contents:
            if self.parts[content_name(content.sha256)].size != content.size:
                raise _changed(content_name(content.sha256))

    def _open(self, name: str) -> IO[bytes]:
        stream = self.tar.extractfile(self.parts[name])
        assert stream is not None
        return stream

    def rows(self, table: TableFacts) -> Iterator[bytes]:
        """The text of a table, block by block; never more than the manifest says, and refused when it is not what it says."""
        digest, name = Digest(), table_name(table.name)
        try:
            with gzip.GzipFile(fileobj=self._open(name)) as text:
                while block := text.read(BLOCK):
                    digest.update(block)
                    if digest.size > table.size:
                        raise _changed(name)
                    yield block
        except (OSError, EOFError, zlib.error, tarfile.TarError):
            raise _changed(name) from None
        if digest.facts != facts_of(table):
            raise _changed(name)

    def content(self, content: ContentFacts) -> IO[bytes]:
        return self._open(content_name(content.sha256))

    def _hash_of(self, content: ContentFacts) -> str:
        digest, stream = hashlib.sha256(), self.content(content)
        while block := stream.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()

    def prove(self) -> None:
        """Read everything once; NotPortable when any part is not what the manifest says."""
        for table in self.manifest.tables:
            for _block in self.rows(table):
                pass
        for content in self.manifest.contents:
            with suppress(tarfile.TarError, EOFError):
                if self._hash_of(content) == content.sha256:
                    continue
            raise _changed(content_name(content.sha256))


def _cut_off() -> NotPortable:
    return NotPortable(_("The file is cut off: its list of contents is missing. Copy it again, whole."))


def _changed(part: str) -> NotPortable:
    return NotPortable(_("The file was changed or damaged since it was put out: %(part)s is not what it was. Nothing was taken in.") % {"part": part})
