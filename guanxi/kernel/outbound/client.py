"""One request: connect to exactly the address that was checked, bounded in time and size, and nothing followed unasked."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from guanxi.kernel.outbound.addresses import Target, read_url, resolve
from guanxi.kernel.outbound.errors import BadAddress, BadAnswer, BadCertificate, OutboundError, TimedOut, TooLarge, Unreachable

AGENT = "Guanxi"
REDIRECTS = (301, 302, 303, 307, 308)
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds to connect (with finding the name and TLS), between two pieces of an answer, and in all; bytes of the body."""

    connect: float = 5
    read: float = 10
    total: float = 20
    size: int = 1024 * 1024
    cut: bool = False
    """Whether a longer body is cut off; else it is refused."""


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are in small letters; of several with one name the last counts."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""
    """Where it came from, after redirects."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def request(
    method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None, limits: Limits = Limits(), follow: int = 0
) -> Answer:
    """Make one request; OutboundError when it cannot be made or is not answered. Any status is an answer.

    `follow` redirects of a GET are followed, each checked like the first; headers of the caller's go only where they were meant for.
    No cookies are kept and no proxy of the environment is used.
    """
    deadline = _Deadline(limits)
    target, sent = read_url(url), dict(headers or {})
    origin = target.origin
    for _hop in range(follow + 1):
        answer = _ask(target, method, body, sent, deadline, url)
        if not follow or method != "GET" or answer.status not in REDIRECTS or "location" not in answer.headers:
            return answer
        url = urljoin(url, answer.headers["location"])
        following = read_url(url)
        if target.scheme == "https" and following.scheme != "https":
            raise BadAddress(_("Only https:// is allowed, so that nobody on the way can read or change what is sent."))
        target, sent = following, sent if following.origin == origin else {}
    raise BadAnswer(_("The server keeps sending us elsewhere."))


class _Deadline:
    """The moment by which all has to be done."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.until = time.monotonic() + limits.total

    def left(self, most: float) -> float:
        """Seconds that the next step may take."""
        seconds = min(most, self.until - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _Stream(io.RawIOBase):
    """Reading from a socket, with each wait bounded, so that neither silence nor a byte now and then holds us."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self.sock, self.deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(self.deadline.left(self.deadline.limits.read))
        return self.sock.recv_into(buffer)


class _Wire:
    """What http.client needs of a socket."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self.sock, self.deadline = sock, deadline

    def sendall(self, data: Any) -> None:
        # A timeout of sendall bounds all of it, not each piece.
        self.sock.settimeout(self.deadline.left(self.deadline.limits.total))
        self.sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self.sock, self.deadline))

    def close(self) -> None:
        """http.client closes its connection before the answer is read; ours ends with the request."""


class _Connection(http.client.HTTPConnection):
    """A connection to one of the checked addresses, under the name that was asked for."""

    def __init__(self, target: Target, deadline: _Deadline) -> None:
        super().__init__(target.host, target.port)
        self.default_port = http.client.HTTPS_PORT if target.scheme == "https" else http.client.HTTP_PORT
        self.target, self.deadline = target, deadline
        self.open: socket.socket | None = None

    def connect(self) -> None:
        connecting = _Deadline(Limits(total=self.deadline.left(self.deadline.limits.connect)))
        addresses = resolve(self.target, connecting.left(connecting.limits.total))
        self.open = self._connected(addresses, connecting)
        if self.target.scheme == "https":
            self.open.settimeout(connecting.left(connecting.limits.total))
            self.open = ssl.create_default_context().wrap_socket(self.open, server_hostname=self.target.host)
        self.sock = _Wire(self.open, self.deadline)  # type: ignore[assignment]

    def hang_up(self) -> None:
        if self.open is not None:
            self.open.close()

    def _connected(self, addresses: list[str], connecting: _Deadline) -> socket.socket:
        """By number: asking the name again could give another address than the one that was checked."""
        for position, address in enumerate(addresses):
            sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
            try:
                # A silent address leaves time for the next.
                sock.settimeout(connecting.left(connecting.limits.total) / (len(addresses) - position))
                sock.connect((address, self.target.port))
                return sock
            except OSError as error:
                sock.close()
                if position < len(addresses) - 1:
                    continue
                if isinstance(error, TimeoutError):
                    raise
                raise Unreachable(_("%(host)s takes no connection.") % {"host": self.target.host}) from error
        raise AssertionError


def _ask(target: Target, method: str, body: bytes, headers: Mapping[str, str], deadline: _Deadline, url: str) -> Answer:
    connection = _Connection(target, deadline)
    names = {"host": target.host}
    try:
        connection.request(method, target.path, body or None, {"User-Agent": AGENT, "Accept": "*/*", **headers, "Connection": "close"})
        response = connection.getresponse()
        received = _body(response, deadline.limits)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, received, url)
    except OutboundError:
        raise
    except TimeoutError:
        raise TimedOut(_("%(host)s did not answer in time.") % names) from None
    except ssl.SSLCertVerificationError as error:
        reason = {**names, "reason": error.verify_message}
        raise BadCertificate(_("%(host)s has no valid certificate: %(reason)s") % reason) from error
    except http.client.HTTPException as error:
        raise BadAnswer(_("%(host)s answered something that is not HTTP.") % names) from error
    except OSError as error:
        raise Unreachable(_("The connection to %(host)s broke off.") % names) from error
    finally:
        connection.hang_up()


def _body(response: http.client.HTTPResponse, limits: Limits) -> bytes:
    pieces, size, announced = [], 0, response.length
    # Once all that was announced is there: some servers keep the connection open though they were asked not to.
    while size != announced and (piece := response.read1(_PIECE)):
        pieces.append(piece)
        size += len(piece)
        if size > limits.size:
            if not limits.cut:
                raise TooLarge(_("The answer is larger than %(size)s bytes.") % {"size": limits.size})
            return b"".join(pieces)[: limits.size]
    if announced is not None and size < announced:
        raise http.client.IncompleteRead(b"", announced - size)
    return b"".join(pieces)
