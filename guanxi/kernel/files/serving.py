"""Handing contents out: as a download that no browser runs, in parts where asked for, to those who may see it now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.files.models import StoredContent
from guanxi.kernel.files.pictures import MOST_SHOWN, WIDTHS, picture_of
from guanxi.kernel.files.storage import CHUNK, Storage
from guanxi.kernel.reading.kinds import SPOKEN, UNKNOWN
from guanxi.kernel.reading.names import disposition
from guanxi.kernel.records.refusals import Missing

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
HARMLESS = "default-src 'none'; sandbox"
# A browser may keep it, and asks each time whether it may still show it.
CACHED = "private, no-cache"


class LyingFile(StreamingHttpResponse):
    """A part of a file on the disk. The web server may send it from there by itself, by `lying`: (path, first byte, one after the last)."""

    def __init__(self, path: Path, start: int, end: int, **more: object) -> None:
        self.lying = (str(path), start, end)
        super().__init__(_read(path, start, end), **more)  # type: ignore[arg-type]


def _read(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk


def download(request: HttpRequest, content: StoredContent, name: str) -> HttpResponseBase:
    """The whole content or the part that was asked for (RFC 9110), or that nothing has changed."""
    path, etag = Storage().path(content.sha256), f'"{content.sha256}"'
    if not path.is_file():
        raise Missing(_("The content of this file is no longer there."))
    headers = {
        "Content-Type": content.media_type if content.media_type in SPOKEN else UNKNOWN, "Content-Disposition": disposition(name),
        "ETag": etag, "Accept-Ranges": "bytes", **_harmless(),
    }
    if _is_known(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag, **_harmless()})
    size = path.stat().st_size
    part = _part(request, etag, size)
    if part == ():
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", **_harmless()})
    if part:
        start, end = part
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    else:
        start, end = 0, size
    headers["Content-Length"] = str(end - start)
    return LyingFile(path, start, end, status=206 if part else 200, headers=headers)


def shown(request: HttpRequest, content: StoredContent, page: int, width: int) -> HttpResponseBase:
    """A page drawn small, at least as wide as asked where that is possible; Missing where there is none."""
    nothing = Missing(_("There is no picture of this file."))
    if not content.is_shown or not 1 <= page <= MOST_SHOWN:
        raise nothing
    width = next((one for one in WIDTHS if one >= width), WIDTHS[-1])
    etag = f'"{content.sha256}-{page}-{width}"'
    path = picture_of(Storage(), content, page, width)
    if path is None:
        raise nothing
    if _is_known(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag, **_harmless()})
    return HttpResponse(path.read_bytes(), headers={"Content-Type": "image/webp", "ETag": etag, **_harmless()})


def _harmless() -> dict[str, str]:
    return {
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": HARMLESS, "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": CACHED,
        # Said, so that nothing on the way packs it and changes what a range means.
        "Content-Encoding": "identity",
    }


def _is_known(request: HttpRequest, etag: str) -> bool:
    told = request.headers.get("If-None-Match", "")
    return told.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in told.split(","))


def _part(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """(first byte, one after the last) of the range that was asked for; None for all, () for what is not there."""
    asked = request.headers.get("Range", "")
    condition = request.headers.get("If-Range", "")
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if not found or (condition and condition.strip() != etag):
        return None
    first, last = found.groups()
    if not first:
        if not last:
            return None
        return (max(0, size - int(last)), size) if int(last) else ()
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return (start, end) if start < size else ()
