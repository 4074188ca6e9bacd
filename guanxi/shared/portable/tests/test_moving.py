"""An account set moves to another installation, or beside its twin, equal by hash (M22.2)."""

from __future__ import annotations

import os
import stat
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import Error, connections

from guanxi.config.check import check
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.finance.tests.world import bill, line
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.access.keys import key_actor, split_token
from guanxi.kernel.access.models import AccessKey, Entity, Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.files.contents import open_content
from guanxi.kernel.files.models import Attachment, StoredContent
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.queue import dispatch
from guanxi.kernel.sets.models import AccountSet, Membership, User
from guanxi.kernel.values.sealed import SealedField
from guanxi.shared.parties.models import Party
from guanxi.shared.portable.intake import prove, take_in
from guanxi.shared.portable.output import put_out
from guanxi.shared.portable.tests.conftest import MOMENT, PLAN, PLAN_HASH, hashes, new_user
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint


def problems(key: str) -> list[str]:
    found = [problem for _title, parts in check([key], every_file=True) for _label, proofs in parts for proof in proofs for problem in proof.problems]
    assert found or len(hashes(key)) > 90
    return found


class TestAnotherInstallation:
    def test_every_table_and_file_is_equal_by_hash_and_everything_is_proved(self, kept, elsewhere):
        before = kept.hashes
        assert before["parties_party"][0] == 1 and before["finance_journalline"][0] == 2 and before["records_history"][0] > 10
        taken = take_in(kept.path, live=True)
        assert (taken.key, taken.name, taken.contents) == ("alpha", "Alpha", 1)
        assert hashes("alpha") == before
        assert problems("alpha") == []
        with in_set("alpha"):
            assert open_content(Attachment.objects.get().content).read() == PLAN
        assert [path.name for path in (settings.MEDIA_ROOT / "alpha").rglob("*") if path.is_file()] == [PLAN_HASH]

    def test_it_goes_on_where_it_was(self, kept, elsewhere):
        take_in(kept.path)
        with in_set("alpha"):
            actor = system_actor()
            party = Party.objects.get()
            assert (party.name, party.note, party.x_budget) == ("恒川液压", "tab\t\\ and\nline", Decimal("1234.5"))
            second = create_record(Party, {"name": "Second", "x_budget": "9"}, actor=actor).result
            # The number of a row that was deleted names no other.
            assert second.pk == party.pk + 2
            invoice = bill(actor, second, line("70"))
            assert invoice.number.endswith("00002")
        with in_set("alpha"), pytest.raises(Error, match="append-only|permission denied"), connections["default"].cursor() as cursor:
            cursor.execute("UPDATE finance_journalline SET debit = 0")
        assert problems("alpha") == []

    def test_people_are_known_by_their_address_and_never_by_their_user_name_alone(self, kept, elsewhere):
        stranger = new_user("zhang", "another.zhang@elsewhere.example")
        root = new_user("root", "ADMIN@example.com")
        taken = take_in(kept.path)
        assert taken.new_people == ["zhang2"]
        made = User.objects.get(username="zhang2")
        assert (made.email, made.name, made.is_active, made.has_usable_password()) == ("zhang@hengchuan.example", "Zhang", True, False)
        places = {place.user.username: place.member_id for place in Membership.objects.select_related("user").filter(account_set__key="alpha")}
        with in_set("alpha"):
            members = dict(Member.objects.filter(user_id__isnull=False).values_list("user_id", "code"))
            assert members == {root.pk: "admin", made.pk: "zhang"}
            assert {name: Member.objects.get(pk=pk).code for name, pk in places.items()} == {"root": "admin", "zhang2": "zhang"}
            assert actor_of(places["root"]).user_id == root.pk
        assert not Membership.objects.filter(user=stranger, account_set__key="alpha").exists()

    def test_an_output_of_what_was_taken_in_says_the_same(self, kept, elsewhere, tmp_path):
        first = prove(kept.path)
        take_in(kept.path, live=True)
        put_out("alpha", tmp_path / "again.tar", now=MOMENT)
        again = prove(tmp_path / "again.tar")
        assert [both for both in zip(again.tables, first.tables, strict=True) if both[0] != both[1]] == []
        assert [both for both in zip(again.contents, first.contents, strict=True) if both[0] != both[1]] == []
        assert (again.set, again.people) == (first.set, first.people)
        assert again == first


