"""Every address of the installation, with the right it asks for and the values that fill it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

OPEN = "anyone"
SIGNED_IN = "signed in"
API_KEY = "API key"
FOREIGN = {"accounts/": OPEN}
"""Pages of the library for signing in, which says itself what each of them needs."""


@dataclass(frozen=True)
class Route:
    """One pattern of the URLconf. `right` is a verb on the screen's model, "member", or one of the words above."""

    pattern: str
    view: Callable[..., Any]
    right: str
    screen: type | None = None
    defaults: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def shown(self) -> str:
        """The address; with <screen> for the pages that every screen has."""
        place = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", self.pattern)
        return "/" + (place.replace(self.screen.path, "<screen>") if self.screen else place)  # type: ignore[attr-defined]

    @property
    def names(self) -> list[tuple[str, str]]:
        """(converter, name) of the parts that vary."""
        return re.findall(r"<(?:(\w+):)?(\w+)>", self.pattern)

    def url(self, **values: Any) -> str:
        """The address with `values` in the parts that vary; KeyError names the one that is missing."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), self.pattern)


def routes() -> Iterator[Route]:
    yield from _walk(get_resolver(), "", {})


def _walk(resolver: URLResolver, prefix: str, defaults: dict[str, Any]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        more = {**defaults, **(getattr(entry, "default_kwargs", None) or getattr(entry, "default_args", None) or {})}
        if isinstance(entry, URLResolver):
            if pattern in FOREIGN:
                continue
            yield from _walk(entry, pattern, more)
        elif isinstance(entry, URLPattern):
            view = entry.callback
            yield Route(pattern, view, getattr(view, "right", ""), more.get("screen"), more)
