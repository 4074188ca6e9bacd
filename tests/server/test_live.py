"""The web server as a browser and a monitor see it."""

from __future__ import annotations

import json



def test_a_set_is_undone_after_each_test(alpha, member):
    actor = member("administrator", name="Li")
    assert actor.name == "Li"
    assert alpha.name == "Admin"


def test_health_and_readiness(live):
    assert live.get("/healthz")[0] == 200
    status, text, _headers = live.get("/readyz")
    assert (status, json.loads(text)["ready"]) == (200, True)


def test_the_sign_in_page_in_a_browser(page, live):
    page.goto("/accounts/login/")
    assert "Sign In" in page.content() or "Log" in page.content()
