"""What the system adds to entered products and prices, and what it refuses beyond the columns' own rules."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.shared.catalog.formulas import refuse_formula
from guanxi.shared.catalog.models import ProductUnit, Tax
from guanxi.shared.parties.queries import refuse_cycles


def complete_categories(drafts: Sequence[Draft], actor: Actor) -> None:
    refuse_cycles(drafts, "parent", _("This category is part of the one you are changing; choose another."))


def complete_products(drafts: Sequence[Draft], actor: Actor) -> None:
    """The default tax; the base unit stays once there are others counted in it, and is not repeated among them."""
    untaxed = [d for d in drafts if d.key("tax") is None]
    if untaxed:
        tax = Tax.objects.filter(is_default=True).first()
        for draft in untaxed:
            if tax is None:
                draft.add_error("tax", _("This is needed."))
            else:
                draft.values["tax"] = tax
    moved = [d for d in drafts if d.instance is not None and d.key("unit") != d.instance.unit_id and d.lines is None]
    counted = set(ProductUnit.objects.filter(product__in=[d.instance for d in moved]).values_list("product_id", flat=True)) if moved else set()
    for draft in moved:
        if draft.instance.pk in counted:
            draft.add_error("unit", _("Other units of this product are counted in its base unit; remove them first."))
    for draft in drafts:
        seen: set[int | None] = set()
        for line in draft.lines or ():
            unit = line.key("unit")
            if unit == draft.key("unit"):
                line.add_error("unit", _("This is the base unit; only other units belong here."))
            elif unit in seen:
                line.add_error("unit", _("This unit is here twice."))
            seen.add(unit)


def complete_price_lists(drafts: Sequence[Draft], actor: Actor) -> None:
    """The company's currency unless another is said; a formula has to be one."""
    for draft in drafts:
        if not draft.get("currency"):
            draft.values["currency"] = actor.currency
        refuse_formula(draft, "formula")
