"""Small pictures of pictures and of pages, made when they are first asked for and kept beside the contents."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

from guanxi.kernel.files.models import DONE, FAILED, WAITING, StoredContent
from guanxi.kernel.files.storage import Storage, made_folder
from guanxi.kernel.reading.documents import draw

TILE, PAGE = 320, 1280
WIDTHS = (TILE, PAGE)
MOST_SHOWN = 40
"""Pages of a long document that are shown; all are there when it is downloaded."""
AT_ONCE = 4
# Drawing takes a processor: one at a time in each process of the web server, so that pages are still answered.
_turn = threading.Lock()


def picture_of(storage: Storage, content: StoredContent, page: int, width: int) -> Path | None:
    """The file with this page at this width; None when it cannot be drawn or is not there."""
    target = storage.pictures(content.sha256) / f"{page}-{width}.webp"
    if target.exists():
        return target
    with _turn:
        if not target.exists():
            make_pictures(storage, content, page, width)
    return target if target.exists() else None


def pages_of(storage: Storage, content: StoredContent) -> int:
    """How many pages can be shown; found out now where nobody has looked yet."""
    if content.shown_state == WAITING:
        with _turn:
            content.pages = make_pictures(storage, content, 1, PAGE) or 0
        content.shown_state = DONE if content.pages else FAILED
        StoredContent.objects.filter(pk=content.pk).updated(pages=content.pages, shown_state=content.shown_state)
    return content.pages if content.is_shown else 0


def make_pictures(storage: Storage, content: StoredContent, page: int, width: int) -> int | None:
    """Draw this page and, when they are wanted large, those that follow; the number of pages there are, None when it cannot be done."""
    kept = storage.pictures(content.sha256)
    source = storage.path(content.sha256)
    if not source.exists():
        return None
    made_folder(kept)
    with tempfile.TemporaryDirectory(prefix="guanxi-pictures-", dir=kept.parent) as folder:
        pages = draw(source, content.media_type, Path(folder), width=width, first=page, count=AT_ONCE if width == PAGE else 1)
        for path in Path(folder).glob("*.webp"):
            os.replace(path, kept / path.name)
    return pages
