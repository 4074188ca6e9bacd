"""A page asks who may see a record for those kinds only of which something is said."""

from dataclasses import replace

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.discussion.operations import add_comment
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_note, add_task
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


def kinds_said(actor):
    return actor_of(actor.member_id, only_looks=True).said


def say(record, actor):
    add_note(actor=actor, target_model=record.label(), target_id=record.pk, body="said")


def test_it_knows_of_which_kinds_of_record_each_kind_of_remark_speaks(alpha):
    assert {label for label, _kinds in kinds_said(alpha)} == {
        "activities.activity", "discussion.comment", "events.event", "files.attachment", "messaging.message",
    }
    assert dict(kinds_said(alpha))["activities.activity"] == frozenset()
    say(create_record(Party, {"name": "Hengchuan"}, actor=alpha).result, alpha)
    say(create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result, alpha)
    say(create_record(Product, {"name": "Nut", "unit": "pc"}, actor=alpha).result, alpha)
    add_task(actor=alpha, body="about nothing")
    assert dict(kinds_said(alpha))["activities.activity"] == {"parties.party", "catalog.product", ""}


def test_whoever_looks_sees_the_same_by_it(alpha, member):
    east, west = Team.objects.create(name="East"), Team.objects.create(name="West")
    people = [member("salesperson", name="Li", team=east), member("sales_manager", name="Wang", team=west), member("storekeeper"), alpha]
    companies = [create_record(Party, {"name": f"Company {n}", "owner": who.member_id}, actor=alpha).result for n, who in enumerate(people)]
    for record in (*companies, create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result):
        say(record, alpha)
        add_comment(actor=alpha, target_model=record.label(), target_id=record.pk, body="said")
    said = kinds_said(alpha)
    for model, numbers in ((Activity, [2, 2, 5, 5]), (Comment, [2, 2, 5, 5])):
        rows = [[set(model.objects.visible_to(one).values_list("pk", flat=True)) for one in (who, replace(who, said=said))] for who in people]
        assert [before for before, _after in rows] == [after for _before, after in rows]
        assert [len(seen) for seen, _again in rows] == numbers


def test_the_question_is_as_short_as_what_is_said(alpha, member):
    li = member("salesperson", name="Li")
    say(create_record(Party, {"name": "Hengchuan", "owner": li.member_id}, actor=alpha).result, alpha)

    def length(actor):
        return len(str(Activity.objects.filter(about_visible(actor, "target_model", "target_id", among=Activity.label())).query))

    assert length(replace(li, said=kinds_said(alpha))) * 20 < length(li)
