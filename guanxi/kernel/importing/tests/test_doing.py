"""Rows that perform an operation, each once."""

import pytest

from guanxi.kernel.acts.models import Act
from guanxi.kernel.importing.tests.conftest import messages
from guanxi.kernel.records.refusals import Forbidden
from guanxi.kernel.transfer.mapping import BadMapping
from guanxi.shared.parties.models import Party

OWNERS = {"operation": "parties.assign_owner", "target": "code", "columns": {"owner": "who"}}


@pytest.fixture
def customers(alpha, take):
    take(alpha, "Code,Name,Tier,Limit\nC1,One,,\nC2,Two,,\n")


class TestDoing:
    def test_each_row_performs_it_once_however_often_it_is_taken_in(self, alpha, take, customers, member):
        person = member("salesperson")
        text = f"code,who\nC1,{code(person)}\nC2,{code(person)}\n"
        first = take(alpha, text, OWNERS)
        assert (first.performed, first.failed) == (2, 0), messages(first)
        assert set(Party.objects.values_list("owner_id", flat=True)) == {person.member_id}
        again = take(alpha, text, OWNERS)
        assert (again.performed, again.unchanged) == (0, 2)
        assert Act.objects.filter(operation="parties.assign_owner").count() == 2

    def test_a_row_that_is_refused_does_not_hinder_the_others(self, alpha, take, customers, member):
        person = member("salesperson")
        text = f"code,who\nC1,{code(person)}\nC9,{code(person)}\nC2,nobody\nC2,{code(person)}\n"
        report = take(alpha, text, OWNERS, mode="good")
        assert (report.performed, report.failed) == (2, 2)
        assert "“C9”" in messages(report)[3] and "who: There is no Member “nobody”" in messages(report)[4]
        assert take(alpha, "code,who\nC1,\n", OWNERS).failed == 1

    def test_it_happens_on_the_day_that_the_row_says(self, alpha, take, customers, member):
        mapping = OWNERS | {"on": "day"}
        text = f"code,who,day\nC1,{code(member('salesperson'))},1996-07-16\nC2,{code(member('salesperson'))},\n"
        report = take(alpha, text, mapping, mode="good")
        assert (report.performed, report.failed) == (1, 1)
        assert Act.objects.get(operation="parties.assign_owner").at.date().isoformat() == "1996-07-16"
        assert "not known when" in messages(report)[3]

    def test_without_the_right_it_is_refused(self, alpha, take, customers, member):
        with pytest.raises(Forbidden):
            take(member(), "code,who\nC1,admin\n", OWNERS)

    @pytest.mark.parametrize(("change", "said"), [({"operation": "parties.nothing_like_it"}, "no operation"), ({"target": ""}, "target")])
    def test_a_mapping_that_fits_no_operation_is_refused(self, alpha, take, change, said):
        with pytest.raises(BadMapping, match=said):
            take(alpha, "code,who\nC1,x\n", OWNERS | change)


def code(person):
    from guanxi.kernel.access.models import Member

    return Member.objects.get(pk=person.member_id).code
