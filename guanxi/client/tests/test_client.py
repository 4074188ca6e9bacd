"""The client against a real server, and against one that misbehaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from guanxi.client import (
    ApiError,
    ChangedMeanwhile,
    Client,
    Invalid,
    KeyReused,
    NotFound,
    ServerFailed,
    TooManyRequests,
    Unauthorized,
    Unreachable,
    terminal,
)
from guanxi.config.stamp import PACKAGE
from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member
from guanxi.kernel.database import in_set

KEY = "gx_alpha_" + "0" * 64


class Stub(BaseHTTPRequestHandler):
    """Answers what it was told, in turn, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    timeout = 5
    answers: list[tuple[int, dict, object]] = []
    asked: list[tuple[str, str, dict, bytes]] = []

    def do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, dict(self.headers), body))
        status, headers, content = self.answers.pop(0)
        if status == 0:
            self.close_connection = True
            return
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(sent))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PATCH = do_DELETE = do  # noqa: N815

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def stub() -> Iterator[type[Stub]]:
    kind = type("Own", (Stub,), {"answers": [], "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    kind.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield kind
    server.shutdown()
    server.server_close()


def client_of(stub: type[Stub], waits: list[float]) -> Client:
    client = Client(stub.url, KEY)  # type: ignore[attr-defined]
    client.transport.sleep = waits.append
    return client


def error(code: str, **more: object) -> dict:
    return {"error": {"code": code, "message": "No.", "fields": {}, **more}}


class TestTryingAgain:
    def test_it_waits_as_long_as_it_is_told_and_sends_the_same_key(self, stub):
        waits: list[float] = []
        stub.answers += [(429, {"Retry-After": "7"}, error("too_many_requests")), (503, {}, error("unavailable")), (0, {}, b""), (201, {}, {"id": 5})]
        assert client_of(stub, waits).create("customers", {"name": "A"}) == {"id": 5}
        assert waits[0] == 7 and 0.5 <= waits[1] <= 1 and 1 <= waits[2] <= 2
        assert len({headers["Idempotency-Key"] for _m, _p, headers, _b in stub.asked}) == 1
        assert {body for _m, _p, _h, body in stub.asked} == {b'{"name": "A"}'}

    def test_it_gives_up_with_what_was_answered_last(self, stub):
        waits: list[float] = []
        stub.answers += [(429, {"Retry-After": "1"}, error("too_many_requests"))] * 6
        with pytest.raises(TooManyRequests) as told:
            client_of(stub, waits).get("customers", 1)
        assert (told.value.status, told.value.code, waits) == (429, "too_many_requests", [1] * 5)

    def test_what_would_not_become_better_is_not_sent_again(self, stub):
        stub.answers += [(500, {}, b"<html>"), (302, {"Location": "http://elsewhere/"}, {}), (409, {}, error("changed_meanwhile", theirs={"a": 1}))]
        client = client_of(stub, [])
        with pytest.raises(ServerFailed, match="HTTP 500"):
            client.get("customers", 1)
        client.get("customers", 1)
        with pytest.raises(ChangedMeanwhile) as told:
            client.update("customers", 1, {"name": "B"}, version=1)
        assert told.value.theirs == {"a": 1}
        assert len(stub.asked) == 3

    def test_nobody_there_is_said_so(self):
        client = Client("http://127.0.0.1:9", KEY, tries=2)
        client.transport.sleep = lambda _seconds: None
        with pytest.raises(Unreachable):
            client.get("customers", 1)


class TestManners:
    def test_a_key_is_not_sent_in_the_clear_over_a_network(self):
        for url in ("http://crm.example.com", "ftp://x", "crm.example.com"):
            with pytest.raises(ValueError):
                Client(url, KEY)
        assert Client("http://crm.example.com", KEY, allow_http=True).set == "alpha"
        with pytest.raises(ValueError):
            Client("https://crm.example.com", "secret")

    def test_it_needs_nothing_but_python_itself(self):
        others = ("django", "msgspec", "pydantic", "psycopg", "requests")
        said = f"import sys, guanxi.client.terminal; print([name for name in sys.modules if name.split('.')[0] in {others}])"
        done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, cwd=PACKAGE.parent, check=True)
        assert done.stdout.strip() == "[]"

    def test_names_of_files_cannot_break_out_of_the_form(self, stub):
        stub.answers.append((201, {}, {"id": 1}))
        client_of(stub, []).attach("customers", 1, b"x", name='a"\r\nX: y.txt')
        assert b'filename="a%22X: y.txt"' in stub.asked[0][3]

    def test_what_a_record_holds_does_not_command_the_terminal(self):
        assert terminal.cell("a\x1b[2Jb\nc") == "a [2Jb c"
        assert terminal.cell({"id": 1, "code": "A1", "title": "Acme"}) == "A1 Acme"


def test_records_many_rows_operations_and_files_on_a_real_server(live, tmp_path, monkeypatch, capsys):
    with in_set("alpha"):
        member = Member.objects.get(code="admin")
        _row, token = make_key(member, "client")
    crm = Client(live.url, token)
    made = crm.create("customers", {"code": "ACME", "name": "Acme 有限公司"}, key="once")
    assert crm.create("customers", {"code": "ACME", "name": "Acme 有限公司"}, key="once") == made
    with pytest.raises(KeyReused):
        crm.create("customers", {"code": "X", "name": "Other"}, key="once")
    assert crm.update("customers", made["id"], {"tier": "A"}, version=1)["version"] == 2
    with pytest.raises(ChangedMeanwhile):
        crm.update("customers", made["id"], {"tier": "B"}, version=1)
    with pytest.raises(Invalid) as told:
        crm.create("customers", {"name": ""})
    assert list(told.value.fields) == ["name"]
    batch = crm.upsert("customers", ({"code": f"B{n:03}", "name": f"Batch {n}"} for n in range(1001)))
    assert batch.counts == {"created": 1001}
    assert [batch.entries[-1].index, batch.entries[-1].version] == [1000, 1]
    found = list(crm.list("customers", filters={"code": "^B"}, sort="-code", fields=["code"], limit=400))
    assert len({row["code"] for row in found}) == len(found) == 1001
    assert len(list(crm.list("customers", most=3))) == 3
    assert crm.count("customers", filters={"code": "^B"}) == 1001
    assert crm.find("customers", "ACME")["id"] == made["id"] and crm.find("customers", "NOBODY") is None
    some = crm.operate_many("customers", [batch.entries[0].id, 987654321], "make_supplier")
    assert [(entry.outcome, entry.error.code if entry.error else "") for entry in some] == [("done", ""), ("failed", "not_found")]
    done = crm.do("customers", made["id"], "make_supplier")
    assert done.record["code"] == "ACME" and not done.is_waiting
    file = crm.attach("customers", made["id"], b"hello", name="note.txt")
    assert [one["name"] for one in crm.files("customers", made["id"])] == ["note.txt"]
    assert crm.download("customers", made["id"], file["id"]) == b"hello"
    with pytest.raises(NotFound):
        crm.get("customers", 987654321)
    with pytest.raises(Unauthorized):
        Client(live.url, KEY).get("customers", 1)
    assert crm.description()["openapi"] == "3.1.0"
    _on_the_command_line(live.url, token, made["id"], tmp_path, monkeypatch, capsys)


def _on_the_command_line(url, token, row_id, tmp_path, monkeypatch, capsys):
    file = tmp_path / "api.toml"
    for name in ("GUANXI_API_URL", "GUANXI_API_KEY", "GUANXI_API_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUANXI_API_FILE", str(file))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "guanxi.config.command", "api", *words], input=stdin, capture_output=True, text=True, cwd=PACKAGE.parent,
            env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)}, check=False,
        )
        return done.returncode, done.stdout, done.stderr

    assert run("get", "customers", "1")[0] == 2
    assert run("profile", "--url", url, stdin=f"{token}\n")[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    code, out, _err = run("list", "customers", "-f", "code=ACME", "--fields", "code,name", "--as", "table")
    assert (code, out.splitlines()[0].split(), out.splitlines()[1].split()) == (0, ["id", "code", "name"], [str(row_id), "ACME", "Acme", "有限公司"])
    assert terminal.main(["patch", "customers", str(row_id), "tier=C"]) == 0
    assert json.loads(capsys.readouterr().out)["tier"] == "C"
    assert terminal.main(["patch", "customers", str(row_id), "tier=C", "--version", "1"]) == 1
    assert "meanwhile" in capsys.readouterr().err
    assert terminal.main(["post", "customers", "nonsense"]) == 2
    file.chmod(0o644)
    assert terminal.main(["get", "customers", str(row_id)]) == 2
    assert "chmod 600" in capsys.readouterr().err


def test_every_error_of_the_api_is_an_exception_of_its_own_kind():
    from guanxi.client.errors import error_from

    kinds = {status: type(error_from(status, error("x"))).__name__ for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 428, 429, 500, 503)}
    assert kinds == {
        400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "BadRequest", 409: "Refused", 413: "BadRequest",
        415: "BadRequest", 422: "Invalid", 428: "BadRequest", 429: "TooManyRequests", 500: "ServerFailed", 503: "Unavailable",
    }
    assert isinstance(error_from(418, "tea"), ApiError)
