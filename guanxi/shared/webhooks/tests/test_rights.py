"""Secrets change over without a gap, and nothing leaves that the owner may not see."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.events.models import Event
from guanxi.kernel.outbox.worker import send_due
from guanxi.shared.parties.models import Party
from guanxi.shared.webhooks.fanning import fan_out
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint
from guanxi.shared.webhooks.operations import rotate_secret, send_test_event
from guanxi.shared.webhooks.tests.conftest import announce, carry_all, endpoint_of, party, statuses


class TestSecrets:
    def test_while_a_new_secret_takes_over_both_are_good(self, alpha, receiver):
        endpoint, old = endpoint_of(alpha, receiver)
        new = perform(rotate_secret, endpoint, actor=alpha, arguments={"hours": 24}).result.secret
        assert new != old and new.startswith("whsec_")
        perform(send_test_event, endpoint, actor=alpha)
        carry_all()
        assert receiver.verified(old) == receiver.verified(new)
        assert len(receiver.server.received[0].headers["webhook-signature"].split()) == 2

    def test_without_hours_the_former_one_ends_at_once(self, alpha, receiver):
        endpoint, old = endpoint_of(alpha, receiver)
        new = perform(rotate_secret, endpoint, actor=alpha, arguments={"hours": 0}).result.secret
        perform(send_test_event, endpoint, actor=alpha)
        carry_all()
        [body] = receiver.verified(new)
        assert body["type"] == "webhook.test" and body["data"]["record"]["title"] == "ERP"
        with pytest.raises(WebhookVerificationError):
            receiver.verified(old)

    def test_a_secret_of_another_installation_is_said_to_be_unreadable(self, alpha, receiver, settings):
        endpoint_of(alpha, receiver)
        settings.GUANXI_SEALING_KEY = "B" * 43
        announce(party(alpha))
        carry_all()
        assert WebhookDelivery.objects.get().error == "The secret was made under another installation; make a new one."


class TestRights:
    def test_what_the_owner_may_not_see_is_not_sent(self, alpha, receiver, member):
        salesperson = member("salesperson")
        own, other = party(salesperson, "Own"), party(alpha, "Other")
        own_only, _secret = endpoint_of(alpha, receiver)
        WebhookEndpoint.objects.filter(pk=own_only.pk).update(owner_id=salesperson.member_id)
        announce(own)
        announce(other)
        assert carry_all() == 1
        assert [json.loads(got.body)["data"]["record"]["title"] for got in receiver.server.received] == ["Own"]
        assert list(WebhookDelivery.objects.values_list("record_title", flat=True)) == ["Own"]

    def test_a_right_that_ends_while_it_is_on_its_way_ends_it(self, alpha, receiver, member):
        salesperson = member("salesperson")
        endpoint, _secret = endpoint_of(alpha, receiver)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(owner_id=salesperson.member_id)
        announce(party(salesperson, "One"))
        announce(party(salesperson, "Two"))
        fan_out("alpha")
        Party.objects.filter(name="One").update(owner_id=alpha.member_id)
        assert send_due("alpha") == 2 and statuses() == ["withheld", "delivered"]
        announce(Party.objects.get(name="Two"))
        fan_out("alpha")
        Member.objects.filter(pk=salesperson.member_id).update(is_active=False)
        send_due("alpha")
        assert statuses() == ["withheld", "delivered", "withheld"]
        announce(Party.objects.get(name="Two"))
        assert fan_out("alpha") == 1 and len(statuses()) == 3

    def test_a_fact_that_stands_for_a_hidden_column_is_left_out(self, alpha, receiver, monkeypatch):
        from guanxi.kernel.columns.registry import columns_of
        from guanxi.shared.webhooks.payload import event_body

        announce(party(alpha))
        event = Event.objects.order_by("-pk").first()
        event.payload["name"] = "Hengchuan"
        hidden = {**columns_of(Party), "name": replace(columns_of(Party)["name"], right="see_name")}
        monkeypatch.setattr("guanxi.shared.webhooks.payload.columns_of", lambda model: hidden)
        assert "name" in json.loads(event_body(event, alpha, "alpha"))["data"]["facts"]
        blind = replace(alpha, rights=replace(alpha.rights, sees=frozenset()))
        assert "name" not in json.loads(event_body(event, blind, "alpha"))["data"]["facts"]
