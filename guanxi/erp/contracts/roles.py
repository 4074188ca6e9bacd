"""Who draws up contracts, who looks at them, who plans and invoices."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_LIFE = (
    "contract_quotation", "contract_order", "approve_contract", "revise_contract", "send_contract", "sign_contract", "amend_contract",
    "end_contract", "renew_contract", "cancel_contract", "call_off", "plan_contract", "plan_order", "schedule_instalment", "request_invoice",
    "propose_quotation", "issue_proposal", "revise_proposal", "write_contract", "write_proposal",
)
_MASTERS = ("clause", "documenttemplate")


def _rights(scope: str) -> dict[str, str]:
    whole = f"view:{scope} add:{scope} change:{scope} delete:{scope}"
    return {
        "contracts.contract": whole, "contracts.proposal": whole, "contracts.signature": f"view:{scope}",
        "contracts.instalment": f"view:{scope} change:{scope}", **{f"contracts.{verb}": scope for verb in _LIFE},
    }


role("salesperson", _("Salesperson"), {**_rights("own"), **{f"contracts.{name}": "view" for name in _MASTERS}})
role(
    "sales_manager", _("Sales manager"),
    {
        **_rights("team"), "contracts.terminate_contract": "team", **{f"contracts.{name}": "view add change delete" for name in _MASTERS},
    },
)
role(
    "accountant", _("Accountant"),
    {
        **{f"contracts.{name}": "view" for name in ("contract", "signature")},
        "contracts.instalment": "view change",
        **{
            f"contracts.{verb}": "company"
            for verb in ("plan_contract", "plan_order", "schedule_instalment", "invoice_instalment", "collect_instalment")
        },
    },
)
