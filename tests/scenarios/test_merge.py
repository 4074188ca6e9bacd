"""A customer entered twice becomes one: documents, ledgers, talk and files follow, the books hold, and it can be taken back (M1.11, X10)."""

from __future__ import annotations

import io
from decimal import Decimal

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connections, transaction

from guanxi.erp.finance.models import Invoice, JournalLine, PartyBalance, Receipt
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import GoodsReceipt, StockBalance, StockMove
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import confirm_order, deliver_order, invoice_order
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.database.router import GLOBAL_APPS
from guanxi.kernel.discussion.models import Comment, Follower
from guanxi.kernel.discussion.operations import add_comment, follow_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach
from guanxi.kernel.records.refusals import Forbidden, Missing, Moved, Refused, no_such
from guanxi.kernel.search.queries import find
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_note
from guanxi.shared.catalog.models import PriceList, Product
from guanxi.shared.merging.following import survivor_of
from guanxi.shared.merging.models import Merge
from guanxi.shared.merging.operations import merge_records
from guanxi.shared.merging.preview import preview
from guanxi.shared.merging.references import references_to
from guanxi.shared.parties.models import Address, Contact, Party, Relation

LOGS = {"acts_act", "events_eventdelivery", "search_searchentry", "likeness_likeentry", "likeness_likepair", "numbers_numberseries"}


def business_with(customer: Party, product: Product, quantity: int, paid: str, actor) -> Order:
    """An order that was delivered, billed, and partly paid."""
    line = {"product": product.pk, "quantity": quantity, "unit_price": "100"}
    order = create_record(Order, {"customer": customer.pk, "lines": [line]}, actor=actor).result
    confirm_order(order, actor=actor)
    deliver_order(order, actor=actor)
    invoice_order(order, actor=actor)
    record_receipt(customer, actor=actor, amount=Decimal(paid), received_on=actor.today, method="bank")
    return order


@pytest.fixture
def product(alpha) -> Product:
    made = create_record(Product, {"code": "SFU", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "100"}, actor=alpha).result
    goods = create_record(GoodsReceipt, {"kind": "purchase", "lines": [{"product": made.pk, "quantity": 100, "unit_cost": 40}]}, actor=alpha).result
    receive_goods(goods, actor=alpha)
    return made


@pytest.fixture
def twice(alpha, product) -> tuple[Party, Party]:
    """常州恒川液压 entered twice, both with business, people, talk and files."""
    first = create_record(Party, {"name": "常州恒川液压股份有限公司", "phone": "0519-55507188", "note": "Pays late."}, actor=alpha).result
    reached = {"credit_code": "91350100M000100Y43", "email": "info@hengchuan.example"}
    second = create_record(Party, {"name": "恒川液压有限责任公司", "note": "Likes tea.", **reached}, actor=alpha).result
    for party, quantity, paid in ((first, 3, "200"), (second, 5, "1000")):
        business_with(party, product, quantity, paid, alpha)
        person = create_record(Contact, {"party": party.pk, "name": f"周建国{party.pk}"}, actor=alpha).result
        create_record(Address, {"party": party.pk, "kind": "delivery", "city": "常州", "street": f"路{party.pk}"}, actor=alpha)
        add_note(actor=alpha, target_model="parties.party", target_id=party.pk, body="Called")
        add_comment(actor=alpha, target_model="parties.party", target_id=party.pk, body="Look here")
        follow_record(actor=alpha, target_model="parties.party", target_id=party.pk)
        attach(party, store(io.BytesIO(f"offer {party.pk}".encode()), "offer.txt"), "offer.txt", alpha)
        assert person.is_main
    create_record(Relation, {"from_party": first.pk, "kind": "pays_for", "to_party": second.pk}, actor=alpha)
    prices = create_record(PriceList, {"code": "P1", "name": "Prices", "currency": "CNY", "customers": [first.pk, second.pk]}, actor=alpha)
    assert prices.result is not None
    return first, second


def merged(first: Party, second: Party, actor, **more):
    return perform(merge_records, actor=actor, raw={"kind": "parties.party", "survivor": first.pk, "gone": second.pk, **more})


def rows_of_all_tables() -> dict[str, list[str]]:
    """Every row as the database has it, without its version; logs and what is derived left out."""
    found = {}
    with connections["default"].cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if model._meta.app_label in GLOBAL_APPS or not model._meta.managed or table in LOGS:
                continue
            cursor.execute(f"SELECT (to_jsonb(t) - 'version')::text FROM {connections['default'].ops.quote_name(table)} t ORDER BY id")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def moved_away(party_id: int) -> list[str]:
    """Tables in which something still refers to the party."""
    return [f"{one.model._meta.label}.{one.column}" for one in references_to(Party) if one.rows("parties.party", party_id).exists()]


