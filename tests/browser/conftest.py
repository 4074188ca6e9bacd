"""People with their own rights, goods in stock, and a browser that each of them uses in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import Page

from guanxi.config.people import join
from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.catalog.models import Product
from tests.support.browser import settle
from tests.support.server import Live

PEOPLE = {"li": "salesperson", "zhao": "storekeeper", "sun": "accountant"}


@pytest.fixture
def shop(live: Live) -> SimpleNamespace:
    """Set alpha with a salesperson, a storekeeper and an accountant, and ten screws in stock."""
    for username, role in PEOPLE.items():
        user = get_user_model().objects.create(username=username, name=username.title(), email=f"{username}@alpha.example", language="en")
        join(user, "alpha", [role])
    with in_set("alpha"):
        actor = system_actor()
        screw = create_record(
            Product,
            {
                "code": "SFU2510", "name": {"en": "Ball screw", "zh-hans": "滚珠丝杠"}, "unit": "pc", "tax": "VAT13", "list_price": "660",
                "standard_cost": "437",
            },
            actor=actor,
        ).result
        receipt = create_record(
            GoodsReceipt, {"kind": "opening", "lines": [{"product": screw.pk, "quantity": "10", "unit_cost": "437"}]}, actor=actor
        ).result
        receive_goods(receipt, actor=actor)
    return SimpleNamespace(live=live, screw=screw.pk, quantity=Decimal(10))


@pytest.fixture
def as_person(page: Page, live: Live) -> Callable[[str], Page]:
    """`as_person("li", "zh-hans")`: the page, now in this person's session and language."""

    def become(username: str, language: str = "en") -> Page:
        get_user_model().objects.filter(username=username).update(language=language)
        page.context.clear_cookies()
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": live.cookie(username), "url": live.url, "httpOnly": True},
             {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live.url}]
        )
        return page

    return become


@pytest.fixture
def clean(page: Page) -> Callable[[], None]:
    """Fails with axe's words when the page as it stands breaks a rule of accessibility."""
    axe = Axe()

    def check() -> None:
        settle(page)
        found = axe.run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check


@contextmanager
def inside(key: str = "alpha") -> Iterator[None]:
    """A look into the account set, beside the browser."""
    with in_set(key):
        yield
