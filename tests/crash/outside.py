"""The world outside: a mail server and a webhook receiver that keep what came, and may be where a process dies."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

from guanxi.kernel.database.processes import free_port

MAIL_SECONDS, HOOK_SECONDS = 0.12, 0.03
"""How long a receiver takes between having something and saying so: the moment that matters."""


class Refused(Exception):
    """Whoever brought it died at the door: it was not taken."""


@dataclass(frozen=True)
class Mail:
    """A mail that was taken, as its receiver can tell it from others."""

    message_id: str
    recipient: str
    subject: str
    papers: tuple[str, ...]
    """Kinds of its attachments."""
    is_whole: bool
    """Whether each of them is a PDF from its first to its last byte."""


@dataclass(frozen=True)
class Hook:
    """A webhook that was taken."""

    webhook_id: str
    type: str
    model: str
    row_id: int


@dataclass
class Outside:
    """Both receivers. `at_next["mail at the door"]` is called once, when the next one is there and not taken yet; "mail in hand" when it
    has been taken and is not answered yet; the same for "webhook"."""

    mail_port: int = field(default_factory=free_port)
    hook_url: str = ""
    mails: list[Mail] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    at_next: dict[str, Callable[[], None]] = field(default_factory=dict)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        mail = read_mail(envelope.content, envelope.rcpt_tos)
        # Elsewhere: a call that kills waits for the killed process, and other mails go on meanwhile.
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._take, "mail", self.mails, mail, MAIL_SECONDS)
        except Refused:
            return "451 Nobody is there any more"
        return "250 OK"

    def take_hook(self, headers: Message, body: bytes) -> int:
        """The status to answer with."""
        told = json.loads(body)
        record = told["data"]["record"]
        try:
            self._take("webhook", self.hooks, Hook(headers["webhook-id"], told["type"], record["model"], record["id"]), HOOK_SECONDS)
        except Refused:
            return 503
        return 200

    def _take(self, name: str, kept: list, what: Mail | Hook, seconds: float) -> None:
        if (strike := self.at_next.pop(f"{name} at the door", None)) is not None:
            strike()
            raise Refused
        kept.append(what)
        if (strike := self.at_next.pop(f"{name} in hand", None)) is not None:
            strike()
        time.sleep(seconds)


def read_mail(content: bytes, recipients: list[str]) -> Mail:
    mail = message_from_bytes(content, policy=policy.default)
    papers = [(part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
    whole = all(body.startswith(b"%PDF-") and body.rstrip().endswith(b"%%EOF") for _kind, body in papers)
    return Mail(str(mail["Message-ID"]), ", ".join(recipients), str(mail["Subject"]), tuple(kind for kind, _body in papers), whole)


@contextmanager
def outside() -> Iterator[Outside]:
    """Both receivers on 127.0.0.1, until the end of the block."""
    made = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            status = made.take_hook(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            # Whoever sent it may be dead.
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    mail = Controller(made, hostname="127.0.0.1", port=made.mail_port, enable_SMTPUTF8=False)
    hooks = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.hook_url = f"http://127.0.0.1:{hooks.server_port}/hook"
    mail.start()
    threading.Thread(target=hooks.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield made
    finally:
        hooks.shutdown()
        hooks.server_close()
        mail.stop()
