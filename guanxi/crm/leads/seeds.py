"""What a new account set starts with: a pipeline, its stages, and reasons for losing."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.crm.leads.models import LossReason, Pipeline, Stage
from guanxi.kernel.values import Translated

STAGES = (
    ("contact", _("First contact"), "open", "0.1", False), ("need", _("Need understood"), "open", "0.3", False),
    ("offer", _("Offer made"), "open", "0.5", True), ("talks", _("Negotiation"), "open", "0.8", False),
    ("won", _("Won"), "won", "1", False), ("lost", _("Lost"), "lost", "0", False),
)
REASONS = (
    ("price", _("Price")), ("delivery", _("Delivery time")), ("product", _("Product does not fit")), ("competitor", _("Bought elsewhere")),
    ("budget", _("No budget")), ("silent", _("No answer any more")), ("duplicate", _("Entered twice")), ("other", _("Another reason")),
)


def prepare() -> None:
    """Safe to run again: what is there stays as it is."""
    LossReason.add_missing(LossReason(code=code, name=Translated.of(name)) for code, name in REASONS)
    if not Pipeline.objects.exists():
        Pipeline.add_missing([Pipeline(code="sales", name=Translated.of(_("Sales")), is_default=True)])
        pipeline = Pipeline.objects.get(code="sales")
        Stage.add_missing(
            Stage(
                code=code, name=Translated.of(name), pipeline=pipeline, position=place, kind=kind, chance=Decimal(chance), is_quoted=is_quoted
            )
            for place, (code, name, kind, chance, is_quoted) in enumerate(STAGES, start=1)
        )
