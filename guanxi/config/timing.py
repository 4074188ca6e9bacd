"""How long an answer took, how much of that this process and how much the database worked: its `Server-Timing`, where wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponseBase

BEGAN = "guanxi.began"
"""In the request's environment: the moment at which it reached this process, before it waited for a thread."""


class ServerTiming:
    """The first of all: what the others do is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        statements: list[float] = []

        def timed(execute: Callable[..., Any], *given: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(*given)
            finally:
                statements.append(time.perf_counter() - began)

        began, worked = request.META.get(BEGAN) or time.perf_counter(), time.thread_time()
        with connections["default"].execute_wrapper(timed):
            response = self.get_response(request)
        total = (time.perf_counter() - began) * 1000
        in_database, cpu = sum(statements) * 1000, (time.thread_time() - worked) * 1000
        response.headers["Server-Timing"] = f'total;dur={total:.2f}, cpu;dur={cpu:.2f}, db;dur={in_database:.2f};desc="{len(statements)}"'
        return response