class TestTwoCustomers:
    def test_everything_belongs_to_the_one_that_stays_and_the_books_hold(self, alpha, twice):
        first, second = twice
        assert proved() == []
        owed = sum(PartyBalance.objects.values_list("receivable", flat=True))
        counts = {one.key: (one.count, one.others) for one in preview(first, second, alpha)}
        assert (counts["sales.order"], counts["finance.journalline"]) == ((1, 0), (7, 0))
        merged(first, second, alpha, taken="credit_code,email", joined="note")
        assert proved() == []
        assert not Party.objects.filter(pk=second.pk).exists() and moved_away(second.pk) == []
        for model, path, count in (
            (Order, "customer", 2), (Invoice, "customer", 2), (Receipt, "customer", 2), (JournalLine, "party", 14), (StockMove, "party", 2),
            (Contact, "party", 2), (Address, "party", 2), (Activity, "party", 2),
        ):
            assert model.objects.filter(**{path: first.pk}).count() == count, model
        assert Comment.objects.filter(party_id=first.pk).count() == Attachment.objects.filter(target_id=first.pk).count() == 2
        assert (Follower.objects.count(), Relation.objects.count(), PriceList.objects.get().customers.count()) == (1, 0, 1)
        balance = PartyBalance.objects.get()
        assert (balance.party_id, balance.receivable) == (first.pk, owed) == (first.pk, Decimal("-296.00"))
        assert Contact.objects.filter(party=first, is_main=True).count() == Address.objects.filter(party=first, is_default=True).count() == 1
        kept = Party.objects.get(pk=first.pk)
        assert (kept.name, kept.phone, kept.credit_code, kept.email) == (first.name, first.phone, "91350100M000100Y43", "info@hengchuan.example")
        assert kept.note == "Pays late.\n\nLikes tea."

    def test_undoing_gives_back_every_row_as_it_was(self, alpha, twice):
        before = rows_of_all_tables()
        outcome = merged(*twice, alpha, taken="credit_code,email")
        assert rows_of_all_tables() != before
        perform(undo_act, Act.objects.get(pk=outcome.act_id), actor=alpha, raw={})
        after = rows_of_all_tables()
        told = [row for row in after.pop("events_event") if '"RecordsMerged"' not in row]
        assert told == before.pop("events_event")
        assert {table: rows for table, rows in after.items() if rows != before[table]} == {}
        assert proved() == [] and Party.objects.count() == 2

    def test_it_is_not_undone_when_a_row_that_moved_was_changed_since(self, alpha, twice):
        first, second = twice
        outcome = merged(first, second, alpha)
        person = Contact.objects.get(name=f"周建国{second.pk}")
        change_record(person, {"job_title": "Buyer"}, actor=alpha)
        with pytest.raises(Refused, match=f"周建国{second.pk}.*was changed again since"):
            perform(undo_act, Act.objects.get(pk=outcome.act_id), actor=alpha, raw={})

    def test_what_came_later_stays_where_it_came(self, alpha, twice, product):
        first, second = twice
        outcome = merged(first, second, alpha)
        later = business_with(first, product, 1, "10", alpha)
        perform(undo_act, Act.objects.get(pk=outcome.act_id), actor=alpha, raw={})
        assert Order.objects.get(pk=later.pk).customer_id == first.pk and proved() == []

    def test_the_number_and_the_address_of_the_one_that_is_gone_lead_to_the_other(self, alpha, twice, member):
        first, second = twice
        merged(first, second, alpha)
        assert survivor_of("parties.party", second.pk) == first.pk
        for words in ("恒川液压有限责任", second.code):
            assert [(hit.model, hit.id) for hit in find(words, alpha, ["parties.party"])] == [("parties.party", first.pk)]
        moved = no_such(Party, second.pk, alpha)
        assert isinstance(moved, Moved) and moved.row_id == first.pk
        assert type(no_such(Party, second.pk, member("salesperson"))) is Missing
        third = create_record(Party, {"name": "恒川集团"}, actor=alpha).result
        merged(third, first, alpha)
        assert survivor_of("parties.party", second.pk) == third.pk
        assert [hit.id for hit in find("恒川液压有限责任", alpha, ["parties.party"])] == [third.pk]

    def test_it_is_told_in_the_timeline_under_the_old_name(self, alpha, twice):
        first, second = twice
        merged(first, second, alpha)
        event = Event.objects.get(name="RecordsMerged")
        assert (event.subject_id, event.party_id, event.title) == (first.pk, first.pk, second.name)


