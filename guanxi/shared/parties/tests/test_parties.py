"""Entering parties, their people and addresses (M1.1, M1.3, M3.1, M3.3)."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from guanxi.kernel.acts.writer import change_record, create_record, create_records, delete_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search import find
from guanxi.shared.parties.models import (
    Address,
    Contact,
    Industry,
    Party,
    PartyEmail,
    PartyPhone,
    PaymentTerm,
    Region,
    Relation,
)


def party(actor, name="Hengchuan Hydraulics", **values):
    return create_record(Party, {"name": name, **values}, actor=actor).result


def errors_of(function):
    with pytest.raises(Invalid) as refusal:
        function()
    return refusal.value.errors


class TestEnteringAParty:
    def test_it_gets_the_next_code_its_maker_as_owner_and_the_entity_s_currency(self, alpha):
        first, second = party(alpha), party(alpha, "Huyuan Electric")
        assert (first.code, second.code) == ("C-00001", "C-00002")
        assert (first.owner_id, first.currency, first.kind, first.is_customer) == (alpha.member_id, "CNY", "company", True)

    def test_a_code_written_by_hand_is_kept_and_passed_over_by_the_series(self, alpha):
        assert party(alpha, code="ALFKI").code == "ALFKI"
        party(alpha, "Written", code="C-00002")
        assert [party(alpha, name).code for name in ("One", "Two")] == ["C-00001", "C-00003"]

    def test_many_at_once_are_numbered_around_a_code_that_stands_among_them(self, alpha):
        rows = [{"name": "A"}, {"name": "B", "code": "C-00001"}, {"name": "C"}]
        assert [row.code for row in create_records(Party, rows, actor=alpha).result] == ["C-00003", "C-00001", "C-00002"]

    def test_everything_it_may_have_is_kept(self, alpha):
        parent = party(alpha, "Hengchuan Group")
        made = party(
            alpha, "恒川液压股份有限公司", short_name="恒川液压", tier="A", category="direct", industry="C34", region="320000", source="exhibition",
            credit_code="9144 0300 7152 6726 xg", phone="0519-5550 7188", email="info@hengchuan.example", website="hengchuan.example",
            parent=parent.code, payment_term="NET60", credit_limit="2000000", is_supplier=True,
        )
        made.refresh_from_db()
        assert (made.credit_code, made.credit_limit, made.payment_term.days, made.website) == (
            "9144030071526726XG", Decimal(2000000), 60, "https://hengchuan.example",
        )
        assert (made.parent, made.industry.code, made.region.parent.code) == (parent, "C34", "CN-E")
        for typed in ("info@hengchuan.example", "info@hengch", "hengchuan.example"):
            assert [hit.id for hit in find(typed, alpha, ["parties.party"])] == [made.pk], typed
        with override("zh-hans"):
            assert (made.get_tier_display(), str(made.region.name), str(made.payment_term.name)) == ("A 类", "江苏", "账期 60 天")

    def test_what_a_form_sends_empty_is_empty(self, alpha):
        names = ("short_name", "code", "tier", "source", "email", "phone", "website", "credit_code", "currency", "note", "region", "credit_limit")
        made = party(alpha, **dict.fromkeys(names, ""))
        made.refresh_from_db()
        assert (made.tier, made.email, made.phone, made.website, made.region, made.credit_limit) == ("", "", "", "", None, None)
        change_record(made, {"tier": "", "email": "", "phone": ""}, actor=alpha)

    def test_names_sort_by_pinyin_among_latin_names(self, alpha):
        for name in ("云峰电梯", "Baker", "沪源电气", "恒川液压", "Adam", "双溪传动"):
            party(alpha, name)
        names = list(Party.objects.order_by("name_sort").values_list("name", flat=True))
        assert names == ["Adam", "Baker", "恒川液压", "沪源电气", "双溪传动", "云峰电梯"]

    def test_a_new_name_sorts_anew(self, alpha):
        made = party(alpha, "云峰电梯")
        change_record(made, {"name": "安峰电梯"}, actor=alpha)
        made.refresh_from_db()
        assert made.name_sort.startswith("an")

    def test_a_wrong_credit_code_is_refused_at_its_column(self, alpha):
        assert set(errors_of(lambda: party(alpha, credit_code="9144030071526726XX"))) == {"credit_code"}

    def test_a_second_party_with_the_same_credit_code_is_refused_however_it_is_written(self, alpha):
        party(alpha, credit_code="9144030071526726XG")
        [messages] = errors_of(lambda: party(alpha, "Twice", credit_code="91440300-71526726-xg")).values()
        assert messages == ["There is already a company with this unified social credit code; look for it before entering it twice."]

    def test_several_telephones_and_addresses_of_mail_are_kept(self, alpha):
        made = party(alpha)
        for kind, number in (("work", "0519-5550 7188"), ("fax", "0519-5550 7189"), ("service", "400 820 8820")):
            create_record(PartyPhone, {"party": made.pk, "kind": kind, "number": number}, actor=alpha)
        create_record(PartyEmail, {"party": made.pk, "kind": "invoice", "email": "fapiao@hengchuan.example"}, actor=alpha)
        assert list(made.phones.values_list("kind", "number")) == [
            ("work", "0519-5550 7188"), ("fax", "0519-5550 7189"), ("service", "400 820 8820"),
        ]
        assert made.emails.get().email == "fapiao@hengchuan.example"

    def test_deleting_it_takes_its_people_and_addresses_along(self, alpha):
        made = party(alpha)
        create_record(Contact, {"party": made.pk, "name": "Zhou"}, actor=alpha)
        create_record(Address, {"party": made.pk, "city": "Changzhou"}, actor=alpha)
        delete_record(made, actor=alpha)
        assert (Contact.objects.count(), Address.objects.count()) == (0, 0)

    def test_a_parent_with_subsidiaries_is_not_deleted(self, alpha):
        group = party(alpha, "Group")
        party(alpha, "Works", parent=group.pk)
        with pytest.raises(Refused, match="Customers and companies \\(1\\)"):
            delete_record(group, actor=alpha)


class TestParents:
    def test_a_party_cannot_stand_below_itself(self, alpha):
        top = party(alpha, "Top")
        middle = party(alpha, "Middle", parent=top.pk)
        bottom = party(alpha, "Bottom", parent=middle.pk)
        assert set(errors_of(lambda: change_record(top, {"parent": bottom.pk}, actor=alpha))) == {"parent"}
        assert set(errors_of(lambda: change_record(top, {"parent": top.pk}, actor=alpha))) == {"parent"}

    def test_a_branch_may_move(self, alpha):
        top, other = party(alpha, "Top"), party(alpha, "Other")
        middle = party(alpha, "Middle", parent=top.pk)
        change_record(middle, {"parent": other.pk}, actor=alpha)
        change_record(other, {"parent": top.pk}, actor=alpha)
        middle.refresh_from_db()
        assert middle.parent.parent == top

    def test_regions_and_industries_are_trees_as_well(self, alpha):
        east = Region.objects.get(code="CN-E")
        assert set(errors_of(lambda: change_record(east, {"parent": "310000"}, actor=alpha))) == {"parent"}
        making = Industry.objects.get(code="C")
        assert set(errors_of(lambda: change_record(making, {"parent": "C34"}, actor=alpha))) == {"parent"}


class TestContacts:
    def contact(self, alpha, made, name, **values):
        return create_record(Contact, {"party": made.pk, "name": name, **values}, actor=alpha).result

    def test_the_first_one_is_the_main_one(self, alpha):
        made = party(alpha)
        people = [self.contact(alpha, made, name) for name in ("周建国", "孙雅")]
        assert [(p.code, p.is_main, p.name_sort[:3]) for p in people] == [("CT-00001", True, "zho"), ("CT-00002", False, "sun")]

    def test_of_several_in_one_import_the_first_of_each_party_is_main(self, alpha):
        one, two = party(alpha, "One"), party(alpha, "Two")
        rows = [{"party": p.code, "name": n} for p, n in ((one, "A"), (one, "B"), (two, "C"))]
        assert [c.is_main for c in create_records(Contact, rows, actor=alpha).result] == [True, False, True]

    def test_lines_of_reporting_stay_within_the_party_and_never_return(self, alpha):
        made, other = party(alpha), party(alpha, "Other")
        chief = self.contact(alpha, made, "Chief", department="Purchasing", purchase_role="decider")
        buyer = self.contact(alpha, made, "Buyer", reports_to=chief.pk)
        stranger = self.contact(alpha, other, "Stranger")
        assert buyer.reports_to == chief
        assert errors_of(lambda: change_record(chief, {"reports_to": buyer.pk}, actor=alpha))["reports_to"]
        assert errors_of(lambda: change_record(chief, {"reports_to": stranger.pk}, actor=alpha)) == {
            "reports_to": ["Stranger belongs to another company."]
        }


class TestAddresses:
    def address(self, alpha, made, **values):
        return create_record(Address, {"party": made.pk, **values}, actor=alpha).result

    def test_it_is_written_as_its_country_writes(self, alpha):
        made = party(alpha)
        chinese = self.address(alpha, made, province="江苏省", city="常州市", district="武进区", street="常武中路 18 号", postcode="213164")
        german = self.address(alpha, made, country="DE", city="Berlin", street="Obere Str. 57", postcode="12209")
        american = self.address(alpha, made, country="US", city="Portland", province="OR", street="89 Chiaroscuro Rd.", postcode="97219")
        shanghai = self.address(alpha, made, province="上海市", city="上海市", street="南京东路 1 号")
        assert [a.one_line for a in (chinese, german, american, shanghai)] == [
            "江苏省常州市武进区常武中路 18 号 213164", "Obere Str. 57, 12209 Berlin, Germany",
            "89 Chiaroscuro Rd., 97219 Portland, OR, United States", "上海市南京东路 1 号",
        ]

    def test_the_first_of_each_kind_is_the_default(self, alpha):
        made = party(alpha)
        kinds = ["office", "delivery", "delivery"]
        assert [self.address(alpha, made, kind=kind, city="常州").is_default for kind in kinds] == [True, True, False]

    def test_an_empty_one_is_refused(self, alpha):
        assert set(errors_of(lambda: self.address(alpha, party(alpha), country="DE"))) == {"street"}


class TestRelations:
    def test_a_customer_s_customer_is_a_relation(self, alpha):
        dealer, end = party(alpha, "Dealer"), party(alpha, "End")
        made = create_record(Relation, {"from_party": end.pk, "kind": "customer_of", "to_party": dealer.pk}, actor=alpha).result
        assert str(made) == "End is a customer of Dealer"

    def test_twice_or_with_oneself_it_is_refused(self, alpha):
        dealer, end = party(alpha, "Dealer"), party(alpha, "End")
        values = {"from_party": end.pk, "kind": "customer_of", "to_party": dealer.pk}
        create_record(Relation, values, actor=alpha)
        assert errors_of(lambda: create_record(Relation, values, actor=alpha)) == {"": ["This relation is already entered."]}

    def test_with_oneself_it_is_refused(self, alpha):
        end = party(alpha, "End")
        values = {"from_party": end.pk, "kind": "pays_for", "to_party": end.pk}
        assert errors_of(lambda: create_record(Relation, values, actor=alpha)) == {"": ["A relation needs two different companies."]}


class TestPaymentTerms:
    @pytest.mark.parametrize(
        ("code", "issued", "due"),
        [
            ("COD", date(2026, 1, 15), date(2026, 1, 15)),
            ("NET30", date(2026, 1, 31), date(2026, 3, 2)),
            ("NET60", date(2026, 12, 15), date(2027, 2, 13)),
            ("EOM", date(2026, 2, 1), date(2026, 2, 28)),
            ("EOM30", date(2024, 2, 10), date(2024, 3, 30)),
        ],
    )
    def test_an_invoice_is_due(self, alpha, code, issued, due):
        assert PaymentTerm.objects.get(code=code).due_on(issued) == due


class TestTheListsASetStartsWith:
    def test_seeding_again_adds_nothing_and_leaves_what_was_changed(self, alpha):
        from guanxi.shared.parties.seeds import seed

        term = PaymentTerm.objects.get(code="NET30")
        change_record(term, {"days": "31"}, actor=alpha)
        counts = [model.objects.count() for model in (PaymentTerm, Region, Industry)]
        seed()
        assert [model.objects.count() for model in (PaymentTerm, Region, Industry)] == counts == [12, 47, 51]
        assert PaymentTerm.objects.get(code="NET30").days == 31

    def test_every_name_is_there_in_both_languages(self, alpha):
        for model in (PaymentTerm, Region, Industry):
            for row in model.objects.all():
                assert row.name["en"] and row.name["zh-hans"] and row.name["en"] != row.name["zh-hans"], row.code
