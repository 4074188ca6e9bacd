"""What every account set starts with: the places outside, and one warehouse for the default entity."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import Location, Warehouse
from guanxi.kernel.access.models import Entity
from guanxi.kernel.values import Translated

OUTSIDE = [
    ("CUSTOMERS", "customer", _("Customers")), ("SUPPLIERS", "supplier", _("Suppliers")), ("LOSSES", "loss", _("Losses and finds")),
    ("OPENING", "opening", _("Opening stock")),
]


def seed() -> None:
    """Add what is missing."""
    present = set(Location.objects.exclude(kind="stock").values_list("kind", flat=True))
    Location.objects.bulk_create(
        [Location(code=code, kind=kind, name=Translated.of(name)) for code, kind, name in OUTSIDE if kind not in present]
    )
    if not Warehouse.objects.exists():
        entity = Entity.objects.get(is_default=True)
        main = Warehouse.objects.create(code="WH1", name=Translated.of(_("Main warehouse")), entity=entity, is_default=True)
        Location.objects.create(warehouse=main, code=main.code, name=main.name, kind="stock")
