"""Set-based validation: a fixed number of queries whatever the number of rows."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import validate


def _rows(count, team):
    return [{"code": f"c{n}", "name": f"N{n}", "team": team.name, "reports_to": None} for n in range(count)]


def _queries(alpha, count, team):
    with CaptureQueriesContext(connection, ) as queries:
        drafts = validate(form_of(Member).columns, _rows(count, team), actor=alpha, model=Member)
    assert not any(d.errors for d in drafts) and len(drafts) == count
    return len(queries)


def test_two_hundred_rows_cost_as_many_queries_as_two(alpha):
    team = Team.objects.create(name="East")
    assert _queries(alpha, 2, team) == _queries(alpha, 200, team)


def test_an_error_stands_with_its_own_row_only(alpha):
    rows = [{"code": "a", "name": "A"}, {"code": "", "name": "B"}, {"code": "c", "name": "C", "team": "nowhere"}]
    drafts = validate(form_of(Member).columns, rows, actor=alpha, model=Member)
    assert [set(d.errors) for d in drafts] == [set(), {"code"}, {"team"}]


def test_ids_count_in_forms_and_business_keys_in_files(alpha):
    team = Team.objects.create(name="77")
    columns = {"team": form_of(Member).columns["team"]}
    [by_key] = validate(columns, [{"team": "77"}], actor=alpha)
    [by_id] = validate(columns, [{"team": str(team.pk)}], actor=alpha, by_id=True)
    [by_number] = validate(columns, [{"team": team.pk}], actor=alpha)
    assert by_key.values["team"] == by_id.values["team"] == by_number.values["team"] == team
