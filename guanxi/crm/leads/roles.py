"""Who may follow leads and win business."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role
from guanxi.kernel.access.scopes import NOBODY, scope

_LEAD = ("assign", "share", "reclaim", "take", "follow", "qualify", "disqualify")
_OPPORTUNITY = ("move", "win", "lose", "close", "reopen", "quote")
_ARCHIVES = ("leads.lossreason", "leads.competitor", "leads.pipeline", "leads.stage")

scope("pool", _("what nobody follows yet"), lambda path, actor: Q(**{f"{path}__isnull": True}), lambda actor: [NOBODY])

role(
    "salesperson", _("Salesperson"),
    {
        "leads.lead": "view:own view:pool view:masked add:own change:own",
        "leads.opportunity": "view:own add:own change:own",
        **{f"leads.{verb}_lead": "own" for verb in _LEAD if verb not in ("take", "share")},
        "leads.take_lead": "pool",
        **{f"leads.{verb}_opportunity": "own" for verb in _OPPORTUNITY},
        **dict.fromkeys(_ARCHIVES, "view"),
    },
)
role(
    "sales_manager", _("Sales manager"),
    {
        "leads.lead": "view:team view:pool view:masked add:team change:team change:pool delete:team",
        "leads.opportunity": "view:team add:team change:team delete:team",
        **{f"leads.{verb}_lead": "team pool" for verb in _LEAD},
        **{f"leads.{verb}_opportunity": "team" for verb in _OPPORTUNITY},
        **dict.fromkeys(_ARCHIVES, "view add change"),
        "leads.assignmentrule": "view add change delete",
        "leads.leadform": "view add change",
    },
)
