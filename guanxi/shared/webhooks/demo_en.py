"""A webhook of Harbour & Vale as it stands before it is switched on: the demo calls nobody."""

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo
from guanxi.shared.webhooks.models import WebhookEndpoint


def prepare(demo: Demo) -> None:
    """The carrier wants to know what leaves the warehouses."""
    create_record(
        WebhookEndpoint,
        {"name": "Northmoor Haulage", "url": "https://booking.northmoor.example/hooks/guanxi", "lines": [{"event": "delivery.shipped"}]},
        actor=demo.actors[demo.company.administrator],
    )
