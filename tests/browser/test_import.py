"""A salesperson brings in an office's list: messy, Chinese, partly wrong; corrects it, and takes it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from guanxi.kernel.records.models import History
from guanxi.shared.parties.models import Contact, Party
from tests.browser.conftest import inside

LIST = """客户资料,联系人,手机号,联系电话,级别,所属行业,备注
北京启明贸易有限公司,王伟,13800138001,010-66551234,A,批发业,老客户
苏州恒远精密机械有限公司,李芳,13900139002,0512-88776655,一级,低空经济,
北京启明贸易有限公司,赵敏,13700137003,,A,批发业,
,孙丽,13600136005,021-5566778,B,,没有公司名
杭州瑞丰自动化有限公司,周军,13500135006,0571-99887766,B,,=1+1
"""


def go_on(page: Page, step: str) -> None:
    """By the keyboard: the step's button is reached and pressed."""
    page.locator(f"button[value={step}]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.browser
def test_a_messy_list_is_brought_in_corrected_and_taken_back(shop, as_person, clean):
    page = as_person("li", "zh-hans")
    page.goto("/alpha/customers/import/")
    page.locator("#file").set_input_files([{"name": "客户名单.csv", "mimeType": "text/csv", "buffer": LIST.encode("gb18030")}])
    with page.expect_navigation():
        page.locator(".form-foot button.primary").click()
    # "客户资料" is no name of a column: what it holds tells that these are companies.
    chosen = [page.locator(f"select[name='column.{n}']").input_value() for n in range(7)]
    assert chosen == ["name", "also.name", "also.mobile", "phone", "tier", "industry", "note"]
    clean()
    go_on(page, "columns")
    page.locator("select[aria-label='一级']").select_option("A")
    page.locator("select[aria-label='低空经济']").select_option(":empty")
    clean()
    go_on(page, "texts")
    expect(page.locator(".taking-problems li:has(.wrong)")).to_have_count(2)
    expect(page.locator(".taking-problems .wrong").first).to_contain_text("客户资料")
    clean()
    go_on(page, "take")
    with inside():
        assert list(Party.objects.order_by("pk").values_list("name", "tier", "owner__code")) == [
            ("北京启明贸易有限公司", "A", "li"), ("苏州恒远精密机械有限公司", "A", "li")]
        assert list(Contact.objects.order_by("pk").values_list("party__name", "name", "is_main")) == [
            ("北京启明贸易有限公司", "王伟", True), ("苏州恒远精密机械有限公司", "李芳", True), ("北京启明贸易有限公司", "赵敏", False)]
    first = page.url

    # On the phone: the file of errors, corrected, as cells that are pasted.
    page.set_viewport_size({"width": 390, "height": 844})
    with page.expect_download() as fetched:
        page.get_by_role("link", name="下载有问题的行").click()
    corrected = fetched.value.path().read_text("utf-8-sig").replace("\n,孙丽", "\n上海新天软件有限公司,孙丽").replace("'=1+1", "价格敏感")
    page.goto("/alpha/customers/import/")
    page.locator("#pasted").fill(corrected)
    with page.expect_navigation():
        page.locator(".form-foot button.primary").click()
    expect(page.locator(".banner")).to_contain_text("上次")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    clean()
    go_on(page, "columns")
    expect(page.locator(".taking-problems .wrong")).to_have_count(0)
    go_on(page, "take")
    with inside():
        assert set(Party.objects.values_list("name", flat=True)) == {
            "北京启明贸易有限公司", "苏州恒远精密机械有限公司", "上海新天软件有限公司", "杭州瑞丰自动化有限公司"}

    page.goto(first)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    go_on(page, "undo")
    assert len(asked) == 1
    expect(page.locator("h1")).to_contain_text("已导入，后又撤销")
    clean()
    with inside():
        assert set(Party.objects.values_list("name", flat=True)) == {"上海新天软件有限公司", "杭州瑞丰自动化有限公司"}
        assert Contact.objects.count() == 2
        assert History.objects.filter(model="parties.party", kind="deleted").count() == 2
