"""Noting down, and tasks (M1.2, M4.7)."""

from datetime import date, timedelta

import pytest

from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Forbidden, Invalid, Missing, Refused
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import (
    add_note,
    add_task,
    finish_task,
    log_call,
    log_visit,
    record_activity,
    reopen_task,
)
from guanxi.shared.activities.reactions import hand_over_tasks
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.events import PartyTransferred
from guanxi.shared.parties.models import Contact, Party, PartyPhone


def party(actor, name="Hengchuan"):
    return create_record(Party, {"name": name}, actor=actor).result


def contact(actor, made, name="Zhou"):
    return create_record(Contact, {"party": made.pk, "name": name}, actor=actor).result


def on(record):
    label, pk = record.ref()
    return {"target_model": label, "target_id": pk}


class TestNotingDown:
    def test_a_note_has_its_first_line_as_subject_its_writer_and_its_party(self, alpha):
        made = party(alpha)
        note = add_note(actor=alpha, **on(made), body="\n Wants ball screws \nbefore December")
        note.refresh_from_db()
        assert (note.kind, note.subject, note.body) == ("note", "Wants ball screws", "\n Wants ball screws \nbefore December")
        assert (note.owner_id, note.party_id, note.target_model, note.target_id) == (alpha.member_id, made.pk, "parties.party", made.pk)
        assert (note.at, note.done_at) == (alpha.now, None)

    def test_a_long_first_line_is_cut_in_the_subject_only(self, alpha):
        note = add_note(actor=alpha, **on(party(alpha)), body="丝" * 200)
        assert (len(note.subject), note.subject[-1], len(note.body)) == (120, "…", 200)

    def test_what_is_noted_about_a_person_stands_with_their_party_too(self, alpha):
        made = party(alpha)
        note = add_note(actor=alpha, **on(contact(alpha, made)), body="Left-handed")
        assert (note.target_model, note.party_id) == ("parties.contact", made.pk)

    def test_what_is_noted_about_a_part_of_a_party_stands_with_it_too(self, alpha):
        made = party(alpha)
        phone = create_record(PartyPhone, {"party": made.pk, "number": "12345"}, actor=alpha).result
        assert add_note(actor=alpha, **on(phone), body="Busy").party_id == made.pk

    def test_a_record_without_a_party_has_notes_as_well(self, alpha):
        product = create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result
        assert add_note(actor=alpha, **on(product), body="Noisy").party_id is None

    def test_a_call_keeps_with_whom_when_and_how_long(self, alpha):
        made = party(alpha)
        person, when = contact(alpha, made), alpha.now - timedelta(hours=2)
        call = log_call(actor=alpha, **on(made), body="Asked for a price", contact=person, at=when, minutes=6)
        assert (call.kind, call.contact, call.at, call.minutes) == ("call", person, when, 6)

    def test_a_visit_sent_by_a_form_is_read_and_made_once(self, alpha):
        made = party(alpha)
        raw = {**on(made), "body": "Saw the new line", "at": "2026-01-05 09:30", "contact": contact(alpha, made).code}
        first = perform(log_visit, actor=alpha, raw=raw, key="form-1")
        again = perform(log_visit, actor=alpha, raw=raw, key="form-1")
        assert (first.result, again.replayed, Activity.objects.count()) == (again.result, True, 1)
        assert first.result.at.isoformat() == "2026-01-05T01:30:00+00:00"

    def test_the_box_above_the_timeline_makes_any_kind(self, alpha):
        made = party(alpha)
        kinds = [record_activity(actor=alpha, kind=kind, **on(made), body=kind).kind for kind in ("note", "call", "visit", "task")]
        assert kinds == ["note", "call", "visit", "task"]

    @pytest.mark.parametrize(
        ("change", "says"),
        [({"body": "  \n "}, "a few words"), ({"ahead": timedelta(hours=1)}, "make it a task")],
    )
    def test_nothing_said_or_not_yet_done_is_refused(self, alpha, change, says):
        made = party(alpha)
        values = {"body": change.get("body", "Spoke"), "at": alpha.now + change["ahead"] if "ahead" in change else None}
        with pytest.raises(Refused, match=says):
            log_call(actor=alpha, **on(made), **values)

    def test_somebody_of_another_company_was_not_called_here(self, alpha):
        made, other = party(alpha), party(alpha, "Other")
        with pytest.raises(Refused, match="Zhou belongs to another company"):
            log_call(actor=alpha, **on(made), body="Spoke", contact=contact(alpha, other))

    @pytest.mark.parametrize("target", [("parties.party", 999_999), ("numbers.numberseries", 1), ("no.model", 1), ("activities.activity", 1)])
    def test_only_records_that_have_a_page_and_are_visible_can_be_noted_about(self, alpha, target):
        with pytest.raises(Missing):
            add_note(actor=alpha, target_model=target[0], target_id=target[1], body="x")

    def test_nobody_notes_about_a_party_out_of_sight(self, alpha, member):
        made = party(member("salesperson"))
        with pytest.raises(Missing):
            add_note(actor=member("salesperson"), **on(made), body="x")
        assert Activity.objects.count() == 0


