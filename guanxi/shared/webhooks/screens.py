"""How webhooks are set up, and their log."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import Lines, Screen
from guanxi.shared.webhooks.completion import complete_webhooks
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent


class WebhookScreen(Screen):
    model = WebhookEndpoint
    path = "setup/webhooks"
    icon = "webhook"
    menu = ("setup", 62)
    columns = ("name", "url", "status", "owner", "failing_since_at")
    filters = ("status", "owner", "failing_since_at")
    search = ("name", "url")
    default_sort = "name"
    subtitle = ("url",)
    facts = ("status", "failing_since_at", "stop_reason")
    sections = {_("Webhook"): ("name", "url", "owner")}
    lines = Lines(WebhookEvent, "event", parent="endpoint")
    primary = ("switch_on_webhook",)
    operations = ("switch_on_webhook", "send_test_event", "replay_since", "rotate_secret", "switch_off_webhook")
    complete = complete_webhooks


class WebhookDeliveryScreen(Screen):
    model = WebhookDelivery
    path = "setup/webhook-deliveries"
    icon = "list-details"
    columns = ("type", "record_title", "endpoint", "status", "happened_at", "attempts", "attempted_at", "response_status", "milliseconds", "error")
    filters = ("status", "endpoint", "type", "happened_at", "attempted_at", "response_status")
    default_sort = "-happened_at"
    sorts = ("happened_at",)
    subtitle = ("record_title", "endpoint")
    facts = ("status", "attempts", "response_status", "milliseconds")
    sections = {
        _("Webhook delivery"): ("endpoint", "type", "record_title", "happened_at", "message_id"),
        _("Last attempt"): ("attempted_at", "response_status", "milliseconds", "error", "answer"),
    }
    primary = ("replay_delivery",)
    may_create = False
    may_edit = False


@panel(WebhookEndpoint, _("Log"), order=10, key="deliveries")
def deliveries(endpoint: WebhookEndpoint, actor) -> Panel:
    columns = ("type", "record_title", "status", "happened_at", "attempts", "milliseconds", "response_status", "error")
    return Panel(WebhookDeliveryScreen, WebhookDelivery.objects.filter(endpoint=endpoint), columns, sort="-happened_at")
