"""Who is told of what becomes of an offer."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.offers.events import QuotationOpened, QuotationQuestioned
from guanxi.kernel.notices.kinds import notice_kind, notify

notify(QuotationOpened, to="owner")
notify(QuotationQuestioned, to="followers")

OFFER_LAPSES = notice_kind("offer_lapses", "due", _("%(title)s ends on %(day)s"), "calendar-due")
OFFER_ENDED = notice_kind("offer_ended", "due", _("%(title)s ended on %(day)s and was not answered"), "calendar-due")
