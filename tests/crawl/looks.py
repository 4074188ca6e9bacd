"""What is looked at on a page: accessibility, the content policy, errors, requests to others, scrolling sideways."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.support.browser import VIOLATIONS

AXE = Axe()
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Watch:
    """Everything a browser says while its pages are opened."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.here = urlsplit(url).netloc
        self.found: list[dict[str, Any]] = []
        context.add_init_script(VIOLATIONS)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.found.append({"kind": "script", "text": str(error.error)[:300]}))

    def _request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.here:
            self.found.append({"kind": "outside", "text": request.url})

    def _console(self, message: Any) -> None:
        if "CSP violation" in message.text or "Content Security Policy" in message.text:
            self.found.append({"kind": "policy", "text": message.text[:300]})
        elif message.type == "error" and "Failed to load resource" not in message.text:
            self.found.append({"kind": "console", "text": message.text[:300]})

    def taken(self) -> list[dict[str, Any]]:
        found, self.found = self.found, []
        return found


def faults(page: Page, watch: Watch, *, status: int, expected: int = 200) -> list[dict[str, Any]]:
    """What is wrong with the page as it stands."""
    found = watch.taken()
    if status != expected:
        found.append({"kind": "status", "text": str(status)})
    over = page.evaluate(WIDTH)
    if over > 0:
        found.append({"kind": "sideways", "text": f"{over} px"})
    for violation in AXE.run(page).response["violations"]:
        nodes = [str(node["target"][0])[:160] for node in violation["nodes"]]
        found.append({"kind": "axe", "text": violation["id"], "nodes": nodes[:5], "n": len(nodes)})
    return found
