"""`script/pictures`: what the pages look like, in both languages, sizes and themes, as WebP files in docs/pictures."""

from __future__ import annotations

import argparse
import io
import itertools
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
QUALITY = 72
WHO = {"zh-hans": ("zhang", "demo"), "en": ("oliver", "harbour")}
"""Each language is shown in the company that speaks it: (who signs in, account set)."""
PAGES = {
    "list": "customers/?view=all", "board": "opportunities/board/?f.status=open", "customer": "customers/{customer}/",
    "order": "sales/orders/{order}/",
    "pivot": "sales/orders/pivot/", "calendar": "activities/calendar/", "import": "customers/import/", "today": "today/", "find": "today/",
}


def places(page: Page, account_set: str) -> dict[str, str]:
    """The largest order that is under way, and its customer."""
    page.goto(f"/{account_set}/sales/orders/?f.status=confirmed&sort=-total")
    links = {"order": page.locator("a.open").first, "customer": page.locator("a.ref[href*='/customers/']").first}
    return {name: (link.get_attribute("href") or "").rstrip("/").rpartition("/")[2] for name, link in links.items()}


def take(page: Page, name: str) -> Image.Image:
    page.wait_for_load_state("networkidle")
    if name == "find":
        page.keyboard.press("Control+k")
        page.keyboard.type("ha" if page.url.split("/")[3] == "harbour" else "hua")
        page.wait_for_timeout(1_000)
    page.wait_for_timeout(400)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/pictures", description=__doc__)
    parser.add_argument("--url", default="", help="a running demo; without it one is made")
    parser.add_argument("--only", default="", help="one page: " + ", ".join(PAGES))
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
    django.setup()
    from tests.support.demo import SIZES, THEMES, Visitors, chromium, demo

    missing = []
    with demo(given.url) as url, chromium() as browser:
        visitors = Visitors(browser, url)
        for language, (username, account_set) in WHO.items():
            known: dict[str, str] = {}
            for size, theme in itertools.product(SIZES, THEMES):
                context = visitors.context(username, language, size, theme)
                page = context.new_page()
                known = known or places(page, account_set)
                for name, address in PAGES.items():
                    if given.only not in ("", name):
                        continue
                    answer = page.goto(f"/{account_set}/" + address.format(**known))
                    if answer is None or answer.status != 200:
                        missing.append(name)
                        continue
                    file = given.out / f"{name}-{language.partition('-')[0]}-{size}-{theme}.webp"
                    take(page, name).save(file, "WEBP", quality=QUALITY, method=6)
                context.close()
    sizes = [file.stat().st_size for file in given.out.glob("*.webp")]
    print(f"{len(sizes)} pictures, {sum(sizes) / 1024:.0f} KB; not there yet: {', '.join(sorted(set(missing))) or 'none'}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
