"""The way in for programs: ahead of sessions, cookies and pages, none of which an API call needs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from guanxi.kernel.api.door import answer

PREFIX = "/api/"
PAGES = ("/docs", "/docs/", "/openapi.json")


class ApiFirst:
    """Answers everything under /api/ itself, but for the documentation that a signed-in person reads in a browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PREFIX) and not _for_people(request):
            return answer(request)
        return self.get_response(request)


def _for_people(request: HttpRequest) -> bool:
    return request.path_info.endswith(PAGES) and request.path_info.count("/") <= 4 and "HTTP_AUTHORIZATION" not in request.META
