"""`Client`: records, operations, many rows and files of one account set."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

from guanxi.client.results import Batch, Done, Record
from guanxi.client.transport import Answer, Transport

Mode = Literal["all", "each"]
MOST_ROWS = 1000
MOST_IDS = 200


class Client:
    """One account set, by a key of its own (`gx_<set>_<secret>`).

    Every write gets an idempotency key by itself, kept while it is tried again; give `key=` to make it one with a run of your own.
    """

    def __init__(self, url: str, key: str, *, language: str = "en", timeout: float = 60, tries: int = 6, allow_http: bool = False):
        head, _line, secret = key.strip().rpartition("_")
        if not head.startswith("gx_") or not secret:
            raise ValueError("The key looks like gx_<set>_<secret>.")
        self.set = head.removeprefix("gx_")
        headers = {"Authorization": f"Bearer {key.strip()}", "Accept-Language": language, "Accept": "application/json"}
        self.transport = Transport(url, headers, timeout=timeout, tries=tries, allow_http=allow_http)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_error: object) -> None:
        self.transport.close()

    def __repr__(self) -> str:
        return f"Client({self.transport.host!r}, {self.set!r})"

    # ---- reading --------------------------------------------------------------------------------------------------------
    def list(
        self, path: str, *, filters: Mapping[str, object] | None = None, where: str = "", q: str = "", sort: str | Sequence[str] = (),
        fields: str | Sequence[str] = (), view: str = "", limit: int = 200, most: int | None = None,
    ) -> Iterator[Record]:
        """Every row, page after page by cursor: rows added meanwhile move no other. `limit` is the size of a page."""
        given = {"where": where, "q": q, "sort": _joined(sort), "fields": _joined(fields), "view": view}
        given |= {f"f.{name}": _text(value) for name, value in (filters or {}).items()}
        asked = {name: value for name, value in given.items() if value} | {"limit": str(min(limit, most or limit)), "total": "no"}
        address: str | None = f"{self._path(path)}?{urlencode(asked)}"
        left = most
        while address:
            page = self.transport.send("GET", address).json
            yield from page["rows"] if left is None else page["rows"][:left]
            left = None if left is None else left - len(page["rows"])
            address = page["next"] if left is None or left > 0 else None

    def count(self, path: str, *, filters: Mapping[str, object] | None = None, where: str = "", q: str = "") -> int:
        """How many rows; exact to 10,000, then 10,001."""
        given = {"where": where, "q": q, "limit": "1", **{f"f.{name}": _text(value) for name, value in (filters or {}).items()}}
        page = self._send("GET", path, query={name: value for name, value in given.items() if value}).json
        return int(page["total"])

    def get(self, path: str, row_id: int, *, fields: str | Sequence[str] = ()) -> Record:
        """One record, with its lines, its `version` and the operations possible now."""
        return _record(self._send("GET", f"{path}/{row_id}", query={"fields": _joined(fields)} if fields else None))

    def find(self, path: str, key: str, *, fields: str | Sequence[str] = ()) -> Record | None:
        """The row with exactly this business key, as lists show it; None when there is none."""
        query = {"key": key, "limit": "1", "total": "no"} | ({"fields": _joined(fields)} if fields else {})
        rows = self._send("GET", path, query=query).json["rows"]
        return rows[0] if rows else None

    # ---- writing --------------------------------------------------------------------------------------------------------
    def create(self, path: str, values: Mapping[str, Any], *, key: str = "") -> Record:
        return _record(self._send("POST", path, values, key=key))

    def update(self, path: str, row_id: int, values: Mapping[str, Any], *, version: int | None = None, key: str = "") -> Record:
        """Change the record; ChangedMeanwhile when it is no longer at `version`. Without one, whatever is there is overwritten."""
        match = f'"{version}"' if version is not None else "*"
        return _record(self._send("PATCH", f"{path}/{row_id}", values, key=key, headers={"If-Match": match}))

    def delete(self, path: str, row_id: int, *, key: str = "") -> None:
        self._send("DELETE", f"{path}/{row_id}", key=key)

    def archive(self, path: str, row_id: int, *, key: str = "") -> Record:
        return _record(self._send("POST", f"{path}/{row_id}/archive", {}, key=key))

    def restore(self, path: str, row_id: int, *, key: str = "") -> Record:
        return _record(self._send("POST", f"{path}/{row_id}/restore", {}, key=key))

    def do(self, path: str, row_id: int | None, operation: str, arguments: Mapping[str, Any] | None = None, *, key: str = "") -> Done:
        """Perform an operation on a record (None: one that needs no record)."""
        where = f"{path}/{row_id}/{operation}" if row_id is not None else f"{path}/{operation}"
        found = self._send("POST", where, arguments or {}, key=key).json
        return Done(found["act"], found.get("record"), found.get("result"), found.get("awaiting"))

    # ---- many -----------------------------------------------------------------------------------------------------------
    def create_many(self, path: str, rows: Iterable[Mapping[str, Any]], *, mode: Mode = "all", key: str = "") -> Batch:
        """Thousands of rows, in batches of 1,000; `all`: a batch is written whole or not at all (an exception), `each`: every row for itself."""
        return self._rows(path, rows, mode, key)

    def update_many(self, path: str, rows: Iterable[Mapping[str, Any]], *, mode: Mode = "all", key: str = "", overwrite: bool = False) -> Batch:
        """Rows with `id`, `version` and what changes; `overwrite`: without looking at versions."""
        return self._rows(f"{path}/change", rows, mode, key, {"If-Match": "*"} if overwrite else None)

    def upsert(self, path: str, rows: Iterable[Mapping[str, Any]], *, mode: Mode = "all", key: str = "") -> Batch:
        """Rows found by their business key: new ones are created, others changed, equal ones left alone."""
        return self._rows(f"{path}/upsert", rows, mode, key)

    def operate_many(
        self, path: str, ids: Iterable[int], operation: str, arguments: Mapping[str, Any] | None = None, *, mode: Mode = "each", key: str = ""
    ) -> Batch:
        """An operation (or archive, restore, delete) on many records, in batches of 200."""
        more = {"arguments": dict(arguments)} if arguments else {}
        return self._batches(f"{path}/{operation}", "ids", ids, MOST_IDS, {"mode": mode, **more}, key)

    def _rows(self, path: str, rows: Iterable[Any], mode: Mode, key: str, headers: Mapping[str, str] | None = None) -> Batch:
        return self._batches(path, "rows", rows, MOST_ROWS, {"mode": mode}, key, headers)

    def _batches(
        self, path: str, name: str, sent: Iterable[Any], size: int, more: Mapping[str, Any], key: str, headers: Mapping[str, str] | None = None
    ) -> Batch:
        batch, left, start = Batch(), iter(sent), 0
        key = key or str(uuid.uuid4())
        while part := list(islice(left, size)):
            found = self._send("POST", path, {name: part, **more}, key=f"{key}:{start}", headers=headers).json
            batch.add(found["rows"], start)
            start += len(part)
        return batch

    # ---- files ----------------------------------------------------------------------------------------------------------
    def files(self, path: str, row_id: int) -> Sequence[Record]:
        return _rows_in(self._send("GET", f"{path}/{row_id}/files"))

    def attach(self, path: str, row_id: int, file: str | Path | bytes, *, name: str = "", description: str = "", key: str = "") -> Record:
        """Attach a file: its path, or its bytes with a name."""
        content = file if isinstance(file, bytes) else Path(file).read_bytes()
        name = name or ("" if isinstance(file, bytes) else Path(file).name)
        kind, body = _form({"description": description}, name or "file", content)
        return _record(self._send("POST", f"{path}/{row_id}/files", body, key=key, headers={"Content-Type": kind}))

    def download(self, path: str, row_id: int, file_id: int) -> bytes:
        return self._send("GET", f"{path}/{row_id}/files/{file_id}").content

    def print(self, path: str, row_id: int, *, form: str = "", language: str = "") -> bytes:
        """The record on paper, as a PDF."""
        query = {name: value for name, value in (("form", form), ("language", language)) if value}
        return self._send("GET", f"{path}/{row_id}/print", query=query).content

    # ---- anything else --------------------------------------------------------------------------------------------------
    def request(self, method: str, path: str, body: Any = None, *, query: Mapping[str, str] | None = None, key: str = "") -> Any:
        """Any call of the API, as JSON."""
        return self._send(method, path, body, query=query, key=key).json

    def description(self) -> Record:
        """The OpenAPI description, as far as the key's rights go."""
        return _record(self._send("GET", "openapi.json"))

    def _path(self, path: str) -> str:
        return f"/api/{self.set}/{quote(path.strip('/'))}"

    def _send(
        self, method: str, path: str, body: Any = None, *, query: Mapping[str, str] | None = None, key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        given = dict(headers or {})
        if method not in ("GET", "HEAD"):
            given["Idempotency-Key"] = key or str(uuid.uuid4())
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, default=str).encode()
            given.setdefault("Content-Type", "application/json")
        return self.transport.send(method, self._path(path) + (f"?{urlencode(query)}" if query else ""), body, given)


def _record(answer: Answer) -> Record:
    found: Record = answer.json
    return found


def _rows_in(answer: Answer) -> Sequence[Record]:
    found: Sequence[Record] = answer.json["rows"]
    return found


def _joined(names: str | Sequence[str]) -> str:
    return names if isinstance(names, str) else ",".join(names)


def _text(value: object) -> str:
    """A filter's value: several of them with commas, a range as a pair of ends."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple) and len(value) == 2:
        return "..".join("" if end is None else str(end) for end in value)
    return ",".join(map(str, value)) if isinstance(value, list | set | frozenset) else str(value)


def _form(fields: Mapping[str, str], name: str, content: bytes) -> tuple[str, bytes]:
    """A form with one file, as RFC 7578 has it."""
    edge = f"guanxi-{uuid.uuid4().hex}"
    clean = name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode() for field, text in fields.items() if text]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{clean}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    return f"multipart/form-data; boundary={edge}", b"".join([*parts, head.encode(), content, f"\r\n--{edge}--\r\n".encode()])
