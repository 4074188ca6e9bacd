"""The web server: one RSGI application with Django's pages in threads and live streams in the event loop."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

import structlog
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, close_old_connections, connections
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]
from granian.server.embed import Server
from whitenoise.base import WhiteNoise

from guanxi.config.configuration import Configuration
from guanxi.config.languages import join_catalogs
from guanxi.config.prepare import found_stamp, global_stamp
from guanxi.config.running import spare_the_collector
from guanxi.config.streams import Hub
from guanxi.config.threads import WarmestFirst
from guanxi.config.timing import BEGAN
from guanxi.kernel.sets import lifecycle

LARGEST_BODY = max(100 * 1024 * 1024, settings.GUANXI_LARGEST_FILE + 1024 * 1024)
BODY_IN_MEMORY = 1024 * 1024
# Requests that may wait for each thread before new ones are turned away.
QUEUE_PER_THREAD = 40
MOST_BODIES = 1000
BODY_SECONDS = 300.0
GRACE_SECONDS = 20.0
HASHED_NAME = r"^.+\.[0-9a-f]{12}\.[^.]+$"
PLAIN = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"), ("server", "guanxi")]
log = structlog.get_logger("guanxi.web")

Headers = list[tuple[str, str]]


class Application:
    """Decides who answers a request: this process itself, a static file, a stream, or Django."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.executor = WarmestFirst(threads, "web")
        # Checks of streams and of readiness never wait behind pages.
        self.side = ThreadPoolExecutor(2, thread_name_prefix="side")
        self.django = WSGIHandler()
        self.hub = Hub(settings.GUANXI_PLACE, self.side)
        self.static = WhiteNoise(
            None,
            root=str(settings.STATIC_ROOT),
            prefix=settings.STATIC_URL,
            max_age=3600,
            immutable_file_test=HASHED_NAME,
            add_headers_function=_static_headers,
        )
        self.reading = self.waiting = 0
        self.listener: asyncio.Task[None] | None = None

    async def __rsgi__(self, scope: Scope, proto: HTTPProtocol) -> None:
        path = scope.path
        if path == "/healthz":
            proto.response_str(200, PLAIN, "alive\n")
        elif path == "/readyz":
            await self._readiness(proto)
        elif path == "/events":
            await self.hub.serve(scope, proto)
        elif path.startswith(settings.STATIC_URL) and (file := self.static.files.get(path)) is not None:
            self._static(file, scope, proto)
        else:
            await self._page(scope, proto)

    # ---- the life of the process --------------------------------------------------------------------------------------
    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.listener = loop.create_task(self.hub.listen())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.listener is not None:
            self.listener.cancel()

    # ---- readiness ----------------------------------------------------------------------------------------------------
    async def _readiness(self, proto: HTTPProtocol) -> None:
        status, answer = await asyncio.get_running_loop().run_in_executor(self.side, readiness)
        proto.response_str(
            status, [("content-type", "application/json"), ("cache-control", "no-store"), ("server", "guanxi")], json.dumps(answer)
        )

    # ---- static files -------------------------------------------------------------------------------------------------
    @staticmethod
    def _static(file: Any, scope: Scope, proto: HTTPProtocol) -> None:
        asked = {
            "HTTP_ACCEPT_ENCODING": scope.headers.get("accept-encoding") or "",
            "HTTP_IF_NONE_MATCH": scope.headers.get("if-none-match") or "",
            "HTTP_IF_MODIFIED_SINCE": scope.headers.get("if-modified-since") or "",
        }
        if scope.method not in ("GET", "HEAD"):
            proto.response_str(405, PLAIN, "")
        elif file.is_not_modified({key: value for key, value in asked.items() if value}):
            proto.response_empty(304, [(name.lower(), str(value)) for name, value in file.not_modified_response.headers])
        else:
            path, headers = file.get_path_and_headers(asked)
            headers = [(name.lower(), str(value)) for name, value in headers]
            if scope.method == "HEAD":
                proto.response_empty(200, headers)
            else:
                proto.response_file(200, headers, str(path))

    # ---- pages --------------------------------------------------------------------------------------------------------
    async def _page(self, scope: Scope, proto: HTTPProtocol) -> None:
        # A body that comes slowly must not take the place of requests that are ready to be answered.
        if self.reading >= MOST_BODIES or self.waiting >= self.threads * QUEUE_PER_THREAD:
            proto.response_str(503, [*PLAIN, ("retry-after", "2")], "busy, try again\n")
            return
        self.reading += 1
        try:
            bare = scope.method in ("GET", "HEAD") and not scope.headers.get("content-length")
            body = io.BytesIO() if bare else await asyncio.wait_for(read_body(scope, proto), BODY_SECONDS)
        except TimeoutError:
            proto.response_str(408, PLAIN, "too slow\n")
            return
        finally:
            self.reading -= 1
        if body is None:
            proto.response_str(413, PLAIN, "too large\n")
            return
        self.waiting += 1
        began = time.perf_counter()
        try:
            loop = asyncio.get_running_loop()
            with body:
                await loop.run_in_executor(self.executor, self._answer, {**environ_of(scope, body), BEGAN: began}, proto, loop)
        finally:
            self.waiting -= 1

    def _answer(self, environ: dict[str, Any], proto: HTTPProtocol, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: one request through Django, the response sent from the loop."""
        status, headers = 500, [("server", "guanxi")]

        def start_response(line: str, fields: Headers, _error: Any = None, /) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line[:3])
            headers.extend((name.lower(), value.strip()) for name, value in fields)
            return log.error  # PEP 3333's way to write without an iterable, which Django never takes

        response = self.django(environ, start_response)
        try:
            if environ["REQUEST_METHOD"] == "HEAD":
                loop.call_soon_threadsafe(proto.response_empty, status, headers)
            elif (lying := getattr(response, "lying", None)) is not None:
                # The server sends it from the disk by itself: a slow reader keeps no thread.
                path, start, end = lying
                whole = (proto.response_file, status, headers, path)
                loop.call_soon_threadsafe(*(whole if status == 200 else (proto.response_file_range, status, headers, path, start, end)))
            elif getattr(response, "streaming", False):
                self._stream(proto, status, headers, response, loop)
            else:
                loop.call_soon_threadsafe(proto.response_bytes, status, headers, b"".join(response))
        finally:
            # Here, not in the loop: it gives this thread's database connection back.
            response.close()

    @staticmethod
    def _stream(
        proto: HTTPProtocol, status: int, headers: Headers, chunks: Iterable[bytes], loop: asyncio.AbstractEventLoop
    ) -> None:
        async def begin() -> Any:
            return proto.response_stream(status, headers)

        async def send(chunk: bytes) -> None:
            await transport.send_bytes(chunk)  # Granian's own kind of awaitable, which the loop does not take from another thread.

        transport = asyncio.run_coroutine_threadsafe(begin(), loop).result()
        try:
            for chunk in chunks:
                if chunk:
                    asyncio.run_coroutine_threadsafe(send(chunk), loop).result()
        except Exception as error:
            # The reader left in the middle of a download: nothing is wrong here.
            if type(error).__name__ != "RSGIProtocolClosed":
                raise


def readiness() -> tuple[int, dict[str, Any]]:
    """Whether this process can do its work: the database answers and has this version's tables."""
    close_old_connections()
    try:
        with connections["default"].cursor() as cursor:
            current = found_stamp(cursor) == global_stamp()
        behind = [row.key for row in lifecycle.list_sets() if row.stamp != lifecycle.wanted_stamp()] if current else []
    except DatabaseError as error:
        log.warning("not_ready", error=type(error).__name__)
        return 503, {"ready": False, "database": "unreachable"}
    finally:
        close_old_connections()
    state = "current" if current else "behind: run guanxi migrate"
    return (200 if current else 503), {"ready": current, "database": "reachable", "migrations": state, "closed_sets": len(behind)}


async def read_body(scope: Scope, proto: HTTPProtocol) -> IO[bytes] | None:
    """The whole body, on disk when it is large; None when it is larger than anything Guanxi takes."""
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=BODY_IN_MEMORY)
    length = scope.headers.get("content-length")
    if length and (not length.isdecimal() or int(length) > LARGEST_BODY):
        return None
    read = 0
    async for chunk in proto:
        read += len(chunk)
        if read > LARGEST_BODY:
            body.close()
            return None
        body.write(chunk)
    body.seek(0)
    return body


