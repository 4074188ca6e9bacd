"""What happens to parties, and who may do and see it (M1.1, M1.3)."""

from decimal import Decimal

import pytest

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.refusals import Forbidden, Invalid, Missing, Refused
from guanxi.shared.parties.models import Address, Contact, Party, PartyPhone, PaymentTerm, Relation
from guanxi.shared.parties.operations import (
    assign_owner,
    make_customer,
    make_default_address,
    make_main_contact,
    make_supplier,
    set_credit_limit,
)


def party(actor, name="Hengchuan", **values):
    return create_record(Party, {"name": name, **values}, actor=actor).result


def member_row(actor):
    return Member.objects.get(pk=actor.member_id)


@pytest.fixture
def people(alpha, member):
    """Two salespeople in one team with its manager, one in another team, a storekeeper and an accountant."""
    east, west = Team.objects.create(name="East"), Team.objects.create(name="West")
    return {
        "li": member("salesperson", name="Li", team=east), "wang": member("salesperson", name="Wang", team=east),
        "chief": member("sales_manager", name="Chief", team=east), "far": member("salesperson", name="Far", team=west),
        "store": member("storekeeper", name="Store"), "books": member("accountant", name="Books"),
    }


class TestHandingOver:
    def test_owner_and_event_are_written_and_the_people_follow(self, alpha, people):
        li, wang = people["li"], people["wang"]
        made = party(li)
        create_record(Contact, {"party": made.pk, "name": "Zhou"}, actor=li)
        assign_owner(made, actor=people["chief"], owner=member_row(wang))
        made.refresh_from_db()
        assert made.owner_id == wang.member_id
        assert [Contact.objects.visible_to(p).count() for p in (li, wang)] == [0, 1]
        event = Event.objects.get(name="PartyTransferred")
        assert event.payload == {"party_id": made.pk, "from_member_id": li.member_id, "to_member_id": wang.member_id}
        assert (event.party_id, event.subject_id, event.member_id) == (made.pk, made.pk, people["chief"].member_id)

    def test_to_whoever_has_it_or_is_not_active_it_is_refused(self, alpha, people):
        made = party(people["li"])
        with pytest.raises(Refused, match="Li looks after Hengchuan already"):
            assign_owner(made, actor=alpha, owner=member_row(people["li"]))
        gone = Member.objects.create(code="gone", name="Gone", is_active=False)
        with pytest.raises(Refused, match="Gone cannot look after customers"):
            assign_owner(made, actor=alpha, owner=gone)

    def test_a_salesperson_may_not_do_it_neither_by_the_operation_nor_by_the_form(self, alpha, people):
        made = party(people["li"])
        with pytest.raises(Forbidden):
            assign_owner(made, actor=people["li"], owner=member_row(people["wang"]))
        with pytest.raises(Forbidden):
            change_record(made, {"owner": people["wang"].member_id}, actor=people["li"])

    def test_the_chief_of_another_team_does_not_find_it(self, alpha, people, member):
        other = member("sales_manager", team=Team.objects.get(name="West"))
        with pytest.raises(Missing):
            assign_owner(party(people["li"]), actor=other, owner=member_row(people["wang"]))


class TestRoles:
    def test_a_party_becomes_a_customer_with_terms_and_a_supplier(self, alpha):
        made = party(alpha, is_customer=False)
        make_customer(made, actor=alpha, payment_term=PaymentTerm.objects.get(code="NET30"))
        make_supplier(made, actor=alpha)
        made.refresh_from_db()
        assert (made.is_customer, made.is_supplier, made.payment_term.code, made.version) == (True, True, "NET30", 3)

    def test_it_keeps_the_terms_it_had(self, alpha):
        made = party(alpha, is_customer=False, payment_term="NET60")
        make_customer(made, actor=alpha)
        made.refresh_from_db()
        assert made.payment_term.code == "NET60"

    def test_what_it_is_already_is_refused(self, alpha):
        made = party(alpha, is_supplier=True)
        with pytest.raises(Refused, match="is a customer already"):
            make_customer(made, actor=alpha)

    def test_a_supplier_is_not_made_one_again(self, alpha):
        with pytest.raises(Refused, match="is a supplier already"):
            make_supplier(party(alpha, is_supplier=True), actor=alpha)


