"""What happens in the catalogue."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.catalog.models import Product, Tax
from guanxi.shared.merging.operations import merge_guard


def _why_not_default(tax: Tax) -> str:
    if tax.archived_at is not None:
        return _("“%(row)s” is archived; choose another or restore it first.") % {"row": tax}
    return _("“%(row)s” is the default already.") % {"row": tax} if tax.is_default else ""


@operation(label=gettext_lazy("Make default"), icon="star", unless=_why_not_default)
def make_default_tax(tax: Tax, *, actor: Actor) -> Tax:
    """The tax of new products unless another one is chosen."""
    Tax.objects.filter(is_default=True).exclude(pk=tax.pk).updated(is_default=False)
    tax.assign(is_default=True)
    return tax


@merge_guard(Product)
def refuse_other_units(survivor: Product, gone: Product) -> None:
    """Quantities are counted in the base unit."""
    if survivor.unit_id != gone.unit_id or survivor.kind != gone.kind:
        raise Refused(_("%(row)s has another base unit or is of another kind, so they cannot be one.") % {"row": gone})
