"""How long an offer holds, and how long a link to it is open."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.models import OfferAnswer
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.database.known import known
from guanxi.kernel.records.refusals import Refused

OPEN_AFTERWARDS = timedelta(days=60)
"""A customer may look at what was agreed for so long after the offer's last day."""
OPEN_WITHOUT_END = timedelta(days=120)


def has_lapsed(quotation: Quotation, today: date) -> bool:
    return quotation.valid_until is not None and quotation.valid_until < today


def require_in_time(quotation: Quotation, actor: Actor) -> None:
    """Refused when the offer's last day is over."""
    if quotation.valid_until is not None and has_lapsed(quotation, actor.today):
        words = _("The offer was valid until %(day)s. Renew it first, with another last day.")
        raise Refused(words % {"day": full_date(quotation.valid_until)})


def link_ends_on(valid_until: date | None, today: date) -> date:
    return max(valid_until or today, today) + (OPEN_AFTERWARDS if valid_until else OPEN_WITHOUT_END)


@known
def _asked_to_send(quotation_id: int) -> Any:
    rows = ApprovalRequest.objects.filter(target_model="sales.quotation", target_id=quotation_id, status="waiting")
    return rows.select_related("rule").order_by("pk")


def why_still_looked_at(quotation: Quotation) -> str:
    """A draft whose sending waits is neither accepted nor ordered by another way meanwhile."""
    rules = [str(one.rule) for one in _asked_to_send(quotation.pk)] if quotation.status == "draft" else []
    return _("It waits for approval: %(rules)s. Wait for the decision, or withdraw the request.") % {"rules": "; ".join(rules)} if rules else ""


def why_not_declined(quotation: Quotation) -> str:
    """A yes that was signed is not turned into a no by us."""
    if quotation.status != "accepted" or not OfferAnswer.objects.filter(quotation=quotation, kind="accepted", edition=quotation.edition).exists():
        return ""
    return _("The customer has accepted this and signed for it: make the order, and cancel that if nothing comes of it.")