class TestARunningBusiness:
    def test_what_happens_meanwhile_is_in_the_output_wholly_or_not_at_all(self, seeded, tmp_path):
        done: list[str] = []

        def post_between(part: str) -> None:
            # Between any two tables: a posting that touches entries, lines, balances and numbers.
            if part.startswith("tables/finance"):
                with in_set("alpha"):
                    bill(system_actor(), Party.objects.get(), line("10"))
                done.append(part)

        put_out("alpha", tmp_path / "out.tar", now=MOMENT, reached=post_between)
        take_in(tmp_path / "out.tar", key="during")
        assert len(done) > 10 and problems("during") == problems("alpha") == []
        with in_set("during"):
            rows = trial_balance(Entity.objects.get().pk)
            assert sum(row.debit for row in rows) == sum(row.credit for row in rows) == Decimal(150)
            assert bill(system_actor(), Party.objects.get(), line("1")).number.endswith("00002")

    def test_the_file_is_for_its_owner_alone_and_nothing_is_left_of_one_that_fails(self, seeded, output, tmp_path):
        assert stat.S_IMODE(os.stat(output).st_mode) == 0o600
        (settings.MEDIA_ROOT / "alpha" / PLAN_HASH[:2] / PLAN_HASH).write_bytes(PLAN.replace(b"plan", b"pony"))
        with pytest.raises(Exception, match="missing or damaged"):
            put_out("alpha", tmp_path / "two.tar", now=MOMENT)
        (settings.MEDIA_ROOT / "alpha" / PLAN_HASH[:2] / PLAN_HASH).unlink()
        with pytest.raises(Exception, match="missing or damaged"):
            put_out("alpha", tmp_path / "two.tar", now=MOMENT)
        with pytest.raises(Exception, match="never written over"):
            put_out("alpha", output, now=MOMENT)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["alpha.tar", "here"]


class TestATwin:
    def test_neither_changes_the_other(self, seeded, output):
        before = hashes("alpha")
        taken = take_in(output, key="trial")
        assert (taken.name, taken.new_people) == ("Alpha (trial)", [])
        with in_set("trial"):
            actor = system_actor()
            bill(actor, Party.objects.get(), line("70"))
            Party.objects.updated(name="Changed")
            StoredContent.objects.get()
        assert hashes("alpha") == before
        twin = hashes("trial")
        with in_set("alpha"):
            bill(system_actor(), Party.objects.get(), line("20"))
        assert hashes("trial") == twin
        assert problems("alpha") == problems("trial") == []
        assert set(Membership.objects.filter(account_set__key="trial").values_list("user__username", flat=True)) == {"admin", "zhang"}
        assert AccountSet.objects.get(key="trial").definitions != AccountSet.objects.get(key="alpha").definitions
        with psycopg.connect(**settings.GUANXI_PLACE.conninfo("app")) as connection:
            connection.execute("SET ROLE guanxi_set_trial")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT 1 FROM set_alpha.parties_party")

    def test_it_is_quiet_unless_it_is_to_be_live(self, seeded, tmp_path):
        with in_set("alpha"):
            delivery = WebhookDelivery.objects.create(
                endpoint=WebhookEndpoint.objects.get(), type="webhook.test", message_id="msg_1", happened_at=MOMENT
            )
            dispatch("webhook", delivery)
        put_out("alpha", tmp_path / "out.tar", now=MOMENT)
        for key, live in (("quiet", False), ("live", True)):
            take_in(tmp_path / "out.tar", key=key, live=live)
        found = {}
        for key in ("alpha", "live", "quiet"):
            with in_set(key):
                endpoint = WebhookEndpoint.objects.get()
                found[key] = (
                    AccessKey.objects.get().is_active, endpoint.status, bool(endpoint.stop_reason), Dispatch.objects.get().status,
                    WebhookDelivery.objects.get().status, key_actor(split_token(seeded)[1]) is not None,
                )
        assert found["alpha"] == found["live"] == (True, "on", False, "waiting", "waiting", True)
        assert found["quiet"] == (False, "off", True, "cancelled", "withheld", False)

    def test_whatever_keeps_a_secret_for_others_says_how_a_copy_is_quieted(self):
        keeping = {model._meta.app_label for model in apps.get_models() for one in model._meta.local_fields if isinstance(one, SealedField)}
        assert keeping and not [label for label in keeping if not apps.get_app_config(label).quiet_sql()]  # type: ignore[attr-defined]


def test_months_of_the_history_stay_apart(here, tmp_path: Path):
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as connection:
        connection.execute(
            "CREATE TABLE set_alpha.records_history_2024_12 PARTITION OF set_alpha.records_history FOR VALUES FROM ('2024-12-01') TO ('2025-01-01')"
        )
        connection.execute(
            "INSERT INTO set_alpha.records_history (model, row_id, at, kind) VALUES ('parties.party', 1, '2024-12-31 23:59:59+00', 'created')"
        )
    put_out("alpha", tmp_path / "out.tar", now=MOMENT)
    take_in(tmp_path / "out.tar", key="months")
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as connection:
        assert connection.execute("SELECT count(*) FROM set_months.records_history_2024_12").fetchone() == (1,)
    assert hashes("months")["records_history"] == hashes("alpha")["records_history"] and problems("months") == []
