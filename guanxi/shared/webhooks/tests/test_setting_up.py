"""Who may set up a webhook, what may be entered, and where its secret never stands."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from guanxi.erp.sales.events import OrderConfirmed
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.events.publish import EVENTS
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Forbidden, Invalid, Missing, Refused
from guanxi.shared.webhooks.catalogue import event_choices, facts_schema, in_words, names_of, type_of, types
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from guanxi.shared.webhooks.operations import rotate_secret, send_test_event, switch_off_webhook, switch_on_webhook
from guanxi.shared.webhooks.tests.conftest import carry_all, endpoint_of
from tests.access.world import person, undone


@pytest.fixture
def integrator(member):
    """May set up webhooks of their own, and sees their own customers."""
    return member("salesperson", "integrator")


def values(**more) -> dict:
    return {"name": "Shop", "url": "https://shop.example/hook", "lines": [{"event": "order.*"}], **more}


class TestCatalogue:
    def test_types_are_nouns_and_what_happened_to_them(self):
        assert [type_of(name) for name in ("OrderConfirmed", "GoodsReceived", "StockAdjusted", "PurchaseOrderSent")] == [
            "order.confirmed", "goods.received", "stock.adjusted", "purchase_order.sent",
        ]
        assert len(types()) == len(EVENTS)

    def test_one_may_choose_all_all_of_a_kind_or_one(self):
        assert names_of(["*"]) == frozenset(EVENTS)
        assert names_of(["order.*"]) == {
            "OrderConfirmed", "OrderPromised", "OrderChanged", "OrderHeld", "OrderReleased", "OrderCancelled", "OrderCompleted",
        }
        assert names_of(["order.confirmed", "no.such"]) == {"OrderConfirmed"}
        codes = [code for code, _label in event_choices()]
        assert len(codes) == len(set(codes)) and {"*", "order.*", "order.confirmed"} <= set(codes)
        assert "party.*" not in codes and dict(event_choices())["order.confirmed"] == "order.confirmed: Order … confirmed"

    def test_they_are_said_in_the_reader_s_language(self):
        from django.utils.translation import override

        with override("zh-hans"):
            assert in_words(OrderConfirmed) == "订单…已审核"

    def test_facts_have_a_schema(self):
        assert facts_schema(OrderConfirmed)["properties"] == {
            "order_id": {"type": "integer"}, "customer_id": {"type": "integer"}, "total": {"type": "string"}, "currency": {"type": "string"},
        }


class TestEntering:
    @pytest.mark.parametrize("url", ["http://shop.example/", "https://user:word@shop.example/", "https://2130706433/", "ftp://shop.example/"])
    def test_an_address_that_may_not_be_called_is_refused_at_its_field(self, alpha, url):
        with pytest.raises(Invalid) as refusal:
            create_record(WebhookEndpoint, values(url=url), actor=alpha)
        assert list(refusal.value.errors) == ["url"]

    def test_it_tells_of_one_event_at_least_and_of_each_once(self, alpha):
        found = []
        for lines in ([], [{"event": "order.*"}, {"event": "order.*"}], [{"event": "no.such"}]):
            with pytest.raises(Invalid) as refusal, transaction.atomic():
                create_record(WebhookEndpoint, values(lines=lines), actor=alpha)
            found.append(list(refusal.value.errors))
        assert found == [["lines"], ["lines.1.event"], ["lines.0.event"]] and not WebhookEndpoint.objects.exists()

    def test_whoever_enters_it_owns_it_and_it_is_off(self, alpha, integrator):
        made = create_record(WebhookEndpoint, values(), actor=integrator).result
        assert (made.owner_id, made.status) == (integrator.member_id, "off")
        with pytest.raises(Refused, match="Switch it on first"):
            perform(send_test_event, made, actor=integrator)


class TestLendingEyes:
    def test_nobody_lets_it_see_what_they_do_not_see_themselves(self, alpha, integrator):
        with pytest.raises(Invalid) as refusal:
            create_record(WebhookEndpoint, values(owner=alpha.member_id), actor=integrator)
        assert list(refusal.value.errors) == ["owner"]
        own = create_record(WebhookEndpoint, values(), actor=integrator).result
        with pytest.raises(Invalid):
            change_record(own, {"owner": alpha.member_id}, actor=integrator)

    def test_an_administrator_may_lend_anybody_s(self, alpha, integrator):
        made = create_record(WebhookEndpoint, values(owner=integrator.member_id), actor=alpha).result
        assert made.owner_id == integrator.member_id

    def test_nobody_leads_another_s_webhook_to_an_address_of_their_own(self, alpha, integrator):
        made = create_record(WebhookEndpoint, values(), actor=alpha).result
        grants = Role.objects.get(key="integrator").grants
        wide = {name: grant.replace(":own", "").replace("own", "company") for name, grant in grants.items()}
        Role.objects.filter(key="integrator").update(grants=wide)
        wider = actor_of(integrator.member_id)
        with pytest.raises(Invalid):
            change_record(made, {"url": "https://elsewhere.example/"}, actor=wider)
        for found in (switch_on_webhook, rotate_secret):
            with pytest.raises(Refused, match="you may not see all of it"):
                perform(found, made, actor=wider)

    def test_an_owner_who_has_left_lends_nothing(self, alpha, integrator):
        made = create_record(WebhookEndpoint, values(), actor=integrator).result
        Member.objects.filter(pk=integrator.member_id).update(is_active=False)
        with pytest.raises(Refused, match="no longer active"):
            perform(switch_on_webhook, made, actor=alpha)

    def test_another_s_webhook_and_its_log_are_out_of_sight(self, alpha, integrator, receiver):
        endpoint, _secret = endpoint_of(alpha, receiver)
        perform(send_test_event, endpoint, actor=alpha)
        assert not WebhookEndpoint.objects.visible_to(integrator).exists() and not WebhookDelivery.objects.visible_to(integrator).exists()
        with pytest.raises(Missing):
            perform(switch_off_webhook, endpoint, actor=integrator)

    def test_without_the_right_nobody_makes_one(self, alpha, member):
        with pytest.raises(Forbidden):
            create_record(WebhookEndpoint, values(), actor=member("salesperson"))


def test_the_secret_is_shown_once_and_stands_nowhere(rolled_back, static_files, receiver, capfd):
    """Pages, API, list, export, search, history, acts, outbox, logs."""
    with undone():
        admin = person("alpha", "administrator")
        made = admin.api("POST", "alpha/setup/webhooks", values(url=receiver.server.url))
        assert made.status_code == 201, made.content
        pk = made.json()["id"]
        shown = admin.api("POST", f"alpha/setup/webhooks/{pk}/switch_on_webhook", {})
        first = shown.json()["result"]["secret"]
        page = admin.post(f"/alpha/setup/webhooks/{pk}/act/webhooks.rotate_secret/", {"hours": "24"})
        assert (page.headers["HX-Retarget"], page.headers["HX-Reswap"]) == ("#sheet", "innerHTML")
        second = page.content.decode().split('value="whsec_')[1].split('"')[0]
        admin.api("POST", f"alpha/setup/webhooks/{pk}/send_test_event", {})
        with in_set("alpha"):
            receiver.answers = [(500, b"")]
            carry_all()
        [delivery] = admin.api("GET", "alpha/setup/webhook-deliveries").json()["rows"]
        texts = [first.removeprefix("whsec_"), second.replace("&#x2B;", "+")]
        assert receiver.verified(first) and receiver.verified("whsec_" + texts[1])
        for address in (
            f"/alpha/setup/webhooks/{pk}/", "/alpha/setup/webhooks/", "/alpha/setup/webhooks/export/?format=csv", f"/alpha/setup/webhooks/{pk}/edit/",
            f"/alpha/setup/webhook-deliveries/{delivery['id']}/", f"/alpha/setup/webhooks/{pk}/history/", "/alpha/setup/outbox/",
        ):
            answer = admin.client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in (200, 404), (address, answer.status_code)
            assert not any(text in content.decode() for text in texts), address
        for address in ("alpha/setup/webhooks", f"alpha/setup/webhooks/{pk}", "alpha/setup/webhook-deliveries", "alpha/openapi.json"):
            answer = admin.api("GET", address)
            assert answer.status_code == 200 and not any(text in answer.content.decode() for text in texts), address
        assert "sealed" not in admin.api("GET", f"alpha/setup/webhooks/{pk}").content.decode()
        with in_set("alpha"):
            kept = json.dumps([*History.objects.values_list("changes", flat=True), *Act.objects.values_list("arguments", "outcome")], default=str)
            sealed = list(WebhookSecret.objects.values_list("sealed", flat=True))
            assert len(sealed) == 2
        assert not any(text in kept for text in [*texts, *sealed])
        assert not any(text in "".join(sealed) for text in texts)
        said = capfd.readouterr()
        assert not any(text in said.out + said.err for text in texts)


def test_while_events_are_being_chosen_the_form_says_what_is_wrong(rolled_back, static_files):
    with undone():
        admin = person("alpha", "administrator")
        pk = admin.api("POST", "alpha/setup/webhooks", values()).json()["id"]
        sent = {"name": "Shop", "url": "https://shop.example/", "lines.0.event": "order.*", "lines.1.event": "order.*"}
        answer = admin.post(f"/alpha/setup/webhooks/preview/?id={pk}", sent).json()
        assert answer["lines"]["1"]["errors"] == {"event": "Choose each event once."}


def test_a_secret_that_slips_into_a_log_is_covered():
    from guanxi.config.logs import redact

    assert redact("signing with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw= failed") == "signing with whsec_*** failed"


def test_the_openapi_description_names_every_event(rolled_back):
    with undone():
        document = person("alpha", "administrator").api("GET", "alpha/openapi.json").json()
        assert set(document["webhooks"]) == {*types(), "webhook.test"}
        body = document["webhooks"]["order.confirmed"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body["properties"]["type"] == {"const": "order.confirmed"}
        assert body["properties"]["data"]["properties"]["facts"]["properties"]["total"] == {"type": "string"}
        assert "webhooks" not in person("alpha", "salesperson").api("GET", "alpha/openapi.json").json()
