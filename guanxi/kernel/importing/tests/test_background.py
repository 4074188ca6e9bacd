"""A large file is taken in by the worker: progress, a notice at the end, and what a killed worker leaves."""

import pytest

from guanxi.kernel.acts.models import Act
from guanxi.kernel.importing import importer
from guanxi.kernel.importing.jobs import Running, take_upload
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.notices.queries import notices_of
from guanxi.kernel.transfer.models import Upload
from guanxi.shared.parties.models import Party

ROWS = 50


@pytest.fixture
def upload(alpha, monkeypatch):
    monkeypatch.setattr(importer, "BATCH", 20)

    def make(mode: str, state: str = "taking", text: str = "", **mapping) -> Upload:
        content = text or "Name,Tier\n" + "".join(f"Party {n:03},{'ABQ'[(n == 30) * 2]}\n" for n in range(ROWS))
        choices = {"mode": mode, "mapping": {"screen": "customers", "key": [], "columns": {"name": "Name", "tier": "Tier"}, **mapping}}
        return Upload.objects.create(
            member_id=alpha.member_id, screen="customers", name="people.csv", content=content.encode(), total=ROWS, state=state, choices=choices,
            at=alpha.now)

    return make


def told(alpha) -> list[tuple[str, str]]:
    return [(one.text, one.url) for one in notices_of(alpha, "alpha", limit=9)]


class TestInTheBackground:
    def test_the_good_rows_are_taken_batch_by_batch_and_a_notice_leads_to_the_result(self, alpha, upload):
        row = upload("good")
        take_upload("alpha", alpha.member_id, upload=row.pk)
        row.refresh_from_db()
        assert (row.state, row.done, row.last_row, len(row.acts), bytes(row.content)) == ("taken", 50, 51, 3, b"")
        assert [row.report[name] for name in ("created", "failed", "written")] == [49, 1, True]
        assert list(row.report["errors"][0]["problems"]) == ["Tier"] and "“Q”" in row.report["errors"][0]["message"]
        assert Party.objects.count() == 49
        assert told(alpha) == [("people.csv was imported: 49 new, 0 changed, 1 not imported", f"/alpha/customers/import/{row.pk}/")]

    def test_all_or_none_writes_none_and_says_so(self, alpha, upload):
        row = upload("all")
        take_upload("alpha", alpha.member_id, upload=row.pk)
        row.refresh_from_db()
        assert (row.state, row.acts, row.report["failed"], row.report["created"]) == ("open", [], 1, 0)
        assert bytes(row.errors).decode("utf-8-sig").splitlines()[1].startswith("Party 030,Q,")
        assert not Party.objects.exists() and bytes(row.content)
        assert told(alpha)[0][0] == "people.csv was not imported"

    def test_a_trial_says_what_would_be_and_keeps_nothing(self, alpha, upload):
        row = upload("good", state="checking")
        take_upload("alpha", alpha.member_id, upload=row.pk)
        row.refresh_from_db()
        assert (row.state, row.report["dry_run"], row.report["created"], row.report["failed"]) == ("open", True, 49, 1)
        assert not Party.objects.exists() and not Notification.objects.exists()

    def test_a_run_that_was_ended_goes_on_after_its_last_batch_and_doubles_nothing(self, alpha, upload):
        row = upload("good")
        first = Running("alpha", alpha.member_id, row.pk)
        batches = iter(range(9))
        whole = first._save

        def ended() -> None:
            whole()
            if next(batches) == 2:
                raise RuntimeError("the worker is killed before this batch is committed")

        first._save = ended
        with pytest.raises(RuntimeError):
            first.run()
        row.refresh_from_db()
        assert (row.state, row.last_row, Party.objects.count()) == ("taking", 21, 20)
        for _turn in range(2):
            take_upload("alpha", alpha.member_id, upload=row.pk)
        row.refresh_from_db()
        assert (row.state, row.report["created"], row.report["failed"], len(row.acts)) == ("taken", 49, 1, 3)
        assert sorted(Party.objects.values_list("name", flat=True)) == [f"Party {n:03}" for n in range(ROWS) if n != 30]
        assert Act.objects.filter(operation="parties.party.import").count() == 3

    def test_a_run_that_was_thought_dead_stops_when_its_heir_has_gone_on(self, alpha, upload):
        row = upload("good")
        old = Running("alpha", alpha.member_id, row.pk)
        take_upload("alpha", alpha.member_id, upload=row.pk)
        old.run()
        assert Party.objects.count() == 49

    def test_a_file_that_cannot_be_mapped_any_more_says_why(self, alpha, upload):
        row = upload("good", columns={"name": "Nobody"})
        take_upload("alpha", alpha.member_id, upload=row.pk)
        row.refresh_from_db()
        assert (row.state, Party.objects.count()) == ("open", 0)
        assert "Nobody" in row.problem and Notification.objects.get().arguments["text"] == row.problem

    def test_nobody_takes_in_anothers_file(self, alpha, upload, member):
        row = upload("good")
        take_upload("alpha", member("administrator").member_id, upload=row.pk)
        assert not Party.objects.exists()


class TestUndoneInTheBackground:
    @pytest.fixture
    def undoing(self, alpha, upload):
        row = upload("good")
        take_upload("alpha", alpha.member_id, upload=row.pk)
        Upload.objects.filter(pk=row.pk).update(state="undoing")
        return row

    def test_all_of_it_goes_and_a_notice_says_so(self, alpha, undoing):
        for _turn in range(2):
            take_upload("alpha", alpha.member_id, upload=undoing.pk)
        undoing.refresh_from_db()
        assert (undoing.state, undoing.problem, Party.objects.count()) == ("undone", "", 0)
        assert [text for text, _url in told(alpha)][:1] == ["The import of people.csv was undone"]
        assert Act.objects.filter(pk__in=undoing.acts, result="undone").count() == 3

    def test_nothing_goes_where_a_row_was_changed_since_and_the_page_can_say_why(self, alpha, undoing):
        row = Party.objects.order_by("pk").first()
        row.assign(tier="D")
        row.flush()
        take_upload("alpha", alpha.member_id, upload=undoing.pk)
        undoing.refresh_from_db()
        assert (undoing.state, undoing.problem) == ("taken", "“Party 000”之后又被修改，请先撤销后来的修改。")
        assert Party.objects.count() == 49
        assert [text for text, _url in told(alpha)][:1] == ["The import of people.csv could not be undone"]
