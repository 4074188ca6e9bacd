"""A webhook as it stands before it is switched on: the demo calls nobody."""

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo
from guanxi.shared.webhooks.models import WebhookEndpoint


def prepare(demo: Demo) -> None:
    """The shop wants to know how its orders go on."""
    lines = [{"event": "order.*"}, {"event": "delivery.shipped"}]
    values = {"name": "官网商城", "url": "https://shop.huaqi.example/hooks/guanxi", "lines": lines}
    create_record(WebhookEndpoint, values, actor=demo.actors[demo.company.administrator])
