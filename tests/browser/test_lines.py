"""An order of lines pasted from a spreadsheet, put in order and saved with the keyboard alone; what is typed survives a closed tab."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party
from tests.browser.conftest import inside
from tests.browser.moves import settled

PASTED = "Product\tQuantity\tUnit price\nSFU2510\t1,200\t¥ 650.00\nlinear guide\t3\t\nno such thing\t5\t9.50\n"


@pytest.fixture
def customer(shop) -> Party:
    with inside():
        owner = Member.objects.get(code="li")
        create_record(
            Product, {"code": "HGW20", "name": {"en": "Linear guide", "zh-hans": "直线导轨"}, "unit": "pc", "tax": "VAT13", "list_price": "260"},
            actor=system_actor(),
        )
        return create_record(Party, {"name": "Spreadsheet & Sons", "owner": owner.pk}, actor=system_actor()).result


def paste(page: Page, text: str) -> None:
    """What the browser does on Ctrl+V."""
    page.evaluate(
        """text => {
            const data = new DataTransfer(); data.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""", text,
    )


def products(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator("tr[data-line] [data-column=product] [role=combobox]").all()]


def test_an_order_is_pasted_put_in_order_and_saved_with_the_keyboard_alone(shop, customer, as_person, clean):
    page = as_person("li")
    page.goto(f"/alpha/sales/orders/new/?customer={customer.pk}")
    product = page.locator("tr[data-line] [data-column=product] [role=combobox]")
    product.first.focus()
    paste(page, PASTED)
    # A code and a name are known; what is not stays as it was and is marked at its row.
    expect(product.nth(1)).to_have_value("Linear guide")
    assert products(page) == ["Ball screw", "Linear guide", "no such thing"]
    expect(page.locator("tr[data-line]").nth(2).locator("td.has-error .error")).to_contain_text("no such thing")
    expect(page.locator("tr[data-line]").first.locator("[name$=quantity]")).to_have_value("1,200")
    clean()
    # The unknown one goes, the guide moves up and stands there twice.
    product.nth(2).focus()
    page.keyboard.press("Control+Backspace")
    assert products(page) == ["Ball screw", "Linear guide"]
    page.keyboard.press("Alt+ArrowUp")
    assert products(page) == ["Linear guide", "Ball screw"]
    page.keyboard.press("Control+d")
    assert products(page) == ["Linear guide", "Linear guide", "Ball screw"]
    # From cell to cell with the arrows.
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("tr[data-line]").nth(1).locator("[name$=quantity]")).to_be_focused()
    page.keyboard.type("7")
    # The tab is closed: another one goes on.
    with page.expect_response("**/unsaved/"):
        pass
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/alpha/sales/orders/")
    page.goto("/alpha/sales/orders/new/")
    page.locator("[data-left] a").press("Enter")
    expect(page.locator("tr[data-line]")).to_have_count(3)
    assert products(page) == ["Linear guide", "Linear guide", "Ball screw"]
    expect(page.locator("[data-total=net]")).to_contain_text("782,600.00")
    clean()
    page.keyboard.press("Control+Enter")
    order = settled(page, r"/sales/orders/(\d+)/$")
    with inside():
        assert Order.objects.get(pk=order).net == Decimal(782600)
        lines = OrderLine.objects.filter(order=order).order_by("position").values_list("product__code", "quantity", "unit_price")
        assert list(lines) == [("HGW20", 3, 260), ("HGW20", 7, 260), ("SFU2510", 1200, 650)]
    page.goto("/alpha/sales/orders/new/")
    expect(page.locator("[data-left]")).to_have_count(0)


def entered(page: Page) -> list[str]:
    return page.locator("#form [data-field]").evaluate_all("fields => fields.map(field => `${field.dataset.field}=${field.value}`)")


def test_a_refused_save_brings_back_everything_as_it_was(shop, customer, as_person, clean):
    page = as_person("li")
    page.goto("/alpha/sales/quotations/new/")
    # Nothing is chosen yet; what the system would fill in stands there.
    assert page.locator("#in-currency").input_value() == "CNY" and page.locator("#in-owner").input_value()
    page.locator("#in-customer").fill("Spreadsheet")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Enter")
    product = page.locator("tr[data-line] [data-column=product] [role=combobox]")
    product.first.focus()
    page.keyboard.type("SFU2510")
    page.keyboard.press("Enter")
    # On with how many, which does not write over the product.
    quantity = page.locator("tr[data-line] [data-column=quantity] input")
    expect(quantity.first).to_be_focused()
    page.keyboard.type("-4")
    expect(page.locator("td[data-column=quantity] .error")).to_have_text("The quantity has to be more than zero.")
    # Pasted over it: of the screw nothing stays, and the unknown row keeps no other from being reckoned.
    product.first.focus()
    paste(page, "HGW20\t2\nno such thing\t5\n")
    expect(page.locator("[data-total=net]")).to_have_text("520.00")
    assert products(page) == ["Linear guide", "no such thing"]
    described = page.locator("tr[data-line] [data-column=description] input")
    expect(described.first).to_have_value("Linear guide")
    expect(described.last).to_have_value("")
    expect(page.locator("td[data-column=product] .error")).to_contain_text("choose one or create it")
    product.first.focus()
    page.keyboard.press("Alt+Enter")
    before = entered(page)
    with page.expect_response(lambda answer: answer.status == 422):
        page.keyboard.press("Control+Enter")
    expect(page.locator("tr[data-heading]")).to_have_count(1)
    expect(page.locator("[data-total=net]")).to_have_text("520.00")
    assert entered(page) == before
    clean()


def headings(page: Page) -> dict[str, str]:
    return {
        row.locator("input").input_value(): row.locator("[data-subtotal]").inner_text() for row in page.locator("tr[data-heading]").all()
    }


def test_lines_stand_under_headings_that_are_pasted_and_moved_with_the_keyboard_alone(shop, customer, as_person, clean):
    page = as_person("li")
    page.goto(f"/alpha/sales/quotations/new/?customer={customer.pk}")
    product = page.locator("tr[data-line] [data-column=product] [role=combobox]")
    product.first.focus()
    with page.expect_response("**/preview/**"):
        paste(page, "Drive\nSFU2510\t2\nHGW20\t1\nSFU2510\t1\n")
    subtotal = page.locator("tr[data-heading] [data-subtotal]")
    expect(subtotal).to_have_text("2,240.00")
    # From the last line on there is another section, and the guide goes over to it.
    product.last.focus()
    page.keyboard.press("Alt+Enter")
    page.keyboard.type("Spare parts")
    expect(subtotal.last).to_have_text("660.00")
    page.keyboard.press("Alt+ArrowUp")
    expect(subtotal.last).to_have_text("920.00")
    assert headings(page) == {"Drive": "1,320.00", "Spare parts": "920.00"}
    clean()
    page.keyboard.press("Enter")
    expect(product.nth(1)).to_be_focused()
    page.keyboard.press("Control+Enter")
    quotation = settled(page, r"/sales/quotations/(\d+)/$")
    with inside():
        lines = QuotationLine.objects.filter(quotation=quotation).order_by("position").values_list("section", "product__code")
        assert list(lines) == [("Drive", "SFU2510"), ("Spare parts", "HGW20"), ("Spare parts", "SFU2510")]
    assert [row.inner_text().split("\t")[:2] for row in page.locator("tr.heading").all()] == [["Drive", "1,320.00"], ["Spare parts", "920.00"]]
    clean()
    # To look at a form is not to change it.
    page.goto(f"/alpha/sales/quotations/{quotation}/edit/")
    page.goto(f"/alpha/sales/quotations/{quotation}/")
    page.goto(f"/alpha/sales/quotations/{quotation}/edit/")
    expect(page.locator("[data-left]")).to_have_count(0)
    # A heading that goes leaves its lines to the one above.
    page.locator("tr[data-heading] input").last.focus()
    page.keyboard.press("Control+Backspace")
    expect(subtotal).to_have_text("2,240.00")


def test_on_a_phone_no_figure_of_a_line_is_printed_over_another(shop, customer, as_person):
    page = as_person("li")
    page.set_viewport_size({"width": 390, "height": 844})
    with inside():
        given = {"customer": customer.pk, "owner": Member.objects.get(code="li").pk, "lines": [{"product": "SFU2510", "quantity": "1"}]}
        row = create_record(Quotation, given, actor=system_actor()).result
    page.goto(f"/alpha/sales/quotations/{row.pk}/edit/")
    shown = page.locator("tr[data-line] td.shown:visible")
    expect(shown.locator(".tag").first).to_be_visible()
    over = shown.evaluate_all("cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.dataset.column)")
    assert over == []
