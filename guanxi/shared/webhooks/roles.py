"""Who may connect other systems: a person with webhooks of their own, which tell what that person may see."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_ACTS = ("switch_on_webhook", "switch_off_webhook", "rotate_secret", "send_test_event", "replay_delivery", "replay_since")

role(
    "integrator", _("Integration engineer"),
    {
        "webhooks.webhookendpoint": "view:own add:own change:own delete:own", "webhooks.webhookdelivery": "view:own",
        **{f"webhooks.{act}": "own" for act in _ACTS},
    },
    sees=("see_webhook_contents",), home="setup/webhooks",
)