class TestCreditLimits:
    def test_the_accountant_sets_and_lifts_it(self, alpha, people):
        made = party(people["li"])
        set_credit_limit(made, actor=people["books"], limit=Decimal("500000"))
        made.refresh_from_db()
        assert made.credit_limit == Decimal(500000)
        set_credit_limit(made, actor=people["books"], limit=None)
        made.refresh_from_db()
        assert made.credit_limit is None

    def test_below_zero_it_is_refused(self, alpha):
        with pytest.raises(Refused, match="less than zero"):
            set_credit_limit(party(alpha), actor=alpha, limit=Decimal(-1))

    def test_a_salesperson_cannot_write_it_in_any_way(self, alpha, people):
        made = party(people["li"])
        with pytest.raises(Forbidden):
            set_credit_limit(made, actor=people["li"], limit=Decimal(1))
        for attempt in (lambda: change_record(made, {"credit_limit": "1"}, actor=people["li"]), lambda: party(people["li"], "New", credit_limit="1")):
            with pytest.raises(Invalid) as refusal:
                attempt()
            assert set(refusal.value.errors) == {"credit_limit"}

    def test_a_form_that_sends_it_back_unchanged_is_no_matter(self, alpha, people):
        made = party(people["li"])
        set_credit_limit(made, actor=people["books"], limit=Decimal(500000))
        change_record(made, {"credit_limit": "500000", "tier": "A"}, actor=people["li"])
        made.refresh_from_db()
        assert made.tier == "A"


class TestMainAndDefault:
    def test_another_main_contact_takes_the_place_of_the_first(self, alpha):
        made = party(alpha)
        first, second = (create_record(Contact, {"party": made.pk, "name": n}, actor=alpha).result for n in ("A", "B"))
        make_main_contact(second, actor=alpha)
        assert list(Contact.objects.order_by("pk").values_list("is_main", "version")) == [(False, 2), (True, 2)]
        with pytest.raises(Refused, match="B is the main contact already"):
            make_main_contact(second, actor=alpha)

    def test_another_default_address_takes_the_place_of_the_first_of_its_kind(self, alpha):
        made = party(alpha)
        rows = [
            create_record(Address, {"party": made.pk, "kind": kind, "city": city}, actor=alpha).result
            for kind, city in (("office", "A"), ("delivery", "B"), ("delivery", "C"))
        ]
        make_default_address(rows[2], actor=alpha)
        assert list(Address.objects.order_by("pk").values_list("city", "is_default")) == [("A", True), ("B", False), ("C", True)]


class TestSight:
    def test_salespeople_see_their_own_their_chief_the_team_s_the_others_all(self, alpha, people):
        for name in ("li", "wang", "far"):
            made = party(people[name], name)
            create_record(Contact, {"party": made.pk, "name": f"at {name}"}, actor=people[name])
            create_record(PartyPhone, {"party": made.pk, "number": "0519-5550 7188"}, actor=people[name])
        seen = {name: sorted(Party.objects.visible_to(who).values_list("name", flat=True)) for name, who in people.items()}
        assert seen == {
            "li": ["li"], "wang": ["wang"], "far": ["far"], "chief": ["li", "wang"],
            "store": ["far", "li", "wang"], "books": ["far", "li", "wang"],
        }
        for model in (Contact, PartyPhone):
            counts = {name: model.objects.visible_to(who).count() for name, who in people.items()}
            assert counts == {"li": 1, "wang": 1, "far": 1, "chief": 2, "store": 3, "books": 3}, model

    def test_nobody_can_enter_a_person_at_a_party_out_of_sight(self, alpha, people):
        made = party(people["li"])
        with pytest.raises(Invalid) as refusal:
            create_record(Contact, {"party": made.pk, "name": "Spy"}, actor=people["wang"])
        assert set(refusal.value.errors) == {"party"}
        assert Contact.objects.count() == 0

    def test_the_storekeeper_looks_but_changes_nothing(self, alpha, people):
        made = party(people["li"])
        with pytest.raises(Forbidden):
            change_record(made, {"tier": "A"}, actor=people["store"])
        with pytest.raises(Forbidden):
            party(people["store"])

    def test_a_relation_is_seen_by_those_who_see_both_ends(self, alpha, people):
        mine, his = party(people["li"], "Mine"), party(people["wang"], "His")
        create_record(Relation, {"from_party": mine.pk, "kind": "supplier_of", "to_party": his.pk}, actor=alpha)
        counts = {name: Relation.objects.visible_to(people[name]).count() for name in ("li", "wang", "chief", "far", "store")}
        assert counts == {"li": 0, "wang": 0, "chief": 1, "far": 0, "store": 1}
