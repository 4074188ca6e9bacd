"""Who may do what with offers that were sent."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_VERBS = ("renew_quotation", "withdraw_quotation", "question_quotation", "choose_options", "share_quotation", "revoke_link")


def _rights(scope: str) -> dict[str, str]:
    seen = ("quotationversion", "offerlink", "offeranswer")
    return {
        **{f"sales.{model}": f"view:{scope}" for model in seen}, **{f"sales.{verb}": scope for verb in _VERBS}, "sales.termstext": "view",
    }


role("salesperson", _("Salesperson"), _rights("own"))
role("sales_manager", _("Sales manager"), {**_rights("team"), "sales.termstext": "view add change delete"})
role("accountant", _("Accountant"), {"sales.quotationversion": "view", "sales.offeranswer": "view", "sales.termstext": "view"})
