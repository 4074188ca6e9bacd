"""Other systems hear what happened: signed, once for each event, again after a failure, and nothing that the owner may not see (M22.9)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext
from standardwebhooks.webhooks import WebhookVerificationError

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import delete_record
from guanxi.kernel.database import in_set
from guanxi.kernel.events.models import Event
from guanxi.kernel.outbox.channels import Outcome
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.operations import cancel_dispatch
from guanxi.kernel.outbox.worker import send_due
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.parties.models import Party
from guanxi.shared.webhooks.channels import PATIENCE, Attempt, WebhookSender, readable
from guanxi.shared.webhooks.fanning import _go_on, fan_out
from guanxi.shared.webhooks.jobs import forget_deliveries
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookPosition
from guanxi.shared.webhooks.operations import (
    replay_delivery,
    replay_since,
    switch_off_webhook,
    switch_on_webhook,
)
from guanxi.shared.webhooks.tests.conftest import announce, carry_all, endpoint_of, let_time_pass, party, statuses


class TestSending:
    def test_an_event_arrives_signed_by_the_standard_with_its_facts_and_its_record(self, alpha, receiver, settings):
        settings.GUANXI_PUBLIC_URL = "https://crm.example"
        _endpoint, secret = endpoint_of(alpha, receiver)
        hengchuan = party(alpha)
        announce(hengchuan)
        assert carry_all() == 1
        [body] = receiver.verified(secret)
        event = Event.objects.order_by("-pk").first()
        assert body == {
            "type": "party.transferred",
            "timestamp": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": {
                "set": "alpha",
                "record": {
                    "model": "parties.party", "id": hengchuan.pk, "title": "Hengchuan Hydraulics",
                    "url": f"https://crm.example/api/alpha/customers/{hengchuan.pk}",
                },
                "facts": {"party_id": hengchuan.pk, "from_member_id": None, "to_member_id": alpha.member_id},
            },
        }
        [got] = receiver.server.received
        delivery = WebhookDelivery.objects.get()
        assert (got.method, got.path, got.headers["content-type"]) == ("POST", "/hook", "application/json")
        assert got.headers["webhook-id"] == delivery.message_id
        assert (delivery.status, delivery.attempts, delivery.response_status, delivery.answer) == ("delivered", 1, 200, "thanks")
        assert delivery.attempted_at is not None and delivery.milliseconds < 5000

    def test_another_secret_or_another_body_does_not_pass(self, alpha, receiver):
        _endpoint, secret = endpoint_of(alpha, receiver)
        announce(party(alpha))
        carry_all()
        with pytest.raises(WebhookVerificationError):
            receiver.verified("whsec_" + "A" * 43 + "=")
        receiver.server.received[0].body += b" "
        with pytest.raises(WebhookVerificationError):
            receiver.verified(secret)

    def test_only_chosen_events_since_it_was_switched_on_are_sent(self, alpha, receiver):
        announce(party(alpha))
        endpoint_of(alpha, receiver, "order.confirmed", name="Orders")
        endpoint_of(alpha, receiver, "party.transferred", name="Parties")
        announce(party(alpha, "Kaida"))
        assert carry_all() == 1 and [kind for kind, _id in receiver.came] == ["party.transferred"]
        assert WebhookDelivery.objects.get().endpoint.name == "Parties"

    def test_what_is_looked_through_twice_is_told_once(self, alpha, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        announce(party(alpha), 3)
        assert fan_out("alpha") == 4 - 1 and fan_out("alpha") == 0
        WebhookPosition.objects.all().delete()
        assert fan_out("alpha") == 3 and WebhookDelivery.objects.count() == 3
        assert send_due("alpha") == 3 and len({message_id for _type, message_id in receiver.came}) == 3
        with pytest.raises(IntegrityError), transaction.atomic():
            WebhookDelivery.objects.create(
                endpoint=endpoint, event=WebhookDelivery.objects.first().event, type="x", message_id="y", happened_at=alpha.now
            )

    def test_an_act_costs_nothing_more_and_the_worker_asks_one_question_while_nothing_is_switched_on(self, alpha, receiver):
        def asked(act: Callable[[], object]) -> list[str]:
            with CaptureQueriesContext(connections["default"]) as found:
                act()
            return [query["sql"] for query in found if re.search("webhooks_|events_|outbox_", query["sql"])]

        hengchuan = party(alpha)
        before = asked(lambda: announce(hengchuan))
        [question] = asked(lambda: fan_out("alpha"))
        assert len(before) == 1 and 'FROM "webhooks_webhookendpoint"' in question
        endpoint_of(alpha, receiver)
        assert len(asked(lambda: announce(hengchuan))) == 1

    def test_the_number_of_questions_does_not_grow_with_the_events(self, alpha, receiver):
        endpoint_of(alpha, receiver)
        announce(party(alpha), 2)
        with CaptureQueriesContext(connections["default"]) as few:
            fan_out("alpha")
        announce(party(alpha, "Kaida"), 40)
        with CaptureQueriesContext(connections["default"]) as many:
            fan_out("alpha")
        assert len(many) <= len(few) and WebhookDelivery.objects.count() == 42

    def test_an_event_that_commits_late_is_told_once_all_the_same(self, fresh_database, receiver):
        """Its id was given before those that were told already."""
        with in_set("alpha"):
            alpha = actor_of(Member.objects.get(code="admin").pk)
            endpoint_of(alpha, receiver)
            slow, quick = party(alpha, "Slow"), party(alpha, "Quick")

        def titles() -> list[str]:
            with in_set("alpha"):
                return list(WebhookDelivery.objects.order_by("pk").values_list("record_title", flat=True))

        announced, over = threading.Event(), threading.Event()

        def slowly() -> None:
            with in_set("alpha"):
                Party.objects.filter(pk=slow.pk).update(name="Slow")
                announce(slow)
                announced.set()
                over.wait(30)
            connections.close_all()

        thread = threading.Thread(target=slowly)
        thread.start()
        assert announced.wait(30)
        for number in range(4):
            with in_set("alpha"):
                announce(quick)
            assert fan_out("alpha") == 1, number
        assert titles() == ["Quick"] * 4
        over.set()
        thread.join()
        for _round in range(3):
            fan_out("alpha")
        assert titles() == ["Quick"] * 4 + ["Slow"]
        with in_set("alpha"):
            position = WebhookPosition.objects.get()
            left = Event.objects.filter(pk__gt=position.before_id).exclude(pk__in=position.looked_at)
            assert not left.exists()

    def test_an_event_is_left_behind_only_when_nothing_older_can_still_appear(self, alpha):
        position = WebhookPosition(before_id=10)

        def look(ids: list[int], oldest: int, newest: int) -> tuple[int, list[int]]:
            _go_on(position, [Event(pk=pk) for pk in ids], oldest, newest, max([*ids, *position.looked_at, position.before_id]))
            return position.before_id, position.looked_at

        assert look([11, 13], 500, 503) == (10, [11, 13]), "transaction 500 may hold event 12"
        assert look([14], 500, 504) == (10, [11, 13, 14])
        assert look([12], 503, 505) == (13, [14]), "all that were open when 13 was the last are over"
        assert look([], 505, 505) == (14, [])
        assert look([15], 7, 9) == (14, [15]), "restored elsewhere: transactions are counted anew"
        assert look([], 9, 9) == (15, [])


class TestFailing:
    def test_a_failure_is_tried_again_under_the_same_id(self, alpha, receiver):
        _endpoint, secret = endpoint_of(alpha, receiver)
        receiver.answers = [(500, b"no"), (404, b""), (302, b"")]
        announce(party(alpha))
        for error in (500, 404, 302):
            carry_all()
            delivery = WebhookDelivery.objects.get()
            assert (delivery.status, delivery.response_status) == ("waiting", error)
            assert delivery.error == f"The receiver answered with status {error}."
        carry_all()
        delivery.refresh_from_db()
        assert (delivery.status, delivery.attempts, delivery.error) == ("delivered", 4, "")
        assert receiver.came == [("party.transferred", delivery.message_id)] * 4
        assert len(receiver.verified(secret)) == 4

    def test_a_receiver_that_asks_for_a_pause_gets_it(self, alpha, receiver):
        endpoint_of(alpha, receiver)
        receiver.answers, receiver.headers = [(503, b"")], {"Retry_After": "7200"}
        announce(party(alpha))
        carry_all()
        assert Dispatch.objects.get().due_at > datetime.now(UTC) + timedelta(minutes=110)

    def test_after_all_attempts_it_has_failed_and_can_be_sent_again(self, alpha, receiver):
        endpoint_of(alpha, receiver)
        receiver.answers = [(500, b"no")] * 20
        announce(party(alpha))
        fan_out("alpha")
        for _attempt in range(25):
            send_due("alpha")
            let_time_pass()
        assert statuses() == ["failed"] and len(receiver.came) == 20
        perform(replay_delivery, WebhookDelivery.objects.get(), actor=alpha)
        carry_all()
        assert statuses() == ["delivered"] and len({message_id for _type, message_id in receiver.came}) == 1
        with pytest.raises(Refused, match="Since then everything was received"):
            perform(replay_since, WebhookEndpoint.objects.get(), actor=alpha, arguments={"since": alpha.now - timedelta(days=1)})

    def test_all_that_was_missed_since_a_moment_is_sent_again_in_its_order(self, alpha, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        for number in range(4):
            announce(party(alpha, f"Party {number}"))
        fan_out("alpha")
        first, second, third, fourth = WebhookDelivery.objects.order_by("pk")
        Dispatch.objects.all().delete()
        for row, status, days in ((first, "failed", 9), (second, "failed", 2), (third, "withheld", 1), (fourth, "delivered", 1)):
            WebhookDelivery.objects.filter(pk=row.pk).update(status=status, happened_at=alpha.now - timedelta(days=days))
        perform(replay_since, endpoint, actor=alpha, arguments={"since": alpha.now - timedelta(days=5)})
        assert statuses() == ["failed", "waiting", "waiting", "delivered"]
        send_due("alpha")
        assert [message_id for _type, message_id in receiver.came] == [second.message_id, third.message_id]
        with pytest.raises(Refused, match="future"):
            perform(replay_since, endpoint, actor=alpha, arguments={"since": alpha.now + timedelta(days=1)})

    def test_who_is_gone_is_left_alone_at_once(self, alpha, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        receiver.answers = [(410, b"gone")]
        announce(party(alpha), 2)
        fan_out("alpha")
        send_due("alpha")
        endpoint.refresh_from_db()
        assert (endpoint.status, endpoint.stop_reason) == ("off", "The receiver says that it is gone (status 410).")
        assert statuses() == ["failed", "withheld"] and len(receiver.came) == 1
        stopped = Event.objects.get(name="WebhookStopped")
        assert (stopped.subject_id, stopped.payload["owner_id"]) == (endpoint.pk, alpha.member_id)

    def test_who_fails_for_days_is_switched_off_and_who_recovers_in_time_is_not(self, alpha, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        announce(party(alpha))
        fan_out("alpha")
        delivery, sender = WebhookDelivery.objects.get(), WebhookSender()

        def attempt(status: str, at: datetime) -> str:
            sender.record(delivery.pk, Outcome(status, "k", 1, at, Attempt(10, 500), "No."))
            endpoint.refresh_from_db()
            return endpoint.status

        begun = alpha.now
        assert attempt("waiting", begun) == "on" and endpoint.failing_since_at == begun
        assert attempt("sent", begun + timedelta(days=4)) == "on" and endpoint.failing_since_at is None
        again = begun + timedelta(days=4, hours=1)
        assert attempt("waiting", again) == "on"
        assert attempt("failed", again + PATIENCE) == "on"
        assert attempt("waiting", again + PATIENCE + timedelta(seconds=1)) == "off"
        assert endpoint.stop_reason == "Nothing was received for 5 days."
        perform(switch_on_webhook, endpoint, actor=alpha)
        endpoint.refresh_from_db()
        assert (endpoint.status, endpoint.failing_since_at, endpoint.stop_reason) == ("on", None, "")

    def test_a_private_address_is_not_called_and_said_so(self, alpha, receiver, settings):
        endpoint_of(alpha, receiver)
        settings.GUANXI_OUTBOUND_NETWORKS = ()
        announce(party(alpha))
        carry_all()
        delivery = WebhookDelivery.objects.get()
        assert (delivery.status, delivery.response_status) == ("waiting", None)
        assert delivery.error == "127.0.0.1 leads into a private network, which this installation does not allow."
        settings.GUANXI_OUTBOUND_HTTP = False
        let_time_pass()
        carry_all()
        delivery.refresh_from_db()
        assert delivery.status == "failed" and receiver.came == []

    def test_a_long_or_broken_answer_is_kept_as_far_as_it_can_be_shown(self, alpha, receiver):
        endpoint_of(alpha, receiver)
        receiver.answers = [(200, b"\x00\xff" + b"x" * 10_000)]
        announce(party(alpha))
        carry_all()
        assert WebhookDelivery.objects.get().answer == "\ufffd\ufffd" + "x" * 2046
        assert readable("好\r\n\x1b[31m".encode()) == "好\ufffd\n\ufffd[31m"


class TestSwitchingOff:
    def test_what_is_under_way_when_it_is_switched_off_does_not_leave_and_nothing_is_made_up_for(self, alpha, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        announce(party(alpha))
        fan_out("alpha")
        perform(switch_off_webhook, endpoint, actor=alpha)
        announce(party(alpha, "Kaida"))
        assert carry_all() == 1 and receiver.came == [] and statuses() == ["withheld"]
        delivery = WebhookDelivery.objects.get()
        assert delivery.error == "The webhook is switched off."
        with pytest.raises(Refused, match="Switch the webhook on first"):
            perform(replay_delivery, delivery, actor=alpha)
        assert perform(switch_on_webhook, endpoint, actor=alpha).result == endpoint
        perform(replay_delivery, WebhookDelivery.objects.get(), actor=alpha)
        assert carry_all() == 1 and statuses() == ["delivered"]

    def test_a_dispatch_that_somebody_cancels_in_the_outbox_is_withheld(self, alpha, receiver):
        endpoint_of(alpha, receiver)
        announce(party(alpha))
        fan_out("alpha")
        perform(cancel_dispatch, Dispatch.objects.get(), actor=alpha)
        assert statuses() == ["withheld"]

    def test_a_webhook_that_is_deleted_takes_its_deliveries_along(self, alpha, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        announce(party(alpha))
        fan_out("alpha")
        delete_record(endpoint, actor=alpha)
        assert carry_all() == 1 and receiver.came == []
        assert Dispatch.objects.get().status == "cancelled"

    def test_old_deliveries_are_forgotten_but_not_what_is_on_its_way(self, alpha, receiver):
        endpoint_of(alpha, receiver)
        announce(party(alpha), 4)
        fan_out("alpha")
        days = {"delivered": 31, "failed": 60, "withheld": 91, "waiting": 100}
        for row, (status, age) in zip(WebhookDelivery.objects.order_by("pk"), days.items(), strict=True):
            WebhookDelivery.objects.filter(pk=row.pk).update(status=status, happened_at=alpha.now - timedelta(days=age))
        forget_deliveries(actor=alpha)
        assert statuses() == ["failed", "waiting"]
