"""The timeline of a record."""

from guanxi.kernel.about.timeline import Entry, timeline_of
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_record


def test_it_begins_with_who_entered_the_row(alpha):
    team = create_record(Team, {"name": "North"}, actor=alpha).result
    [first] = timeline_of(team, alpha, "alpha")
    assert first.member == (alpha.member_id, alpha.name)


def test_the_title_stands_where_the_sentence_wants_it():
    assert Entry(None, "Order %(title)s confirmed").around == ("Order ", " confirmed")  # type: ignore[arg-type]
