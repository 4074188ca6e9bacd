"""Who is perhaps in the books already: while one types, for many at once, and in all that is there (M1.11, M21.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import archive_record, change_record, create_record
from guanxi.kernel.likeness.declared import alike_of
from guanxi.kernel.likeness.finding import TOLD_A_DAY, alike_to, likely_duplicates
from guanxi.kernel.likeness.models import LikeCheck, LikeEntry, LikePair
from guanxi.kernel.likeness.operations import ask_owner, set_apart
from guanxi.kernel.likeness.scanning import pairs_of, scan
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.shared.parties.models import Contact, Party, PartyPhone


@pytest.fixture
def books(alpha):
    party = create_record(Party, {"name": "常州恒川液压股份有限公司", "phone": "0519-5550 7188"}, actor=alpha).result
    create_record(Contact, {"party": party.pk, "name": "周建国", "mobile": "139 0000 1111", "email": "zhou@hengchuan.example"}, actor=alpha)
    return party


def found(actor, **values):
    return [(str(one.record), one.score, one.why) for one in alike_to(Party, values, actor)[0]]


class TestWhileTyping:
    def test_the_same_name_in_another_legal_form_and_with_its_place_is_found(self, alpha, books):
        assert found(alpha, name="恒川液压有限责任公司") == [(str(books), 72, "name 94 % alike")]

    def test_so_are_a_number_and_an_address_of_somebody_there(self, alpha, books):
        assert found(alpha, phone="051955507188") == [(str(books), 45, "same telephone")]
        assert found(alpha, phone="13900001111") == [("周建国", 45, "same telephone")]
        assert found(alpha, email="Zhou@Hengchuan.example") == [("周建国", 50, "same e-mail")]

    def test_and_a_number_entered_beside_the_first_one(self, alpha, books):
        create_record(PartyPhone, {"party": books.pk, "number": "400 820 8820"}, actor=alpha)
        assert found(alpha, phone="4008208820") == [(str(books), 45, "same telephone")]

    def test_another_name_and_half_a_number_find_nothing(self, alpha, books):
        assert found(alpha, name="太湖精工机械有限公司", phone="0519", email="zhou@") == []

    def test_what_was_put_away_is_not_proposed(self, alpha, books):
        archive_record(books, actor=alpha)
        assert found(alpha, name="常州恒川液压股份有限公司") == []


class TestBeyondOnesSight:
    def test_only_that_it_is_there_and_whose_is_told_and_written_down(self, alpha, books, member):
        seller = member("salesperson")
        shown, [masked] = alike_to(Party, {"name": "恒川液压"}, seller)
        assert (shown, str(masked.kind), masked.owner, len(masked.ticket)) == ([], "Customer or company", str(books.owner), 32)
        check = LikeCheck.objects.get(ticket=masked.ticket)
        assert (check.member_id, check.model, check.hidden_model, check.hidden_id) == (seller.member_id, "parties.party", "parties.party", books.pk)

    def test_a_name_that_is_only_like_it_tells_nothing_but_the_look_is_written_down(self, alpha, books, member):
        seller = member("salesperson")
        assert alike_to(Party, {"name": "恒川"}, seller) == ([], [])
        assert list(LikeCheck.objects.filter(member_id=seller.member_id).values_list("hidden_id", flat=True)) == [None]

    def test_without_the_right_the_answer_is_the_same_as_if_it_were_not_there(self, alpha, member):
        asked = {"name": "恒川液压", "phone": "13900001111", "email": "zhou@hengchuan.example"}
        others = [member("storekeeper"), member()]
        own = {"parties.party": {"view": frozenset({"own"})}, "parties.contact": {"view": frozenset({"own"})}}
        blind = [replace(one, rights=replace(one.rights, granted={**one.rights.granted, **own})) for one in others]
        before = [alike_to(Party, asked, one) for one in blind]
        create_record(Party, {"name": "恒川液压有限公司", "phone": "13900001111", "email": "zhou@hengchuan.example"}, actor=alpha)
        assert [alike_to(Party, asked, one) for one in blind] == before == [([], []), ([], [])]
        assert not LikeCheck.objects.filter(member_id__in=[one.member_id for one in blind]).exists()

    def test_rows_out_of_sight_do_not_crowd_out_those_in_sight(self, alpha, member):
        seller = member("salesperson")
        mine = create_record(Party, {"name": "恒川液压有限公司"}, actor=seller).result
        for number in range(3):
            create_record(Party, {"name": f"恒川液压{number}有限公司"}, actor=alpha)
        assert [one.record for one in alike_to(Party, {"name": "恒川液压"}, seller)[0]] == [mine]

    def test_who_asks_too_often_is_told_no_more(self, alpha, books, member):
        seller = member("salesperson")
        for number in range(TOLD_A_DAY):
            LikeCheck.objects.create(
                member_id=seller.member_id, at=seller.now, model="parties.party", ticket=f"t{number}", hidden_model="parties.party",
                hidden_id=-number - 1,
            )
        assert alike_to(Party, {"name": "恒川液压"}, seller) == ([], [])
        tomorrow = replace(seller, now=seller.now + timedelta(days=1, minutes=1))
        assert len(alike_to(Party, {"name": "恒川液压"}, tomorrow)[1]) == 1

    def test_the_owner_is_asked_once_and_told_the_reason(self, alpha, books, member):
        owner, seller = member("salesperson"), member("salesperson")
        Party.objects.filter(pk=books.pk).update(owner_id=owner.member_id)
        ticket = alike_to(Party, {"name": "恒川液压"}, seller)[1][0].ticket
        perform(ask_owner, actor=seller, raw={"ticket": ticket, "reason": "They called me today."})
        notice = Notification.objects.get(member_id=owner.member_id, kind="asked_about")
        assert (notice.target_id, notice.caused_by_id, notice.arguments) == (books.pk, seller.member_id, {"text": "They called me today."})
        assert str(books.pk) not in str(Act.objects.filter(operation="likeness.ask_owner").values_list("arguments", "outcome", "target_id"))
        with pytest.raises(Refused, match="asked already"):
            perform(ask_owner, actor=seller, raw={"ticket": ticket, "reason": "Again"})

    def test_another_members_ticket_opens_nothing(self, alpha, books, member):
        ticket = alike_to(Party, {"name": "恒川液压"}, member("salesperson"))[1][0].ticket
        with pytest.raises(Missing):
            perform(ask_owner, actor=member("salesperson"), raw={"ticket": ticket, "reason": "x"})


class TestManyAtOnce:
    def test_each_row_gets_its_own_answer_in_a_fixed_number_of_queries(self, alpha, books, django_assert_num_queries):
        rows = [{"name": "恒川液压有限公司"}, {"name": "太湖精工机械有限公司"}, {"name": "常州恒川液压", "phone": "0519 5550 7188"}]
        with django_assert_num_queries(3):
            answers = likely_duplicates(Party, rows, alpha)
        assert [[(one.record.pk, one.score) for one in answer] for answer in answers] == [[(books.pk, 72)], [], [(books.pk, 100)]]
        with django_assert_num_queries(3):
            likely_duplicates(Party, rows * 50, alpha)

    def test_a_contact_is_compared_within_its_company_named_by_its_code(self, alpha, books):
        [answer] = likely_duplicates(Contact, [{"party": books.code, "name": "周建国"}], alpha)
        assert [(str(one.record), one.score, one.why) for one in answer] == [("周建国", 70, "same person's name")]

    def test_nothing_is_told_of_what_one_may_not_see(self, books, member):
        assert likely_duplicates(Party, [{"name": "恒川液压有限公司"}], member("salesperson")) == [[]]


class TestScan:
    def test_pairs_are_found_kept_and_compared_anew_when_they_change(self, alpha, books):
        declared = alike_of(Party)
        scan(declared)
        other = create_record(Party, {"name": "恒川液压有限责任公司", "phone": "0519-55507188"}, actor=alpha).result
        assert scan(declared) == 1
        assert list(LikePair.objects.values_list("first_id", "second_id", "score", "reasons")) == [
            (books.pk, other.pk, 100, [["name", 94], ["phone", 100]])
        ]
        change_record(other, {"phone": "", "name": "太湖精工机械有限公司"}, actor=alpha)
        assert scan(declared) == 0

    def test_what_somebody_set_apart_is_proposed_no_more_until_that_is_undone(self, alpha, books):
        other = create_record(Party, {"name": "恒川液压有限公司", "phone": "0519-55507188"}, actor=alpha).result
        scan(alike_of(Party))
        assert pairs_of(alike_of(Party), alpha).count() == 1
        perform(set_apart, actor=alpha, raw={"kind": "parties.party", "first": other.pk, "second": books.pk})
        assert pairs_of(alike_of(Party), alpha).count() == 0

    def test_a_pair_is_seen_only_by_who_sees_both(self, alpha, books, member):
        create_record(Party, {"name": "恒川液压有限公司", "phone": "0519-55507188"}, actor=member("salesperson"))
        scan(alike_of(Party))
        assert (pairs_of(alike_of(Party), alpha).count(), pairs_of(alike_of(Party), member("salesperson")).count()) == (1, 0)

    def test_what_was_written_past_the_program_is_read_by_the_next_scan(self, alpha, books):
        LikeEntry.objects.all().delete()
        Party.objects.bulk_create([Party(code="RAW-1", name="恒川液压有限公司", phone="0519-55507188", owner_id=alpha.member_id)])
        assert scan(alike_of(Party)) == 1