def environ_of(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """The request as WSGI says it (PEP 3333: texts are latin-1 readings of their bytes)."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": _Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name == "content-length":
            environ["CONTENT_LENGTH"] = value
        elif name != "proxy" and "_" not in name:
            key = "HTTP_" + name.upper().replace("-", "_")
            # A header that comes twice is one list (RFC 9110); cookies have a separator of their own.
            separator = "; " if name == "cookie" else ","
            environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    if "CONTENT_LENGTH" not in environ and scope.method not in ("GET", "HEAD"):
        body.seek(0, os.SEEK_END)
        environ["CONTENT_LENGTH"] = str(body.tell())
        body.seek(0)
    return environ


class _Errors:
    """`wsgi.errors`: whatever is written goes to the log."""

    def write(self, text: str) -> None:
        if text.strip():
            log.error("wsgi", text=text.strip())

    def flush(self) -> None:
        return


def _static_headers(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Server"] = "guanxi"


def run(conf: Configuration) -> int:
    """Serve until SIGTERM or SIGINT; open requests are finished, streams are ended."""
    join_catalogs()
    spare_the_collector()
    asyncio.run(_serve(conf))
    return 0


async def _serve(conf: Configuration) -> None:
    application = Application(conf.web_threads)
    server = Server(
        application,
        address=conf.host,
        port=conf.port,
        interface=Interfaces.RSGI,
        websockets=False,
        http=HTTPModes.auto,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        backlog=1024,
        log_level=LogLevels.error,
    )

    def stop() -> None:
        # Open streams would otherwise keep the server waiting for as long as their pages stay open.
        application.hub.close()
        server.stop()
        last = threading.Timer(GRACE_SECONDS, os._exit, [0])
        last.daemon = True
        last.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve()
    # Requests whose clients have left are finished all the same: their transactions are under way.
    while application.waiting:
        await asyncio.sleep(0.02)
