"""Cards of a board are put together by hand: what they say, and that no text of theirs becomes the page's."""

import re

import pytest

from guanxi.crm.leads.models import Opportunity
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party
from tests.access.world import person, undone


@pytest.fixture
def dealt(database, static_files):
    """A salesperson with one opportunity, and that opportunity."""
    with undone():
        who = person("alpha", "salesperson")
        with in_set("alpha"):
            actor = actor_of(who.member.pk)
            customer = create_record(Party, {"name": "Hengchuan <b>"}, actor=actor).result
            deal = create_record(
                Opportunity, {"name": "<script>x</script>", "customer": customer.pk, "amount": "1234.50", "expected_on": "2026-11-30"}, actor=actor
            ).result
        yield who, deal


def test_a_card_leads_to_its_record_and_its_texts_stay_texts(dealt):
    who, deal = dealt
    page = who.client.get("/alpha/opportunities/board/?q=<script>").content.decode()
    card = page.partition('<li class="deal"')[2].partition("</li>")[0]
    url = f"/alpha/opportunities/{deal.pk}/"
    assert f'data-card="{url}"' in card
    assert f'<a class="deal-title" href="{url}" draggable="false">&lt;script&gt;x&lt;/script&gt;</a>' in card
    assert "Hengchuan &lt;b&gt;" in card
    assert "1,234.50" in card
    assert "back=/alpha/opportunities/board/%3Fq%3D%253Cscript%253E" in card
    assert "<script>" not in card
    assert "<b>Hengchuan" not in card


def test_a_phone_shows_the_amount_of_a_deal_by_its_name_and_the_customer_not_what_is_likely_of_it(dealt):
    who, deal = dealt
    page = who.client.get(f"/alpha/opportunities/?f.id={deal.pk}&q=<script>").content.decode()
    row = page.partition(f'<tr data-id="{deal.pk}">')[2].partition("</tr>")[0]
    assert re.findall(r'<td class="[^"]*c-figure[^"]*"[^>]*>(.*?)</td>', row) == ['<span class="num">1,234.50</span>']
    assert 'data-label="Amount"' in row
    assert [len(re.findall(rf'<td class="k-{kind}[^"]* c-fact', row)) for kind in ("reference", "date", "money", "percent")] == [3, 1, 0, 0]


def test_a_card_says_no_sum_where_none_was_given(dealt):
    who, deal = dealt
    with in_set("alpha"):
        Opportunity.objects.filter(pk=deal.pk).update(amount=0)
    page = who.client.get("/alpha/opportunities/board/?q=<script>").content.decode()
    card = page.partition('<li class="deal"')[2].partition("</li>")[0]
    assert '<div class="deal-row"><span class="marks">' in card and "0.00" not in card
