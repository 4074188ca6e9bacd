"""The rows of a list as pivot, chart, funnel, regions and under headings, on pages."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from urllib.parse import urlsplit

import pytest

from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.erp.sales.models import Order
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record, create_records
from guanxi.kernel.views.models import SavedView
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

LEADS = [("Rails", "website", "2026-01-10"), ("Screws", "website", "2026-02-11"), ("Motors", "exhibition", "2026-02-20"), ("Belts", "", "2026-04-01")]
SELLER = {"leads.lead": "view:own", "views.savedview": "view:own", "views.save_view": "company"}


@pytest.fixture
def leads(admin, inside):
    """Four leads of three months; one without a source."""
    with inside():
        rows = [{"name": name, "company": "Acme", "source": source, "received_on": day, "owner": admin.member_id} for name, source, day in LEADS]
        create_records(Lead, rows, actor=system_actor())


def lines(page: str) -> list[list[str]]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", body, re.S)
    ]


class TestPivot:
    def test_figures_lead_to_the_list_of_just_their_rows(self, admin, leads):
        page = admin.get("leads/pivot/?rows=received_on.month&across=source&measures=count").content.decode()
        assert lines(page) == [
            ["Jan 2026", "1", "", "", "1"], ["Feb 2026", "1", "1", "", "2"], ["Apr 2026", "", "", "1", "1"], ["Total", "2", "1", "1", "4"]]
        cell = next(html.unescape(url) for url in re.findall(r'<td class="r"><a href="([^"]+)"', page) if "exhibition" in url)
        listed = admin.client.get(cell).content.decode()
        assert "Motors" in listed and "Screws" not in listed and "rows=" not in urlsplit(cell).query

    def test_it_is_exported_as_it_stands(self, admin, leads):
        answer = admin.get("leads/pivot/export/?rows=source&measures=count&format=csv")
        assert list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))) == [
            ["Source", "Number"], ["Web site", "2"], ["Exhibition", "1"], ["empty", "1"], ["Total", "4"]]
        assert b"".join(admin.get("leads/pivot/export/?rows=source&format=xlsx").streaming_content)[:2] == b"PK"
        assert admin.get("leads/pivot/export/?rows=nonsense").status_code == 409

    def test_its_figures_are_written_as_those_of_a_list(self, admin, inside):
        with inside():
            customer = create_record(Party, {"name": "Acme"}, actor=system_actor()).result
            row = {"name": "Screws", "customer": customer.pk, "amount": "282736.50", "owner": admin.member_id, "kind": "new"}
            create_record(Opportunity, row, actor=system_actor())
        files = [
            admin.get("opportunities/pivot/export/?rows=kind&measures=amount.sum,weighted.sum&view=all&format=csv"),
            admin.get("opportunities/export/?columns=amount,weighted&view=all&format=csv"),
        ]
        pivot, listed = (b"".join(one.streaming_content).decode("utf-8-sig") for one in files)
        written = [set(re.findall(r"\d+\.\d+", text)) for text in (pivot, listed)]
        assert written[0] == written[1] and "282736.5" in written[0], (pivot, listed)

    def test_what_cannot_be_asked_is_told_above_it(self, admin, leads):
        page = admin.get("leads/pivot/?rows=nonsense&measures=name.sum").content.decode()
        assert "“nonsense”" in page and "“name.sum” cannot be measured" in page

    def test_nobody_sees_figures_of_what_is_another_s(self, visitor, leads):
        page = visitor(grants=SELLER).get("leads/pivot/?rows=source").content.decode()
        assert "Exhibition" not in page and "<table" not in page


class TestOthers:
    def test_a_chart_has_a_bar_also_for_a_month_without_rows(self, admin, leads):
        page = admin.get("leads/chart/?rows=received_on.month&measures=count").content.decode()
        drawn = json.loads(html.unescape(re.search(r'data-chart="([^"]+)"', page)[1]))
        assert drawn["names"] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]
        assert drawn["series"][0]["values"] == [1, 2, None, 1]
        assert lines(page)[-1] == ["Total", "4"], "the table behind it"

    @pytest.mark.parametrize("shape", ["pivot", "chart", "funnel", "regions"])
    def test_what_took_long_says_so(self, shape, admin, leads, monkeypatch):
        said = "narrow the filters to be faster"
        assert said not in admin.get(f"leads/{shape}/").content.decode()
        monkeypatch.setattr("guanxi.web.views.pivots.LONG", -1.0)
        assert said in admin.get(f"leads/{shape}/").content.decode()

    def test_a_funnel_counts_who_came_at_least_so_far(self, admin, leads, inside):
        with inside():
            Lead.objects.filter(name__in=("Rails", "Screws")).update(status="working")
            Lead.objects.filter(name="Motors").update(status="qualified")
        page = admin.get("leads/funnel/").content.decode()
        assert re.findall(r'<b class="num">(\d+)</b>', page) == ["4", "3", "1"]
        assert "75% of all" in page

    def test_regions_are_also_told_by_country_and_so_are_documents(self, admin, inside):
        with inside():
            rows = [{"name": name, "country": country} for name, country in (("Acme", "DE"), ("Bolt", "DE"), ("Cog", "CN"), ("Dent", ""))]
            customers = create_records(Party, rows, actor=system_actor()).result
            screw = create_record(Product, {"code": "S", "name": "Screw", "unit": "pc", "list_price": "10"}, actor=system_actor()).result
            orders = [{"customer": one.pk, "lines": [{"product": screw.pk, "quantity": "1"}]} for one in customers[1:3]]
            create_records(Order, orders, actor=system_actor())
        page = admin.get("customers/regions/?by=country&measures=count").content.decode()
        assert [(line[0], line[2], line[3]) for line in lines(page)] == [("Germany", "2", "50%"), ("China", "1", "25%"), ("empty", "1", "25%")]
        assert "by=region" in page and "f.country=DE" in html.unescape(page)
        page = admin.get("sales/orders/regions/?by=customer__country&measures=count").content.decode()
        assert sorted((line[0], line[2]) for line in lines(page)) == [("China", "1"), ("Germany", "1")]

    def test_the_list_stands_under_headings(self, admin, leads):
        page = admin.get("leads/?group=source&closed=website&columns=name").content.decode()
        assert [line for line in lines(page) if len(line) == 1] == [["Web site 2"], ["Exhibition 1"], ["empty 1"]]
        assert "Motors" in page and "Rails" not in page
        popover = admin.get("leads/grouping/?group=received_on.month").content.decode()
        assert "group=received_on.quarter" in popover and "Then by" in popover

    def test_a_view_remembers_its_shape(self, admin, leads, inside):
        answer = admin.post("leads/views/save/", {"name": "By source", "query": "rows=source&measures=count", "shown_as": "pivot"})
        assert "/leads/pivot/?view=" in answer.headers["Location"] and "rows=source" in answer.headers["Location"]
        with inside():
            assert SavedView.objects.get(name="By source").shown_as == "pivot"
        refused = admin.post("leads/views/save/", {"name": "Board", "query": "", "shown_as": "board"})
        assert refused.status_code == 409 and "cannot be seen as a Board" in html.unescape(refused.content.decode())
