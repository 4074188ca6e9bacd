"""Names of files: shown to people and told to browsers, never used as a path."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from django.utils.translation import gettext as _

LONGEST = 150
LONGEST_ENDING = 20
# Signs that are not seen: control, direction (a name that reads "exe.pdf" backwards), unassigned, halves of pairs, line ends.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def clean_name(given: str) -> str:
    """The last part of a path, without what people cannot see, as long as a name may be with its ending kept."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(" " if sign in "\t\r\n" else sign for sign in name if sign in "\t\r\n" or unicodedata.category(sign) not in _UNSEEN)
    name = re.sub(r"[<>:\"|?*]", "_", " ".join(name.split())).strip(". ")
    if not name:
        return _("file")
    if len(name) > LONGEST:
        stem, dot, ending = name.rpartition(".")
        if stem and len(ending) <= LONGEST_ENDING:
            return stem[: LONGEST - len(ending) - 1].rstrip(". ") + dot + ending
        return name[:LONGEST].rstrip(". ")
    return name


def disposition(name: str) -> str:
    """Content-Disposition of a download: a plain name for old programs, the real one beside it (RFC 6266, RFC 5987)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", plain).strip() or "file"
    if plain.startswith("."):
        plain = "file" + plain
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
