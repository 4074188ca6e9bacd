"""When to look at the open lines again: after whatever changes prices, costs or product models, and every night."""

from __future__ import annotations

from guanxi.erp.sales.impact.jobs import look_for_changes
from guanxi.kernel.acts.scope import AT_END, ActScope

_WATCHED = (
    "catalog.product", "catalog.pricelist", "catalog.pricelistitem", "configurator.productmodel", "configurator.compatibilityrule",
    "configurator.feature",
)
_VERBS = ("add", "change", "import", "delete", "archive", "restore", "take_back")


def look_after(scope: ActScope) -> None:
    """One look for as many acts as come before it."""
    what, _dot, verb = scope.operation.rpartition(".")
    # No offer has a product or a model that is made just now; a price may be for one that is there.
    if what in _WATCHED and verb in _VERBS and (verb != "add" or what in ("catalog.pricelistitem", "configurator.compatibilityrule")):
        look_for_changes.later(once="sales.look_for_changes")


AT_END.append(look_after)
