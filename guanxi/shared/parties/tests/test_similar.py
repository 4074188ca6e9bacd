"""Who is perhaps in the books already, asked while one types (M1.11)."""

from __future__ import annotations

import pytest

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Contact, Party
from guanxi.shared.parties.queries import core_of, similar_parties


@pytest.fixture
def books(alpha):
    party = create_record(Party, {"name": "常州恒川液压股份有限公司", "phone": "0519-5550 7188"}, actor=alpha).result
    create_record(Contact, {"party": party.pk, "name": "周建国", "mobile": "139 0000 1111", "email": "zhou@hengchuan.example"}, actor=alpha)
    return party


def titles(actor, **values):
    return [one.title for one in similar_parties(values, actor, "alpha")]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("常州恒川液压股份有限公司", "常州恒川液压"), ("恒川液压（集团）", "恒川液压"), ("Acme Bearings Ltd.", "Acme Bearings"),
        ("Acme Co., Ltd", "Acme"),
        ("Cold Company Tools", "Cold Tools"), ("厂", ""), ("", ""),
    ],
)
def test_a_legal_form_is_no_part_of_a_name_s_core(name, core):
    assert core_of(name) == core


class TestWhileTyping:
    def test_the_same_name_in_another_legal_form_is_found(self, alpha, books):
        assert titles(alpha, name="恒川液压有限责任公司") == [str(books)]

    def test_so_are_a_number_and_an_address_of_somebody_there(self, alpha, books):
        assert titles(alpha, phone="051955507188") == [str(books)]
        assert titles(alpha, phone="13900001111") == ["周建国"]
        assert titles(alpha, email="zhou@hengchuan.example") == ["周建国"]

    def test_another_name_and_half_a_number_find_nothing(self, alpha, books):
        assert titles(alpha, name="太湖精工机械有限公司", phone="0519", email="zhou@") == []

    def test_what_one_may_not_see_is_told_only_by_its_owner(self, alpha, books, member):
        [found] = similar_parties({"name": "恒川液压"}, member("salesperson"), "alpha")
        assert (found.title, found.url, found.owner) == ("", "", str(books.owner))

    def test_who_may_see_no_customers_is_told_nothing(self, books, member):
        assert similar_parties({"name": "恒川液压", "phone": "13900001111"}, member(), "alpha") == []
