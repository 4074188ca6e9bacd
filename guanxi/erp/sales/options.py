"""What the options of a configured product add to a line: words and cost; to the price, the price engine adds them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.values import ZERO


def complete_options(line: Draft) -> Decimal:
    """Words of the options on a line with a configuration; what they add to the cost of one base unit today. A line that is turned into
    another product has none any more."""
    if not line.key("configuration"):
        return ZERO
    configuration = line.get("configuration")
    if configuration.product_id != line.key("product"):
        if "configuration" in line.values:
            line.add_error("configuration", _("This configuration is of another product."))
        line.values["configuration"] = None
        return ZERO
    if not line.get("description"):
        line.values["description"] = f"{line.get('product').name} · {configuration.summary}"[:200]
    return Decimal(configuration.cost_now)
