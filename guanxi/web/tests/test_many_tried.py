"""What the dialog says of more rows than it tries out: only what is known of them."""

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_records

OWN = [("en", "Of the first 500, which were tried out, 500 can be done", "119 more were looked at, and nothing was found against them."),
       ("zh-hans", "已试运行前 500 条，其中可执行 500 条", "其余 119 条已检查，未发现问题")]


def test_of_rows_that_were_only_looked_at_no_more_is_said_than_that(visitor, inside):
    with inside():
        rows = create_records(Team, [{"name": f"T{number}"} for number in range(620)], actor=system_actor()).result
    for language, tried, others in OWN:
        who = visitor("administrator", language=language)
        sent = {"ids": ",".join(str(row.pk) for row in rows), "what": "change", "column": "parent", "parent": str(rows[-1].pk), "step": "check"}
        text = who.post("setup/teams/bulk/", sent, part=True).content.decode()
        assert tried in text and others in text, text
        few = who.post("setup/teams/bulk/", {**sent, "ids": ",".join(str(row.pk) for row in rows[:3])}, part=True).content.decode()
        assert ("3 rows can be done" in few or "可执行 3 条" in few) and "looked at" not in few and "已检查" not in few
