"""Which language a page is in: what the person chose, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import trans_real


def language_of(request: HttpRequest) -> str:
    """The account's language, then the cookie's, then the browser's, then the installation's."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "language", "") if user is not None and user.is_authenticated else ""
    if chosen and chosen in dict(settings.LANGUAGES):
        return str(chosen)
    return translation.get_language_from_request(request)


def join_catalogs() -> None:
    """The texts of all modules as one. Django means to do that, but compares a function with its code and so keeps each module's apart: a word
    was looked for in up to a hundred places."""
    for code, _name in settings.LANGUAGES:
        catalog = trans_real.translation(code)._catalog  # type: ignore[attr-defined]
        if len({plural.__code__ for plural in catalog._plurals}) == 1:
            together: dict[Any, str] = {}
            for texts in reversed(catalog._catalogs):
                together |= texts
            catalog._catalogs, catalog._plurals = [together], catalog._plurals[:1]


class LanguageMiddleware:
    """Activate the language for one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language",))
        return response
