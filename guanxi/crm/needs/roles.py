"""Who notes needs and interests, and who answers them."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_NEED = ("pass_on", "accept", "meet", "decline", "reopen")
_INTEREST = ("pursue", "drop", "resume")


def _grants(scope: str) -> dict[str, str]:
    verbs = " ".join(f"{verb}:{scope}" for verb in ("view", "add", "change", "delete"))
    return {
        "needs.customerneed": verbs, "needs.productinterest": verbs,
        **{f"needs.{verb}_need": scope for verb in _NEED}, **{f"needs.{verb}_interest": scope for verb in _INTEREST},
    }


role("salesperson", _("Salesperson"), _grants("own"))
role("sales_manager", _("Sales manager"), _grants("team"))
# Whoever it was passed on to.
role(
    "storekeeper", _("Storekeeper"),
    {"needs.customerneed": "view:passed", **{f"needs.{verb}_need": "passed" for verb in ("accept", "meet", "decline")}},
)