class TestTasks:
    def test_it_is_open_until_finished_and_may_be_reopened(self, alpha):
        task = add_task(actor=alpha, **on(party(alpha)), body="Call back", due_on=date(2026, 12, 1))
        assert (task.is_open, task.due_on, task.owner_id) == (True, date(2026, 12, 1), alpha.member_id)
        finish_task(task, actor=alpha, outcome="Ordered")
        task = Activity.objects.get()
        assert (task.is_open, task.done_at, task.outcome) == (False, alpha.now, "Ordered")
        reopen_task(task, actor=alpha)
        assert Activity.objects.get().is_open

    def test_one_about_nothing_is_one_s_own(self, alpha, member):
        li, wang = member("salesperson"), member("salesperson")
        add_task(actor=li, body="Tidy the desk")
        assert [Activity.objects.visible_to(who).count() for who in (li, wang)] == [1, 0]

    def test_twice_it_cannot_be_finished(self, alpha):
        task = add_task(actor=alpha, body="Once")
        finish_task(task, actor=alpha)
        with pytest.raises(Refused, match="finished already"):
            finish_task(task, actor=alpha)

    def test_only_tasks_are_finished_and_only_finished_ones_reopened(self, alpha):
        note = add_note(actor=alpha, **on(party(alpha)), body="x")
        with pytest.raises(Refused, match="Only tasks can be finished; this is a Note"):
            finish_task(note, actor=alpha)

    def test_an_open_one_is_not_reopened(self, alpha):
        with pytest.raises(Refused, match="Only a finished task"):
            reopen_task(add_task(actor=alpha, body="x"), actor=alpha)

    def test_somebody_who_sees_the_record_may_be_given_one(self, alpha, member):
        made, store = party(member("salesperson")), member("storekeeper")
        task = add_task(actor=alpha, **on(made), body="Pack it", owner=Member.objects.get(pk=store.member_id))
        assert task.owner_id == store.member_id
        finish_task(task, actor=store)

    def test_whoever_does_not_see_the_record_is_not_given_one(self, alpha, member):
        made, wang = party(member("salesperson")), member("salesperson", name="Wang")
        with pytest.raises(Refused, match="Wang may not see Hengchuan"):
            add_task(actor=alpha, **on(made), body="x", owner=Member.objects.get(pk=wang.member_id))

    def test_another_person_s_task_is_not_finished(self, alpha, member):
        li, store = member("salesperson"), member("storekeeper")
        task = add_task(actor=li, **on(party(li)), body="Mine")
        with pytest.raises(Forbidden):
            finish_task(task, actor=store)
        assert Activity.objects.get().is_open

    def test_open_ones_go_to_whoever_takes_the_party_over(self, alpha, member):
        li, wang = member("salesperson"), member("salesperson")
        made = party(li)
        tasks = [add_task(actor=li, **on(made), body=body) for body in ("open", "done")]
        finish_task(tasks[1], actor=li)
        store = member("storekeeper")
        add_task(actor=store, **on(made), body="packing")
        for _turn in range(2):
            hand_over_tasks(PartyTransferred(made.pk, li.member_id, wang.member_id), actor=alpha)
        owners = dict(Activity.objects.values_list("subject", "owner_id"))
        assert owners == {"open": wang.member_id, "done": li.member_id, "packing": store.member_id}


class TestTheForm:
    def test_an_activity_of_a_party_stands_on_its_page(self, alpha):
        made = party(alpha)
        row = create_record(Activity, {"kind": "task", "subject": "Call", "party": made.pk, "due_on": "2026-12-01"}, actor=alpha).result
        assert (row.target_model, row.target_id, row.owner_id, row.at) == ("parties.party", made.pk, alpha.member_id, alpha.now)

    def test_the_party_follows_from_the_person_and_the_subject_from_the_text(self, alpha):
        made = party(alpha)
        row = create_record(Activity, {"kind": "call", "body": "Spoke\nlong", "contact": contact(alpha, made).pk}, actor=alpha).result
        row.refresh_from_db()
        assert (row.party_id, row.subject, row.target_id) == (made.pk, "Spoke", made.pk)

    def test_about_nobody_it_has_no_target(self, alpha):
        row = create_record(Activity, {"kind": "task", "subject": "Tidy"}, actor=alpha).result
        assert (row.target_model, row.target_id, row.party_id) == ("", None, None)

    def test_without_words_it_is_refused(self, alpha):
        with pytest.raises(Invalid) as refusal:
            create_record(Activity, {"kind": "note"}, actor=alpha)
        assert set(refusal.value.errors) == {"subject"}

    def test_a_note_is_corrected_by_its_writer_alone(self, alpha, member):
        li, store = member("salesperson"), member("storekeeper")
        note = add_note(actor=li, **on(party(li)), body="Wrong")
        with pytest.raises(Forbidden):
            change_record(note, {"body": "Spoilt"}, actor=store)
        change_record(note, {"body": "Right"}, actor=li)
        assert Activity.objects.get().body == "Right"


def test_what_must_stand_there_cannot_be_taken_away_and_the_field_says_so(alpha):
    note = add_note(actor=alpha, **on(party(alpha)), body="x")
    with pytest.raises(Invalid) as refusal:
        change_record(note, {"owner": None}, actor=alpha)
    assert refusal.value.errors == {"owner": ["This is needed."]}
