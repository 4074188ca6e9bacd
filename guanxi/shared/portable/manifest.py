"""What an output says of itself. Its hash is the seal: who knows the seal knows that nothing in the file was changed since."""

from __future__ import annotations

import msgspec
from django.utils.translation import gettext as _

from guanxi.kernel.sets.lifecycle import SetError

FORMAT = 1


class NotPortable(SetError):
    """The set cannot be put out or taken in; the message says why, and nothing was changed."""


class SetFacts(msgspec.Struct, forbid_unknown_fields=True):
    """The row of the account set itself."""

    key: str
    name: str
    language: str
    currency: str
    country: str
    timezone: str
    is_two_step_needed: bool


class TableFacts(msgspec.Struct, forbid_unknown_fields=True):
    """One table: its columns as [name, type], and rows, size and hash of its text as COPY writes it, in the order of its key."""

    name: str
    columns: list[tuple[str, str]]
    rows: int
    size: int
    sha256: str
    sequences: dict[str, tuple[int, bool]]
    """By column: the last value, and whether it was given out already."""
    months: list[str]
    """Names of its partitions that hold a month each."""


class ContentFacts(msgspec.Struct, forbid_unknown_fields=True):
    """One attached content."""

    sha256: str
    size: int


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """Whoever signs in as a member. Without password: that stays where it was set."""

    member_id: int
    username: str
    email: str
    name: str
    language: str
    timezone: str
    is_active: bool
    has_place: bool


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    program: str
    stamp: str
    """The fingerprint of the tables (`wanted_stamp`): an output is taken in by a program with the same one."""
    made_at: str
    set: SetFacts
    tables: list[TableFacts]
    contents: list[ContentFacts]
    people: list[Person]


class _Format(msgspec.Struct):
    format: int


def read_manifest(raw: bytes) -> Manifest:
    """NotPortable for another format, and for what is no manifest."""
    try:
        found = msgspec.json.decode(raw, type=_Format).format
        if found != FORMAT:
            raise NotPortable(
                _("This file has the format %(found)s, and this program reads the format %(known)s.") % {"found": found, "known": FORMAT}
            )
        return msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError as error:
        raise NotPortable(_("The list of contents cannot be read: %(problem)s") % {"problem": error}) from None


def write_manifest(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)