class TestWhatIsRefused:
    def test_who_has_no_right_or_may_change_only_one_of_them(self, alpha, twice, member):
        with pytest.raises(Forbidden):
            merged(*twice, member("salesperson"))
        manager = member("sales_manager")
        with pytest.raises(Missing):
            merged(*twice, manager)
        assert Party.objects.count() == 2 and not Merge.objects.exists()

    def test_rows_out_of_sight_move_and_are_counted_as_others(self, alpha, twice, member):
        first, second = twice
        team = Team.objects.create(name="East")
        manager = member("sales_manager", team=team)
        Member.objects.filter(pk=manager.member_id).update(team=team)
        Party.objects.filter(pk__in=[first.pk, second.pk]).update(owner_id=manager.member_id)
        manager = actor_of(manager.member_id)
        counts = {one.key: (one.count, one.others) for one in preview(first, second, manager)}
        assert counts["sales.order"] == counts["finance.invoice"] == (1, 1)
        assert counts["parties.contact"] == (1, 0)
        merged(first, second, manager)
        assert moved_away(second.pk) == [] and proved() == []

    def test_a_record_with_itself_and_one_that_would_stand_below_itself(self, alpha):
        top, middle, low = (create_record(Party, {"name": name}, actor=alpha).result for name in ("Top Works", "Middle Works", "Low Works"))
        change_record(middle, {"parent": top.pk}, actor=alpha, by_id=True)
        change_record(low, {"parent": middle.pk}, actor=alpha, by_id=True)
        with pytest.raises(Refused, match="two different"):
            merged(top, top, alpha)
        with pytest.raises(Refused, match="below itself"):
            merged(low, top, alpha)
        merged(top, middle, alpha)
        assert Party.objects.get(pk=low.pk).parent_id == top.pk


class TestTheLedgersGuard:
    def test_no_row_moves_without_a_merge_and_nothing_but_a_reference_ever(self, alpha, twice):
        first, second = twice
        call = "SELECT merging_move(%s, %s, 'parties.party', %s, %s, %s)"
        for arguments in (
            ["finance_journalline", "party_id", second.pk, first.pk, None], ["finance_journalline", "debit", second.pk, first.pk, None],
            ["finance_journalline", "party_id", first.pk, second.pk, [1]], ["access_member", "id", second.pk, first.pk, None],
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(call, arguments)

    def test_pretending_to_be_within_one_opens_nothing(self, alpha, twice):
        for statement in ("UPDATE finance_journalline SET debit = 0", "UPDATE finance_invoice SET total = 0", "DELETE FROM finance_invoice"):
            with pytest.raises((DatabaseError, psycopg.Error)), transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute("SELECT set_config('guanxi.moving', 'yes', true)")
                cursor.execute(statement)


class TestTwoProducts:
    def test_stock_and_its_value_are_added(self, alpha, product):
        other = create_record(Product, {"code": "SFU-B", "name": "Screw", "unit": "pc", "tax": "VAT13", "list_price": "90"}, actor=alpha).result
        line = {"product": other.pk, "quantity": 50, "unit_cost": 46}
        goods = create_record(GoodsReceipt, {"kind": "purchase", "lines": [line]}, actor=alpha).result
        receive_goods(goods, actor=alpha)
        before = rows_of_all_tables()
        outcome = perform(merge_records, actor=alpha, raw={"kind": "catalog.product", "survivor": product.pk, "gone": other.pk})
        balance = StockBalance.objects.get()
        assert (balance.product_id, balance.on_hand, product.costs.get().value) == (product.pk, Decimal(150), Decimal(6300)) and proved() == []
        perform(undo_act, Act.objects.get(pk=outcome.act_id), actor=alpha, raw={})
        after = rows_of_all_tables()
        after.pop("events_event"), before.pop("events_event")
        assert {table: rows for table, rows in after.items() if rows != before[table]} == {} and proved() == []

    def test_of_different_units_they_stay_two(self, alpha, product):
        other = create_record(Product, {"code": "SFU-KG", "name": "Screw", "unit": "kg", "tax": "VAT13"}, actor=alpha).result
        with pytest.raises(Refused, match="base unit"):
            perform(merge_records, actor=alpha, raw={"kind": "catalog.product", "survivor": product.pk, "gone": other.pk})
