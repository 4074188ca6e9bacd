"""What modules remark on a document while it is entered, above it once it is there, and in dialogs: a calm line, or a banner with ways on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.acting import Button


@dataclass(frozen=True)
class Remark:
    """`title` in a few words, `lines` as sentences. Without a tone it is a quiet line at the total."""

    title: str
    lines: tuple[str, ...] = ()
    tone: str = ""
    icon: str = "info-circle"
    ways: tuple[str, ...] = ()
    """Keys of operations that stand beside it as buttons, as far as the reader may."""
    buttons: list[Button] = field(default_factory=list)


OF_DRAFTS: dict[str, list[Callable[[Any, Any, Visit], list[Remark]]]] = {}
"""Model label → functions (draft, record or None, visit): what is said under the totals of a form."""
OF_RECORDS: dict[str, list[Callable[[Any, Visit], list[Remark]]]] = {}
"""Model label → functions (record, visit): what is said on its page."""
OF_ACTS: dict[str, Callable[[Any, Visit], list[Remark]]] = {}
"""Name of an operation → a function (record, visit): what is said above the fields of its dialog."""


def remarks_on_draft(draft: Any, record: Any, visit: Visit) -> list[dict[str, Any]]:
    """For the live preview of a form, as JSON."""
    assert visit.screen is not None
    found = [remark for say in OF_DRAFTS.get(visit.screen.model.label(), ()) for remark in say(draft, record, visit)]
    return [{"title": remark.title, "lines": list(remark.lines), "tone": remark.tone} for remark in found]


def remarks_on(record: Any, visit: Visit, buttons: list[Button]) -> list[Remark]:
    """For the record's page, each with the buttons that it offers."""
    found = [remark for say in OF_RECORDS.get(record.label(), ()) for remark in say(record, visit)]
    for remark in found:
        remark.buttons.extend(button for key in remark.ways for button in buttons if button.key == key)
    return found
