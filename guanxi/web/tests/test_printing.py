"""The faces of printing: a button, picked rows, the API, and who is turned away at each."""

from __future__ import annotations

import pytest

from guanxi.erp.sales.models import Quotation
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.records.record import model_named
from guanxi.shared.parties.models import Party
from tests.access.world import person, undone
from tests.support.paper import pages_of


@pytest.fixture
def admin(database, static_files):
    with undone():
        yield person("alpha", "administrator")


@pytest.fixture
def quotations(admin):
    with in_set("alpha"):
        from guanxi.kernel.access.actor import actor_of
        from guanxi.shared.catalog.models import Product

        actor = actor_of(admin.member.pk)
        customer = create_record(Party, {"name": "Acme"}, actor=actor).result
        create_record(Product, {"code": "NUT", "name": "Nut", "unit": "pc", "tax": "VAT13", "list_price": "2"}, actor=actor)
        lines = [{"product": "NUT", "quantity": "1"}]
        return [create_record(Quotation, {"customer": customer.pk, "lines": lines}, actor=actor).result for _ in range(2)]


def test_a_page_offers_its_document_and_opens_it_as_a_file_without_scripts(admin, quotations):
    address = f"/alpha/sales/quotations/{quotations[0].pk}/"
    page = admin.client.get(address).content.decode()
    assert f'href="{address}print/?form=quotation" target="_blank"' in page and f"{address}print/?form=quotation&amp;language=zh-hans" in page
    answer = admin.client.get(f"{address}print/?form=quotation&language=zh-hans")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''%E6%8A%A5%E4%BB%B7%E5%8D%95%20QT-")
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Cache-Control"] == "private, no-store"
    assert "草稿" in pages_of(answer.content)[0]


def test_picked_rows_come_as_one_file_in_their_order(admin, quotations):
    first, second = quotations
    found = pages_of(admin.client.get(f"/alpha/sales/quotations/print/?ids={second.pk},{first.pk}").content)
    assert [second.number in found[0], first.number in found[1], len(found)] == [True, True, 2]
    assert len(pages_of(admin.client.get("/alpha/sales/quotations/print/?everything=%3F").content)) == 2
    assert admin.client.get("/alpha/sales/quotations/print/?ids=").status_code == 409


def test_a_statement_asks_for_its_period_first(admin, quotations):
    address = f"/alpha/customers/{quotations[0].customer_id}/print/?form=statement"
    question = admin.client.get(address)
    assert question.status_code == 200 and b'name="since"' in question.content and b'name="language"' in question.content
    answer = admin.client.get(f"{address}&language=en&since=2026-01-01&until=2026-06-30")
    assert "30June2026" in pages_of(answer.content)[0]
    wrong = admin.client.get(f"{address}&language=en&since=2026-07-01&until=2026-06-30")
    assert wrong.status_code == 422 and b"first day" in wrong.content
    unreadable = admin.client.get(f"{address}&language=en&since=soon")
    assert unreadable.status_code == 422


def test_the_api_gives_the_same_file(admin, quotations):
    path = f"alpha/sales/quotations/{quotations[0].pk}/print"
    answer = admin.api("GET", f"{path}?language=zh-hans")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "报价单" in pages_of(answer.content)[0]
    assert admin.api("GET", f"{path}?colour=red").status_code == 400
    assert admin.api("GET", f"{path}?form=poem").status_code == 404
    assert admin.api("GET", f"{path}?language=fr").status_code == 409
    assert admin.api("GET", f"alpha/setup/members/{admin.member.pk}/print").status_code == 404
    assert "/sales/quotations/{id}/print" in admin.api("GET", "alpha/openapi.json").json()["paths"]


def test_who_may_not_see_the_record_gets_nothing_at_any_face(admin, quotations):
    stranger = person("alpha", grants={"sales.quotation": "view:own"})
    pk = quotations[0].pk
    for answer in (
        stranger.client.get(f"/alpha/sales/quotations/{pk}/print/"), stranger.client.get(f"/alpha/sales/quotations/print/?ids={pk}"),
        stranger.api("GET", f"alpha/sales/quotations/{pk}/print"),
    ):
        assert answer.status_code == 404 and quotations[0].number.encode() not in answer.content
    nobody = person("alpha", grants={})
    assert nobody.client.get(f"/alpha/sales/quotations/{pk}/print/").status_code == 403
    assert nobody.api("GET", f"alpha/sales/quotations/{pk}/print").status_code == 403
    page = person("alpha", grants={"parties.party": "view"}).client.get(f"/alpha/customers/{quotations[0].customer_id}/")
    assert b"form=statement" not in page.content


def test_every_document_has_its_place_in_the_menu_of_its_record():
    from guanxi.kernel.printing.declared import all_forms
    from guanxi.kernel.screens.screen import screen_of

    assert {form.key for form in all_forms()} >= {"quotation", "order", "delivery_note", "invoice", "statement"}
    assert all(screen_of(form.model) and model_named(form.model.label()) is form.model for form in all_forms())
