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
    "pivot": "sales/orders/pivot/", "calendar": "activities/calendar/", "import": "customers/import/", "import-trial": "customers/import/",
    "today": "today/", "find": "today/",
}

FILE = {
    "demo": """客户资料\t联系人\t手机号\t联系电话\t级别\t所属行业\t备注
北京启明贸易有限公司\t王伟\t13800138001\t010-66551234\tA\t批发业\t老客户
苏州恒远精密机械有限公司\t李芳\t13900139002\t0512-88776655\t一级\t通用设备制造业\t展会认识
\t孙丽\t13600136005\t021-55667788\tB\t\t没有公司名
杭州瑞丰自动化有限公司\t周军\t13500135006\t0571-99887766\tB\t\t=1+1
常州恒川液压公司\t吴磊\t13700137003\t0519-55503828\tB\t\t""",
    "harbour": """Company\tContact person\tMobile\tTel\tClass\tSector\tNotes
Northgate Bakeries Ltd\tAnn West\t07700 900123\t01632 960111\tA\tHotels and catering\told customer
Larkspur Hotel\tTom Hart\t07700 900124\t01632 960112\tGold\tHotels and catering\tmet at the fair
\tJane Doe\t07700 900125\t01632 960113\tB\t\tno company name
Quayline Cafés Ltd\tBob Ray\t07700 900126\t01632 960114\tB\t\t=1+1""",
}
"""Cells of a spreadsheet as somebody might have kept them."""


def places(page: Page, account_set: str) -> dict[str, str]:
    """The largest order that is under way, and its customer."""
    page.goto(f"/{account_set}/sales/orders/?f.status=confirmed&sort=-total")
    links = {"order": page.locator("a.open").first, "customer": page.locator("a.ref[href*='/customers/']").first}
    return {name: (link.get_attribute("href") or "").rstrip("/").rpartition("/")[2] for name, link in links.items()}


def take(page: Page, name: str) -> Image.Image:
    page.wait_for_load_state("networkidle")
    if name.startswith("import"):
        page.fill("#pasted", FILE[page.url.split("/")[3]])
        page.locator(".form-foot button.primary").click()
        page.locator("button[value=columns]").wait_for()
    if name == "import-trial":
        page.locator("button[value=columns]").click()
        page.locator("button[value=texts]").wait_for()
        page.locator("select[name='text.0.0']").select_option("A")
        page.locator("button[value=texts]").click()
        page.locator("button[value=take]").wait_for()
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
