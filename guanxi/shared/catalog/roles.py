"""Who sees and keeps the catalogue."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

CATALOGUE = {f"catalog.{name}": "view" for name in ("product", "category", "unit", "tax", "pricelist")}

role("salesperson", _("Salesperson"), CATALOGUE)
role("sales_manager", _("Sales manager"), {**CATALOGUE, "catalog.pricelist": "view add change delete"}, sees=("see_cost", "see_price_audience"))
role("storekeeper", _("Storekeeper"), {**CATALOGUE, "catalog.category": "view add change"})
role(
    "accountant", _("Accountant"),
    {
        **CATALOGUE,
        "catalog.product": "view change",
        "catalog.tax": "view add change",
        "catalog.make_default_tax": "company",
    },
    sees=("see_cost", "see_price_audience"),
)
