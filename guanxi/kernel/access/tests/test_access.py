"""Scopes, keys and the reasons why (M22.1, X12)."""

from datetime import UTC, datetime, timedelta

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.grants import parse_grant, union
from guanxi.kernel.access.keys import key_actor, make_key, split_token
from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.access.why import why
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule


class TestGrants:
    def test_verbs_and_scopes_are_read_and_the_widest_of_all_roles_counts(self):
        assert parse_grant("view:team add change:own") == {
            "view": frozenset({"team"}), "add": frozenset({"company"}), "change": frozenset({"own"}),
        }
        rights = union([({"a.b": "view:own"}, ["x"]), ({"a.b": "view:team"}, ["y"])])
        assert rights.scopes("a.b", "view") == {"own", "team"}
        assert rights.scopes("a.b", "delete") == frozenset()
        assert rights.sees_right("x") and rights.sees_right(None) and not rights.sees_right("z")


def _request(requester, rule):
    return ApprovalRequest.objects.create(
        rule=rule, operation="x", target_model="access.team", target_id=1, title="t", requester=requester,
        requested_at=datetime.now(UTC),
    )


class TestScopes:
    def test_own_team_and_company_reach_ever_more_rows(self, alpha):
        north = Team.objects.create(name="North")
        city = Team.objects.create(name="City", parent=north)
        role = Role.objects.create(key="r", name={"en": "R"})
        people = [Member.objects.create(code=f"p{n}", name=f"P{n}", team=team) for n, team in enumerate((north, city, None))]
        for person in people:
            person.roles.add(role)
        rule = ApprovalRule.objects.create(name={"en": "x"}, operation="x", condition="true", approvers=role)
        rows = [_request(person, rule) for person in people]
        seen = {}
        for scope in ("own", "team", "company"):
            role.grants = {"acts.approvalrequest": f"view:{scope}"}
            role.save()
            seen[scope] = [
                sorted(ApprovalRequest.objects.visible_to(actor_of(p.pk)).values_list("pk", flat=True)) for p in people
            ]
        a, b, c = (row.pk for row in rows)
        assert seen["own"] == [[a], [b], [c]]
        assert seen["team"] == [[a, b], [b], []]
        assert seen["company"] == [[a, b, c]] * 3

    def test_the_reason_names_the_role_and_whether_the_row_falls_under_it(self, alpha):
        role = Role.objects.create(key="r", name={"en": "Seer", "zh-hans": "Seer"}, grants={"acts.approvalrequest": "view:own"})
        mine, other = (Member.objects.create(code=code, name=code) for code in ("mine", "other"))
        mine.roles.add(role)
        rule = ApprovalRule.objects.create(name={"en": "x"}, operation="x", condition="true", approvers=role)
        actor = actor_of(mine.pk)
        [(applies, sentence)] = why(actor, _request(mine, rule))
        assert applies and "Seer" in sentence
        [(applies, _sentence)] = why(actor, _request(other, rule))
        assert not applies


class TestKeys:
    def test_a_key_opens_its_own_set_as_its_member_until_it_ends(self, alpha):
        person = Member.objects.create(code="robot", name="Robot", kind="key")
        row, token = make_key(person, "shop")
        key, secret = split_token(token)
        assert key == "alpha" and key_actor(secret).member_id == person.pk
        assert key_actor("0" * 64) is None
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        row.save()
        assert key_actor(secret) is None

    def test_a_reading_key_may_write_nothing(self, alpha):
        person = Member.objects.create(code="robot", name="Robot", kind="key")
        person.roles.add(Role.objects.get(key="administrator"))
        _row, token = make_key(person, "report", may_write=False)
        actor = key_actor(split_token(token)[1])
        assert actor.may("view", Team) and not actor.may("add", Team) and not actor.may("acts.undo_act")

    def test_text_that_is_no_token_is_none(self):
        assert split_token("gx_alpha_short") is None and split_token("nonsense") is None
