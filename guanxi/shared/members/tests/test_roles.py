"""Roles: ready-made, copied, changed, given to people; never more than one has oneself (M22.1, M22.8)."""

from __future__ import annotations

import pytest

from guanxi.kernel.access.grants import ALL_RIGHTS, covers, union
from guanxi.kernel.access.models import Member, Role, RoleAssignment
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from guanxi.shared.members.operations import assign_role, copy_role
from guanxi.web.pages.roles import modules_of

KEEPER = {"access.member": "view add change", "access.role": "view add change", "access.roleassignment": "view add change", "access.team": "view",
          "members.assign_role": "company", "members.copy_role": "company", "parties.party": "view:own"}


@pytest.fixture
def keeper(alpha, member):
    """Somebody who keeps people and roles and may see their own customers, and nothing else."""
    from guanxi.kernel.access.actor import actor_of

    made = member()
    role = Role.objects.create(key="keeper", name={"en": "Keeper"}, grants=KEEPER)
    RoleAssignment.objects.create(member_id=made.member_id, role=role)
    return actor_of(made.member_id, language="en")


class TestCovering:
    @pytest.mark.parametrize(("mine", "theirs", "does"), [
        ({"a.b": "view"}, {"a.b": "view:own"}, True), ({"a.b": "view:own"}, {"a.b": "view"}, False),
        ({"a.b": "view:own"}, {"a.b": "view:team"}, False),
        ({"a.b": "view:own"}, {"a.b": "view:own"}, True), ({"a.b": "view"}, {"a.b": "change:own"}, False), ({"*": "view"}, {"a.b": "view"}, True),
        ({"a.b": "view"}, {"*": "view"}, False), ({"a.do": "company"}, {"a.do": "own"}, True),
    ])
    def test_the_company_covers_every_scope_and_a_scope_only_itself(self, mine, theirs, does):
        assert covers(union([(mine, [])]), union([(theirs, [])])) is does
        assert covers(ALL_RIGHTS, union([(theirs, ["x"])]))

    def test_a_field_right_has_to_be_held(self):
        assert not covers(union([({}, [])]), union([({}, ["see_cost"])])) and covers(union([({}, ["*"])]), union([({}, ["see_cost"])]))


class TestReadyMade:
    def test_every_one_has_a_page_to_begin_with(self, alpha):
        homes = dict(Role.objects.filter(is_builtin=True).values_list("key", "home"))
        assert {"salesperson", "sales_manager", "storekeeper", "accountant", "administrator", "management", "auditor"} <= set(homes)
        assert all(homes.values())

    def test_an_auditor_sees_everything_and_changes_nothing(self, alpha, member):
        rights = member("auditor").rights
        assert rights.scopes("sales.order", "view") == {"company"} and rights.sees_right("see_cost")
        assert not any(rights.scopes(name, verb) for name in ("sales.order", "access.role") for verb in ("add", "change", "delete"))
        assert not rights.scopes("sales.confirm_order", "do")

    def test_it_stays_as_it_is_but_may_ask_for_two_steps(self, alpha):
        role = Role.objects.get(key="salesperson")
        with pytest.raises(Invalid, match="copy it"):
            change_record(role, {"grants": {}}, actor=alpha)
        assert change_record(role, {"is_two_step_needed": "yes"}, actor=alpha).result.is_two_step_needed


class TestCopies:
    def test_a_copy_has_the_rights_and_remembers_where_it_is_from(self, alpha):
        original = Role.objects.get(key="salesperson")
        made = copy_role(original, actor=alpha, name="Junior sales")
        assert (made.key, str(made), made.grants, made.sees, made.home, made.is_builtin) == (
            "junior-sales", "Junior sales", original.grants, original.sees, original.home, False)
        assert made.copied_from == original
        assert copy_role(original, actor=alpha, name="Junior sales").key == "junior-sales-2"

    def test_what_differs_from_the_original_is_known(self, alpha):
        original = Role.objects.get(key="salesperson")
        grants = {**original.grants, "sales.order": "view:team add:own change:own", "finance.account": "view"}
        rights = {r.field: r for m in modules_of(grants, original.grants) for line in (*m.records, *m.operations) for r in line.rights}
        assert {name: (r.was, r.reach) for name, r in rights.items() if r.differs} == {
            "sales.order:view": ("own", "team"), "sales.order:delete": ("own", ""), "finance.account:view": ("", "company")}

    @pytest.mark.parametrize(("grants", "said"), [
        ({"sales.order": "see:own"}, "neither a verb"), ({"sales.nothing": "view"}, "no rights called"),
        ({"sales.order": "view:moon"}, "means nothing"),
        ({"sales.order": 3}, "written as names"), ({"access.entity": "view:team"}, "means nothing"), (["view"], "written as names"),
    ])
    def test_rights_that_mean_nothing_are_refused_in_words(self, alpha, grants, said):
        with pytest.raises(Invalid, match=said):
            create_record(Role, {"key": "odd", "name": {"en": "Odd"}, "grants": grants}, actor=alpha)


class TestNobodyGivesWhatTheyHaveNot:
    def test_not_by_giving_a_role(self, keeper, member):
        other = Member.objects.get(pk=member().member_id)
        with pytest.raises(Forbidden, match="rights that you have not"):
            assign_role(other, actor=keeper, role=Role.objects.get(key="administrator"))
        assert assign_role(other, actor=keeper, role=Role.objects.get(key="keeper")).pk == other.pk

    def test_not_by_the_form_of_a_member_nor_of_an_assignment(self, keeper):
        administrator = Role.objects.get(key="administrator")
        with pytest.raises(Invalid, match="rights that you have not"):
            change_record(Member.objects.get(pk=keeper.member_id), {"roles": [administrator.pk]}, actor=keeper, by_id=True)
        with pytest.raises(Invalid, match="rights that you have not"):
            create_record(RoleAssignment, {"member": keeper.member_id, "role": administrator.pk}, actor=keeper, by_id=True)

    def test_not_by_writing_it_into_one_s_own_role(self, keeper):
        with pytest.raises(Invalid, match="that you have not yourself"):
            change_record(Role.objects.get(key="keeper"), {"grants": {**KEEPER, "parties.party": "view"}}, actor=keeper)

    def test_not_by_copying(self, keeper):
        with pytest.raises(Forbidden):
            copy_role(Role.objects.get(key="administrator"), actor=keeper, name="Mine")

    def test_a_role_that_somebody_has_already_may_stay_when_the_rest_is_changed(self, keeper):
        admin = Member.objects.get(code="admin")
        changed = change_record(admin, {"title": "Head", "roles": list(admin.roles.values_list("pk", flat=True))}, actor=keeper, by_id=True).result
        assert changed.title == "Head"


class TestTheLastAdministrator:
    def test_cannot_be_switched_off_nor_lose_the_role(self, alpha, member):
        admin = Member.objects.get(code="admin")
        for values in ({"is_active": ""}, {"roles": []}):
            with pytest.raises(Refused, match="last administrator"):
                change_record(admin, {"is_active": "yes", **values}, actor=alpha, by_id=True)
        member("administrator")
        assert change_record(admin, {"is_active": ""}, actor=alpha).result.is_active is False
