"""What the columns of an unknown file probably are, by their names in either language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import Form

LINES = "lines."
KEY_NAMES = ("code", "number", "no", "key", "编码", "编号", "代码", "代号", "单号")


def targets_of(form: Form) -> dict[str, Column]:
    """Everything that a column of the file may become; columns of lines as `lines.quantity`."""
    found = dict(form.columns)
    if form.lines:
        found |= {LINES + name: column for name, column in form.lines.columns.items()}
    return found


def guessed(header: Iterable[str], targets: Mapping[str, Column], business_key: str = "") -> dict[str, str]:
    """Target → column of the file. A reference's code is taken rather than its title."""
    names = {_plain(name): business_key for name in KEY_NAMES} if business_key in targets else {}
    for target, column in targets.items():
        for name in _names(target, column):
            names.setdefault(_plain(name), target)
    found: dict[str, str] = {}
    for cell in header:
        mine = names.get(_plain(cell))
        if mine and (mine not in found or _is_code(cell)):
            found[mine] = cell
    return found


def _names(target: str, column: Column) -> Iterable[str]:
    yield target.removeprefix(LINES)
    for language, _name in settings.LANGUAGES:
        with override(language):
            label = str(column.label)
            yield _("%(column)s (code)") % {"column": label}
            yield label
            if target.startswith(LINES):
                yield _("Line · %(column)s") % {"column": label}


def _is_code(cell: str) -> bool:
    return any(cell.endswith(end) for end in ("(code)", "（编码）"))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
