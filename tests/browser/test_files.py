"""Files in a browser: dropped on a record's page, looked at, taken away (M11.2)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.tests.conftest import pdf, picture
from guanxi.shared.parties.models import Party
from tests.browser.conftest import inside

DROP = """
async ([name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const target = document.querySelector('#record');
  for (const kind of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""


@pytest.mark.browser
def test_a_file_is_dropped_looked_at_and_removed(shop, as_person, clean):
    with inside():
        li = actor_of(Member.objects.get(user_id__isnull=False, code="li").pk)
        customer = create_record(Party, {"name": "恒川液压"}, actor=li).result
    page = as_person("li")
    page.goto(f"/alpha/customers/{customer.pk}/")
    with page.expect_navigation():
        page.evaluate(DROP, ["offer.pdf", "application/pdf", list(pdf("Ball screw offer", "Second page"))])
    expect(page).to_have_url(f"{shop.live.url}/alpha/customers/{customer.pk}/?tab=files")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Files1")
    with page.expect_navigation():
        page.locator("[data-attach-form] input[type=file]").first.set_input_files(
            [{"name": name, "mimeType": "image/png", "buffer": picture(600, 400)} for name in ("a.png", "b.png")]
        )
    expect(page.locator(".files > li")).to_have_count(3)
    clean()

    page.locator(".files .open", has_text="offer.pdf").click()
    pages = page.locator("#sheet .look img")
    expect(pages).to_have_count(2)
    for number in range(2):
        pages.nth(number).scroll_into_view_if_needed()
        expect(pages.nth(number)).to_have_js_property("naturalWidth", 1280)
    clean()
    with page.expect_download() as taken:
        page.locator("#sheet a[download]").click()
    assert taken.value.suggested_filename == "offer.pdf"
    with open(taken.value.path(), "rb") as file:
        assert file.read() == pdf("Ball screw offer", "Second page")
    part = page.evaluate(
        "async () => { const r = await fetch(document.querySelector('#sheet a[download]').href, {headers: {Range: 'bytes=1-4'}});"
        " return [r.status, r.headers.get('content-range').split('/')[0], await r.text()]; }"
    )
    assert part == [206, "bytes 1-4", "PDF-"]

    page.locator("#sheet .sheet-foot a", has_text="Remove").click()
    with page.expect_navigation():
        page.locator("#sheet button.danger").click()
    page.goto(f"/alpha/customers/{customer.pk}/?tab=files")
    expect(page.locator(".files > li")).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    clean()
    with inside():
        assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a.png", "b.png"]
