"""A set is filled for measuring by what really writes there, so a new column that it does not know of is found here and not on the day of the run."""

from __future__ import annotations

import argparse

from guanxi.config.benchmarks.fill import fill
from guanxi.config.check import check
from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.erp.finance.models import JournalLine
from guanxi.erp.sales.models import OrderLine
from guanxi.kernel.database import in_set
from guanxi.kernel.search.models import SearchEntry
from guanxi.shared.activities.models import Activity
from guanxi.shared.parties.models import Contact


def test_a_filled_set_has_what_was_asked_for_and_its_books_hold(fresh_database):
    wanted = {"customers": 12, "contacts": 24, "orders": 6, "activities": 36, "leads": 5, "opportunities": 9}
    assert fill(argparse.Namespace(key="alpha", no_search=False, lines=3, **wanted)) == 0
    with in_set("alpha"):
        found = {model.__name__: model.objects.count() for model in (Contact, OrderLine, JournalLine, Activity, Lead, Opportunity)}
        assert found == {"Contact": 24, "OrderLine": 18, "JournalLine": 12, "Activity": 36, "Lead": 5, "Opportunity": 9}
        assert SearchEntry.objects.filter(model="parties.party").count() == 12
    problems = [problem for _title, parts in check(["alpha"]) for _label, proofs in parts for proof in proofs for problem in proof.problems]
    assert problems == []
