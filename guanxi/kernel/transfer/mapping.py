"""The mapping file: what a row of the file becomes. Written in TOML; the README shows one with every word of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Refused


class BadMapping(Refused):
    """The mapping cannot be used; the message says where and why."""


class Source(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A file, and what is brought to each of its rows from other files beside it."""

    file: str = ""
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    kinds: dict[str, Literal["number", "date", "boolean", "text"]] = {}
    """Column → number, date or boolean, for rules; text when not said."""
    names: dict[str, str] = {}
    """Name in rules → column, where the column's own name is none."""
    where: str = ""
    """A condition: rows that do not fulfil it are left out."""
    sort: list[str] = []
    """Columns by whose texts the rows are taken in order."""
    joins: dict[str, Join] = {}
    sums: dict[str, Sum] = {}


class Fields(Source, kw_only=True):
    """A file, and where each column or parameter gets its value from it."""

    columns: dict[str, str] = {}
    """Target → column of the file."""
    constants: dict[str, Any] = {}
    expressions: dict[str, str] = {}
    """Target → a rule over the file's columns."""
    values: dict[str, dict[str, Any]] = {}
    """Target → {text in the file: value}; "*" stands for every other text, "" leaves the cell empty."""
    new: dict[str, list[str]] = {}
    """Reference → texts for which a row with this name is made first, where there is none."""
    split: dict[str, str] = {}
    """Target → the sign between several values of one cell."""


class Join(Source, kw_only=True):
    """Columns of the one row of another file that matches, as `name.column`."""

    on: dict[str, str]
    """Its column → mine."""


class Sum(Source, kw_only=True):
    """The sum of a rule over the matching rows of another file."""

    on: dict[str, str]
    value: str


class Lines(Fields, kw_only=True):
    """Lines of a document: from another file, or from rows of the same file that name the same document."""

    on: dict[str, str] = {}
    """Its column → mine."""


class Also(Fields, kw_only=True):
    """A second record from each row, which refers to the first: a customer's contact."""

    screen: str
    by: str
    """Its column that refers to the first record."""
    key: list[str] | None = None
    """What names it among those of the first record; its title when not said, [] for always new."""


class Mapping(Fields, kw_only=True):
    """The whole file. Either `screen` (rows become records) or `operation` (each row performs it)."""

    screen: str = ""
    operation: str = ""
    key: list[str] | None = None
    """Columns that name a row; the model's business key when not said, [] for always new."""
    target: str = ""
    """For an operation: the target's business key, as a column or a rule."""
    on: str = ""
    """For an operation: the day on which it happened, as a column or a rule."""
    lines: Lines | None = None
    also: Also | None = None
    existing: Literal["update", "skip"] = "update"
    """What becomes of a row whose key is there already."""
    likely: Literal["take", "tell", "skip", "update"] = "take"
    """What becomes of a new row that is likely there under another key: taken, told of and taken, left out, or a change of what is there."""
    empty: Literal["keep", "clear"] = "keep"
    """What an empty cell means for a row that exists: keep what is there, or clear it."""
    dates: Literal["", "ymd", "dmy", "mdy"] = ""
    """How days are written where it is not year first: dmy or mdy; found out when not said."""
    decimal: Literal[".", ","] = "."


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file; BadMapping when it cannot be used."""
    try:
        return mapping_of(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError:
        raise BadMapping(_("There is no mapping file %(path)s.") % {"path": path}) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(_("The mapping %(name)s is no TOML: %(reason)s.") % {"name": path.name, "reason": error}) from None


def mapping_of(given: dict[str, Any]) -> Mapping:
    """A mapping from plain values; every word is checked."""
    try:
        found = msgspec.convert(given, Mapping)
    except msgspec.ValidationError as error:
        raise BadMapping(_("The mapping cannot be used: %(reason)s.") % {"reason": error}) from None
    if bool(found.screen) == bool(found.operation):
        raise BadMapping(_("The mapping names either a screen (such as customers) or an operation (such as sales.deliver_order)."))
    return found
